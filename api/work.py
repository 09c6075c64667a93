"""Turns this process into the workers and their clock."""

import os
import sys
from argparse import Namespace

from ingest.settings import workshop_settings
from sessions.settings import register_settings


def run(_: Namespace) -> int:
    """Become a Celery worker with the beat inside. Mingling and gossip only serve fleets that watch each other."""
    data_dir = register_settings().data_dir.resolve()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Celery advises against working as root; the embedded default does so knowingly, and takes no pickled messages.
    python = [sys.executable, "-W", "ignore:You're running the worker with superuser privileges"]
    # From warnings on: at INFO every tick of the clock would write six lines.
    celery = ["-m", "celery", "--quiet", "--app", "ingest.worker:app", "worker", "--loglevel", "WARNING"]
    pool = ["--pool", "prefork", "--concurrency", str(workshop_settings().workers)]
    beat = ["--beat", "--schedule", str(data_dir / "beat-schedule")]
    quiet = ["--without-mingle", "--without-gossip"]
    os.execv(sys.executable, [*python, *celery, *pool, *beat, *quiet])  # noqa: S606 - No shell is wanted here.
