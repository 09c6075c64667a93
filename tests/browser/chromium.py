"""The system's Chromium, as all tests and benchmarks start it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests import machine


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser that is gone afterwards. Asks that `machine.chromium` found one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=machine.chromium(),
            chromium_sandbox=os.geteuid() != 0,  # Chromium's sandbox does not start for root.
            args=["--disable-background-networking", "--autoplay-policy=no-user-gesture-required"],
        )
        yield browser
        browser.close()
