"""Runs the site in this process."""

import logging
import sys
from argparse import Namespace

import uvicorn

from api import demo
from api.settings import ApiSettings, api_settings
from sessions.errors import Invalid

_LEAST_KEY_LENGTH = 32


class NoSecretKey(Invalid):
    code = "no-secret-key"
    vi = "DIEMCAU_SECRET_KEY phải có ít nhất {least} ký tự ngẫu nhiên. `diemcau up` tự tạo khóa này."
    en = "DIEMCAU_SECRET_KEY must hold at least {least} random characters. `diemcau up` makes it by itself."


def run(_: Namespace) -> int:
    """Serve until a signal says stop. Raises NoSecretKey and DemoInTheOpen."""
    desk = api_settings()
    _require_key(desk)
    demo.refuse_in_the_open(desk)
    # One form for our lines and uvicorn's; the supervisor adds the time.
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    uvicorn.run(
        "api.app:create_app",
        factory=True,
        host=desk.host,
        port=desk.port,
        log_config=None,
        # A line for every beat of every player would bury the others.
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return 0


def _require_key(desk: ApiSettings) -> None:
    if len(desk.secret_key.get_secret_value()) < _LEAST_KEY_LENGTH:
        raise NoSecretKey(least=_LEAST_KEY_LENGTH)
