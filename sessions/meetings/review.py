"""What staff do with the rows of a log: accept, correct or refuse them. An accepted person becomes a check-in.

A log names an account, not a face; so nothing is taken over by itself, and nobody accepts a row about themselves. What
was accepted is not taken back, as with every check-in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, true, update

from sessions import audit, checkins, clock, people, register
from sessions.db import Db, among
from sessions.errors import Conflict, Invalid
from sessions.listing import has_words, page_of
from sessions.meetings import imports, presence
from sessions.meetings.presence import Stay
from sessions.meetings.rooms import Places
from sessions.models import (
    CheckInMethod,
    ConferenceSession,
    ConnectionPoint,
    Expected,
    MatchedBy,
    MeetingImport,
    MeetingPresence,
    MeetingRow,
    Person,
    RowKind,
    RowState,
    SessionPart,
    SessionPoint,
    Unit,
)
from sessions.settings import register_settings
from sessions.summons import first_part, summoned

#: So many rows are decided in one request; each check-in evaluates its person's credit.
MOST_AT_ONCE: Final = 200


class RowDecided(Conflict):
    code = "meeting-row-decided"
    vi = "“{name}” đã được chấp nhận rồi nên không đổi được nữa."
    en = "“{name}” was accepted already and can't be changed any more."


class RowUnknown(Invalid):
    code = "meeting-row-not-found"
    vi = "Có dòng không thuộc nhật ký này."
    en = "Some rows do not belong to this log."


class NobodyChosen(Invalid):
    code = "meeting-row-without-match"
    vi = "Chưa chọn “{name}” là ai. Hãy chọn người hoặc điểm cầu trước khi chấp nhận."
    en = "Nobody was chosen for “{name}” yet. Choose a person or a point before accepting."


class NoPointToAttend(Conflict):
    code = "no-point-to-attend"
    vi = "Hội nghị chưa có điểm cầu nào nên chưa điểm danh được. Hãy thêm điểm cầu trước."
    en = "The conference has no connection point yet, so nobody can be checked in. Add a point first."


class WhichRows(StrEnum):
    """WhichRows rows a page shows."""

    ALL = "all"
    SURE = "sure"
    LOOK = "look"
    UNKNOWN = "unknown"
    ROOMS = "rooms"
    DECIDED = "decided"


#: From this confidence on rows may be accepted together without looking at each.
SURE: Final = 0.9


@dataclass(frozen=True)
class Shown:
    """A row as a page shows it: its person and their unit, its point, the minutes of each part, who else it may be."""

    row: MeetingRow
    person: Person | None
    unit: Unit | None
    point: tuple[SessionPoint, ConnectionPoint] | None
    presences: list[MeetingPresence]
    #: Other people that it may be, with their units; or other points.
    others: list[tuple[Person, Unit]]
    other_points: list[tuple[SessionPoint, ConnectionPoint]]


@dataclass(frozen=True)
class Outcome:
    """What a decision came to: rows accepted, check-ins that are new, rows left because they are the decider's own."""

    accepted: int
    checked_in: list[UUID]
    too_short: int
    own: int


def rows_of(
    db: Db, kept: MeetingImport, which: WhichRows, q: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[Shown], int]:
    """A page of the rows of a log, the surest first, then by name; and how many there are."""
    statement = (
        select(MeetingRow)
        .where(MeetingRow.import_id == kept.id, _is(which))
        .order_by(MeetingRow.confidence.desc(), MeetingRow.row, MeetingRow.id)
    )
    if q:
        statement = statement.where(has_words(func.lower(MeetingRow.name), q))
    found, total = page_of(db, statement, offset, limit)
    return _shown(db, kept.session_id, [row for (row,) in found]), total


def names_of(db: Db, kept: MeetingImport) -> Sequence[str]:
    """Every name of a log, as written."""
    return db.scalars(select(MeetingRow.name).where(MeetingRow.import_id == kept.id)).all()


def show(db: Db, row: MeetingRow) -> Shown:
    """One row as a page shows it."""
    return _shown(db, row.session_id, [row])[0]


