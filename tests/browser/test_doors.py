"""A room that checks itself in: the point's screen shows a code, a member's phone brings it."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from sessions import cards, clock
from sessions.models import CheckIn, CheckInMethod
from tests import factories
from tests.archive.test_documents import keep_deck
from tests.browser import axe
from tests.cast import PASSWORD

pytestmark = pytest.mark.browser

_PATIENCE = 60_000


@pytest.fixture
def stage(db, cast):
    """A conference of two parts that has begun, and the commune's point in it."""
    session = factories.open_session(db, cast, starts_in=timedelta(minutes=-5))
    factories.summon(db, cast, session)
    point = factories.join(db, cast, session, name="Hội trường Sìn Hồ")
    db.commit()
    return session, point


def _demand_fit(screen, name):
    screen.settle()
    screen.picture(name)
    wide, room = screen.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room
    axe.demand_access(screen.page)


def _choose(screen, name):
    """One of several large segments; scrolled away from the bar at the lower edge, as a thumb would."""
    option = screen.page.get_by_role("radio", name=name, exact=True)
    option.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    option.check(force=True)


def _shown(screen):
    """The six digits on the point's screen, and the picture that says the same."""
    shown = screen.page.locator(".door-code")
    expect(shown).to_be_visible(timeout=_PATIENCE)
    return re.sub(r"\D", "", shown.inner_text())


def test_a_member_checks_in_by_the_code_on_the_points_screen(db, stage, seat):
    _, point = stage
    screen, phone = seat("ky", 360), seat("mai", 360)
    with screen.page.expect_response("**/door") as told:
        screen.visit(f"/diem-cau/{point.id}/ma-diem-danh")
    expect(screen.page.get_by_text("Đã điểm danh 0 trên 2 người")).to_be_visible(timeout=_PATIENCE)
    _demand_fit(screen, "ma-diem-danh")

    phone.visit("/diem-danh")
    _demand_fit(phone, "diem-danh")
    with phone.expecting(422):
        # An edited code, as if somebody had made a picture of their own.
        token = told.value.json()["codes"][0]["token"]
        phone.page.goto(f"/diem-danh?ma={token[:-1]}{'0' if token[-1] != '0' else '1'}")
        expect(phone.page.get_by_text("Mã này đã bị sửa")).to_be_visible(timeout=_PATIENCE)
        card = phone.page.get_by_role("region").filter(has_text="Phần 1")
        card.get_by_label("Mã sáu số").fill(f"{(int(_shown(screen)) + 1) % 10**6:06d}")
        card.get_by_role("button", name="Điểm danh", exact=True).click()
        expect(phone.page.get_by_text("Mã không đúng hoặc đã đổi")).to_be_visible(timeout=_PATIENCE)

    # As the phone's own camera does with the QR code: the address is opened, and the code is in it.
    with phone.page.expect_response("**/my-check-ins"):
        phone.page.goto(f"/diem-danh?ma={token}")
    expect(phone.page.get_by_text("Bạn đã được điểm danh lúc").first).to_be_visible(timeout=_PATIENCE)
    assert "ma=" not in phone.page.url
    _demand_fit(phone, "diem-danh-da-diem-danh")
    expect(screen.page.get_by_text("Đã điểm danh 1 trên 2 người")).to_be_visible(timeout=_PATIENCE)

    _demand_fit(screen, "ma-diem-danh-co-nguoi")


def test_a_documents_code_leads_through_the_sign_in_to_its_pages_and_is_counted(db, stage, seat, screen_at, address):
    session, _ = stage
    keep_deck(db, session)
    db.commit()
    room = seat("ky", 360)
    room.visit(f"/hoi-nghi/{session.id}/tai-lieu")
    shown = room.page.locator(".document-address")
    expect(shown).to_be_visible(timeout=_PATIENCE)
    _demand_fit(room, "tai-lieu")

    phone = screen_at(address, 360)
    with phone.expecting(401):
        phone.page.goto(f"/t/{shown.inner_text().rpartition('/')[2]}")
        phone.fill_in("mai", PASSWORD)
    expect(phone.page.get_by_role("heading", name="Tài liệu học tập")).to_be_visible(timeout=_PATIENCE)
    with phone.page.expect_response("**/seen", timeout=_PATIENCE):
        phone.page.locator('[data-page="1"]').scroll_into_view_if_needed()
        expect(phone.page.get_by_text("Đã xem 1 trên 2 trang")).to_be_visible(timeout=_PATIENCE)
    with phone.page.expect_response("**/seen", timeout=_PATIENCE):
        phone.page.locator('[data-page="2"]').scroll_into_view_if_needed()
        expect(phone.page.get_by_text("Đã xem 2 trên 2 trang")).to_be_visible(timeout=_PATIENCE)
    _demand_fit(phone, "doc-tai-lieu")

    for width in (360, 1280):
        staff = seat("bo", width)
        staff.visit(f"/can-bo/{session.id}/tai-lieu")
        expect(staff.page.get_by_text("1 người đã mở")).to_be_visible(timeout=_PATIENCE)
        expect(staff.page.locator("tbody tr").filter(has_text="Sìn Hồ")).to_contain_text(re.compile(r"2\D*1\D*1"))
        _demand_fit(staff, "ai-da-mo")


