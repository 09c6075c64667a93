"""What comes in, walked in Chromium: a recording sent in two sittings, and let out only by somebody else."""

from datetime import UTC, datetime, timedelta

import pytest

from tests import media
from tests.browser.screen import Screen
from tests.journeys.walk import Client

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
