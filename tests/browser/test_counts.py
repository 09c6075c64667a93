"""Counting in a hall whose link is gone: all waits in view, arrives once with its own time, and is asked about."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from ingest import quarantine
from ingest.models import Upload
from sessions import clock
from sessions.models import CheckIn, ConferenceSession, CountPhoto, Headcount, Moment
from tests import factories

pytestmark = pytest.mark.browser


@pytest.fixture
def point(db, cast):
    session = factories.open_session(db, cast, parts=1, starts_in=-timedelta(minutes=50))
    factories.summon(db, cast, session)
    point = factories.join(db, cast, session, name="Hội trường xã", seats=60, technician=cast.technician)
    db.commit()
    return point


@pytest.fixture(autouse=True)
def _nothing_left_waiting():
    yield
    for upload_id in list(quarantine.ids()):
        quarantine.drop(Upload(id=upload_id))


def photo() -> dict[str, object]:
    """As a camera gives it: more than anybody needs."""
    taken = io.BytesIO()
    Image.effect_noise((2400, 1800), 60).convert("RGB").save(taken, "JPEG", quality=90)
    return {"name": "IMG_0001.JPG", "mimeType": "image/jpeg", "buffer": taken.getvalue()}


def enter(page, number: int) -> None:
    for digit in str(number):
        page.get_by_role("button", name=digit, exact=True).tap()
    page.get_by_role("button", name=f"Ghi nhận {number} người").tap()


def choose(page, moment: str) -> None:
    page.get_by_role("radio", name=moment).check()


def test_counts_a_picture_and_ticks_without_a_link_arrive_once_with_their_own_times(db, cast, seat, point):
    technician = seat("ky", 360)
    page = technician.page
    technician.visit(f"/diem-cau/{point.id}")
    page.get_by_role("heading", name="Ảnh làm minh chứng").wait_for()
    technician.picture("counts-point")
    begun = clock.now()
    with technician.without_link():
        technician.visit(f"/diem-cau/{point.id}/so-dai-bieu")
        for moment, number in (("Đầu giờ", 40), ("Giữa giờ", 44), ("Cuối giờ", 90)):
            choose(page, moment)
            enter(page, number)
            if number == 90:  # More than there are seats, and far more than before.
                page.get_by_text("Lần đếm trước của phần này là 44, bạn nhập 90.").wait_for()
                technician.picture("counts-doubt")
                page.get_by_role("button", name="Đúng, ghi nhận").tap()
            page.get_by_text("Đã ghi trên máy này, có mạng sẽ tự gửi.").wait_for()
        page.get_by_label("Tôi xác nhận trong ảnh không có tài liệu mật").check()
        page.locator("input[type=file]").set_input_files(photo())
        page.get_by_text("Đã giữ ảnh trên máy này").wait_for()
        technician.picture("counts-waiting")
        technician.visit(f"/diem-cau/{point.id}/diem-danh")
        page.get_by_role("checkbox", name="Nguyễn Thị Mai").check()
        page.get_by_role("button", name="Điểm danh 1 người").tap()
        page.get_by_text("1 người đã ghi trên máy này, có mạng sẽ tự gửi.").wait_for()
        technician.visit("/cho-gui")
        page.get_by_text("Ảnh · Hội trường xã").wait_for()
        technician.picture("counts-outbox")
        offline_until = clock.now()
    page.get_by_text("Không còn gì chờ gửi").wait_for()
    technician.visit(f"/diem-cau/{point.id}")
    page.get_by_text("đang kiểm duyệt").wait_for()
    technician.picture("counts-history")
    db.rollback()
    counted = db.scalars(select(Headcount).order_by(Headcount.counted_at)).all()
    assert [(each.moment, each.present) for each in counted] == [
        (Moment.START, 40),
        (Moment.MIDDLE, 44),
        (Moment.END, 90),
    ]
    assert all(begun <= each.counted_at <= offline_until < each.received_at for each in counted)
    taken = db.scalars(select(CountPhoto)).one()
    assert taken.headcount_key == counted[-1].client_key
    arrived = db.scalars(select(Upload)).one()
    assert (arrived.sha256, arrived.length) == (taken.sha256, taken.bytes)
    assert taken.bytes < 600_000
    assert db.scalars(select(CheckIn.person_id)).all() == [cast.member.id]


def test_a_question_that_comes_back_waits_for_its_answer_and_holds_up_nothing(db, cast, seat, point):
    technician = seat("ky", 360)
    page = technician.page
    technician.visit(f"/diem-cau/{point.id}/so-dai-bieu")
    page.get_by_label("Số người có mặt").wait_for()
    with technician.without_link():
        choose(page, "Giữa giờ")
        enter(page, 52)
        choose(page, "Cuối giờ")
        enter(page, 50)
        # Meanwhile the office has taken the start by telephone.
        factories.count_people(db, cast.staff, point, factories.first_part(db, point_session(db, point)), 34)
        db.commit()
        technician.visit("/cho-gui")
    with technician.expecting(409):
        page.get_by_text("Cần bạn trả lời").wait_for()
    technician.picture("counts-question")
    page.locator("ul.rows").get_by_text("Chờ gửi").wait_for(state="detached")
    db.rollback()
    assert {each.moment for each in db.scalars(select(Headcount))} == {Moment.START, Moment.END}
    page.get_by_role("button", name="Đúng, ghi nhận").tap()
    page.get_by_text("Không còn gì chờ gửi").wait_for()
    db.rollback()
    assert sorted(each.present for each in db.scalars(select(Headcount))) == [34, 50, 52]


def point_session(db, point):
    return db.get_one(ConferenceSession, point.session_id)
