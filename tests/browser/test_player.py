"""The member's player: jumping, enlarging, keys, the cost while it runs, a lost link, and the questions that come."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from archive import catalogue, prompts
from archive.catalogue import Cue
from archive.models import Deck, PresencePrompt, Recording, Rendition, RenditionKind, SlidePage
from archive.settings import vault_settings
from archive.storage import storage
from ingest.ladder import OPUS
from sessions import clock
from tests import media
from tests.browser import axe
from tests.browser.test_rungs import put
from tests.cast import PASSWORD, conference

pytestmark = pytest.mark.browser

SECONDS = 60
#: Second, text; the second one bears the title of the conference's second part.
SLIDES = [
    (0.0, "Phần 1\nKhai mạc"),
    (15.0, "Phần 2\nXây dựng nông thôn mới"),
    (30.0, "Chuyển đổi số ở xã"),
    (45.0, "Bế mạc"),
]
_PATIENCE_MS = 60_000
_AT = "document.querySelector('audio').currentTime"
_PLAYS = "() => { const a = document.querySelector('audio'); return a && !a.paused && a.currentTime > 0.2; }"


@pytest.fixture
def session(db, cast):
    return conference(db, cast, parts=2, prompts=0.75)


@pytest.fixture
def recording(db, session, tmp_path):
    """A minute of both parts: speech, and four pages at their times."""
    return keep_recording(db, session, tmp_path, SECONDS)


def keep_recording(db, session, folder, seconds):
    kept = Recording(
        id=uuid4(),
        session_id=session.id,
        title=session.title,
        duration_seconds=float(seconds),
        source_sha256="0" * 64,
        source_key="originals/none",
        source_bytes=1,
        facts={},
        content={},
        created_at=clock.now(),
        published_at=clock.now(),
    )
    db.add(kept)
    db.flush()
    speech = folder / "speech.webm"
    # As ours are: what lies where stands in front, here every 5 s.
    laid_out = ("-cues_to_front", "1", "-cluster_time_limit", "5000")
    tone = ("-f", "lavfi", "-i", f"sine=f=300:d={seconds}", "-c:a", "libopus", "-b:a", "16k")
    media.ffmpeg(*tone, *laid_out, speech)
    put(db, kept, RenditionKind.SPEECH, "opus", speech, "speech.webm", OPUS.media_type, 16_000)
    deck = keep_deck(db, session, folder)
    catalogue.keep_timeline(db, kept.id, deck.id, [Cue(page, at, 0.9) for page, (at, _) in enumerate(SLIDES, 1)])
    db.commit()
    return kept


def keep_deck(db, session, folder):
    now = clock.now()
    deck = Deck(
        id=uuid4(),
        session_id=session.id,
        title="Báo cáo",
        source_sha256="1" * 64,
        source_key="originals/deck",
        created_at=now,
        published_at=now,
    )
    db.add(deck)
    db.flush()
    pages = []
    for position, (_, text) in enumerate(SLIDES, 1):
        picture = Image.new("RGB", (640, 360), (60 * position, 120, 200))
        ImageDraw.Draw(picture).text((40, 160), f"Page {position}", font_size=60)
        names = {f"{position:04}.webp": picture, f"{position:04}-thumb.webp": picture.resize((160, 90))}
        for name, drawn in names.items():
            drawn.save(folder / name)
            storage().put_bytes(f"decks/{deck.id}/{name}", (folder / name).read_bytes())
        pages.append(
            SlidePage(
                deck_id=deck.id,
                position=position,
                picture=f"{position:04}.webp",
                thumbnail=f"{position:04}-thumb.webp",
                width=640,
                height=360,
                bytes=4000,
                text=text,
                search_key=text.lower(),
            )
        )
    catalogue.keep_pages(db, deck, pages)
    return deck


@pytest.fixture
def often(monkeypatch):
    """Questions come every few seconds instead of every few minutes, and beats as often as they may."""
    monkeypatch.setattr(prompts, "GAP_SECONDS", (10.0, 11.0))
    monkeypatch.setattr(vault_settings(), "beat_seconds", 5)


@pytest.fixture
def screen(seat, recording):
    """A member's phone, on the page of the recording."""
    opened = seat("mai", 360)
    opened.visit(f"/xem-lai/{recording.id}")
    return opened


