"""The straight walk as people take it: technician and member on phones, staff on an office PC, all in real time."""

import re
import time
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from sessions.clock import VIETNAM
from tests import media
from tests.browser.screen import Screen
from tests.journeys.answers import answer_to
from tests.journeys.walk import PEOPLE, Walk

pytestmark = pytest.mark.browser

TITLE = "Hội nghị quán triệt, xem trên điện thoại"
#: A talk of fifteen seconds: (page of the deck, seconds on the screen).
SHOWN = [(1, 5), (2, 5), (3, 5)]
_WORK_MS = 120_000
#: Notes ten times a second where the speech is and which slide is up.
_TAKE_NOTES = """() => {
  window.notes = [];
  setInterval(() => {
    const audio = document.querySelector("audio");
    const slide = document.querySelector(".stage img");
    if (audio) notes.push([audio.currentTime, slide && slide.complete ? slide.src : null]);
  }, 100);
}"""


def test_from_an_empty_register_to_a_credited_replay(town, screen_at, tmp_path):
    deck = media.deck(tmp_path / "bao-cao.pdf", media.SENTENCES[: len(SHOWN)])
    film = tmp_path / "hoi-nghi.mp4"
    begins = media.talk(film, deck, SHOWN)
    technician, staff, member = (
        screen_at(town.address, width).sign_in(username, f"{username}-2026")
        for username, width in {"kythuat": 360, "canbo": 1280, "thanhvien": 360}.items()
    )
    session = register_conference(technician)
    rooms = register_rooms(technician, [unit["name"] for unit in town.communes])
    add_points(technician, rooms)
    for room, present in zip(rooms, (40, 41, 42), strict=True):
        record_count(technician, session, room, present, linked=present < 42)
    summon(staff, session, town.top["name"])
    upload(technician, session, "Bản ghi", film)
    upload(technician, session, "Trang chiếu", deck)
    release(staff, technician, session, [film, deck])
    before = read_participation(staff, session)

    replay_slides(member, begins)
    read_own_credit(member)
    replay_video(member)

    assert before == {"Triệu tập": 4, "Xem lại": 0, "Công nhận": 0}
    assert read_participation(staff, session) == {"Triệu tập": 4, "Xem lại": 1, "Công nhận": 1}
    read_evidence(staff, session)
    assert counts_of(town, session) == {room: [present] for room, present in zip(rooms, (40, 41, 42), strict=True)}


def register_conference(technician: Screen) -> str:
    """From home to the conference that is there now; gives its id."""
    page = technician.page
    page.get_by_role("link", name="Tạo hội nghị").click()
    page.get_by_label("Tên hội nghị").fill(TITLE)
    page.get_by_label("Tên phần").fill("Buổi sáng")
    starts = datetime.now(VIETNAM) - timedelta(hours=2)
    for name, moment in {"Bắt đầu": starts, "Kết thúc": starts + timedelta(hours=1)}.items():
        page.get_by_label(f"{name}: ngày").fill(f"{moment:%d/%m/%Y}")
        page.get_by_label(f"{name}: giờ").fill(f"{moment:%H:%M}")
    page.get_by_role("button", name="Tạo hội nghị").click()
    page.wait_for_url("**/them-diem-cau")
    technician.picture("journey-no-rooms-yet")
    return urlsplit(page.url).path.split("/")[2]


def register_rooms(technician: Screen, communes: list[str]) -> list[str]:
    """One room in each commune; the page comes back to where a room was missing."""
    page = technician.page
    for commune in communes:
        page.get_by_role("link", name="Đăng ký điểm cầu").click()
        page.get_by_label("Tên điểm cầu").fill(f"Nhà văn hóa {commune}")
        page.get_by_role("combobox", name="Thuộc đơn vị").fill(commune)
        page.get_by_role("option", name=commune).click()
        page.get_by_label("Địa chỉ", exact=True).fill(f"Trung tâm {commune}")
        page.get_by_label("Số chỗ ngồi").fill("200")
        page.get_by_role("button", name="Đăng ký", exact=True).click()
        page.wait_for_url("**/them-diem-cau")
    return [f"Nhà văn hóa {commune}" for commune in communes]


