"""One person's screen: a tab of Chromium of its own, with a note of everything that went wrong behind it."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

#: A phone as communes have it, and an office PC.
SHAPES = {
    360: {
        "viewport": {"width": 360, "height": 740},
        "device_scale_factor": 2,
        "has_touch": True,
        "is_mobile": True,
    },
    1280: {"viewport": {"width": 1280, "height": 800}},
}
PICTURES = Path(__file__).parents[1] / ".artifacts" / "browser"
#: Long enough to judge a page by; a list of 145 points goes on in the same way.
MOST_PICTURED = 2400
#: The page has its heading, and nothing on it still stands in for what is to come.
_DRAWN = "() => document.querySelector('main h1') && !document.querySelector('.ghost')"
_QUIET_MS = 100
_PATIENCE_SECONDS = 20


@dataclass
class Screen:
    """A browser of one person's own: nothing is shared with another's but the site."""

    page: Page
    address: str
    width: int
    troubles: list[str] = field(default_factory=list)
    _expected: tuple[str, ...] = ()
    _in_flight: set[Request] = field(default_factory=set)

    @classmethod
    def open(cls, browser: Browser, address: str, width: int) -> "Screen":
        context = browser.new_context(**SHAPES[width], locale="vi-VN", base_url=address)
        return cls(context.new_page(), address, width).watched()

    def watched(self) -> "Screen":
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda error: self._note(f"error in the page: {error.error}"))
        self.context.on("request", self._send)
        self.context.on("requestfinished", lambda request: self._in_flight.discard(request))
        self.context.on("requestfailed", self._lose)
        self.context.on("response", self._read)
        return self

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def close(self) -> None:
        self.context.close()

    def new_tab(self) -> None:
        """Go on in another tab, as after closing the first by mistake."""
        context = self.context
        self.page.close()
        self._in_flight.clear()
        self.page = context.new_page()

    # What went wrong. Chromium itself reports every lost request and every refusal on the console.

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"console: {message.text} ({message.location['url']})")

    def _send(self, request: Request) -> None:
        # The document is there once the page is drawn. What the service worker fetches for later is not waited for.
        if request.service_worker is None and not request.is_navigation_request():
            self._in_flight.add(request)

    def _lose(self, request: Request) -> None:
        self._in_flight.discard(request)
        # A page that is left, and a player that jumps, drop what they no longer need.
        if request.url.startswith(self.address) and request.failure != "net::ERR_ABORTED":
            self._note(f"lost: {request.method} {request.url} {request.failure}")

    def _read(self, response: Response) -> None:
        if response.url.startswith(self.address) and response.status >= 400:
            self._note(f"refused: {response.request.method} {response.url} with the status of {response.status}")

    def _note(self, trouble: str) -> None:
        if not any(word in trouble for word in self._expected):
            self.troubles.append(trouble)

    @contextmanager
    def expecting(self, *statuses: int, words: tuple[str, ...] = ()) -> Iterator[None]:
        """What is done here is refused, and that is right: these statuses and words are no trouble."""
        self._expected = (*(f"status of {status}" for status in statuses), *words)
        yield
        self._expected = ()

    @contextmanager
    def without_link(self) -> Iterator[None]:
        """What is done here is done without a network."""
        self._expected = ("net::ERR_INTERNET_DISCONNECTED",)
        # The application itself must have been kept by then.
        self.page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
        self.context.set_offline(True)
        yield
        self.context.set_offline(False)
        self._expected = ()

    @contextmanager
    def losing(self, pattern: str) -> Iterator[None]:
        """What is done here is done while these addresses cannot be reached, though all others can."""
        self._expected = ("net::ERR_INTERNET_DISCONNECTED",)
        self.page.route(pattern, lambda route: route.abort("internetdisconnected"))
        yield
        self.page.unroute(pattern)

    def demand_calm(self) -> None:
        """Fail when anything went wrong since the last time this was asked."""
        found, self.troubles = self.troubles, []
        assert not found, "\n".join(found)

    # What a person does.

    def sign_in(self, username: str, password: str) -> "Screen":
        """Through the form, as everybody does."""
        self.page.goto("/")
        self.fill_in(username, password)
        self.page.get_by_role("navigation").wait_for()
        self.settle()
        return self

    def fill_in(self, username: str, password: str) -> None:
        self.page.get_by_label("Tên đăng nhập").fill(username)
        self.page.get_by_label("Mật khẩu", exact=True).fill(password)
        self.page.get_by_role("button", name="Đăng nhập").click()

    def visit(self, path: str) -> None:
        self._in_flight.clear()  # They were the last page's.
        self.page.goto(path)
        self.settle()

    def turn_to(self, path: str) -> None:
        """Another page without loading the document anew, as the browser's own back and forward do."""
        go = "(path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }"
        self.page.evaluate(go, path)
        self.settle()

    def settle(self) -> None:
        """Wait until the page stands: drawn whole, and with no request on its way for a moment."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        self.page.wait_for_function(_DRAWN)
        calm = False
        while not (calm and self._is_calm()):
            assert time.monotonic() < deadline, f"still on their way: {self._in_flight}"
            calm = self._is_calm()
            self.page.wait_for_timeout(_QUIET_MS)

    def _is_calm(self) -> bool:
        return not self._in_flight and self.page.evaluate(_DRAWN)

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page for whoever wants to look at it: they set PICTURES=1."""
        if not os.environ.get("PICTURES"):
            return
        PICTURES.mkdir(parents=True, exist_ok=True)
        height = self.page.evaluate("document.documentElement.scrollHeight")
        # A screen as high as the page, so that what sticks to its lower edge lies there and not across the picture.
        shape = self.page.viewport_size
        self.page.set_viewport_size({"width": self.width, "height": max(shape["height"], min(MOST_PICTURED, height))})
        self.page.screenshot(path=PICTURES / f"{name}-{self.width}.png")
        self.page.set_viewport_size(shape)