def _is(which: WhichRows) -> ColumnElement[bool]:
    proposed = MeetingRow.state == RowState.PROPOSED
    person = and_(proposed, MeetingRow.kind == RowKind.PERSON)
    return {
        WhichRows.ALL: true(),
        WhichRows.SURE: and_(person, MeetingRow.person_id.is_not(None), MeetingRow.confidence >= SURE),
        WhichRows.LOOK: and_(person, MeetingRow.person_id.is_not(None), MeetingRow.confidence < SURE),
        WhichRows.UNKNOWN: and_(person, MeetingRow.person_id.is_(None)),
        WhichRows.ROOMS: and_(proposed, MeetingRow.kind == RowKind.ROOM),
        WhichRows.DECIDED: MeetingRow.state != RowState.PROPOSED,
    }[which]


def counts_of(db: Db, kept: MeetingImport) -> dict[WhichRows, int]:
    """How many rows each of these lists has, in one statement."""
    counted = select(*(func.count().filter(_is(which)) for which in WhichRows)).where(MeetingRow.import_id == kept.id)
    return dict(zip(WhichRows, db.execute(counted).one(), strict=True))


def _shown(db: Db, session_id: UUID, rows: Sequence[MeetingRow]) -> list[Shown]:
    ids = {UUID(other) for row in rows for other, _ in row.candidates}
    people = _people(db, session_id, ids | {row.person_id for row in rows if row.person_id})
    points = _points(db, session_id, ids | {row.session_point_id for row in rows if row.session_point_id})
    there: dict[UUID, list[MeetingPresence]] = {}
    for each in db.scalars(select(MeetingPresence).where(among(MeetingPresence.row_id, [row.id for row in rows]))):
        there.setdefault(each.row_id, []).append(each)
    return [_one(row, people, points, there.get(row.id, [])) for row in rows]


def _one(
    row: MeetingRow,
    people: dict[UUID, tuple[Person, Unit]],
    points: dict[UUID, tuple[SessionPoint, ConnectionPoint]],
    there: list[MeetingPresence],
) -> Shown:
    person, unit = people.get(row.person_id, (None, None)) if row.person_id else (None, None)
    point = points.get(row.session_point_id) if row.session_point_id else None
    others = [UUID(other) for other, _ in row.candidates]
    return Shown(
        row,
        person,
        unit,
        point,
        there,
        [people[other] for other in others if other in people],
        [points[other] for other in others if other in points],
    )


def _people(db: Db, session_id: UUID, ids: Iterable[UUID]) -> dict[UUID, tuple[Person, Unit]]:
    rows = db.execute(_summons(session_id).where(among(Person.id, list(ids))))
    return {person.id: (person, unit) for person, unit in rows}


def _summons(session_id: UUID) -> Select[Person, Unit]:
    return (
        select(Person, Unit)
        .join(Expected, Expected.person_id == Person.id)
        .join(Unit, Unit.id == Expected.unit_id)
        .where(Expected.part_id == first_part(session_id))
    )


def _points(db: Db, session_id: UUID, ids: Iterable[UUID]) -> dict[UUID, tuple[SessionPoint, ConnectionPoint]]:
    statement = (
        select(SessionPoint, ConnectionPoint)
        .join(ConnectionPoint, ConnectionPoint.id == SessionPoint.connection_point_id)
        .where(SessionPoint.session_id == session_id, among(SessionPoint.id, list(ids)))
    )
    return {point.id: (point, room) for point, room in db.execute(statement)}


def people_like(db: Db, session: ConferenceSession, q: str, limit: int = 20) -> list[tuple[Person, Unit]]:
    """People of the summons with these words in their names, to choose from."""
    statement = _summons(session.id).where(people.named(db, q)).order_by(Person.sort_key, Person.id)
    return [(person, unit) for person, unit in db.execute(statement.limit(limit))]


def points_like(
    db: Db, session: ConferenceSession, q: str, limit: int = 20
) -> list[tuple[SessionPoint, ConnectionPoint]]:
    """Points of the conference with these words in their names or addresses, to choose from."""
    statement = (
        select(SessionPoint, ConnectionPoint)
        .join(ConnectionPoint, ConnectionPoint.id == SessionPoint.connection_point_id)
        .where(SessionPoint.session_id == session.id, has_words(ConnectionPoint.search_key, q))
        .order_by(ConnectionPoint.search_key, SessionPoint.id)
    )
    return [(point, room) for point, room in db.execute(statement.limit(limit))]


