"""The Celery application: how messages travel, and what happens by the clock.

A task is acknowledged when it is done, so a worker that dies gives its message back; what it held is taken back by
its lease in the database long before that, and a message that comes twice finds nothing to claim.
"""

from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from ingest import watching
from ingest.settings import workshop_settings
from sessions.db import forget_connections

_WATCH = (
    {
        "watch": {
            "task": "ingest.watch",
            "schedule": workshop_settings().watch_seconds,
            "options": {"expires": workshop_settings().watch_seconds},
        }
    }
    if watching.is_wanted()
    else {}
)

app = Celery("diemcau", broker=workshop_settings().broker_url)
app.conf.update(
    include=["ingest.tasks", "archive.tasks", "sessions.tasks"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    worker_prefetch_multiplier=1,
    worker_concurrency=workshop_settings().workers,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        # Far above the longest step, or it would be handed to a second worker while the first still works.
        "visibility_timeout": 6 * 3600,
        # kombu looks for messages of dead workers every interval x throttle seconds; its defaults make that 100.
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
    },
    beat_schedule={
        "sweep": {
            "task": "ingest.sweep",
            "schedule": workshop_settings().sweep_seconds,
            # Sweeps that a busy worker had no time for are of no use later.
            "options": {"expires": workshop_settings().sweep_seconds},
        },
        "expire": {"task": "archive.expire", "schedule": 600, "options": {"expires": 600}},
        "forward": {"task": "archive.forward", "schedule": 60, "options": {"expires": 60}},
        **_WATCH,
        "tidy": {"task": "ingest.tidy", "schedule": 60, "options": {"expires": 60}},
        "forget-rosters": {"task": "sessions.forget_rosters", "schedule": 3600, "options": {"expires": 3600}},
        "hand-over": {"task": "sessions.hand_over", "schedule": 3600, "options": {"expires": 3600}},
        "fold-tallies": {"task": "sessions.fold_tallies", "schedule": 20, "options": {"expires": 20}},
        "seal": {"task": "sessions.seal", "schedule": 5, "options": {"expires": 5}},
    },
)


@worker_process_init.connect
def _start_afresh(**_: Any) -> None:
    forget_connections()
