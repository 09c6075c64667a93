"""What the register does by the clock."""

from celery import shared_task

from sessions import audit, units
from sessions.db import transaction


@shared_task(name="sessions.seal", ignore_result=True)
def seal() -> None:
    """Link finished audit entries into the chain."""
    with transaction() as db:
        audit.seal(db)


@shared_task(name="sessions.hand_over", ignore_result=True)
def hand_over() -> None:
    """Move people and rooms of units whose last day has passed to their successors."""
    with transaction() as db:
        units.hand_over(db)
