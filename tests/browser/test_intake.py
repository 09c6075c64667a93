"""What comes in, walked in Chromium: a recording sent in two sittings, and let out only by somebody else."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from ingest.jobs import OwnRelease
from tests import media
from tests.browser.screen import Screen
from tests.browser.weak import BYTES, HELD_UP, big_clip, wait_until_kept
from tests.journeys.walk import Client
from tests.line import Line, line_to

pytestmark = pytest.mark.browser

_WORK_MS = 120_000
#: The browser's own file box cannot be opened without a hand. This one gives a file of the page's own file system, by a
#: handle as real as any: it lives in IndexedDB, and is asked for permission.
_BOX = """
window.showOpenFilePicker = async () => [await (await navigator.storage.getDirectory()).getFileHandle("chon")];
"""
_PUT = """async (text) => {
  const handle = await (await navigator.storage.getDirectory()).getFileHandle("chon", { create: true });
  const writing = await handle.createWritable();
  await writing.write(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
  await writing.close();
}"""
MARKED = "TUYỆT MẬT"


@pytest.fixture(scope="module")
def conference(town):
    """A conference that is over, of these tests' own."""
    now = datetime.now(UTC)
    spoken = {"starts_at": (now - timedelta(hours=2)).isoformat(), "ends_at": (now - timedelta(hours=1)).isoformat()}
    plan = {"title": "Hội nghị có tài liệu", "unit_id": town.top["id"], "parts": [{"title": "Buổi sáng", **spoken}]}
    return town.staff.post("/sessions", plan | spoken)["id"]


@pytest.fixture(scope="module")
def second(town):
    """Somebody else who may release: who looks at what the first has sent."""
    return town.administrator


@pytest.fixture
def staff(town, conference, screen_at):
    return screen_at(town.address, 360).sign_in("canbo", "canbo-2026")


def test_a_recording_comes_in_two_sittings_and_another_person_lets_it_out(
    town, second, conference, screen_at, tmp_path
):
    film = big_clip(tmp_path / "ghi-hinh.mp4")
    with line_to(urlsplit(town.address).port) as line:
        staff = screen_at(line.address, 360).sign_in("canbo", "canbo-2026")
        staff.context.add_init_script(_BOX)
        staff.visit(f"/hoi-nghi/{conference}/tai-len")
        staff.page.evaluate(_PUT, base64.b64encode(film.read_bytes()).decode())
        staff.page.get_by_role("radio", name="Không mật", exact=True).check()
        staff.page.get_by_text("Chọn tệp", exact=True).click()
        staff.page.get_by_text("3 MB").wait_for()
        line.allow(BYTES // 5)
        with staff.expecting(*HELD_UP):
            staff.page.get_by_role("button", name="Bắt đầu tải lên").click()
            wait_until_kept(town.staff, conference, 0.1)
            pause_and_go_on(staff, line)
            wait_until_kept(town.staff, conference, 0.4)
            staff.new_tab()
        line.cut()  # What the closed tab had left on its way must not arrive after all.
        line.open()
        kept = wait_until_kept(town.staff, conference, 0.4)
        assert kept["offset"] < kept["length"] == film.stat().st_size
        staff.visit(f"/hoi-nghi/{conference}/tai-len")
        staff.page.get_by_role("heading", name="Tệp đang tải dở").wait_for()
        staff.picture("intake-reopened")
        with staff.page.expect_request(lambda request: request.method == "PATCH") as first:
            staff.page.get_by_role("button", name="Tải tiếp").click()  # Nobody has to look for the file again.
        assert int(first.value.headers["upload-offset"]) >= kept["offset"]
        staff.page.get_by_text("Đã tải xong").wait_for(timeout=_WORK_MS)
        staff.picture("intake-arrived")
        staff.visit("/phat-hanh")
        expect(staff.page.get_by_role("button", name="Phát hành")).to_have_count(0)
        staff.picture("intake-own")

    (job,) = town.staff.get("/jobs", session_id=conference)["items"]
    assert (job["bytes"], job["can_release"]) == (film.stat().st_size, False)
    own = town.staff.http.post(f"/jobs/{job['id']}/release", json={"looked": []})
    assert (own.status_code, own.json()["code"]) == (OwnRelease.status, OwnRelease.code)
    town.wait_for([job["id"]], {"ready"})
    let_out(second, job["id"])
    town.wait_for([job["id"]], {"published"})


def test_a_marked_deck_is_refused_and_another_takes_its_place(staff, town, conference, tmp_path):
    send_deck(staff, conference, media.deck(tmp_path / "bai-cu.pdf", ["Báo cáo kết quả", MARKED]))
    card = staff.page.get_by_role("listitem").filter(has_text="Bị từ chối")
    card.first.wait_for(timeout=_WORK_MS)
    staff.picture("intake-deck-refused")
    send_deck(staff, conference, media.deck(tmp_path / "bai-moi.pdf", ["Báo cáo kết quả", "Nhiệm vụ năm tới"]))
    jobs = town.staff.get("/jobs", session_id=conference)["items"]
    decks = [job for job in jobs if job["kind"] == "deck" and job["state"] != "refused"]
    assert [deck["filename"] for deck in decks] == ["bai-moi.pdf"]
    town.wait_for([decks[0]["id"]], {"ready"})


def test_a_clip_with_a_doubtful_name_is_held_until_another_person_clears_it(staff, town, second, conference, tmp_path):
    film = media.clip(tmp_path / "ban ghi tuyet mat.mp4", seconds=2)
    staff.visit(f"/hoi-nghi/{conference}/tai-len")
    staff.page.get_by_role("radio", name="Không mật", exact=True).check()
    staff.page.locator("form input[type=file]").set_input_files(film)
    staff.page.get_by_role("button", name="Bắt đầu tải lên").click()
    staff.page.get_by_text("Đã tải xong").wait_for(timeout=_WORK_MS)
    jobs = town.staff.get("/jobs", session_id=conference)["items"]
    job = next(job["id"] for job in jobs if job["filename"] == film.name)
    town.wait_for([job], {"held"})
    own = town.staff.http.post(f"/jobs/{job}/clear", json={"reason": "Tôi là người tải lên, không sao đâu."})
    assert own.status_code == 403
    second.post(f"/jobs/{job}/clear", {"reason": "Chỉ là tên tệp, trong phim không có dấu nào."})
    town.wait_for([job], {"ready"})
    let_out(second, job)
    town.wait_for([job], {"published"})


def pause_and_go_on(staff: Screen, line: Line) -> None:
    staff.page.get_by_role("button", name="Tạm dừng").click()
    staff.page.get_by_text("Phần đã tải vẫn được giữ").wait_for()
    staff.picture("intake-paused")
    line.allow(BYTES // 2)
    staff.page.get_by_role("button", name="Tải tiếp").click()
    staff.page.get_by_role("button", name="Tạm dừng").wait_for()


def let_out(second: Client, job: str) -> None:
    """Look at every picture of the contact sheet, and release."""
    pictures = second.get(f"/jobs/{job}/inspection")["pictures"]
    second.post(f"/jobs/{job}/release", {"looked": list(range(1, len(pictures) + 1))})


def send_deck(staff: Screen, conference: str, deck) -> None:
    staff.visit(f"/hoi-nghi/{conference}/tai-len")
    staff.page.get_by_role("radio", name="Trang chiếu").check()
    staff.page.get_by_role("radio", name="Không mật", exact=True).check()
    staff.page.locator("form input[type=file]").set_input_files(deck)
    staff.page.get_by_role("button", name="Bắt đầu tải lên").click()
    staff.page.get_by_text("Đã tải xong").wait_for(timeout=_WORK_MS)
