"""A technician's conference on a phone whose link drops: all arrives once, with its own time."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from ingest.models import Upload
from sessions import clock, register
from sessions.models import (
    CheckIn,
    CountPhoto,
    Headcount,
    Moment,
    PointAnswer,
    PointState,
    ReadinessCheck,
    SessionPoint,
    Trouble,
)
from sessions.register import PartPlan
from tests import factories
from tests.browser import axe
from tests.browser.screen import Screen

pytestmark = pytest.mark.browser

COUNTED = {"Đầu giờ": (Moment.START, 41), "Giữa giờ": (Moment.MIDDLE, 44), "Cuối giờ": (Moment.END, 39)}
PEOPLE = 12
TICKED = 10


@pytest.fixture
def point(db, cast):
    """The commune's hall, invited to a conference of the province that begins in twenty minutes."""
    starts = clock.now() + timedelta(minutes=20)
    ends = starts + timedelta(hours=3)
    plans = [PartPlan("Buổi sáng", starts, ends)]
    session = register.open_session(db, cast.administrator, "Hội nghị tại chỗ", cast.province, starts, ends, plans)
    for number in range(1, PEOPLE):
        factories.enrol(db, cast.commune, f"Giàng Thị {'ABCDEGHKLMN'[number - 1]}")
    factories.summon(db, cast, session, cast.commune)
    made = factories.join(db, cast, session, name="Nhà văn hóa xã", seats=60, technician=cast.technician)
    made.expected_count = None
    db.commit()
    return made


def test_confirms_checks_loses_the_link_counts_ticks_and_all_arrives_once_with_its_own_time(
    db, cast, point, seat, tmp_path
):
    screen = seat("ky", 360)
    page = screen.page
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    confirm(screen)
    check(screen)
    for address in ("so-dai-bieu", "diem-danh", "su-co"):
        screen.visit(f"/diem-cau/{point.id}/{address}")  # As in the morning: what is seen is kept on the phone.
    lost = clock.now()
    with screen.without_link():
        for moment, (_, present) in COUNTED.items():
            count(screen, point, moment, present)
        take_photo(screen, tmp_path)
        report_trouble(screen, point)
        tick(screen, point)
        found = clock.now()
    page.get_by_role("link", name=re.compile("mục chờ gửi")).wait_for(state="detached")
    page.reload()  # Whatever comes twice would come now.
    screen.settle()

    assert_arrived_once(db, cast, point, lost, found)
    screen.visit("/ky-thuat")
    # It was counted a moment ago, so what may be next is trouble.
    expect(page.locator("main .button.big")).to_have_text("Báo sự cố")
    screen.picture("technician-home-counted")


def next_step(screen: Screen, name: str) -> None:
    """Home, and its one big button."""
    screen.visit("/ky-thuat")
    button = screen.page.locator("main .button.big")
    expect(button).to_have_text(name)
    screen.picture(f"technician-home-{name}")
    button.tap()
    screen.settle()
    axe.demand_access(screen.page)


def confirm(screen: Screen) -> None:
    next_step(screen, "Xác nhận tham gia")
    page = screen.page
    for digit in "45":
        page.get_by_role("button", name=digit, exact=True).tap()
    screen.picture("technician-confirm")
    page.get_by_role("button", name="Xác nhận, dự kiến 45 người").tap()
    page.get_by_text("Máy chủ đã nhận.").wait_for()


def check(screen: Screen) -> None:
    """The line is measured; the microphone howls, and is put right."""
    next_step(screen, "Kiểm tra sẵn sàng")
    page = screen.page
    page.get_by_role("button", name="Đo tốc độ").tap()
    page.get_by_text("Số đo này gửi kèm kết quả kiểm tra.").wait_for()
    for group in page.get_by_role("group").all():
        group.get_by_role("radio", name="Tốt").check()
    sound = page.get_by_role("group", name="Âm thanh")
    sound.get_by_role("radio", name="Trục trặc").check()
    page.get_by_role("button", name="Gửi kết quả 8 hạng mục").tap()
    page.get_by_text("Hạng mục trục trặc cần ghi rõ đang vướng gì.").wait_for()
    page.get_by_label("Âm thanh: đang vướng gì?").fill("Micro hú")
    screen.picture("technician-check")
    page.get_by_role("button", name="Gửi kết quả 8 hạng mục").tap()
    page.get_by_text("Còn 1 hạng mục trục trặc.").wait_for()
    axe.demand_access(page)
    screen.picture("technician-checked")
    sound.get_by_role("radio", name="Tốt").check()
    page.get_by_role("button", name="Gửi kết quả 1 hạng mục").tap()
    page.get_by_text("Điểm cầu sẵn sàng.").wait_for()


