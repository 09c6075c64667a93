"""A room watching together: the proctor's one screen, and the phone of somebody who sits in front of it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.demo import account

pytestmark = pytest.mark.browser

_PATIENCE = 90_000
#: Half a second more than two of the codes: one that was read before it changed is still taken.
_SCANNED = re.compile(r"ma=\d{6}")


def _shown_code(proctor):
    """The six digits on the room's screen."""
    shown = proctor.page.locator(".check-in .room-code")
    expect(shown).to_be_visible(timeout=_PATIENCE)
    return re.sub(r"\D", "", shown.inner_text())


def _demand_fit(screen, name):
    screen.settle()
    screen.picture(name)
    wide, room = screen.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room
    axe.demand_access(screen.page)


def test_a_room_is_opened_people_check_in_by_phone_and_the_proctor_signs(demo, screen_at):
    staff, technician = account("staff"), account("technician")
    proctor = screen_at(demo.address, 1280).sign_in(staff.username, staff.password)
    phone = screen_at(demo.address, 360).sign_in(technician.username, technician.password)

    proctor.visit("/xem-chung")
    _demand_fit(proctor, "xem-chung-mo-phong")
    proctor.page.get_by_role("group", name="Xem lại bản ghi nào?").get_by_role("radio").first.check(force=True)
    proctor.page.get_by_role("group", name="Tại điểm cầu nào?").get_by_role("radio").first.check(force=True)
    proctor.page.get_by_role("button", name="Mở phòng").click()
    expect(proctor.page.locator(".qr")).to_be_visible(timeout=_PATIENCE)
    _demand_fit(proctor, "xem-chung-man-hinh")

    phone.visit("/vao-phong")
    _demand_fit(phone, "vao-phong")
    phone.page.get_by_role("button", name="Điểm danh ở đây").first.click()
    digits = phone.page.get_by_label("Mã sáu số")
    expect(digits).to_be_visible(timeout=_PATIENCE)
    _demand_fit(phone, "vao-phong-nhap-ma")
    with phone.expecting(422):
        digits.fill("000000")
        phone.page.get_by_role("button", name="Điểm danh", exact=True).click()
        expect(phone.page.get_by_text("Mã không đúng hoặc đã đổi")).to_be_visible(timeout=_PATIENCE)
    digits.fill(_shown_code(proctor))
    phone.page.get_by_role("button", name="Điểm danh", exact=True).click()
    expect(phone.page.get_by_text("Bạn đã điểm danh lúc")).to_be_visible(timeout=_PATIENCE)
    _demand_fit(phone, "vao-phong-da-diem-danh")

    proctor.page.get_by_role("button", name="Phát", exact=True).click()
    expect(proctor.page.get_by_label("Vị trí trong bản ghi")).not_to_have_attribute(
        "aria-valuetext", re.compile("^0:0[0-4]$"), timeout=_PATIENCE
    )
    here = proctor.page.locator(".room-line").filter(has_text=re.compile("Có mặt · tự quét"))
    expect(here.first).to_be_visible(timeout=_PATIENCE)
    proctor.page.get_by_role("button", name="Kết thúc buổi xem").click()
    proctor.page.get_by_role("button", name="Kết thúc, điểm danh lần cuối").click()
    expect(proctor.page.get_by_text("Điểm danh lần cuối!")).to_be_visible(timeout=_PATIENCE)
    _demand_fit(proctor, "xem-chung-lan-cuoi")

    # As the phone's own camera does with the QR code: the address is opened, and the code is in it.
    room = re.search(r"phong=[0-9a-f-]+", phone.page.url)
    assert room
    phone.page.goto(f"/vao-phong?{room.group()}&ma={_shown_code(proctor)}")
    expect(phone.page.get_by_text("Bạn đã điểm danh lúc")).to_be_visible(timeout=_PATIENCE)
    assert not _SCANNED.search(phone.page.url)

    proctor.page.get_by_role("button", name="Ký xác nhận").click()
    expect(proctor.page.get_by_text("Kết quả từng người")).to_be_visible(timeout=_PATIENCE)
    expect(proctor.page.locator(".room-line").first).to_contain_text(re.compile(r"Xem \d+ giây"), timeout=_PATIENCE)
    _demand_fit(proctor, "xem-chung-ket-qua")
    expect(phone.page.get_by_text("Người phụ trách đã ký")).to_be_visible(timeout=_PATIENCE)


def test_the_proctors_screen_fits_a_phone(demo, screen_at):
    staff = account("staff")
    proctor = screen_at(demo.address, 360).sign_in(staff.username, staff.password)
    proctor.visit("/xem-chung")
    _demand_fit(proctor, "xem-chung-mo-phong")
    proctor.page.get_by_role("group", name="Xem lại bản ghi nào?").get_by_role("radio").first.check(force=True)
    proctor.page.get_by_role("group", name="Tại điểm cầu nào?").get_by_role("radio").last.check(force=True)
    proctor.page.get_by_role("button", name="Mở phòng").click()
    expect(proctor.page.locator(".qr")).to_be_visible(timeout=_PATIENCE)
    _demand_fit(proctor, "xem-chung-man-hinh")
    proctor.page.get_by_role("button", name="Kết thúc buổi xem").click()
    proctor.page.get_by_role("button", name="Kết thúc, điểm danh lần cuối").click()
    proctor.page.get_by_role("button", name="Ký xác nhận").click()
    expect(proctor.page.get_by_text("Không có ai điểm danh")).to_be_visible(timeout=_PATIENCE)
