"""Watching without a link: kept on the phone piece by piece, played and sought off line, told later, credited once."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select

from archive import catalogue, packages, watchlog
from archive.catalogue import Cue
from archive.models import Deck, PresencePrompt, Recording, Rendition, RenditionKind, SlidePage
from archive.offline_models import Lease, LogEntry
from archive.settings import vault_settings
from archive.storage import storage
from sessions import clock
from sessions.models import AttendanceCredit
from tests import media
from tests.browser import axe
from tests.browser.screen import Screen
from tests.cast import conference

pytestmark = pytest.mark.browser

SECONDS = 45
_SLIDES = (0.0, 10.0, 20.0, 30.0)
_PATIENCE_MS = 120_000
_AT = "document.querySelector('audio').currentTime"
#: Bytes and status of a file on this phone, in the range that is asked for; the bytes as one digest.
_FETCH = """async ([url, range]) => {
  const answer = await fetch(url, range ? { headers: { Range: range } } : {});
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return [answer.status, answer.headers.get("Content-Range"), Array.from(bytes)];
}"""
_USAGE = "navigator.storage.estimate().then(({ usage }) => usage)"


@pytest.fixture
def session(db, cast):
    return conference(db, cast, prompts=0.75)


@pytest.fixture
def speech(tmp_path):
    made = tmp_path / "speech.webm"
    media.ffmpeg("-f", "lavfi", "-i", f"sine=f=300:d={SECONDS}", "-c:a", "libopus", "-b:a", "16k", made)
    return made


@pytest.fixture
def recording(db, session, speech, tmp_path, monkeypatch):
    """Three quarters of a minute with four pages; pieces of 16 KiB, so that its speech is several."""
    monkeypatch.setattr(packages, "PIECE_BYTES", 16 * 1024)
    monkeypatch.setattr(vault_settings(), "beat_seconds", 5)
    kept = Recording(
        id=uuid4(),
        session_id=session.id,
        title=session.title,
        duration_seconds=float(SECONDS),
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
    storage().put_bytes(f"recordings/{kept.id}/speech.webm", speech.read_bytes())
    db.add(
        Rendition(
            recording_id=kept.id,
            kind=RenditionKind.SPEECH,
            name="opus",
            ladder_version="test",
            entry="speech.webm",
            media_type="audio/webm",
            bytes=speech.stat().st_size,
            bit_rate=16_000,
            created_at=clock.now(),
        )
    )
    deck = keep_deck(db, session, tmp_path)
    catalogue.keep_timeline(db, kept.id, deck.id, [Cue(page, at, 0.9) for page, at in enumerate(_SLIDES, 1)])
    db.commit()
    return kept


def keep_deck(db, session, folder):
    """A deck of a page for each time, every one of another colour."""
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
    for position in range(1, len(_SLIDES) + 1):
        name = f"{position:04}.webp"
        Image.new("RGB", (640, 360), (60 * position, 120, 200)).save(folder / name)
        made = storage().put_bytes(f"decks/{deck.id}/{name}", (folder / name).read_bytes())
        db.add(
            SlidePage(
                deck_id=deck.id,
                position=position,
                picture=name,
                thumbnail=name,
                width=640,
                height=360,
                bytes=made.bytes,
                text=f"Trang {position}",
                search_key=f"trang {position}",
            )
        )
    return deck


@pytest.fixture
def screen(seat, recording):
    """A member's phone, on the page of the recording, with the shell kept."""
    opened = seat("mai", 360)
    opened.page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    opened.visit(f"/xem-lai/{recording.id}")
    return opened