def start(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Bắt đầu xem|Xem tiếp")).tap()
    page.wait_for_function(_PLAYS, timeout=_PATIENCE_MS)


def shown(page: Page) -> str:
    return page.locator(".stage img").get_attribute("alt")


def test_jumps_by_agenda_by_slide_by_text_without_accents_and_to_what_is_missing(screen):
    page = screen.page
    start(page)
    page.get_by_role("button", name="Phần 2").tap()
    expect(page.locator(".stage img")).to_have_attribute("alt", re.compile("nông thôn"))
    page.get_by_text("Trang chiếu (4)").tap()
    search = page.get_by_label("Tìm chữ trong trang chiếu")
    search.fill("nong thon")
    found = page.locator(".side li button").filter(has_text="Trang")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("Xây dựng nông thôn mới")
    search.fill("chuyen doi")
    found.tap()
    expect(page.locator(".stage img")).to_have_attribute("alt", re.compile("Chuyển đổi số"))
    assert page.evaluate(_AT) >= 30
    page.get_by_role("button", name="Xem phần còn thiếu").tap()
    page.wait_for_function(f"() => {_AT} < 30", timeout=_PATIENCE_MS)
    axe.demand_access(page)


def test_the_cost_is_told_before_and_while_it_runs_and_a_limit_of_data_holds(screen, recording, db):
    page = screen.page
    assert "Trang chiếu và tiếng: khoảng" in page.locator("main").inner_text()
    # A second of sound counts as a megabyte, so that a few seconds reach the limit; the browser fetches it by itself.
    rated = {"bit_rate": 8_000_000, "media_type": "audio/webm"}
    db.query(Rendition).filter_by(recording_id=recording.id).update(rated)
    db.commit()
    link_of(page)(bytes_a_second=4000)
    start(page)
    expect(page.get_by_text(re.compile(r"Đã tải \d+(,\d)? [KM]B, đến hết còn khoảng \d+ MB"))).to_be_visible()
    page.get_by_label("Giới hạn lần xem này").select_option("5 MB")
    page.get_by_text("Đã tải hết 5 MB mà bạn đặt").wait_for(timeout=_PATIENCE_MS)
    page.wait_for_function("() => document.querySelector('audio').paused")
    axe.demand_access(page)
    at = page.evaluate(_AT)
    page.get_by_role("button", name="Bỏ giới hạn").tap()
    page.wait_for_function("(at) => document.querySelector('audio').currentTime > at", arg=at, timeout=_PATIENCE_MS)


def link_of(page: Page) -> Callable[..., None]:
    """Sets how fast the page's link is, and whether there is one."""
    session = page.context.new_cdp_session(page)

    def be(*, bytes_a_second: int = -1, offline: bool = False) -> None:
        conditions = {"offline": offline, "latency": 0, "downloadThroughput": bytes_a_second, "uploadThroughput": -1}
        session.send("Network.emulateNetworkConditions", conditions)

    return be


def test_the_picture_is_enlarged_by_a_button_a_double_tap_and_two_fingers(screen):
    page = screen.page
    start(page)
    page.locator(".stage img").wait_for()
    scale = "document.querySelector('.zoom > div').offsetWidth / document.querySelector('.zoom').offsetWidth"
    page.get_by_role("button", name="Phóng to hình").tap()
    assert page.evaluate(scale) == pytest.approx(2, abs=0.05)
    frame = page.get_by_role("region", name=re.compile("phóng to"))
    frame.focus()
    before = page.evaluate("document.querySelector('.zoom').scrollLeft")
    at = page.evaluate(_AT)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(before) => document.querySelector('.zoom').scrollLeft > before", arg=before)
    assert page.evaluate(_AT) < at + 8, "the arrow moved the picture, not the recording"
    axe.demand_access(page)
    box = frame.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for _ in range(2):
        page.touchscreen.tap(*middle)
    page.wait_for_function(f"() => {scale} < 1.05")
    pinch(page, *middle)
    page.wait_for_function(f"() => {scale} > 2.5")


def pinch(page: Page, x: float, y: float) -> None:
    """Two fingers that go apart from 40 to 120 px."""
    touch = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 20), ("touchMove", 40), ("touchMove", 60)):
        fingers = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_resumes_on_another_device_where_the_person_stopped(screen, seat, recording):
    page = screen.page
    start(page)
    page.get_by_role("button", name="Tới 10 giây").tap()
    page.wait_for_function(f"() => {_AT} > 12", timeout=_PATIENCE_MS)
    with page.expect_response(re.compile("/beats$")):
        page.get_by_role("button", name="Dừng").tap()
    stopped = page.evaluate(_AT)
    other = seat("mai", 1280)
    other.visit(f"/xem-lai/{recording.id}")
    other.page.get_by_role("button", name="Xem tiếp").click()
    other.page.wait_for_function(_PLAYS, timeout=_PATIENCE_MS)
    assert other.page.evaluate(_AT) == pytest.approx(stopped, abs=3)


