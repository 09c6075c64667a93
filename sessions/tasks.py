"""What the register does by the clock."""

from celery import shared_task

from sessions import audit
from sessions.db import transaction


@shared_task(name="sessions.seal", ignore_result=True)
def seal() -> None:
    """Link finished audit entries into the chain."""
    with transaction() as db:
        audit.seal(db)