def count(screen: Screen, point: SessionPoint, moment: str, present: int) -> None:
    screen.turn_to(f"/diem-cau/{point.id}/so-dai-bieu")
    page = screen.page
    page.get_by_role("radio", name=moment).check()
    for digit in str(present):
        page.get_by_role("button", name=digit, exact=True).tap()
    page.get_by_role("button", name=f"Ghi nhận {present} người").tap()
    page.get_by_text("Đã ghi trên máy này, có mạng sẽ tự gửi.").wait_for()


def take_photo(screen: Screen, folder: Path) -> None:
    """Of the room at the last count, as the phone's camera gives it."""
    made = folder / "phong-hop.jpg"
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(made)
    page = screen.page
    page.get_by_role("checkbox", name="Tôi xác nhận trong ảnh không có tài liệu mật").check()
    page.locator("input[type=file]").set_input_files(made)
    page.get_by_text("Đã giữ ảnh trên máy này, có mạng sẽ tự gửi.").wait_for()
    screen.picture("technician-photo")


def report_trouble(screen: Screen, point: SessionPoint) -> None:
    """Reported and over before the server has heard of it."""
    screen.turn_to(f"/diem-cau/{point.id}/su-co")
    page = screen.page
    page.get_by_role("radio", name="Mất kết nối").check()
    screen.picture("technician-trouble")
    page.get_by_role("button", name="Báo sự cố").tap()
    page.get_by_label("Đã khắc phục bằng cách nào?").fill("Chuyển sang 4G")
    axe.demand_access(page)
    screen.picture("technician-trouble-goes-on")
    page.get_by_role("button", name="Báo đã khắc phục").tap()
    page.get_by_role("button", name="Báo đã khắc phục").wait_for(state="detached")


def tick(screen: Screen, point: SessionPoint) -> None:
    screen.turn_to(f"/diem-cau/{point.id}/diem-danh")
    page = screen.page
    for box in page.get_by_role("checkbox").all()[:TICKED]:
        box.check()
    page.get_by_role("button", name=f"Điểm danh {TICKED} người").tap()
    page.get_by_text(f"{TICKED} người đã ghi trên máy này").wait_for()
    screen.turn_to("/cho-gui")
    screen.picture("technician-waits")


def assert_arrived_once(db, cast, point, lost: datetime, found: datetime) -> None:
    db.expire_all()
    (answer,) = db.scalars(select(PointAnswer))
    assert (answer.coming, answer.expected_count, answer.answered_by) == (True, 45, cast.technician.id)
    first, second = db.scalars(select(ReadinessCheck).order_by(ReadinessCheck.checked_at))
    assert (first.down_kbits > 0, first.up_kbits > 0, second.down_kbits) == (True, True, None)
    assert answer.answered_at < first.checked_at < second.checked_at < lost

    counts = db.scalars(select(Headcount).order_by(Headcount.counted_at)).all()
    assert [(one.moment, one.present) for one in counts] == list(COUNTED.values())
    (photo,) = db.scalars(select(CountPhoto))
    assert (photo.moment, photo.headcount_key) == (Moment.END, counts[-1].client_key)
    (upload,) = db.scalars(select(Upload))
    assert (upload.finished_at is not None, upload.sha256) == (True, photo.sha256)
    (trouble,) = db.scalars(select(Trouble))
    assert trouble.action == "Chuyển sang 4G"
    ticks = db.scalars(select(CheckIn)).all()
    assert len({one.person_id for one in ticks}) == len(ticks) == TICKED
    (checked_at,) = {one.checked_at for one in ticks}

    made = [one.counted_at for one in counts] + [photo.taken_at, trouble.began_at, trouble.ended_at, checked_at]
    assert made == sorted(set(made))
    assert lost <= made[0]
    assert made[-1] <= found
    came = [one.received_at for one in counts] + [trouble.reported_at, trouble.end_told_at, ticks[0].received_at]
    assert came == sorted(came)
    assert came[0] >= found
    assert photo.received_at >= found  # It travels beside the others, which need not wait for so many bytes.
    assert db.get_one(SessionPoint, point.id).state == PointState.READY
