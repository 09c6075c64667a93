"""What comes in, walked in Chromium: sent in two sittings, searched, held, and let out only by somebody else."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pypdfium2
import pytest
import typst

from ingest import ocr
from tests import media
from tests.browser.screen import Screen
from tests.browser.weak import BYTES, HELD_UP, big_clip, wait_until_kept
from tests.journeys.site import site
from tests.journeys.walk import Walk
from tests.line import line_to

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not ocr.is_available(), reason="There is no Tesseract on this machine to see a stamp with."),
]

_WORK_MS = 120_000


@pytest.fixture
def town():
    """A site of this test's own, which reads what stands in pictures."""
    with site(DIEMCAU_READ_PICTURES="true") as opened:
        walk = Walk(opened.address)
        walk.set_up()
        yield walk
        walk.close()


@pytest.fixture
def conference(town):
    """A conference that is over, of this test's own."""
    now = datetime.now(UTC)
    spoken = {"starts_at": (now - timedelta(hours=2)).isoformat(), "ends_at": (now - timedelta(hours=1)).isoformat()}
    plan = {"title": "Hội nghị có tài liệu", "unit_id": town.top["id"], "parts": [{"title": "Buổi sáng", **spoken}]}
    return town.staff.post("/sessions", plan | spoken)["id"]


@pytest.fixture
def reviewer(town):
    """The name and password of another member of staff."""
    account = {"username": "duyetbai", "password": "duyetbai-2026"}
    person = town.administrator.post("/people", {"full_name": "Lò Văn Duyệt", "unit_id": town.top["id"]})
    town.administrator.post(f"/people/{person['id']}/account", account)
    town.administrator.post(f"/people/{person['id']}/roles", {"role": "staff", "unit_id": town.top["id"]})
    return account


def test_the_whole_way_in(town, conference, reviewer, screen_at, tmp_path):
    film = big_clip(tmp_path / "ban ghi tuyet mat.mp4")  # Only its name sounds like a marking.
    send_in_two_sittings(town, conference, screen_at, film)
    sender = screen_at(town.address, 360).sign_in("canbo", "canbo-2026")
    second = screen_at(town.address, 1280).sign_in(**reviewer)

    send_deck(sender, conference, stamped(tmp_path / "bai-cu.pdf"))
    jobs = {job["filename"]: job["id"] for job in town.staff.get("/jobs", session_id=conference)["items"]}
    town.wait_for(jobs.values(), {"held"})
    sender.visit("/phat-hanh")
    assert sender.page.get_by_text("Hãy nhờ một cán bộ khác xem").count() == 2
    assert sender.page.get_by_role("button", name="Cho phát hành").count() == 0
    own = town.staff.http.post(f"/jobs/{jobs['bai-cu.pdf']}/clear", json={"reason": "Tôi tự gửi, không sao đâu."})
    assert own.status_code == 403

    second.visit(f"/phat-hanh/{jobs['bai-cu.pdf']}")
    assert second.page.locator(".sheet .found").count() == 1
    second.picture("intake-sealed")
    second.page.once("dialog", lambda sure: sure.accept())
    decide(second, "Đúng là dấu mật trên trang 2.", "Từ chối và huỷ tệp", "Đã từ chối và huỷ tệp.")
    sender.visit(f"/hoi-nghi/{conference}/tai-len")
    sender.page.get_by_text("Bị từ chối").first.wait_for()
    sender.picture("intake-deck-refused")

    send_deck(sender, conference, media.deck(tmp_path / "bai-moi.pdf", ["Báo cáo kết quả", "Nhiệm vụ năm tới"]))
    listed = town.staff.get("/jobs", session_id=conference)["items"]
    (deck,) = [job["id"] for job in listed if job["filename"] == "bai-moi.pdf"]
    town.wait_for([deck], {"ready"})
    recording = jobs[film.name]
    second.visit(f"/phat-hanh/{recording}")
    decide(second, "Chỉ là tên tệp, trong phim không có dấu nào.", "Cho qua, không phải dấu mật")
    town.wait_for([recording], {"ready"})
    for job in (recording, deck):
        second.visit(f"/phat-hanh/{job}")
        second.page.get_by_role("button", name="Cho phát hành").click()
        second.page.get_by_text("Đã ghi quyết định.").wait_for()
    town.wait_for([recording, deck], {"published"})
    assert len(town.staff.get("/recordings")["items"]) == 1


def send_in_two_sittings(town, conference: str, screen_at, film) -> None:
    """The tab is closed when two fifths are there; another one goes on from there with the same file."""
    with line_to(urlsplit(town.address).port) as line:
        sender = screen_at(line.address, 360).sign_in("canbo", "canbo-2026")
        sender.visit(f"/hoi-nghi/{conference}/tai-len")
        choose(sender, film)
        line.allow(2 * BYTES // 5)
        # A line that is cut is told by the browser, whichever request it met.
        with sender.expecting(*HELD_UP, words=("net::ERR_CONNECTION_",)):
            sender.page.get_by_role("button", name="Bắt đầu tải lên").click()
            kept = wait_until_kept(town.staff, conference, 0.2)
            sender.new_tab()
            line.cut()  # What the closed tab had left on its way must not arrive after all.
            line.open()
            sender.visit(f"/hoi-nghi/{conference}/tai-len")
            with sender.page.expect_request(lambda request: request.method == "PATCH") as first:
                sender.page.get_by_label(f"Chọn lại tệp {film.name}").set_input_files(film)
            assert kept["offset"] <= int(first.value.headers["upload-offset"]) < film.stat().st_size
            sender.page.get_by_text("Đã tải xong").wait_for(timeout=_WORK_MS)
        sender.page.close()  # It asks for news now and then, and its line ends here.


def stamped(path):
    """A scanned deck of two pages, of which the second bears a red stamp, as they are pressed by hand: at an angle."""
    pages = """
    #set page(width: 320pt, height: 180pt, margin: 16pt)
    #set text(size: 17pt)
    == Báo cáo kết quả
    #pagebreak()
    == Nhiệm vụ năm tới
    #place(bottom + right, rotate(-6deg, rect(stroke: 2pt + red, inset: 6pt,
      text(fill: red, size: 20pt, weight: "bold")[TUYỆT MẬT])))
    """
    written = path.with_suffix(".written.pdf")
    written.write_bytes(typst.compile(pages.encode()))
    first, *others = [page.render(scale=3).to_pil().convert("RGB") for page in pypdfium2.PdfDocument(written)]
    first.save(path, save_all=True, append_images=others)
    return path


def choose(sender: Screen, file) -> None:
    sender.page.get_by_role("radio", name="Không mật", exact=True).check()
    sender.page.locator("form input[type=file]").set_input_files(file)


def send_deck(sender: Screen, conference: str, deck) -> None:
    sender.visit(f"/hoi-nghi/{conference}/tai-len")
    sender.page.get_by_role("radio", name="Trang chiếu").check()
    choose(sender, deck)
    sender.page.get_by_role("button", name="Bắt đầu tải lên").click()
    sender.page.get_by_text("Đã tải xong").wait_for(timeout=_WORK_MS)


def decide(second: Screen, reason: str, verb: str, told: str = "Đã ghi quyết định.") -> None:
    second.page.get_by_label("Lý do").fill(reason)
    second.page.get_by_role("button", name=verb).click()
    second.page.get_by_text(told).wait_for()
