"""Staff let somebody off, find a conference that was called off marked everywhere, and see what the points counted."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from sessions import agenda, register
from sessions.models import Moment
from tests import factories
from tests.browser import axe
from tests.browser.screen import SHAPES, Screen

pytestmark = pytest.mark.browser


def demand_fit(screen: Screen, name: str) -> None:
    """Nothing wider than the screen, nothing out of reach, and a picture for whoever wants one."""
    screen.settle()
    screen.picture(name)
    wide, room = screen.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room
    axe.demand_access(screen.page)


@pytest.mark.parametrize("width", SHAPES)
def test_somebody_is_let_off_with_what_is_wrong_at_its_field_and_not_for_ever(cast, seat, width):
    screen = seat("bo", width)
    page = screen.page
    screen.visit("/danh-sach")
    expect(page.get_by_text("Không có ai đang được miễn")).to_be_visible()
    page.get_by_role("button", name="Miễn cho một người").click()
    form = page.locator("form", has=page.get_by_role("button", name="Ghi miễn"))
    form.get_by_role("button", name="Ghi miễn").click()
    assert form.locator(".wrong").count() == 3
    demand_fit(screen, "exemption-missing")
    form.get_by_label("Người được miễn").fill("mai")
    page.get_by_role("option", name="Nguyễn Thị Mai").click()
    form.get_by_label("Miễn dự").check()
    form.get_by_label("Lý do").fill("Tuổi cao, sức yếu")
    form.get_by_label("Ngày kết thúc").fill("01/01/2020")
    with screen.expecting(422):
        form.get_by_role("button", name="Ghi miễn").click()
        expect(form.locator(".field", has_text="Ngày kết thúc").locator(".wrong")).to_contain_text("trở đi")
    form.get_by_label("Ngày kết thúc").fill("")
    form.get_by_role("button", name="Ghi miễn").click()
    expect(page.get_by_text("Đã ghi miễn cho Nguyễn Thị Mai.")).to_be_visible()
    expect(page.get_by_text("chưa định ngày kết thúc")).to_be_visible()
    demand_fit(screen, "exemption-granted")
    page.locator("li.row").get_by_role("button", name=re.compile("^Kết thúc.*Nguyễn Thị Mai$")).click()
    ending = page.get_by_role("form", name="Kết thúc miễn cho Nguyễn Thị Mai")
    demand_fit(screen, "exemption-ending")
    ending.get_by_role("button", name="Kết thúc sau ngày này").click()
    expect(page.locator("li.row").get_by_text("đến hết")).to_be_visible()


@pytest.mark.parametrize("width", SHAPES)
def test_a_conference_called_off_is_marked_wherever_it_is_listed(db, cast, seat, width):
    session = factories.open_session(db, cast, starts_in=timedelta(days=2))
    factories.join(db, cast, session, technician=cast.technician)
    factories.summon(db, cast, session)
    agenda.cancel(db, cast.staff, session, "Bão số 9 đổ bộ, đường vào các xã bị chia cắt")
    db.commit()
    pages = {
        "bo": [
            "/can-bo",
            f"/can-bo/{session.id}",
            f"/can-bo/{session.id}/danh-sach",
            f"/can-bo/{session.id}/trieu-tap",
            f"/hoi-nghi/{session.id}/chuan-bi",
        ],
        "ky": ["/ky-thuat", "/hoi-nghi", f"/hoi-nghi/{session.id}"],
        "mai": ["/cong-nhan"],
    }
    for username, addresses in pages.items():
        screen = seat(username, width)
        for address in addresses:
            screen.visit(address)
            expect(screen.page.get_by_text("Bão số 9")).to_be_visible()
            demand_fit(screen, f"called-off {username} {address.replace(str(session.id), '')}".replace("/", "-"))


@pytest.mark.parametrize("width", SHAPES)
def test_staff_see_what_was_counted_and_how_many_points_have_not(db, cast, seat, width):
    session = factories.open_session(db, cast)
    rooms = [factories.join(db, cast, session, unit) for unit in (cast.commune, cast.other_commune, None)]
    morning, _ = register.parts_of(db, session.id)
    for room, present in zip(rooms, (1240, 38), strict=False):
        factories.count_people(db, cast.staff, room, morning, present)
    factories.count_people(db, cast.staff, rooms[0], morning, 1251, moment=Moment.MIDDLE)
    db.commit()
    screen = seat("bo", width)
    screen.visit(f"/can-bo/{session.id}")
    screen.page.get_by_text("Số đại biểu đã đếm").click()
    table = screen.page.locator("details table")
    expect(table.get_by_text("1.278")).to_be_visible()
    expect(table.get_by_text("1 điểm cầu chưa đếm")).to_be_visible()
    expect(table.get_by_text("2 điểm cầu chưa đếm")).to_be_visible()
    demand_fit(screen, "session-turnout")
