"""Correcting by hand when slides change: drag, snap, undo, keep, and what members see of it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import create_engine, text

from tests.browser.demo import account
from tests.browser.screen import Screen
from tests.journeys.site import Site
from tests.journeys.walk import Client

pytestmark = pytest.mark.browser

#: The mark that the tests move: neither the first, which stands at 0, nor the last.
MOVED = 1


@dataclass
class Desk:
    """The page open in somebody's hands, on the demo's own recording."""

    screen: Screen
    recording: str
    #: What the machine found: (second, page).
    found: list[tuple[float, int]]
    #: A moment for the moved mark that no change of picture is near to.
    quiet: float

    @property
    def page(self):
        return self.screen.page

    def open(self) -> None:
        self.screen.visit(f"/ban-ghi/{self.recording}/dong-thoi-gian")
        expect(self.handles).to_have_count(len(self.found))

    @property
    def handles(self) -> Locator:
        return self.page.locator(".cue-marks").get_by_role("slider")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def demand_times(self, *wanted: float) -> None:
        """The marks stand at these times, as they are read out."""
        for handle, at in zip(self.handles.all(), wanted, strict=True):
            expect(handle).to_have_attribute("aria-valuetext", re.compile(f" {tenths(at)}[.]"))

    def demand_state(self, words: str) -> None:
        expect(self.page.get_by_role("status").get_by_text(words)).to_be_visible()

    def x_of(self, seconds: float) -> float:
        """Where on the screen a moment lies, by the two marks around the moved one."""
        (left, right), (first, last) = (
            [self.handles.nth(i).bounding_box()["x"] for i in (0, MOVED + 1)],
            [self.found[i][0] for i in (0, MOVED + 1)],
        )
        return left + (seconds - first) * (right - left) / (last - first)

    def drag(self, handle: Locator, by: float) -> None:
        """Take the handle and let it go `by` pixels further, as a hand does: in several moves."""
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        x, y = box["x"] + 8, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for step in range(1, 6):
            self.page.mouse.move(x + by * step / 5, y)
        self.page.mouse.up()

    def times(self, at: float) -> list[float]:
        """What was found, with the moved mark at another moment."""
        return [at if i == MOVED else second for i, (second, _) in enumerate(self.found)]


def tenths(seconds: float) -> str:
    whole = round(seconds * 10)
    return f"{whole // 600}:{whole // 10 % 60:02},{whole % 10}"


@pytest.fixture(scope="module")
def staff(demo: Site) -> Iterator[Client]:
    mine = account("staff")
    client = Client(demo.address, mine.username, mine.password)
    yield client
    client.http.close()


@pytest.fixture(scope="module")
def seats(browser: Browser, demo: Site) -> Iterator[Callable[[int], Screen]]:
    """The screen of staff, who signed in once for each width."""
    mine, seated = account("staff"), {}

    def take(width: int) -> Screen:
        if width not in seated:
            seated[width] = Screen.open(browser, demo.address, width).sign_in(mine.username, mine.password)
        seated[width].new_tab()
        return seated[width]

    yield take
    for screen in seated.values():
        screen.close()


@pytest.fixture
def sit(staff: Client, seats: Callable[[int], Screen]) -> Iterator[Callable[[int], Desk]]:
    """Opens the page at a width. Whatever is kept there is taken back afterwards, and nothing may have gone wrong."""
    (recording,) = {job["recording_id"] for job in staff.get("/jobs")["items"] if job["recording_id"]}
    view = staff.get(f"/recordings/{recording}/timeline")
    found = [(cue["at_seconds"], cue["page"]) for cue in view["found"]]
    between = [at for at in view["snap_seconds"] if found[MOVED - 1][0] <= at <= found[MOVED + 1][0]]
    start, end = max(pairwise(between), key=lambda gap: gap[1] - gap[0])
    opened = []

    def open_desk(width: int) -> Desk:
        opened.append(Desk(seats(width), recording, found, round((start + end) / 2, 1)))
        opened[-1].open()
        return opened[-1]

    yield open_desk
    keep(staff, recording, None)
    for each in opened:
        each.screen.demand_calm()


@pytest.fixture
def desk(sit: Callable[[int], Desk]) -> Desk:
    return sit(1280)


def keep(client: Client, recording: str, cues: list[dict] | None) -> dict:
    """Save a timeline over whatever stands there."""
    standing = client.get(f"/recordings/{recording}/timeline")["correction"]
    body = {"version": standing and standing["version"], "cues": cues}
    return client._answer(client.http.put(f"/recordings/{recording}/timeline", json=body))


def test_a_mark_is_dragged_snaps_is_undone_done_again_kept_and_seen_by_members(desk, demo, screen_at):
    handle, page = desk.handles.nth(MOVED), desk.page
    begun, quiet = desk.found[MOVED][0], desk.quiet
    desk.demand_state("Bản máy dò, chưa ai sửa")
    assert not page.get_by_role("button", name="Lưu", exact=True).is_enabled()

    desk.drag(handle, desk.x_of(quiet) - desk.x_of(begun))
    moved = float(handle.get_attribute("aria-valuetext").split("từ 0:")[1].split(". ")[0].replace(",", "."))
    # The page may still have been settling into its width while the way was measured.
    assert abs(moved - quiet) < 0.1 * (quiet - begun)
    desk.demand_state("Chưa lưu")
    # Six pixels beside the moment at which the picture changed: it is drawn in.
    desk.drag(handle, desk.x_of(begun) - desk.x_of(moved) + 6)
    desk.demand_times(*desk.times(begun))

    desk.press("Hoàn tác")
    desk.demand_times(*desk.times(moved))
    page.keyboard.press("Control+z")
    desk.demand_times(*desk.times(begun))
    desk.demand_state("Bản máy dò, chưa ai sửa")
    page.keyboard.press("Control+Shift+z")
    desk.demand_times(*desk.times(moved))
    desk.screen.picture("timeline-moved")
    desk.press("Lưu")
    desk.demand_state("Đã lưu")
    expect(page.get_by_text("sửa lúc")).to_be_visible()
    desk.open()
    desk.demand_times(*desk.times(moved))

    member = account("member")
    screen = screen_at(demo.address, 360).sign_in(member.username, member.password)
    screen.visit(f"/xem-lai/{desk.recording}")
    screen.page.get_by_role("button", name=re.compile("Bắt đầu xem|Xem tiếp")).tap()
    slide = screen.page.locator(".slide-list li").nth(MOVED)
    expect(slide).to_contain_text(f"Trang {desk.found[MOVED][1]} · 0:{int(moved):02}")

    desk.press("Về bản máy dò")
    desk.demand_times(*desk.times(begun))
    desk.press("Lưu")
    desk.demand_state("Bản máy dò, chưa ai sửa")


def test_everything_can_be_done_without_a_pointer(desk):
    page, handle = desk.page, desk.handles.nth(MOVED)
    begun = round(desk.found[MOVED][0], 1)
    handle.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    desk.demand_times(*desk.times(begun + 0.3))
    page.keyboard.press("Shift+ArrowLeft")
    desk.demand_times(*desk.times(desk.found[MOVED][0]))
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    desk.demand_state("Bản máy dò, chưa ai sửa")

    page.keyboard.press("ArrowDown")
    expect(desk.handles.nth(MOVED + 1)).to_be_focused()
    page.keyboard.press("Delete")
    expect(desk.handles).to_have_count(len(desk.found) - 1)
    page.keyboard.press("Control+z")
    expect(desk.handles).to_have_count(len(desk.found))

    # The playhead to a quiet moment, and a page of the strip from there on.
    ruler = page.get_by_role("slider", name="Đầu đọc")
    ruler.focus()
    page.keyboard.press("Home")
    for _ in range(int(desk.quiet)):
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Trang 4").focus()
    page.keyboard.press("Enter")
    expect(desk.handles).to_have_count(len(desk.found) + 1)
    added = page.get_by_role("region", name="Mốc đang chọn")
    assert tenths(int(desk.quiet)) in added.inner_text()
    page.get_by_label("Trang hiện từ mốc này").select_option(index=4)
    names = [handle.get_attribute("aria-label") for handle in desk.handles.all()]
    assert "Trang 5" in names[:-4]
    desk.screen.picture("timeline-added")


def test_doubtful_marks_stand_out_in_words_and_one_goes_from_one_to_the_next(desk, demo):
    engine = create_engine(demo.database_url)
    doubt = text("UPDATE slide_cues SET confidence = :sure WHERE recording_id = :recording AND page IN (3, 5)")
    try:
        with engine.begin() as connection:
            connection.execute(doubt, {"sure": 0.3, "recording": desk.recording})
        desk.open()
        page = desk.page
        expect(page.locator(".clip.doubtful")).to_have_count(2)
        desk.press("Chỗ chưa chắc tiếp theo (2)")
        chosen = page.get_by_role("region", name="Mốc đang chọn")
        expect(chosen).to_contain_text("Mốc 3 trên")
        expect(chosen).to_contain_text("Máy chưa chắc")
        assert "Máy chưa chắc" in desk.handles.nth(2).get_attribute("aria-valuetext")
        desk.screen.picture("timeline-doubtful")
        desk.press("Đúng rồi")
        expect(chosen).to_contain_text("Người đã xem")
        desk.press("Chỗ chưa chắc tiếp theo (1)")
        expect(chosen).to_contain_text("Mốc 5 trên")
        desk.press("Đúng rồi")
        expect(page.get_by_text("Không còn chỗ chưa chắc")).to_be_visible()
    finally:
        with engine.begin() as connection:
            connection.execute(doubt, {"sure": 0.99, "recording": desk.recording})
        engine.dispose()


def test_of_two_people_the_second_is_told_and_loses_nothing(desk, demo):
    page, handle = desk.page, desk.handles.nth(MOVED)
    handle.focus()
    page.keyboard.press("ArrowRight")
    mine = desk.times(round(desk.found[MOVED][0], 1) + 0.1)
    other = account("administrator")
    client = Client(demo.address, other.username, other.password)
    cue = client.get(f"/recordings/{desk.recording}/timeline")["cues"][0]
    keep(client, desk.recording, [{name: cue[name] for name in ("at_seconds", "deck_id", "page", "by_hand")}])
    client.http.close()
    with desk.screen.expecting(409):
        desk.press("Lưu")
        desk.demand_state("Có người khác vừa sửa")
    expect(page.get_by_text("Trần Đức Long lưu lúc")).to_be_visible()
    assert not page.get_by_role("button", name="Lưu", exact=True).is_enabled()
    desk.screen.picture("timeline-conflict")
    desk.press("Xem bản của họ")
    expect(desk.handles).to_have_count(1)
    desk.demand_state("Đã lưu")
    desk.press("Hoàn tác")
    desk.demand_times(*mine)
    desk.press("Lưu")
    desk.demand_state("Đã lưu")
    desk.open()
    desk.demand_times(*mine)


def test_leaving_with_unsaved_changes_asks(desk):
    page, asked = desk.page, []

    def answer(dialog):
        asked.append((dialog.type, dialog.message))
        dialog.accept() if len(asked) == 4 else dialog.dismiss()

    page.on("dialog", answer)
    desk.screen.visit("/phat-hanh")
    page.get_by_role("link", name="Sửa thời điểm chuyển trang").click()
    desk.handles.nth(MOVED).focus()
    here = page.url
    page.keyboard.press("ArrowRight")
    for leave in ("history.back()", "setTimeout(() => location.reload())"):
        with page.expect_event("dialog"):
            page.evaluate(leave)
    link = page.get_by_role("link", name="Hội nghị")
    link.click()
    desk.demand_times(*desk.times(round(desk.found[MOVED][0], 1) + 0.1))
    assert page.url == here
    link.click()
    page.wait_for_url("**/hoi-nghi")
    assert [kind for kind, _ in asked] == ["confirm", "beforeunload", "confirm", "confirm"]
    assert all("chưa lưu" in words for kind, words in asked if kind == "confirm")


def test_a_finger_drags_a_mark_on_a_phone(sit):
    phone = sit(360)
    handle = phone.handles.nth(MOVED)
    handle.scroll_into_view_if_needed()
    box, before = handle.bounding_box(), handle.get_attribute("aria-valuetext")
    finger = phone.screen.context.new_cdp_session(phone.page)
    path = [("touchStart", 0), *(("touchMove", 4 * step) for step in range(1, 6)), ("touchEnd", None)]
    for kind, by in path:
        points = [] if by is None else [{"x": box["x"] + 10 + by, "y": box["y"] + box["height"] / 2}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    phone.demand_state("Chưa lưu")
    assert handle.get_attribute("aria-valuetext") != before
    phone.screen.picture("timeline-phone")
    phone.press("Hoàn tác")
    expect(handle).to_have_attribute("aria-valuetext", before)


def test_the_strip_grows_by_buttons_and_wheel_and_what_was_under_the_hand_stays_there(desk):
    page, handle = desk.page, desk.handles.nth(MOVED)
    frame = page.locator(".cue-frame")
    whole = frame.evaluate("one => one.scrollWidth")
    desk.press("Phóng to")
    page.wait_for_function("whole => document.querySelector('.cue-frame').scrollWidth > 1.8 * whole", arg=whole)
    desk.press("Vừa khung")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    page.mouse.move(box["x"], box["y"] + 10)
    page.keyboard.down("Control")
    for _ in range(4):
        page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.wait_for_function("whole => document.querySelector('.cue-frame').scrollWidth > 3 * whole", arg=whole)
    same = page.get_by_role("slider", name=f"Trang {desk.found[MOVED][1]}", exact=True)
    assert same.bounding_box()["x"] == pytest.approx(box["x"], abs=8)
    # The overview brings the other end into view.
    page.get_by_role("scrollbar").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("slider", name=f"Trang {desk.found[-1][1]}", exact=True)).to_be_in_viewport()
    desk.screen.picture("timeline-enlarged")