def correct(
    db: Db, by: Person, kept: MeetingImport, row_id: UUID, *, person_id: UUID | None, session_point_id: UUID | None
) -> MeetingRow:
    """Say by hand who a row is: somebody of the summons, or else the room of a point."""
    (row,) = _demand_rows(db, kept, [row_id])
    if row.state == RowState.ACCEPTED:
        raise RowDecided(name=row.name)
    session = db.get_one(ConferenceSession, kept.session_id)
    before = {"person_id": row.person_id, "session_point_id": row.session_point_id}
    if person_id:
        _, unit = summoned(db, session, person_id)
        row.kind, row.person_id = RowKind.PERSON, person_id
        row.session_point_id = Places(imports.places_of(db, session)).nearest(unit.path)
    elif session_point_id:
        if session_point_id not in _points(db, session.id, [session_point_id]):
            raise RowUnknown
        row.kind, row.person_id, row.session_point_id = RowKind.ROOM, None, session_point_id
    else:
        raise NobodyChosen(name=row.name)
    row.matched_by, row.confidence = MatchedBy.HAND, 1.0
    row.state, row.decided_by, row.decided_at = RowState.PROPOSED, None, None
    values = {"row_id": row.id, "before": before, "person_id": row.person_id, "session_point_id": row.session_point_id}
    audit.note(db, by, "meeting-row.corrected", "session", session.id, import_id=kept.id, **values)
    return row


def refuse(db: Db, by: Person, kept: MeetingImport, row_ids: Sequence[UUID]) -> int:
    """Set rows aside; gives how many. What was accepted stays."""
    rows = [row for row in _demand_rows(db, kept, row_ids) if row.state == RowState.PROPOSED]
    _decide(db, by, rows, RowState.REFUSED)
    audit.note(
        db, by, "meeting-rows.refused", "session", kept.session_id, import_id=kept.id, row_ids=[row.id for row in rows]
    )
    return len(rows)


def accept(db: Db, by: Person, kept: MeetingImport, row_ids: Sequence[UUID]) -> Outcome:
    """Take rows over. Whoever was there for the asked share of a part, by all accepted rows together, is checked in.

    Raises `NobodyChosen` for a row without a match. Rows about the decider are left for somebody else, and accepting
    a row again changes nothing.
    """
    rows = _demand_rows(db, kept, row_ids)
    for row in rows:
        if (row.person_id if row.kind == RowKind.PERSON else row.session_point_id) is None:
            raise NobodyChosen(name=row.name)
    own = [row for row in rows if row.person_id == by.id]
    fresh = [row for row in rows if row.state != RowState.ACCEPTED and row not in own]
    session = db.get_one(ConferenceSession, kept.session_id)
    _decide(db, by, fresh, RowState.ACCEPTED)
    people = sorted({row.person_id for row in fresh if row.person_id})
    checked_in, short = _check_in(db, by, kept, session, people)
    values = {"import_id": kept.id, "row_ids": [row.id for row in fresh], "checked_in": len(checked_in)}
    audit.note(db, by, "meeting-rows.accepted", "session", session.id, **values)
    return Outcome(len(fresh), checked_in, short, len(own))


def accept_sure(db: Db, by: Person, kept: MeetingImport) -> tuple[Outcome, int]:
    """Accept the next rows that rest on a very name, number or address; how many of them are left comes second."""
    sure = (
        select(MeetingRow.id)
        .where(MeetingRow.import_id == kept.id, _is(WhichRows.SURE), MeetingRow.person_id != by.id)
        .order_by(MeetingRow.id)
    )
    ids = db.scalars(sure.limit(MOST_AT_ONCE)).all()
    outcome = accept(db, by, kept, ids)
    return outcome, db.scalars(select(func.count()).select_from(sure.order_by(None).subquery())).one()