def test_waits_out_a_lost_link_and_goes_on_by_itself(screen):
    page = screen.page
    with screen.losing("**/speech.webm"):
        page.get_by_role("button", name="Bắt đầu xem").tap()
        page.get_by_text("Mất kết nối. Có mạng là tự phát tiếp").wait_for(timeout=_PATIENCE_MS)
        axe.demand_access(page)
    page.wait_for_function(_PLAYS, timeout=_PATIENCE_MS)
    expect(page.get_by_text("Mất kết nối")).to_have_count(0)


def test_fetches_the_sound_a_little_ahead_and_after_a_jump_from_there(seat, db, session, tmp_path):
    recording = keep_recording(db, session, tmp_path, 600)
    screen = seat("mai", 360)
    screen.visit(f"/xem-lai/{recording.id}")
    page = screen.page
    asked: list[tuple[int, int]] = []

    def note(request):
        if request.url.endswith("speech.webm"):
            first, end = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers["range"]).groups()
            asked.append((int(first), int(end)))

    page.on("request", note)
    start(page)
    size = db.query(Rendition.bytes).filter_by(recording_id=recording.id).scalar()
    page.wait_for_function("() => document.querySelector('audio').buffered.end(0) > 90", timeout=_PATIENCE_MS)
    page.wait_for_timeout(1_000)
    # The server has told where the sound begins: the first piece asked for is sound.
    sound_at = asked[0][0]
    assert 0 < sound_at < 10_000
    assert asked[0][1] + 1 - sound_at == 65_536
    assert max(end for _, end in asked) < size / 3
    told = re.search(r"Đã tải (\d+),(\d) MB", page.locator("main").inner_text())
    assert told, page.locator("main").inner_text()
    assert int(told[1]) + int(told[2]) / 10 == pytest.approx(max(end for _, end in asked) / 1e6, abs=0.1)
    before = len(asked)
    jump = "(at) => { document.querySelector('audio').currentTime = at; }"
    page.evaluate(jump, 400)
    page.wait_for_function("() => document.querySelector('audio').currentTime > 401", timeout=_PATIENCE_MS)
    assert 0.6 * size < asked[before][0] < 0.67 * size
    # What is there is not fetched again, and the end is reached.
    after = len(asked)
    page.evaluate(jump, 30)
    page.wait_for_function(
        "() => { const at = document.querySelector('audio').currentTime; return at > 31 && at < 60; }"
    )
    assert all(first > 0.1 * size for first, _ in asked[after:])
    page.evaluate(jump, 598)
    page.wait_for_function("() => document.querySelector('audio').ended", timeout=_PATIENCE_MS)


def test_a_question_stops_the_replay_gently_and_the_answer_lets_it_go_on(screen, often, db):
    page = screen.page
    start(page)
    back = page.get_by_role("button", name="Lùi 10 giây")
    back.focus()
    heading = page.get_by_role("heading", name="Câu hỏi điểm danh")
    heading.wait_for(timeout=_PATIENCE_MS)
    page.wait_for_function("() => document.querySelector('audio').paused")
    assert page.evaluate("document.activeElement.id") == "question"
    assert page.evaluate("document.querySelector('audio').volume") == 1
    axe.demand_access(page)
    screen.picture("question")
    at = page.evaluate(_AT)
    page.get_by_role("button", name="Gửi câu trả lời").tap()
    expect(page.get_by_text("Hãy gõ các chữ số trong hình.")).to_be_visible()
    page.get_by_label("Số trong hình").fill(code_of(db))
    page.get_by_role("button", name="Gửi câu trả lời").tap()
    expect(back).to_be_focused()
    expect(page.get_by_text("Đã ghi nhận câu trả lời.")).to_be_visible()
    page.wait_for_function("(at) => document.querySelector('audio').currentTime > at", arg=at, timeout=_PATIENCE_MS)
    expect(page.locator(".track .stripe:not(.wait)")).to_have_count(1, timeout=_PATIENCE_MS)


