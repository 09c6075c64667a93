"""Runs the site in this process."""

import logging
import socket
import sys
from argparse import Namespace
from contextlib import suppress

import uvicorn

from api import demo
from api.app import create_app
from api.settings import ApiSettings, api_settings
from sessions.errors import Invalid

_LEAST_KEY_LENGTH = 32
_NOT_STARTED = 3


class NoSecretKey(Invalid):
    code = "no-secret-key"
    vi = "DIEMCAU_SECRET_KEY phải có ít nhất {least} ký tự ngẫu nhiên. `diemcau up` tự tạo khóa này."
    en = "DIEMCAU_SECRET_KEY must hold at least {least} random characters. `diemcau up` makes it by itself."


def run(arguments: Namespace) -> int:
    """Serve until a signal says stop, on the inherited `arguments.socket` if there is one.

    Raises NoSecretKey and DemoInTheOpen.
    """
    desk = api_settings()
    _require_key(desk)
    demo.refuse_in_the_open(desk)
    # One form for our lines and uvicorn's; the supervisor adds the time.
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    config = uvicorn.Config(
        create_app,
        factory=True,
        host=desk.host,
        port=desk.port,
        log_config=None,
        # A line for every beat of every player would bury the others.
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    inherited = None if arguments.socket is None else [socket.socket(fileno=arguments.socket)]
    # A thread that waits for the database gets its answer while another one computes: the usual 5 ms, times a dozen
    # statements, was most of what a crowd of beats took.
    sys.setswitchinterval(0.0005)
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):  # It says so once more after it stopped in order.
        server.run(inherited)
    # What kept it from starting was logged; uvicorn itself answers with this status, too.
    return 0 if server.started else _NOT_STARTED


def _require_key(desk: ApiSettings) -> None:
    if len(desk.secret_key.get_secret_value()) < _LEAST_KEY_LENGTH:
        raise NoSecretKey(least=_LEAST_KEY_LENGTH)
