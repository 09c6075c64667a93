"""Celery's shells around the workshop: every message says only that there may be work."""

import logging
import os
import socket

from kombu.exceptions import OperationalError

from ingest import destruction, pipeline, uploads, watching
from ingest.importing import bringing
from ingest.worker import app
from sessions.errors import DomainError

log = logging.getLogger("ingest.tasks")


@app.task(name="ingest.work", ignore_result=True)
def work() -> None:
    """Do one step, and call for the next."""
    if pipeline.run(worker=f"{socket.gethostname()}:{os.getpid()}"):
        nudge(2)


@app.task(name="ingest.sweep", ignore_result=True)
def sweep() -> None:
    """Take back what was left by workers that fell silent, and nudge what still waits."""
    nudge(pipeline.sweep())


@app.task(name="ingest.tidy", ignore_result=True)
def tidy() -> None:
    """Complete uploads that arrived whole while the server died; throw away what is overdue, or was refused."""
    uploads.sweep()
    destruction.sweep()
    bringing.sweep()


@app.task(name="ingest.watch", ignore_result=True)
def watch() -> None:
    """Take in what others have laid down in the watched places."""
    try:
        for told in watching.watch():
            log.log(logging.WARNING if told.is_failed else logging.INFO, "%s", told)
            nudge()
    except DomainError as refusal:
        log.warning("The watched places cannot be looked at: %s", refusal)


def nudge(times: int = 1) -> None:
    """Tell the workers that there may be work. A broker that is away costs seconds: the sweep nudges again."""
    try:
        for _ in range(times):
            work.apply_async(retry=False)
    except OperationalError as error:
        log.warning("The broker did not take a nudge, the sweep will send another: %s", error)