def test_an_answer_is_sent_again_when_the_link_lost_it(screen, often, db):
    page = screen.page
    start(page)
    page.get_by_label("Số trong hình").wait_for(timeout=_PATIENCE_MS)
    page.get_by_label("Số trong hình").fill(code_of(db))
    with screen.without_link():
        page.get_by_role("button", name="Gửi câu trả lời").tap()
        page.get_by_text("Chưa gửi được, máy đang tự gửi lại").wait_for(timeout=_PATIENCE_MS)
    expect(page.locator(".track .stripe:not(.wait)")).to_have_count(1, timeout=_PATIENCE_MS)


def code_of(db) -> str:
    db.rollback()
    return db.query(PresencePrompt).filter_by(state="open").one().answer


def test_the_member_goes_the_whole_way_by_keyboard_alone(address, screen_at, recording, often, db, monkeypatch):
    monkeypatch.setattr(prompts, "GAP_SECONDS", (25.0, 26.0))  # Not before all other keys were tried, on any machine.
    screen = screen_at(address, 1280)
    page, keys = screen.page, screen.page.keyboard
    page.goto("/")
    tab_to(page, "Tên đăng nhập")
    keys.type("mai")
    tab_to(page, "Mật khẩu")
    keys.type(PASSWORD)
    keys.press("Enter")
    page.get_by_role("heading", name="Buổi tôi đã vắng").wait_for()
    screen.settle()
    tab_to(page, recording.title)
    keys.press("Enter")
    page.get_by_role("button", name="Bắt đầu xem").wait_for()
    tab_to(page, "Bắt đầu xem")
    keys.press("Enter")
    page.wait_for_function(_PLAYS, timeout=_PATIENCE_MS)

    keys.press(".")
    page.wait_for_function("() => document.querySelector('audio').playbackRate === 1.25")
    keys.press("l")
    page.wait_for_function(f"() => {_AT} > 9")
    keys.press("n")
    expect(page.locator(".stage img")).to_have_attribute("alt", re.compile("Trang [234]"))
    tab_to(page, "Phần 1")
    keys.press("Enter")
    page.wait_for_function(f"() => {_AT} < 9")

    page.get_by_role("heading", name="Câu hỏi điểm danh").wait_for(timeout=_PATIENCE_MS)
    tab_to(page, "Số trong hình")
    keys.type(code_of(db))
    keys.press("Enter")
    expect(page.locator(".track .stripe:not(.wait)").first).to_be_attached(timeout=_PATIENCE_MS)
    keys.press("k")
    page.wait_for_function("() => document.querySelector('audio').paused")
    assert re.search(r"Đã xem \d+ giây", page.locator(".legend").inner_text())
    page.get_by_role("button", name="Phát", exact=True).wait_for()

    tab_to(page, "Tôi: ")
    keys.press("Enter")
    page.get_by_role("button", name="Đăng xuất").wait_for()
    tab_to(page, "Đăng xuất")
    keys.press("Enter")
    page.get_by_label("Tên đăng nhập").wait_for()


_FOCUSED = """() => {
  const one = document.activeElement;
  return [one.labels?.[0]?.textContent, one.getAttribute("aria-label"), one.textContent].filter(Boolean).join(" ");
}"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called this, as it can be seen that it has it."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if name in page.evaluate(_FOCUSED):
            outline = page.evaluate(
                "getComputedStyle(document.activeElement.matches('.choice input') ? "
                "document.activeElement.nextElementSibling : document.activeElement).outlineStyle"
            )
            assert outline != "none", f"{name} has the focus, and nothing shows it"
            return
    raise AssertionError(f"Tab never came to {name}")