def test_a_roster_is_ticked_taken_back_and_typed_from_paper_without_a_link(db, cast, stage, seat):
    session, point = stage
    for n in range(70):
        factories.enrol(db, cast.commune, f"Vàng Thị Số {n}")
    doan = factories.enrol(db, cast.commune, "Đoàn Thị Hoà")
    factories.summon(db, cast, session)
    db.commit()
    phone = seat("ky", 360)
    phone.visit(f"/diem-cau/{point.id}/diem-danh")
    _demand_fit(phone, "danh-sach")
    find = phone.page.get_by_label("Tìm theo tên")
    with phone.without_link():
        find.fill("nguyen thi mai")
        phone.page.get_by_role("checkbox", name="Nguyễn Thị Mai").check(force=True)
        phone.page.get_by_role("button", name="Điểm danh 1 người").click()
        expect(phone.page.get_by_text("1 người đã ghi trên máy này")).to_be_visible(timeout=_PATIENCE)
        _choose(phone, "Nhập từ danh sách giấy")
        name = phone.page.get_by_label("Gõ tên trên danh sách")
        name.fill("doan hoa")
        name.press("Enter")
        name.fill("Người Lạ Mặt")
        name.press("Enter")
        expect(phone.page.get_by_text("không có trong danh sách triệu tập")).to_be_visible(timeout=_PATIENCE)
        _demand_fit(phone, "danh-sach-giay")
        phone.page.get_by_role("button", name="Ghi 1 người từ danh sách giấy").click()
    expect(phone.page.get_by_text("Đã điểm danh 2 trên 73 người")).to_be_visible(timeout=_PATIENCE)
    expect(phone.page.get_by_text("đã ghi trên máy này")).to_be_hidden(timeout=_PATIENCE)
    methods = dict(db.execute(select(CheckIn.person_id, CheckIn.method)).all())
    assert methods == {cast.member.id: CheckInMethod.ROSTER, doan.id: CheckInMethod.PAPER}

    _choose(phone, "Đánh dấu")
    _choose(phone, "Đã có mặt")
    phone.page.get_by_role("button", name="Sửa Nguyễn Thị Mai").click()
    phone.page.get_by_role("button", name="Đánh dấu nhầm người").click()
    _demand_fit(phone, "danh-sach-sua")
    phone.page.get_by_role("button", name="Bỏ điểm danh", exact=True).click()
    expect(phone.page.get_by_text("Đã bỏ điểm danh 1 lần")).to_be_visible(timeout=_PATIENCE)
    expect(phone.page.get_by_text("Đã điểm danh 1 trên 73 người")).to_be_visible(timeout=_PATIENCE)


def test_a_room_without_a_link_scans_peoples_own_codes_and_delivers_them_later(db, cast, stage, seat):
    session, point = stage
    phone = seat("mai", 360)
    phone.visit("/diem-danh")
    phone.page.get_by_role("button", name="Hiện mã riêng").first.click()
    expect(phone.page.get_by_role("img", name="Mã QR riêng của Nguyễn Thị Mai")).to_be_visible(timeout=_PATIENCE)
    _demand_fit(phone, "ma-rieng")

    device = seat("ky", 360)
    device.visit(f"/diem-cau/{point.id}/quet-ma")
    reader = device.page.get_by_label("Hoặc dùng máy quét cầm tay")
    expect(reader).to_be_visible(timeout=_PATIENCE)
    card = cards.card_of(db, cast.member, session.id)
    with device.without_link():
        for text in ("https://example.vn", cards.text_of(card, clock.now())):
            reader.fill(text)
            reader.press("Enter")
        expect(device.page.get_by_text("Đã ghi vào nhật ký.")).to_be_visible(timeout=_PATIENCE)
        expect(device.page.get_by_text("1 lượt quét đã ký trên máy này")).to_be_visible(timeout=_PATIENCE)
        _demand_fit(device, "quet-ma")
    expect(device.page.get_by_text("đã điểm danh", exact=True)).to_be_visible(timeout=_PATIENCE)
    assert db.scalars(select(CheckIn.method)).all() == [CheckInMethod.CARD]