def add_points(technician: Screen, rooms: list[str]) -> None:
    page = technician.page
    for room in rooms:
        page.get_by_role("checkbox", name=room).check()
        page.get_by_label(f"Số người dự kiến tại {room}").fill("50")
    technician.picture("journey-add-points")
    page.get_by_role("button", name="Thêm 3 điểm cầu").click()
    page.get_by_role("heading", name=TITLE).wait_for()


def record_count(technician: Screen, session: str, room: str, present: int, *, linked: bool) -> None:
    """On the number pad; without a link the number waits in view, and goes off by itself when the link is back."""
    page = technician.page
    technician.visit(f"/hoi-nghi/{session}")
    page.get_by_role("link", name=room).click()
    page.get_by_role("link", name="Nhập số đại biểu").click()
    if linked:
        enter(page, present)
        page.get_by_text("Máy chủ đã nhận số đại biểu.").wait_for()
        technician.picture("journey-counted")
        return
    page.get_by_label("Số người có mặt").wait_for()
    waiting = page.get_by_role("link", name="1 mục chờ gửi")
    with technician.without_link():
        enter(page, present)
        page.get_by_text("Đã ghi trên máy này, có mạng sẽ tự gửi.").wait_for()
        technician.picture("journey-count-waits")
        technician.visit("/cho-gui")
        assert f"{present} đại biểu · {room} · Buổi sáng" in page.locator("main").inner_text()
        assert waiting.is_visible()
        technician.picture("journey-outbox")
    waiting.wait_for(state="detached")
    page.get_by_text("Không còn gì chờ gửi").wait_for()


def enter(page: Page, number: int) -> None:
    for digit in str(number):
        page.get_by_role("button", name=digit, exact=True).tap()
    page.get_by_role("button", name=f"Ghi nhận {number} người").tap()


def summon(staff: Screen, session: str, unit: str) -> None:
    page = staff.page
    staff.visit(f"/can-bo/{session}/trieu-tap")
    page.get_by_role("combobox", name="Đơn vị").fill(unit)
    page.get_by_role("option", name=unit).click()
    page.get_by_role("button", name="Triệu tập các đơn vị đã chọn").click()
    page.get_by_text("Đã thêm 4 người. Tổng cộng 4 người được triệu tập.").wait_for()


def upload(technician: Screen, session: str, kind: str, file: Path) -> None:
    page = technician.page
    technician.visit(f"/hoi-nghi/{session}/tai-len")
    page.get_by_role("radio", name=kind).check()
    page.get_by_role("radio", name="Không mật").check()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Bắt đầu tải lên").click()
    page.get_by_text("Đã tải xong").wait_for()
    technician.picture(f"journey-uploaded-{file.suffix[1:]}")


def release(staff: Screen, technician: Screen, session: str, files: list[Path]) -> None:
    """The uploader sees them become ready but has no button; another person looks at every picture and has one."""
    technician.visit(f"/hoi-nghi/{session}")
    for file in files:
        job_card(technician.page, file).get_by_text("Chờ phát hành").wait_for(timeout=_WORK_MS)
    assert technician.page.get_by_role("button", name="Cho phát hành").count() == 0
    for file in files:
        staff.visit("/phat-hanh")
        staff.picture("journey-release")
        job_card(staff.page, file).get_by_role("link", name="Xem từng hình").click()
        staff.page.get_by_role("checkbox", name="Tôi đã xem hình này").first.wait_for()
        for box in staff.page.get_by_role("checkbox", name="Tôi đã xem hình này").all():
            box.check()
        staff.picture("journey-look")
        staff.page.get_by_role("button", name="Cho phát hành").click()
        staff.page.get_by_role("button", name="Cho phát hành").wait_for(state="detached")
    technician.visit(f"/hoi-nghi/{session}")
    for file in files:
        job_card(technician.page, file).get_by_text("Đã phát hành").wait_for(timeout=_WORK_MS)


def job_card(page: Page, file: Path):
    return page.get_by_role("listitem").filter(has_text=file.name)