def keep(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Giữ trên điện thoại này")).tap()


def wait_until_kept(page: Page) -> None:
    page.get_by_text("Đã giữ trên điện thoại này").wait_for(timeout=_PATIENCE_MS)


def start(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Bắt đầu xem|Xem tiếp")).tap()
    page.wait_for_function(f"() => document.querySelector('audio') && {_AT} > 0.2", timeout=_PATIENCE_MS)


@contextmanager
def shaped(page: Page, *, bits_a_second: int, latency_ms: int) -> Iterator[None]:
    """A weak link, as fringe 4G gives it."""
    link = page.context.new_cdp_session(page)
    conditions = {"offline": False, "latency": latency_ms, "uploadThroughput": bits_a_second // 8}
    link.send("Network.emulateNetworkConditions", conditions | {"downloadThroughput": bits_a_second // 8})
    yield
    link.detach()


def cut_after(screen: Screen, pieces: int) -> None:
    """Keep the recording, lose the link when so many pieces are there, and find it again."""
    page, held = screen.page, list[Route]()
    passed = []

    def pass_or_hold(route: Route) -> None:
        if len(passed) == pieces:
            held.append(route)
        else:
            passed.append(route)
            route.continue_()

    pattern = re.compile("/leases/.*/media/")
    page.route(pattern, pass_or_hold)
    keep(page)
    deadline = time.monotonic() + _PATIENCE_MS / 1000
    while not held:
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)
    with screen.without_link():
        held.pop().abort("internetdisconnected")
        page.unroute(pattern)
        page.get_by_text("Mất kết nối khi đã có").wait_for(timeout=_PATIENCE_MS)
        axe.demand_access(page)
        screen.picture("offline-cut")


def test_a_package_comes_in_pieces_goes_on_after_a_cut_is_sought_without_a_link_and_gives_its_room_back(
    screen, recording, speech, db
):
    page = screen.page
    before = page.evaluate(_USAGE)
    fetched = []
    page.on("requestfinished", lambda request: fetched.append((request.url, request.headers.get("range"))))
    cut_after(screen, pieces=3)
    wait_until_kept(page)
    axe.demand_access(page)
    screen.picture("offline-kept")
    pieces = [one for one in fetched if "/media/" in one[0] and "/leases/" in one[0]]
    assert len(pieces) == len(set(pieces)) == 4 + -(-speech.stat().st_size // packages.PIECE_BYTES)

    (lease,) = db.scalars(select(Lease.id))
    sound, url = speech.read_bytes(), f"/kept/{lease}/speech.webm"
    size = len(sound)
    wanted = {
        None: (200, None, 0, size),
        "bytes=0-": (206, f"bytes 0-{size - 1}/{size}", 0, size),
        "bytes=16000-17000": (206, f"bytes 16000-17000/{size}", 16000, 17001),
        "bytes=-100": (206, f"bytes {size - 100}-{size - 1}/{size}", size - 100, size),
        "bytes=50000-9999999": (206, f"bytes 50000-{size - 1}/{size}", 50000, size),
        f"bytes={size}-": (416, f"bytes */{size}", 0, 0),
    }
    with screen.without_link(), screen.expecting(416, 404):
        for asked, (status, told, first, last) in wanted.items():
            assert page.evaluate(_FETCH, [url, asked]) == [status, told, list(sound[first:last])]
        assert page.evaluate(_FETCH, [f"/kept/{lease}/other.webm", None])[0] == 404
        listen_about(page, url)
    assert page.evaluate(_USAGE) - before >= size
    page.get_by_role("button", name="Xóa khỏi điện thoại").tap()
    page.get_by_text("Đã xóa, trả lại").wait_for()
    page.wait_for_function(
        "(least) => navigator.storage.estimate().then(({ usage }) => usage < least)", arg=before + size / 2
    )
    expect(page.get_by_role("button", name=re.compile("Giữ trên điện thoại này"))).to_be_visible()
    db.expire_all()
    assert db.scalars(select(Lease.ending)).one() == "returned"


def listen_about(page: Page, url: str) -> None:
    """A plain `<audio>` jumps about in the kept file: far on, back, and to its very end."""
    page.evaluate("(url) => { window.sound = new Audio(url); sound.muted = true; return sound.play(); }", url)
    for at in (30, 3, 40):
        page.evaluate("(at) => { sound.currentTime = at; }", at)
        page.wait_for_function("(at) => sound.currentTime > at + 0.3 && !sound.seeking", arg=at, timeout=_PATIENCE_MS)
    page.wait_for_function("() => sound.ended", timeout=_PATIENCE_MS)
    page.evaluate("sound.remove()")


def test_from_a_shaped_link_through_no_link_to_one_credit(screen, recording, cast, db):
    page = screen.page
    with shaped(page, bits_a_second=150_000, latency_ms=300):
        start(page)
        keep(page)
        wait_until_kept(page)
    with screen.without_link():
        page.get_by_text("Đang xem từ điện thoại, không cần mạng").wait_for(timeout=_PATIENCE_MS)
        at = page.evaluate(_AT)
        page.wait_for_function(f"(at) => {_AT} > at + 6", arg=at, timeout=_PATIENCE_MS)
        axe.demand_access(page)
        screen.picture("offline-watching")
        # Opened anew: the page, the recording and where it stopped all come from this phone.
        page.reload()
        start(page)
        assert page.evaluate(_AT) > at
        page.wait_for_function(
            f"() => {_AT} > {SECONDS - 1} && document.querySelector('audio').paused", timeout=_PATIENCE_MS
        )
        assert page.locator(".stage img").evaluate("(picture) => picture.naturalWidth") == 640
        assert db.scalar(select(func.count()).select_from(LogEntry)) == 0
    page.get_by_role("heading", name="Câu hỏi điểm danh").wait_for(timeout=_PATIENCE_MS)
    screen.picture("offline-question")
    db.rollback()
    assert db.scalar(select(func.count()).select_from(LogEntry)) > 1
    assert db.scalar(select(func.count()).select_from(AttendanceCredit)) == 0
    page.get_by_label("Số trong hình").fill(db.scalars(select(PresencePrompt.answer)).one())
    page.get_by_role("button", name="Gửi câu trả lời").tap()
    page.get_by_text("Bạn đã được công nhận tham gia.").wait_for(timeout=_PATIENCE_MS)
    screen.picture("offline-credited")
    db.rollback()
    assert db.scalar(select(func.count()).select_from(AttendanceCredit)) == 1
    assert watchlog.verify(db).wrong == []


def test_signing_out_without_a_link_lets_the_person_choose_and_with_one_delivers_and_wipes(screen, seat, recording, db):
    page = screen.page
    keep(page)
    wait_until_kept(page)
    with screen.without_link():
        start(page)
        page.wait_for_function(f"() => {_AT} > 3", timeout=_PATIENCE_MS)
        page.get_by_role("button", name="Dừng").tap()
        page.get_by_role("link", name=re.compile("mục chờ")).wait_for(timeout=_PATIENCE_MS)
        screen.turn_to("/tai-khoan")
        page.get_by_role("button", name="Đăng xuất").tap()
        page.get_by_role("heading", name="Còn phần chưa gửi được").wait_for(timeout=_PATIENCE_MS)
        axe.demand_access(page)
        screen.picture("offline-leaving")
        page.get_by_role("button", name="Ở lại").tap()
        expect(page.get_by_role("button", name="Đăng xuất")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("mục chờ"))).to_have_count(0, timeout=_PATIENCE_MS)
    page.get_by_role("button", name="Đăng xuất").tap()
    page.get_by_label("Tên đăng nhập").wait_for(timeout=_PATIENCE_MS)
    assert page.evaluate("caches.keys().then((names) => names.filter((name) => name.startsWith('kept-')))") == []
    db.rollback()
    assert db.scalar(select(func.count()).select_from(LogEntry)) >= 1
    assert db.scalars(select(Lease.ending)).one() == "returned"
