"""Three clients that others wrote send a file each, one of them our own page's, while all goes wrong that can."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from api.login import COOKIE
from tests.browser.screen import Screen
from tests.line import line_to, trouble
from tests.senders import send_by_aiotus, send_by_tuspy

_DONE_MS = 120_000
SENDERS = {"tuspy": send_by_tuspy, "aiotus": send_by_aiotus}
PAGE = "page"


def deliver(
    files: Mapping[str, Path],
    session_id: str,
    browser: Browser,
    address: str,
    account: tuple[str, str],
    *,
    kill: Callable[[], None],
    blows: int,
    seed: int,
) -> None:
    """Send `files`, one by each sender and one by the page, all of one size, through so many kills and so many cuts.

    `kill` returns once the server is up again. Raises what a client raises that gives up.
    """
    (size,) = {file.stat().st_size for file in files.values()}
    # Several requests for a file, each longer than the way to the next blow; aiohttp takes no whole MiB at once.
    chunk = min(size // 4, 2 * size // blows)
    with ExitStack() as stack:
        lines = {name: stack.enter_context(line_to(urlsplit(address).port)) for name in files}
        screen = Screen.open(browser, lines[PAGE].address, 360).sign_in(*account)
        stack.callback(screen.close)
        (cookie,) = [f"{each['name']}={each['value']}" for each in screen.context.cookies() if each["name"] == COOKIE]
        screen.visit(f"/hoi-nghi/{session_id}/tai-len")
        screen.page.get_by_role("radio", name="Không mật", exact=True).check()
        screen.page.locator("form input[type=file]").set_input_files(files[PAGE])
        screen.page.get_by_text(files[PAGE].name).wait_for()
        for line in lines.values():
            line.hold()
        with ThreadPoolExecutor() as pool:
            sendings = [
                pool.submit(
                    send,
                    f"{lines[name].address}/api/v1/uploads",
                    cookie,
                    files[name],
                    _said(session_id, files[name]),
                    chunk,
                )
                for name, send in SENDERS.items()
            ]
            screen.page.get_by_role("button", name="Bắt đầu tải lên").click()
            trouble(list(lines.values()), size, kill=kill, kills=blows, cuts=blows, seed=seed)
            for sending in sendings:
                sending.result()
        screen.page.get_by_text("Đã tải xong").wait_for(timeout=_DONE_MS)


def _said(session_id: str, file: Path) -> dict[str, str]:
    return {
        "session_id": session_id,
        "kind": "recording",
        "filename": file.name,
        "classification": "not-classified",
    }
