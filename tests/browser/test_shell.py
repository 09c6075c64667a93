"""What every desk has in common: the door, the languages, and opening without a network."""

import pytest

from api import devices
from api.login import WrongLogin
from tests.browser.demo import account

pytestmark = pytest.mark.browser


@pytest.fixture
def technician(demo, screen_at):
    """The technician of the demo at their phone."""
    mine = account("technician")
    return screen_at(demo.address, 360).sign_in(mine.username, mine.password)


def test_a_wrong_password_is_answered_with_a_sentence(demo, screen_at):
    screen = screen_at(demo.address, 360)
    screen.page.goto("/")
    with screen.expecting(401):
        screen.fill_in(account("member").username, "khong-phai-mat-khau")
        alert = screen.page.get_by_role("alert")
        assert alert.inner_text().strip() == WrongLogin().sentence("vi")
    assert screen.page.get_by_label("Tên đăng nhập").input_value() == account("member").username


def test_an_address_that_nobody_has_says_so_and_leads_home(technician):
    technician.visit("/khong-co-trang-nay")
    assert technician.page.locator("main h1").inner_text() == "Không có trang này"
    technician.page.get_by_role("link", name="Về trang chính").click()
    technician.page.wait_for_url("**/ky-thuat")
    technician.settle()


def test_english_is_chosen_at_the_door_and_remembered(demo, screen_at):
    screen = screen_at(demo.address, 1280)
    screen.visit("/")
    screen.page.get_by_role("button", name="Switch to English").click()
    screen.page.get_by_role("button", name="Sign in").wait_for()
    screen.visit("/")
    assert screen.page.locator("html").get_attribute("lang") == "en"
    assert screen.page.get_by_role("button", name="Sign in").is_visible()


def test_english_is_chosen_on_a_phone_at_ones_account(technician):
    technician.visit("/tai-khoan")
    technician.page.get_by_role("button", name="English").click()
    technician.page.get_by_role("heading", name="Change the password").wait_for()
    technician.visit("/ky-thuat")
    assert technician.page.locator("main h1").inner_text() == "Today"
    assert technician.page.get_by_role("navigation").inner_text().split() == ["Today", "Conferences", "Points", "Queue"]


def test_signing_out_closes_every_page(technician):
    technician.visit("/tai-khoan")
    technician.page.get_by_role("button", name="Đăng xuất").click()
    technician.page.get_by_label("Tên đăng nhập").wait_for()
    technician.visit("/phong-hop")
    assert technician.page.get_by_label("Tên đăng nhập").is_visible()
    # What tells this device from others stays on it; it opens nothing.
    assert [each["name"] for each in technician.context.cookies()] == [devices.COOKIE]
    assert technician.page.request.get("/api/v1/me").status == 401


def test_opens_again_without_a_network_with_what_was_last_seen(technician):
    page = technician.page
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    title = page.locator("main h2").first.inner_text()
    with technician.without_link():
        assert page.evaluate("fetch('/healthz').then(() => 'answered', () => 'no network')") == "no network"
        technician.visit("/ky-thuat")
        assert page.locator("main h1").inner_text() == "Việc hôm nay"
        assert page.locator("main h2").first.inner_text() == title
        assert "Chưa kết nối được" in page.locator("main [role=status]").first.inner_text()
        technician.picture("technician-without-link")
