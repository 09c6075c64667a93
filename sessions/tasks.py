"""What the register does by the clock."""

from celery import shared_task

from sessions import audit, tallies, units
from sessions.db import transaction
from sessions.rosters import imports


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


@shared_task(name="sessions.forget_rosters", ignore_result=True)
def forget_rosters() -> None:
    """Drop files with lists of people that nobody took over within a day."""
    with transaction() as db:
        imports.forget(db)


@shared_task(name="sessions.fold_tallies", ignore_result=True)
def fold_tallies() -> None:
    """Sum up what changed in the tally sheets since the last time."""
    with transaction() as db:
        tallies.fold(db)
