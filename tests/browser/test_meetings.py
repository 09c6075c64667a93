"""Staff bring in the log of a meeting, look through its names, and see the three numbers of every point."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from sessions import clock
from tests import factories
from tests.browser import axe
from tests.browser.screen import Screen
from tests.cast import PASSWORD

pytestmark = pytest.mark.browser

ROOM = "Điểm cầu xã Sìn Hồ - 40 người"
NAMES = ("UBND xã Sìn Hồ - Nguyễn Thị Mai", "pham thi duyet", "Tran Van Boo", "Giàng Thị Dế", ROOM, "Hoàng Xa Lạ")


@pytest.fixture
def session(db, cast):
    """A conference of two parts with two points, a headcount, and two people of one name."""
    session = factories.open_session(db, cast)
    factories.join(db, cast, session, cast.province, name="Hội trường tỉnh")
    room = factories.join(db, cast, session, name="Hội trường Sìn Hồ")
    for unit in (cast.commune, cast.other_commune):
        factories.enrol(db, unit, "Giàng Thị Dế")
    factories.summon(db, cast, session)
    factories.count_people(db, cast.technician, room, factories.first_part(db, session), 52)
    db.commit()
    return session


@pytest.fixture
def report(session, tmp_path):
    """A Zoom report in which everybody left after 100 of the 120 minutes."""
    starts_at = session.starts_at.astimezone(clock.VIETNAM)
    times = ",".join(f"{starts_at + timedelta(minutes=each):%d/%m/%Y %H:%M:%S}" for each in (0, 100))
    lines = ["Name (Original Name),Join Time,Leave Time,Duration (Minutes)", *(f"{name},{times},100" for name in NAMES)]
    path = tmp_path / "participants_8123.csv"
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    return path


def test_a_log_is_brought_in_looked_through_and_reconciled(address, session, report, screen_at):
    screen = screen_at(address, 360).sign_in("bo", PASSWORD)
    page = screen.page
    screen.visit(f"/can-bo/{session.id}")
    page.get_by_role("link", name="Nhật ký cuộc họp").click()
    screen.settle()
    demand_fit(screen, "meeting-logs-empty")
    page.locator("input[type=file]").set_input_files(report)
    page.get_by_role("button", name="Nhận cả 2 dòng chắc chắn").wait_for()
    screen.settle()
    demand_fit(screen, "meeting-rows")
    page.get_by_role("button", name="Nhận cả 2 dòng chắc chắn").click()
    page.get_by_text("Đã nhận 2 dòng, điểm danh 2 người.").wait_for()

    page.get_by_label("Chưa rõ là ai (2)").check()
    page.get_by_role("button", name=re.compile("^Chọn lại.*Giàng Thị Dế")).click()
    demand_fit(screen, "meeting-correct")
    page.get_by_role("button", name="Giàng Thị Dế · Phong Thổ").click()
    expect(page.get_by_text("Chưa rõ là ai (1)")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Chọn lại.*Hoàng Xa Lạ")).click()
    page.get_by_label("“Hoàng Xa Lạ” là ai?").fill("ky")
    page.get_by_role("option", name="Lò Văn Kỹ").click()
    expect(page.get_by_text("Chưa rõ là ai (0)")).to_be_visible()

    page.get_by_label("Phòng họp (1)").check()
    page.locator(".log-row", has_text=ROOM).locator("label").click()
    page.get_by_role("button", name="Nhận 1 dòng").click()
    page.get_by_text("Đã nhận 1 dòng, điểm danh 0 người.").wait_for()

    wide = screen_at(address, 1280).sign_in("bo", PASSWORD)
    for each in (screen, wide):
        each.visit(f"/can-bo/{session.id}/doi-chieu")
        expect(each.page.get_by_text("Lệch", exact=True).first).to_be_visible()
        demand_fit(each, "reconciliation")
    wide.visit(f"/can-bo/{session.id}/nhat-ky")
    demand_fit(wide, "meeting-logs")
    wide.page.get_by_role("link", name="participants_8123.csv").click()
    wide.settle()
    demand_fit(wide, "meeting-rows")


def demand_fit(screen: Screen, name: str) -> None:
    """Nothing wider than the screen, nothing out of reach, and a picture for whoever wants one."""
    screen.settle()
    screen.picture(name)
    wide, room = screen.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room
    axe.demand_access(screen.page)
