"""Where watching without a link stands among a person's other viewings, so that no second of theirs counts twice.

A device tells when a run of its clock began. What the server saw itself comes first: a log takes only time that no
other viewing of the person was heard in. A viewing that was merely left open ends where the log begins, as it would
have ended had the server been told at once that the person goes on elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from archive import leases, watchlog
from archive.group.seen import taken_by
from archive.models import Beat, Viewing
from archive.offline_models import Lease, OfflineRun, OfflineViewing
from sessions import clock
from sessions.db import Db


@dataclass(frozen=True)
class Stretch:
    """A time on the calendar."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class _Seen:
    """Where else a person was seen: a viewing until it was last heard of, or a room (`viewing` is None)."""

    start: datetime
    until: datetime
    viewing: Viewing | None = None


def begin(db: Db, lease: Lease, claimed: datetime, seconds: float) -> datetime:
    """When a run of this length began: as claimed, but after what the person was seen at before, and over by now."""
    end = claimed + timedelta(seconds=seconds)
    seen = [each for each in _elsewhere(db, lease.person_id, None, Stretch(claimed, end)) if each.start <= claimed]
    before = db.scalar(
        select(func.max(Viewing.ended_at))
        .join(OfflineViewing, OfflineViewing.viewing_id == Viewing.id)
        .join(OfflineRun, OfflineRun.id == OfflineViewing.run_id)
        .where(OfflineRun.lease_id == lease.id)
    )
    earliest = max([lease.granted_at, *(each.until for each in seen), *([before] if before else [])])
    latest = min(clock.now(), leases.closes_at(lease)) - timedelta(seconds=seconds)
    # A clock that is wrong may say a time before the lease or one that is still to come.
    return max(earliest, min(claimed, latest))


def free(db: Db, lease: Lease, viewing_id: UUID | None, wanted: Stretch) -> Stretch | None:
    """What of the wanted time is within the lease, over, and free of the person's other viewings; or nothing."""
    start, end = max(wanted.start, lease.granted_at), min(wanted.end, clock.now(), leases.closes_at(lease))
    for other in sorted(_elsewhere(db, lease.person_id, viewing_id, wanted), key=lambda each: each.start):
        if other.start <= start:
            start = max(start, other.until)
        elif other.until > start:
            end = min(end, other.start)
    return Stretch(start, end) if start < end else None


def clear(db: Db, person_id: UUID, viewing_id: UUID | None, start: datetime) -> None:
    """End at this moment what was left open before it and not heard of since."""
    for other in _viewings(db, person_id, viewing_id):
        viewing = other.viewing
        if viewing and other.until <= start and (viewing.ended_at is None or viewing.ended_at > start):
            watchlog.close(db, viewing)
            viewing.ended_at = start
    db.flush()


def is_interrupted(db: Db, viewing: Viewing, until: datetime) -> bool:
    """Whether another viewing of the person began between the end of this one and that moment."""
    between = select(Viewing.id).where(
        Viewing.person_id == viewing.person_id,
        Viewing.id != viewing.id,
        Viewing.opened_at >= viewing.opened_at,
        Viewing.opened_at < until,
    )
    return db.scalar(between.limit(1)) is not None


def _elsewhere(db: Db, person_id: UUID, viewing_id: UUID | None, wanted: Stretch) -> list[_Seen]:
    rooms = taken_by(db, person_id, wanted.start, wanted.end)
    return _viewings(db, person_id, viewing_id) + [_Seen(start, until) for start, until in rooms]


def _viewings(db: Db, person_id: UUID, but: UUID | None) -> list[_Seen]:
    """The person's viewings but one. One of which no beat is known was heard of at its opening and no more."""
    last = select(func.max(Beat.span_end)).where(Beat.viewing_id == Viewing.id).correlate(Viewing).scalar_subquery()
    mine = select(Viewing, last).where(Viewing.person_id == person_id)
    return [
        _Seen(viewing.opened_at, _until(viewing, seconds or 0.0), viewing)
        for viewing, seconds in db.execute(mine)
        if viewing.id != but
    ]


def _until(viewing: Viewing, seconds: float) -> datetime:
    until = viewing.opened_at + timedelta(seconds=seconds)
    return min(until, viewing.ended_at) if viewing.ended_at else until
