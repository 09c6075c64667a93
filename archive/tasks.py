"""What the vault does by the clock."""

from celery import shared_task

from archive import expiry
from archive.xapi import forwarding


@shared_task(name="archive.forward", ignore_result=True)
def forward() -> None:
    """Send what was told of replays to the learning record store, if one is set."""
    forwarding.forward_when_due()


@shared_task(name="archive.expire", ignore_result=True)
def expire() -> None:
    """End viewings that nobody closed."""
    expiry.end_forgotten()