def replay_slides(member: Screen, begins: list[tuple[int, float]]) -> None:
    """Play to the end: the speech in real time, each slide at its time, the credit with its reason."""
    page = member.page
    member.visit("/xem-lai")
    card = page.get_by_role("link", name=TITLE)
    assert re.search(r"Trang chiếu và tiếng: khoảng \d+(,\d)? (K|M)B", card.inner_text())
    assert re.search(r"Video: khoảng \d+(,\d)? (K|M)B", card.inner_text())
    member.picture("journey-missed")
    card.click()
    assert page.get_by_role("radio", name="Trang chiếu và tiếng").is_checked()
    page.evaluate(_TAKE_NOTES)
    started = time.monotonic()
    with page.expect_response(re.compile("/viewings$")) as opened:
        page.get_by_role("button", name="Bắt đầu xem").tap()
    page.wait_for_timeout(7000)
    member.picture("journey-playing")
    answer_question(member)
    page.get_by_text("Bạn đã được công nhận tham gia.").wait_for(timeout=40_000)
    member.picture("journey-credited")

    length = begins[-1][1] + SHOWN[-1][1]
    assert time.monotonic() - started > 0.9 * length
    pages = {slide["url"]: slide["page"] for slide in opened.value.json()["slides"]}
    notes = [(at, urlsplit(slide).path) for at, slide in page.evaluate("notes") if slide]
    assert [at for at, _ in notes] == sorted(at for at, _ in notes)
    assert notes[-1][0] > length - 0.5
    seen = {}
    for at, slide in notes:
        seen.setdefault(pages[slide], at)
    # The speech has the link first: the first picture may come a moment after the first sound.
    within = [3, *(1 for _ in begins[1:])]
    assert list(seen.items()) == [
        (number, pytest.approx(begin, abs=late)) for (number, begin), late in zip(begins, within, strict=True)
    ]


def answer_question(member: Screen) -> None:
    """The one that closes a short recording: a code to type, here by its words as a screen reader says them."""
    page = member.page
    panel = page.get_by_role("dialog", name="Câu hỏi điểm danh")
    panel.wait_for(timeout=40_000)
    panel.get_by_role("button", name="Đọc các chữ số").tap()
    spoken = panel.get_by_role("status").filter(has_text=",").inner_text()
    picture = panel.get_by_role("img").get_attribute("src")
    prompt = {"kind": "code", "picture_url": picture, "spoken": spoken}
    member.picture("journey-question")
    panel.get_by_label("Số trong hình").fill(answer_to(prompt, [], lambda address: page.request.get(address).body()))
    panel.get_by_role("button", name="Gửi câu trả lời").tap()


def read_own_credit(member: Screen) -> None:
    page = member.page
    member.visit("/cong-nhan")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=TITLE))
    assert "Được công nhận lúc" in card.inner_text()
    assert re.search(r"Buổi sáng: .*[Xx]em lại", card.inner_text())
    member.picture("journey-credit")


def replay_video(member: Screen) -> None:
    page = member.page
    member.visit("/xem-lai")
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("radio", name="Video").check()
    page.get_by_role("button", name="Xem tiếp").tap()
    page.wait_for_function("() => document.querySelector('video')?.currentTime > 2")
    assert not page.get_by_role("dialog").is_visible()  # Whoever has the credit is asked nothing more.
    member.picture("journey-video")
    assert page.evaluate("document.querySelector('video').videoHeight") > 0
    with page.expect_response(re.compile("/beats$")):
        page.get_by_role("button", name="Dừng").tap()


def read_participation(staff: Screen, session: str) -> dict[str, int]:
    """The last line of the table of the whole unit."""
    staff.visit(f"/can-bo/{session}")
    total = staff.page.locator("tfoot tr")
    return {
        name: int(total.locator(f"td[data-label='{name}']").inner_text())
        for name in ("Triệu tập", "Xem lại", "Công nhận")
    }


def read_evidence(staff: Screen, session: str) -> None:
    page = staff.page
    staff.visit(f"/can-bo/{session}/danh-sach")
    page.get_by_role("radio", name="Đã công nhận").check()
    page.get_by_role("link", name=PEOPLE["thanhvien"]).click()
    page.get_by_role("heading", name=PEOPLE["thanhvien"]).wait_for()
    staff.settle()
    staff.picture("journey-evidence")
    text = page.locator("main").inner_text()
    assert "Được công nhận lúc" in text
    assert page.locator(".steps > li").count() == 2
    assert page.get_by_role("img", name="Đã xem hết").is_visible()


def counts_of(town: Walk, session: str) -> dict[str, list[int]]:
    """Every count that the register holds, by room."""
    points = town.staff.get(f"/sessions/{session}/points")["items"]
    whole = [town.staff.get(f"/session-points/{point['id']}") for point in points]
    return {one["point"]["name"]: [count["present"] for count in one["headcounts"]] for one in whole}
