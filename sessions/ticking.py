"""What many technicians tick at once, taken in one transaction: a country checks its people in within minutes.

Only what is plainly right is taken here: the point's own technician ticks people of its summons at a time that fits.
Everything else, refusals included, goes to `checkins.tick`, which this must never contradict.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert

from sessions import attendance, audit, clock, register
from sessions.checkins import DOORS_OPEN, key_of
from sessions.db import Db, among_given
from sessions.models import (
    CheckIn,
    CheckInMethod,
    CheckInWithdrawal,
    ConferenceSession,
    Expected,
    SessionPart,
    SessionPoint,
)
from sessions.rows import as_rows, given


@dataclass(frozen=True)
class Ticks:
    """One delivery: `by_id` saw these people at a point for a part. Sent again, it has the same `client_key`."""

    by_id: UUID
    point_id: UUID
    part_id: UUID
    person_ids: Sequence[UUID]
    checked_at: datetime
    client_key: UUID
    method: CheckInMethod


@dataclass(frozen=True)
class _Place:
    """A point for a part, as far as what is ticked there is judged by it."""

    session_id: UUID
    technician_id: UUID | None
    starts_at: datetime
    closed_at: datetime | None

    def suits(self, ticks: Ticks) -> bool:
        """Whether nothing about the moment or the person who ticks needs a closer look."""
        is_open = self.closed_at is None or ticks.checked_at <= self.closed_at
        has_begun = self.starts_at - DOORS_OPEN <= ticks.checked_at <= clock.now() + register.CLOCK_TOLERANCE
        is_theirs = self.technician_id == ticks.by_id and ticks.by_id not in ticks.person_ids
        return is_open and has_begun and is_theirs


_PLACES = (
    select(
        SessionPoint.id,
        SessionPart.id,
        SessionPoint.session_id,
        SessionPoint.technician_id,
        SessionPart.starts_at,
        ConferenceSession.closed_at,
    )
    .join(ConferenceSession, ConferenceSession.id == SessionPoint.session_id)
    .join(SessionPart, SessionPart.session_id == SessionPoint.session_id)
    .where(among_given(SessionPoint.id, "point_ids"), among_given(SessionPart.id, "part_ids"))
)
_EXPECTED = select(Expected.part_id, Expected.person_id).where(
    among_given(Expected.part_id, "part_ids"), among_given(Expected.person_id, "person_ids")
)
_WITHDRAWN = select(CheckInWithdrawal.check_in_key).where(among_given(CheckInWithdrawal.check_in_key, "keys"))

_CHECK_INS = cast(Table, CheckIn.__table__)
_ADD = (
    insert(_CHECK_INS)
    .from_select(_CHECK_INS.c.keys(), select(given(_CHECK_INS)))
    .on_conflict_do_nothing()
    .returning(
        _CHECK_INS.c.id,
        _CHECK_INS.c.part_id,
        _CHECK_INS.c.person_id,
        _CHECK_INS.c.checked_at,
        _CHECK_INS.c.client_key,
    )
)


def tick_together(db: Db, deliveries: Sequence[Ticks]) -> list[list[UUID] | None]:
    """Take the plain ones of these; gives for each who is newly checked in, or None where it must be ticked alone."""
    plain = _plain_ones(db, deliveries)
    rows = _rows(db, plain)
    added: defaultdict[int, list[UUID]] = defaultdict(list)
    arrivals: defaultdict[UUID, list[attendance.Arrival]] = defaultdict(list)
    # Always in one order: transactions that name the same people must not wait for one another in a circle.
    in_order = sorted(rows.values(), key=lambda row: (row.values["part_id"], row.values["person_id"]))
    if in_order:
        for arrival in db.execute(_ADD, as_rows(row.values for row in in_order)).all():
            row = rows[arrival.client_key]
            added[id(row.ticks)].append(arrival.person_id)
            arrivals[row.session_id].append(arrival)
    for session_id, here in sorted(arrivals.items()):
        attendance.attend_live(db, session_id, sorted(here, key=lambda one: one.person_id))
    audit.note_all(db, (_note(each, added[id(each)]) for each in deliveries if added[id(each)]))
    return [added[id(each)] if id(each) in plain else None for each in deliveries]


@dataclass(frozen=True)
class _Row:
    """A check-in to be made, and whose delivery it is of."""

    ticks: Ticks
    session_id: UUID
    values: dict[str, Any]


@dataclass(frozen=True)
class _Plain:
    ticks: Ticks
    session_id: UUID


def _plain_ones(db: Db, deliveries: Iterable[Ticks]) -> dict[int, _Plain]:
    """Those that nothing speaks against, each under its identity: the same delivery may well be here twice."""
    asked = list(deliveries)
    part_ids = list({each.part_id for each in asked})
    about = {"point_ids": list({each.point_id for each in asked}), "part_ids": part_ids}
    places = {(row[0], row[1]): _Place(*row[2:]) for row in db.execute(_PLACES, about)}
    suitable = [
        (each, place) for each in asked if (place := places.get((each.point_id, each.part_id))) and place.suits(each)
    ]
    people = list({person_id for each, _ in suitable for person_id in each.person_ids})
    expected = {(row[0], row[1]) for row in db.execute(_EXPECTED, {"part_ids": part_ids, "person_ids": people})}
    return {
        id(each): _Plain(each, place.session_id)
        for each, place in suitable
        if all((each.part_id, person_id) in expected for person_id in each.person_ids)
    }


def _rows(db: Db, plain: dict[int, _Plain]) -> dict[UUID, _Row]:
    """The check-ins of these deliveries by their keys, without those that were taken back since they first came."""
    received_at = clock.now()
    rows = {
        key_of(each.ticks.client_key, person_id): _Row(
            each.ticks,
            each.session_id,
            {
                "id": uuid4(),
                "session_point_id": each.ticks.point_id,
                "part_id": each.ticks.part_id,
                "person_id": person_id,
                "method": each.ticks.method,
                "checked_at": each.ticks.checked_at,
                "received_at": received_at,
                "recorded_by": each.ticks.by_id,
                "client_key": key_of(each.ticks.client_key, person_id),
            },
        )
        for each in plain.values()
        for person_id in each.ticks.person_ids
    }
    gone = set(db.scalars(_WITHDRAWN, {"keys": list(rows)}))
    return {key: row for key, row in rows.items() if key not in gone}


def _note(ticks: Ticks, person_ids: Sequence[UUID]) -> audit.Note:
    about = {"part_id": ticks.part_id, "person_ids": person_ids}
    return audit.Note(ticks.by_id, "people.checked-in", "session_point", ticks.point_id, about)