def _demand_rows(db: Db, kept: MeetingImport, row_ids: Sequence[UUID]) -> list[MeetingRow]:
    """These rows, locked in one order; raises `RowUnknown` when one is of another log."""
    wanted = set(row_ids)
    mine = select(MeetingRow).where(MeetingRow.import_id == kept.id, among(MeetingRow.id, list(wanted)))
    rows = list(
        db.scalars(mine.order_by(MeetingRow.id).with_for_update(), execution_options={"populate_existing": True})
    )
    if len(rows) < len(wanted):
        raise RowUnknown
    return rows


def _decide(db: Db, by: Person, rows: Sequence[MeetingRow], state: RowState) -> None:
    decided = update(MeetingRow).where(among(MeetingRow.id, [row.id for row in rows]))
    db.execute(decided.values(state=state, decided_by=by.id, decided_at=clock.now()))


def _check_in(
    db: Db, by: Person, kept: MeetingImport, session: ConferenceSession, people: Sequence[UUID]
) -> tuple[list[UUID], int]:
    """The check-ins that the accepted rows of these people come to; and how many were nowhere long enough."""
    if not people:
        return [], 0
    known = _accepted_rows(db, session, people)
    parts = register.parts_of(db, session.id)
    expected = _expected(db, session, people)
    highest = next((place.id for place in imports.places_of(db, session)), None)
    if highest is None:
        raise NoPointToAttend
    checked_in: list[UUID] = []
    for person_id in people:
        attended = [part for part in _attended(session, parts, known[person_id]) if (person_id, part.id) in expected]
        for part in attended:
            point = db.get_one(SessionPoint, _point_of(known[person_id]) or highest)
            at = _came_at(part, known[person_id])
            if session.closed_at and at > session.closed_at:
                register.demand_open(session)
            checkins.admit(db, by, point, part, [person_id], CheckInMethod.IMPORT, at, _key(kept, part))
        checked_in += [person_id] if attended else []
    return checked_in, len(people) - len(checked_in)


def _expected(db: Db, session: ConferenceSession, people: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """Who of these is summoned to which part."""
    summons = select(Expected.person_id, Expected.part_id).where(
        Expected.session_id == session.id, among(Expected.person_id, list(people))
    )
    return {(person_id, part_id) for person_id, part_id in db.execute(summons)}


def _key(kept: MeetingImport, part: SessionPart) -> UUID:
    """One key for each log and part; `admit` makes one for each person of it."""
    return UUID(int=kept.id.int ^ part.id.int)


def _accepted_rows(db: Db, session: ConferenceSession, people: Sequence[UUID]) -> dict[UUID, list[MeetingRow]]:
    """All accepted rows of these people, of whichever log: a meeting that was restarted has several."""
    rows = select(MeetingRow).where(
        MeetingRow.session_id == session.id,
        among(MeetingRow.person_id, list(people)),
        MeetingRow.state == RowState.ACCEPTED,
    )
    found: dict[UUID, list[MeetingRow]] = {}
    for row in db.scalars(rows.order_by(MeetingRow.id)):
        if row.person_id:
            found.setdefault(row.person_id, []).append(row)
    return found


def _attended(
    session: ConferenceSession, parts: Iterable[SessionPart], rows: Sequence[MeetingRow]
) -> list[SessionPart]:
    """The parts of which all rows of one person together prove the asked share."""
    share = register_settings().meeting_share
    proved = {each["part_id"]: each["seconds"] for each in imports.presences(session, parts, _stays(rows))}
    return [
        part for part in parts if proved.get(part.id, 0) >= share * (part.ends_at - part.starts_at).total_seconds() > 0
    ]


def _stays(rows: Sequence[MeetingRow]) -> list[Stay]:
    return [presence.Stay(*stay) for row in rows for stay in row.stays]


def _point_of(rows: Sequence[MeetingRow]) -> UUID | None:
    return next((row.session_point_id for row in rows if row.session_point_id), None)


def _came_at(part: SessionPart, rows: Sequence[MeetingRow]) -> datetime:
    """When they first came into the part; its beginning when the log tells no times."""
    start, end = part.starts_at.timestamp(), part.ends_at.timestamp()
    came = [max(stay.joined, start) for stay in _stays(rows) if stay.joined and (stay.left or end) > start]
    return datetime.fromtimestamp(min([*came, end]), UTC) if came else part.starts_at
