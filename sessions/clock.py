"""The one place that asks what time it is, so that a test can move the clock in process, and nothing else can."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

#: The hour of every conference in the country; what people read on screen.
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """The present moment, with its zone (UTC)."""
    return datetime.now(UTC)


def today() -> date:
    """The calendar day in Vietnam, which is the day that a unit's validity speaks of."""
    return now().astimezone(VIETNAM).date()
