"""Every client brings its file in whole, whatever befalls the server and the line; `make bench` strikes more often."""

import os

import pytest
from sqlalchemy import select

from archive.disk import sha256_of
from ingest.models import Upload
from tests.browser.troubled import PAGE, SENDERS, deliver
from tests.cast import PASSWORD, conference
from tests.servers import front_desk

pytestmark = pytest.mark.browser

SIZE = 3 * 2**20


def test_every_client_delivers_its_file_though_the_server_is_killed_and_the_line_is_cut(db, cast, browser, tmp_path):
    session = conference(db, cast)
    files = {name: tmp_path / f"{name}.mp4" for name in (PAGE, *SENDERS)}
    for file in files.values():
        file.write_bytes(os.urandom(SIZE))
    with front_desk() as desk:

        def kill() -> None:
            desk.kill()
            desk.start()

        deliver(files, str(session.id), browser, desk.address, ("bo", PASSWORD), kill=kill, blows=3, seed=5)
    arrived = {upload.filename: upload.sha256 for upload in db.scalars(select(Upload))}
    assert arrived == {file.name: sha256_of(file) for file in files.values()}
