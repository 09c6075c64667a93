"""What goes wrong in a commune hall, on the page where it goes wrong: each ends in a sentence, and nothing is lost."""

import os
import re
from urllib.parse import urlsplit

import pytest

from ingest.gate import ClassifiedDeclared
from ingest.probe import NotARecording
from sessions.headcounts import HeadcountOutOfRange
from tests import media
from tests.browser.screen import Screen
from tests.browser.weak import BYTES, HELD_UP, big_clip, wait_until_kept
from tests.line import line_to

pytestmark = pytest.mark.browser

_WORK_MS = 60_000


@pytest.fixture(scope="module")
def conference(town):
    """A conference that is over, with three points at which nobody has counted the end."""
    town.register()
    return town.session["id"]


@pytest.fixture
def technician(town, conference, screen_at):
    return screen_at(town.address, 360).sign_in("kythuat", "kythuat-2026")


def test_an_upload_that_was_cut_off_goes_on_where_it_stopped(town, conference, screen_at, tmp_path):
    film = big_clip(tmp_path / "ghi-hinh.mp4")
    with line_to(urlsplit(town.address).port) as line:
        technician = screen_at(line.address, 360).sign_in("kythuat", "kythuat-2026")
        technician.visit(f"/hoi-nghi/{conference}/tai-len")
        choose(technician, film, "Không mật")
        line.allow(BYTES // 2)
        # A line that is cut is told by the browser, whichever request it met.
        with technician.expecting(*HELD_UP, words=("net::ERR_CONNECTION_",)):
            technician.page.get_by_role("button", name="Bắt đầu tải lên").click()
            kept = wait_until_kept(town.technician, conference, 0.2)
            assert kept["offset"] < kept["length"] == film.stat().st_size
            technician.new_tab()
            line.cut()  # What the closed tab had left on its way must not arrive after all.
            line.open()
            technician.visit(f"/hoi-nghi/{conference}/tai-len")
            again = technician.page.get_by_label(f"Chọn lại tệp {film.name}")
            again.set_input_files({"name": film.name, "mimeType": "video/mp4", "buffer": os.urandom(BYTES)})
            technician.page.get_by_text("không phải tệp đang tải dở").wait_for()
            technician.picture("bad-input-cut-off")
            choose(technician, film, "Không mật")  # The form knows the file again, too.
            technician.page.get_by_text(re.compile(r"sẽ tải tiếp từ \d+(,\d)? %")).wait_for()
            with technician.page.expect_request(lambda request: request.method == "PATCH") as first:
                again.set_input_files(film)
            assert int(first.value.headers["upload-offset"]) >= kept["offset"]
            technician.page.get_by_text("Đã tải xong").wait_for(timeout=_WORK_MS)
        technician.page.close()  # It asks for news now and then, and its line ends here.
    (job,) = [one for one in town.technician.get("/jobs", session_id=conference)["items"] if one["kind"] == "recording"]
    assert (job["filename"], job["bytes"]) == (film.name, film.stat().st_size)
    town.wait_until_complete([job["id"]])  # It was put together right: every picture of it can be decoded.


def test_material_declared_classified_is_turned_away(technician, town, conference, tmp_path):
    film = media.clip(tmp_path / "khong-duoc-gui.mp4", seconds=1)
    with technician.expecting(ClassifiedDeclared.status):
        begin(technician, conference, film, "Mật")
        sentence = technician.page.get_by_text(ClassifiedDeclared().sentence("vi"))
        sentence.wait_for()
    technician.picture("bad-input-classified")
    assert film.name not in str(town.technician.get("/jobs", session_id=conference))
    assert film.name not in str(town.technician.get("/uploads", session_id=conference))


def test_a_text_file_named_as_a_video_is_refused_with_the_reason(technician, conference, tmp_path):
    begin(technician, conference, media.text_named_mp4(tmp_path / "van-ban.mp4"), "Không mật")
    technician.page.get_by_text("Đã tải xong").wait_for()
    card = technician.page.get_by_role("listitem").filter(has_text="van-ban.mp4").filter(has_text="Bị từ chối")
    card.wait_for(timeout=_WORK_MS)
    assert NotARecording().sentence("vi") in card.inner_text()
    technician.picture("bad-input-not-a-video")


def test_ten_million_people_in_one_room_are_not_believed(technician, town, conference):
    point = town.technician.get(f"/sessions/{conference}/points")["items"][0]
    before = town.technician.get(f"/session-points/{point['id']}")["headcounts"]
    technician.visit(f"/diem-cau/{point['id']}/so-dai-bieu")
    page = technician.page
    refusal = page.get_by_role("alert")
    with technician.expecting(HeadcountOutOfRange.status):
        for digit in "10000000":
            page.get_by_role("button", name=digit, exact=True).tap()
        page.get_by_role("button", name="Ghi nhận 10.000.000 người").tap()
        page.get_by_role("button", name="Đúng, ghi nhận").tap()  # More than the room has seats: asked first.
        refusal.wait_for()
    technician.picture("bad-input-ten-million")
    assert refusal.inner_text().strip() == HeadcountOutOfRange().sentence("vi")
    assert town.technician.get(f"/session-points/{point['id']}")["headcounts"] == before


def begin(technician: Screen, conference: str, file, level: str) -> None:
    technician.visit(f"/hoi-nghi/{conference}/tai-len")
    choose(technician, file, level)
    technician.page.get_by_role("button", name="Bắt đầu tải lên").click()


def choose(technician: Screen, file, level: str) -> None:
    technician.page.get_by_role("radio", name=level, exact=True).check()
    technician.page.locator("form input[type=file]").set_input_files(file)
