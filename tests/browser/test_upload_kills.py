"""Three clients that others wrote send a file each, one of them our own page's, while all goes wrong that can."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from archive.disk import sha256_of
from ingest.models import Upload
from tests.browser.screen import Screen
from tests.cast import PASSWORD, conference
from tests.line import line_to, trouble
from tests.senders import send_by_aiotus, send_by_tuspy
from tests.servers import front_desk

pytestmark = pytest.mark.browser

SIZE = 3 * 2**20
KILLS = CUTS = 3
#: Several for a file, each longer than the way from one blow to the next; aiohttp takes no whole MiB at once.
CHUNK = SIZE // 4
_DONE_MS = 120_000


def test_every_client_delivers_its_file_though_the_server_is_killed_and_the_line_is_cut(db, cast, browser, tmp_path):
    session = conference(db, cast)
    files = {name: tmp_path / f"{name}.mp4" for name in ("page", "tuspy", "aiotus")}
    for file in files.values():
        file.write_bytes(os.urandom(SIZE))
    with ExitStack() as stack:
        desk = stack.enter_context(front_desk())
        lines = {name: stack.enter_context(line_to(urlsplit(desk.address).port)) for name in files}
        screen = Screen.open(browser, lines["page"].address, 360).sign_in("bo", PASSWORD)
        stack.callback(screen.close)
        (cookie,) = [f"{each['name']}={each['value']}" for each in screen.context.cookies()]
        choose(screen, session.id, files["page"])
        for line in lines.values():
            line.hold()

        def kill():
            desk.kill()
            desk.start()

        with ThreadPoolExecutor() as pool:
            sendings = [
                pool.submit(
                    send, f"{lines[name].address}/api/v1/uploads", cookie, files[name], said(session, name), CHUNK
                )
                for name, send in (("tuspy", send_by_tuspy), ("aiotus", send_by_aiotus))
            ]
            screen.page.get_by_role("button", name="Bắt đầu tải lên").click()
            trouble(list(lines.values()), SIZE, kill=kill, kills=KILLS, cuts=CUTS, seed=5)
            for sending in sendings:
                sending.result()
        screen.page.get_by_text("Đã tải xong").wait_for(timeout=_DONE_MS)
    arrived = {upload.filename: upload.sha256 for upload in db.scalars(select(Upload))}
    assert arrived == {file.name: sha256_of(file) for file in files.values()}


def choose(screen, session_id, file) -> None:
    screen.visit(f"/hoi-nghi/{session_id}/tai-len")
    screen.page.get_by_role("radio", name="Không mật", exact=True).check()
    screen.page.locator("form input[type=file]").set_input_files(file)
    screen.page.get_by_text(re.compile(re.escape(file.name))).wait_for()


def said(session, name: str) -> dict[str, str]:
    return {
        "session_id": str(session.id),
        "kind": "recording",
        "filename": f"{name}.mp4",
        "classification": "not-classified",
    }
