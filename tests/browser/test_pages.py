"""Every page of the web UI, opened by everybody, on a phone and on an office PC."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import axe
from tests.browser.demo import account
from tests.browser.screen import SHAPES, Screen
from tests.journeys.site import Site
from tests.journeys.walk import Client

pytestmark = pytest.mark.browser

_SOURCES = Path(__file__).parents[2] / "api" / "web" / "src"
#: Who finds their work on which page. Everybody else opens it, too, and is told something sensible.
OPENED_BY = {
    "/ky-thuat": ["technician"],
    "/hoi-nghi": ["technician", "staff"],
    "/hoi-nghi/moi": ["technician", "staff"],
    "/hoi-nghi/:id": ["technician", "staff"],
    "/hoi-nghi/:id/truc-tiep": ["staff"],
    "/hoi-nghi/:id/them-diem-cau": ["staff"],
    "/hoi-nghi/:id/tai-len": ["technician"],
    "/hoi-nghi/:id/chuong-trinh": ["staff"],
    "/hoi-nghi/:id/chuan-bi": ["technician", "staff"],
    "/hoi-nghi/:id/su-co": ["staff"],
    "/diem-cau/:id": ["technician"],
    "/diem-cau/:id/so-dai-bieu": ["technician"],
    "/diem-cau/:id/diem-danh": ["technician"],
    "/diem-cau/:id/xac-nhan": ["technician"],
    "/diem-cau/:id/kiem-tra": ["technician"],
    "/diem-cau/:id/su-co": ["technician"],
    "/diem-cau/:id/ma-diem-danh": ["technician"],
    "/t/:id": ["member"],
    "/hoi-nghi/:id/tai-lieu": ["technician"],
    "/can-bo/:id/tai-lieu": ["staff"],
    "/diem-cau/:id/quet-ma": ["technician"],
    "/diem-danh": ["member"],
    "/phong-hop": ["technician"],
    "/phong-hop/moi": ["technician"],
    "/phong-hop/:id": ["technician"],
    "/nhan-diem-cau": ["technician"],
    "/xem-chung": ["technician", "staff"],
    "/vao-phong": ["member"],
    "/xem-lai": ["member"],
    "/xem-lai/:id": ["member"],
    "/cong-nhan": ["member", "technician"],
    "/can-bo": ["staff"],
    "/can-bo/:id": ["staff"],
    "/can-bo/:id/danh-sach": ["staff"],
    "/can-bo/:id/nguoi/:person": ["staff"],
    "/can-bo/:id/trieu-tap": ["staff"],
    "/can-bo/:id/nhat-ky": ["staff"],
    "/can-bo/:id/doi-chieu": ["staff"],
    "/xem-xet": ["staff"],
    "/phat-hanh": ["staff"],
    "/phat-hanh/:id": ["staff"],
    "/su-viec": ["security"],
    "/hang-doi": ["technician", "staff", "administrator"],
    "/ban-ghi/:id/dong-thoi-gian": ["staff"],
    "/danh-sach": ["staff"],
    "/danh-sach/nhap": ["staff"],
    "/quan-tri": ["administrator"],
    "/quan-tri/don-vi": ["administrator"],
    "/quan-tri/nguoi": ["administrator"],
    "/quan-tri/quy-tac": ["administrator"],
    "/quan-tri/nhat-ky": ["administrator"],
    "/cho-gui": ["technician"],
    "/lich": ["technician"],
    "/tai-khoan": ["member", "staff"],
}
#: Pages that look different before, after and long after a conference.
_SEVERAL = {
    "/hoi-nghi/:id": ["coming", "past", "large"],
    "/can-bo/:id": ["coming", "past", "large"],
    "/hoi-nghi/:id/chuong-trinh": ["coming"],
    "/hoi-nghi/:id/chuan-bi": ["coming"],
}
ROLES = ["technician", "member", "staff", "administrator"]
_CASES = [
    pytest.param(pattern, role, of, width, id=f"{pattern} {role} {of} {width}")
    for pattern, roles in OPENED_BY.items()
    for role in roles
    for of in _SEVERAL.get(pattern, ["past"])
    for width in SHAPES
    if (role, of) != ("technician", "large")  # It was held by the province before the commune of today existed.
]

#: What is asked together is answered a tenth of a second apart, as on a weak line: what is drawn first must leave room.
_ONE_BY_ONE = """(() => {
  const ask = window.fetch.bind(window);
  let open = 0;
  window.fetch = async (...asked) => {
    const late = 100 * open++;
    try {
      const answer = await ask(...asked);
      await new Promise((resolve) => setTimeout(resolve, late));
      return answer;
    } finally {
      open--;
    }
  };
})()"""
#: How far the page jumped about while it loaded, by the measure of web.dev/articles/cls.
_SHIFTED = """() => new Promise((resolve) => {
  let total = 0;
  const add = (list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) total += one.value; };
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => resolve(total), 30));
})"""
#: Buttons and links too low for a thumb. Links within a sentence are text, and as high as it (WCAG 2.2, 2.5.8).
_LOW = """() => {
  const inText = (one) => getComputedStyle(one).display === "inline" &&
    [...one.parentElement.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  return [...document.querySelectorAll("main :is(button, a[href], summary, select)")]
    .filter((one) => one.checkVisibility() && !inText(one))
    .map((one) => [Math.round(one.getBoundingClientRect().height), one.textContent.trim()])
    .filter(([height]) => height < 44);
}"""


@pytest.fixture(scope="module")
def seat(browser: Browser, demo: Site) -> Iterator[Callable[[str, int], Screen]]:
    """The screen of one of the demo's people, who signed in once for each width."""
    seated: dict[tuple[str, int], Screen] = {}

    def take(role: str, width: int) -> Screen:
        if (role, width) not in seated:
            mine = account(role)
            screen = Screen.open(browser, demo.address, width)
            seated[role, width] = screen.sign_in(mine.username, mine.password)
            screen.context.add_init_script(_ONE_BY_ONE)
        return seated[role, width]

    yield take
    for screen in seated.values():
        screen.close()


@pytest.fixture(scope="module")
def things(demo: Site) -> dict[str, str]:
    """What the demo holds, as pieces of addresses: "hoi-nghi past" is the id of the training that is over."""
    staff, technician, member = (
        Client(demo.address, one.username, one.password) for one in map(account, ("staff", "technician", "member"))
    )
    (coming,) = technician.get("/sessions", when="upcoming")["items"]
    past, large = staff.get("/sessions", when="past")["items"]
    (missed,) = member.get("/recordings", missed=True)["items"]
    job = staff.get("/jobs")["items"][0]
    own = next(one["my_point"] for one in technician.get("/sessions", when="past")["items"] if one["id"] == past["id"])
    found = {
        "xem-lai past": missed["id"],
        "ban-ghi past": missed["id"],
        "diem-cau past": own["id"],
        "phong-hop past": own["point"]["id"],
        "phat-hanh past": job["id"],
        "person": member.get("/me")["person"]["id"],
    }
    found["t past"] = technician.get(f"/sessions/{past['id']}/documents")[0]["code"]
    for when, session in {"coming": coming, "past": past, "large": large}.items():
        found |= {f"hoi-nghi {when}": session["id"], f"can-bo {when}": session["id"]}
    for client in (staff, technician, member):
        client.http.close()
    return found


def _address(pattern: str, of: str, things: dict[str, str]) -> str:
    place = pattern.split("/")[1]
    return pattern.replace(":id", things.get(f"{place} {of}", "")).replace(":person", things["person"])


def test_every_page_of_the_router_has_its_case_here():
    written = "".join((_SOURCES / name).read_text() for name in ("app.tsx", "routes.ts"))
    routes = re.findall(r'^  \["(/[^"]+)", \(\) => import', written, re.MULTILINE)
    assert set(routes) == set(OPENED_BY)
    assert len(routes) > 20


@pytest.mark.parametrize(("pattern", "role", "of", "width"), _CASES)
def test_opens_whole_and_at_rest(pattern, role, of, width, seat, things):
    screen = seat(role, width)
    screen.visit(_address(pattern, of, things))
    page = screen.page
    screen.picture(re.sub(r"\W+", "-", f"{role} {pattern} {of}"))
    assert page.title().endswith(" · Điểm Cầu")
    assert page.locator("main h1").inner_text().strip()
    _demand_sense(screen)
    assert page.evaluate(_SHIFTED) < 0.1
    axe.demand_access(page)
    if width == 360:
        assert page.evaluate(_LOW) == []
    screen.demand_calm()


@pytest.mark.parametrize("width", SHAPES)
def test_the_door_opens_to_everybody(width, demo, screen_at):
    screen = screen_at(demo.address, width)
    screen.visit("/")
    _demand_sense(screen)
    axe.demand_access(screen.page)


@pytest.mark.parametrize("role", ROLES)
def test_a_page_of_another_desk_says_in_words_what_it_will_not_show(role, seat, things):
    screen = seat(role, 360)
    with screen.expecting(403, 404):
        for pattern in (pattern for pattern, roles in OPENED_BY.items() if role not in roles):
            screen.turn_to(_address(pattern, "past", things))
            assert screen.page.locator("main h1").inner_text().strip()
            _demand_sense(screen)
    screen.demand_calm()


def _demand_sense(screen: Screen) -> None:
    """Nothing wider than the screen, and no inside of a program on the outside."""
    wide, room = screen.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room
    assert re.findall(r"\bundefined\b|\bNaN\b|\bnull\b|\[object", screen.page.inner_text("body")) == []
