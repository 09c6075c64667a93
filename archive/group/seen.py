"""What a person saw of a recording in rooms, over all signed showings of it: read by whoever hands evidence down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from archive.group.models import Showing, ShowingShare
from sessions.db import Db
from sessions.intervals import Interval, total, union
from sessions.models import Basis


class Doubt(StrEnum):
    """What about a group replay a person should look at before it earns anything."""

    #: Shown by the proctor's word alone, or with no moment asked for too long.
    UNCONFIRMED = "group-unconfirmed"
    #: The person was checked in to another room, or watched alone, while they were said to be in this one.
    ELSEWHERE = "group-elsewhere"


@dataclass(frozen=True)
class Joined:
    """What was seen in rooms and alone together, as evidence."""

    covered: list[Interval]
    basis: Basis
    doubts: list[str]


@dataclass(frozen=True)
class InRooms:
    """Seconds of one recording that one person saw in rooms: all, and those proven by more than a proctor's word."""

    covered: list[Interval]
    firm: list[Interval]
    doubts: frozenset[str]
    first_at: datetime
    last_at: datetime
    showings: int

    def joined_with(self, alone: Sequence[Interval], enough_seconds: float) -> Joined:
        """Everything together; where what is firm is enough by itself, what is not raises no doubt."""
        covered, firm = union([*self.covered, *alone]), union([*self.firm, *alone])
        doubts = set(self.doubts)
        if total(firm) < min(enough_seconds, total(covered)):
            doubts.add(Doubt.UNCONFIRMED)
        return Joined(covered, self._basis(bool(alone)), sorted(doubts))

    def _basis(self, alone: bool) -> Basis:
        if not alone:
            return Basis.GROUP
        return Basis.MIXED if self.covered else Basis.REPLAY


def seen_by(db: Db, person_id: UUID, recording_id: UUID) -> InRooms | None:
    """What the person's shares of signed showings of this recording say; nothing when there are none."""
    mine = select(ShowingShare).where(ShowingShare.person_id == person_id, ShowingShare.recording_id == recording_id)
    shares = db.scalars(mine).all()
    if not shares:
        return None
    return InRooms(
        covered=union((start, end) for share in shares for start, end in share.covered),
        firm=union((start, end) for share in shares for start, end in share.firm),
        doubts=frozenset(doubt["code"] for share in shares for doubt in share.doubts),
        first_at=min(share.first_at for share in shares),
        last_at=max(share.last_at for share in shares),
        showings=len(shares),
    )


def taken_by(db: Db, person_id: UUID, since_at: datetime, until_at: datetime) -> list[tuple[datetime, datetime]]:
    """When, between two instants, this person is counted as having watched in a room; later claims yield to it."""
    mine = (
        select(ShowingShare.times, Showing.opened_at)
        .join(Showing, Showing.id == ShowingShare.showing_id)
        .where(ShowingShare.person_id == person_id, ShowingShare.first_at < until_at, ShowingShare.last_at > since_at)
    )
    found = []
    for times, opened_at in db.execute(mine):
        for start, end in times:
            begun, ended = opened_at + timedelta(seconds=start), opened_at + timedelta(seconds=end)
            if begun < until_at and ended > since_at:
                found.append((max(begun, since_at), min(ended, until_at)))
    return sorted(found)
