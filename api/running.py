"""The two programs that run for long: the site, and the workers with their clock."""

import logging
import os
import sys
from argparse import Namespace

import uvicorn

from api.settings import ApiSettings, api_settings
from ingest.settings import workshop_settings
from sessions.errors import Invalid
from sessions.settings import register_settings

_LEAST_KEY_LENGTH = 32


class NoSecretKey(Invalid):
    code = "no-secret-key"
    vi = "DIEMCAU_SECRET_KEY phải có ít nhất {least} ký tự ngẫu nhiên. `diemcau up` tự tạo khóa này."
    en = "DIEMCAU_SECRET_KEY must hold at least {least} random characters. `diemcau up` makes it by itself."


def serve(_: Namespace) -> int:
    """Run the site in this process until a signal stops it. Raises NoSecretKey."""
    desk = api_settings()
    _require_key(desk)
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


def work(_: Namespace) -> int:
    """Become a Celery worker with the beat inside. Mingling and gossip only serve fleets that watch each other."""
    data_dir = register_settings().data_dir.resolve()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Its advice not to work as root: the embedded default does so on purpose, and trusts only its own messages.
    python = [sys.executable, "-W", "ignore:You're running the worker with superuser privileges"]
    celery = ["-m", "celery", "--quiet", "--app", "ingest.worker:app", "worker", "--loglevel", "INFO"]
    pool = ["--pool", "prefork", "--concurrency", str(workshop_settings().workers)]
    beat = ["--beat", "--schedule", str(data_dir / "beat-schedule")]
    quiet = ["--without-mingle", "--without-gossip"]
    os.execv(sys.executable, [*python, *celery, *pool, *beat, *quiet])  # noqa: S606 - No shell is wanted here.


def _require_key(desk: ApiSettings) -> None:
    if len(desk.secret_key.get_secret_value()) < _LEAST_KEY_LENGTH:
        raise NoSecretKey(least=_LEAST_KEY_LENGTH)
