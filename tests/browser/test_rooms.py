"""The register of rooms on a phone: changed, taken out of use and brought back, and asked about when it is busy."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from sessions import points
from sessions.points import Joining
from tests import factories
from tests.browser import axe

pytestmark = pytest.mark.browser


@pytest.fixture
def room(db, cast):
    made = factories.add_room(db, cast.commune, name="Hội trường xã", seats=120, technician=cast.technician)
    db.commit()
    return made


def test_a_room_is_changed_taken_out_of_use_and_brought_back(db, room, seat):
    screen = seat("ky", 360)
    page = screen.page
    page.on("dialog", lambda dialog: dialog.accept())
    screen.visit("/phong-hop")
    screen.picture("rooms-cards")
    page.get_by_role("link", name="Hội trường xã").click()
    page.get_by_label("Tên điểm cầu").fill("Nhà văn hóa xã")
    page.get_by_label("Số chỗ ngồi").fill("80")
    page.get_by_role("button", name="Lưu thay đổi").click()
    page.get_by_text("Đã lưu thay đổi.").wait_for()
    screen.picture("rooms-saved")
    db.refresh(room)
    assert (room.name, room.seats) == ("Nhà văn hóa xã", 80)

    page.get_by_role("button", name="Ngừng dùng").click()
    page.get_by_text("Điểm cầu này đã ngừng dùng từ").wait_for()
    axe.demand_access(page)
    screen.picture("rooms-retired")
    page.get_by_role("link", name="Điểm cầu đã đăng ký").click()
    page.get_by_text("Chưa có điểm cầu nào", exact=True).wait_for()
    page.get_by_role("radio", name="Ngừng dùng").check()
    page.get_by_role("link", name="Nhà văn hóa xã").click()
    page.get_by_role("button", name="Đưa vào dùng lại").click()
    expect(page.get_by_label("Tên điểm cầu")).to_have_value("Nhà văn hóa xã")
    db.refresh(room)
    assert room.retired_at is None


def test_whoever_saves_second_sees_what_the_first_wrote(db, room, seat):
    screen = seat("ky", 360)
    page = screen.page
    screen.visit(f"/phong-hop/{room.id}")
    room.seats = 60
    db.commit()
    page.get_by_label("Địa chỉ", exact=True).fill("Bản Lang")
    with screen.expecting(409):
        page.get_by_role("button", name="Lưu thay đổi").click()
        page.get_by_text("Người khác vừa sửa điểm cầu này.").wait_for()
    screen.picture("rooms-changed-meanwhile")
    page.get_by_role("button", name="Xem bản mới").click()
    expect(page.get_by_label("Số chỗ ngồi")).to_have_value("60")
    expect(page.get_by_label("Địa chỉ", exact=True)).to_have_value(room.address)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_room_that_is_busy_elsewhere_is_asked_about(db, cast, room, seat, width):
    other, session = (factories.open_session(db, cast, starts_in=timedelta(days=1)) for _ in range(2))
    points.join_session(db, cast.staff, other, [Joining(room.id)])
    factories.add_room(db, cast.commune, name="Phòng họp")
    db.commit()
    screen = seat("bo", width)
    page = screen.page
    screen.visit(f"/hoi-nghi/{session.id}/them-diem-cau")
    for name in ("Hội trường xã", "Phòng họp"):
        page.get_by_role("checkbox", name=name).check()
    with screen.expecting(409):
        page.get_by_role("button", name="Thêm 2 điểm cầu").click()
        page.get_by_text(f"Hội trường xã ({other.title}, ").wait_for()
    screen.picture("rooms-busy")
    axe.demand_access(page)
    page.get_by_role("button", name="Bỏ chọn phòng đó").click()
    expect(page.get_by_role("checkbox", name="Hội trường xã")).not_to_be_checked()
    page.get_by_role("checkbox", name="Hội trường xã").check()
    with screen.expecting(409):
        page.get_by_role("button", name="Thêm 2 điểm cầu").click()
        page.get_by_role("button", name="Đúng, vẫn thêm").click()
    page.wait_for_url(f"**/hoi-nghi/{session.id}")
    page.get_by_role("link", name="Hội trường xã").wait_for()
