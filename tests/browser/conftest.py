"""Chromium, and a site with the demo in it, for the tests that look at the pages themselves.

Chromium lasts as long as this folder's tests and no longer: Playwright keeps an event loop running in the thread that
started it, in which later tests could not run one of their own.
"""

import threading
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser

from tests import machine
from tests.browser import chromium
from tests.browser import demo as demo_site
from tests.browser.screen import Screen
from tests.cast import PASSWORD
from tests.journeys.site import Site, site
from tests.journeys.walk import Walk
from tests.servers import free_ports

_NO_CHROMIUM = (
    "Chromium is missing, so no page was opened. To run this: apt-get install chromium-headless-shell fonts-dejavu-core"
)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    if machine.chromium() is None:
        pytest.skip(_NO_CHROMIUM)
    with chromium.launched() as opened:
        yield opened


@pytest.fixture
def screen_at(browser: Browser) -> Iterator[Callable[[str, int], Screen]]:
    """Opens a fresh screen on a site (its address, the width); fails if anything went wrong behind it."""
    opened: list[Screen] = []

    def open_screen(address: str, width: int) -> Screen:
        opened.append(Screen.open(browser, address, width))
        return opened[-1]

    yield open_screen
    for screen in opened:
        screen.close()
    for screen in opened:
        screen.demand_calm()


@pytest.fixture(scope="session")
def demo(tmp_path_factory, worker_id) -> Iterator[Site]:
    """What `make up` gives, for the whole run of a process; all processes of a run have it made once."""
    own = tmp_path_factory.getbasetemp()
    with demo_site.running(demo_site.made_once(own if worker_id == "master" else own.parent)) as opened:
        yield opened


@pytest.fixture(scope="package")
def town(browser: Browser) -> Iterator[Walk]:
    """A site of its own with three communes and the people of the walk in it, and nothing else yet."""
    with site() as opened:
        walk = Walk(opened.address)
        walk.set_up()
        yield walk
        walk.close()


@pytest.fixture
def address(db, application):
    """The application on a port of its own, on the tests' database."""
    (port,) = free_ports(1)
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture
def seat(address, screen_at):
    """The screen of one of the cast, signed in."""
    return lambda username, width: screen_at(address, width).sign_in(username, PASSWORD)
