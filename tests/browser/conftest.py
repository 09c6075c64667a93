"""Chromium, and a site with the demo in it, for the tests that look at the pages themselves.

Both last as long as this folder's tests and no longer: Playwright keeps an event loop running in the thread that
started it, in which later tests could not run one of their own.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.screen import Screen
from tests.journeys.site import Site
from tests.servers import free_ports

_NO_CHROMIUM = "Chromium is missing, so no page was opened. To run this: apt-get install chromium fonts-dejavu-core"
_SEED_SECONDS = 180


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium without a window."""
    program = shutil.which("chromium")
    if program is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(_NO_CHROMIUM)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=program,
            chromium_sandbox=os.geteuid() != 0,  # Chromium's sandbox does not start for root.
            args=["--disable-background-networking", "--autoplay-policy=no-user-gesture-required"],
        )
        yield opened
        opened.close()


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


@pytest.fixture(scope="package")
def demo() -> Iterator[Site]:
    """What `make up` gives: a site with the whole demo, up to the published replay."""
    home = Path(tempfile.mkdtemp(prefix="diemcau-demo-"))
    opened = Site(home, free_ports(1)[0])
    try:
        _start_with_demo(opened)
        yield opened
    finally:
        opened.stop()
        left = opened.children("")
        shutil.rmtree(home, ignore_errors=True)
        assert left == [], f"still running after Ctrl-C: {left}"


def _start_with_demo(site: Site) -> None:
    log = site.home / "up.log"
    with log.open("ab") as output:
        site.process = subprocess.Popen(
            site.command("up", "--seed", "demo", "--port", str(site.port)),
            env=site.environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + _SEED_SECONDS
    while "╰" not in log.read_text():  # The foot of the box with the logins: everything is there.
        assert site.process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
