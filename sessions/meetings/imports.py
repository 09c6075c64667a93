"""Taking a meeting log over: read once, matched to the summons and the points, and kept until somebody decides."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Select, func, insert, or_, select

from sessions import audit, clock, register
from sessions.db import Db, among
from sessions.errors import Invalid, NotAllowed, NotFound
from sessions.intervals import Interval
from sessions.meetings import presence, reading
from sessions.meetings.logs import Log
from sessions.meetings.matching import NOBODY, Match, Roster, Summoned
from sessions.meetings.moments import Frame
from sessions.meetings.names import Told, take_apart
from sessions.meetings.reading import Participant
from sessions.meetings.rooms import Place, Places
from sessions.models import (
    Account,
    ConferenceSession,
    ConnectionPoint,
    Expected,
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
from sessions.names import clean, search_key

#: So far from the conference the log may lie: platforms are opened early, and nights are long.
_NEAR: Final = timedelta(hours=12)
#: Of a larger summons only those are read in whose very names, numbers or accounts the log holds.
_MOST_AT_HAND: Final = 200_000


class LogOfAnotherDay(Invalid):
    code = "meeting-log-of-another-day"
    vi = "Nhật ký ghi từ {first} đến {last}, còn hội nghị bắt đầu lúc {starts}. Hãy chọn đúng nhật ký của hội nghị này."
    en = "The log runs from {first} to {last}, but the conference began at {starts}. Choose this conference's log."


class ImportUnknown(NotFound):
    code = "meeting-import-not-found"
    vi = "Không tìm thấy nhật ký này, hoặc bạn không phụ trách hội nghị của nó."
    en = "There is no such log, or its conference is not yours to look after."


def demand_keeper(db: Db, by: Person, session: ConferenceSession) -> None:
    """Logs name people of every unit: they are for staff of the unit that holds the conference, and those above."""
    if not register.may_close(db, by, session):
        raise NotAllowed


def take(db: Db, by: Person, session: ConferenceSession, data: bytes, file_name: str) -> tuple[MeetingImport, bool]:
    """Read a log and keep its participants with what they were matched to; whether it is new comes second.

    The same bytes are taken once per conference, and the answer is what was taken then. Raises `NotAllowed`, the
    refusals of `reading.read`, and `LogOfAnotherDay`.
    """
    demand_keeper(db, by, session)
    digest = hashlib.sha256(data).digest()
    # Locked, so that two clicks at once don't take it twice.
    db.refresh(session, with_for_update={"key_share": True})
    same = select(MeetingImport).where(MeetingImport.session_id == session.id, MeetingImport.sha256 == digest)
    if taken := db.scalar(same):
        return taken, False
    log = reading.read(data, Frame(session.starts_at, session.ends_at, clock.VIETNAM))
    _demand_near(session, log)
    found = reading.participants(log)
    kept = _keep(db, by, session, log, len(found), digest, file_name)
    _keep_rows(db, session, kept, found)
    values = {"import_id": kept.id, "platform": kept.platform, "sha256": digest.hex(), "participants": len(found)}
    audit.note(db, by, "meeting-log.imported", "session", session.id, **values)
    return kept, True


def _demand_near(session: ConferenceSession, log: Log) -> None:
    whole = reading.span(log.lines)
    if whole and (whole[1] < session.starts_at - _NEAR or whole[0] > session.ends_at + _NEAR):
        raise LogOfAnotherDay(first=_said(whole[0]), last=_said(whole[1]), starts=_said(session.starts_at))


def _said(moment: datetime) -> str:
    return f"{moment.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}"


def _keep(
    db: Db, by: Person, session: ConferenceSession, log: Log, participants: int, digest: bytes, file_name: str
) -> MeetingImport:
    first, last = reading.span(log.lines) or (None, None)
    kept = MeetingImport(
        session_id=session.id,
        sha256=digest,
        file_name=clean(file_name)[:300],
        platform=log.platform,
        lines=len(log.lines),
        participants=participants,
        skipped=[[each.row, each.vi, each.en] for each in log.skipped],
        first_at=first,
        last_at=last,
        imported_by=by.id,
        imported_at=clock.now(),
    )
    db.add(kept)
    db.flush()
    return kept


def _keep_rows(db: Db, session: ConferenceSession, kept: MeetingImport, found: Sequence[Participant]) -> None:
    told = [take_apart(each.name) for each in found]
    summoned = _summoned(db, session, found, told)
    roster, places = Roster(summoned.values()), Places(places_of(db, session))
    parts = register.parts_of(db, session.id)
    rows: list[dict[str, Any]] = []
    stays: list[dict[str, Any]] = []
    for each, said in zip(found, told, strict=True):
        row = _proposed(each, said, roster, places, summoned)
        row |= {"import_id": kept.id, "session_id": session.id, "state": RowState.PROPOSED}
        rows.append(row)
        stays += [{"row_id": row["id"], **values} for values in presences(session, parts, each.stays)]
    db.execute(insert(MeetingRow), rows)
    db.execute(insert(MeetingPresence), stays)


def _proposed(
    each: Participant, told: Told, roster: Roster, places: Places, summoned: dict[UUID, Summoned]
) -> dict[str, Any]:
    """A row with the person or the room it most likely is."""
    who = NOBODY if told.is_room else roster.match(told, each.email)
    where = _where(each, told, places)
    is_room = told.is_room or (where != NOBODY and who.id is None and (bool(told.rooms) or not who.candidates))
    chosen = where if is_room else who
    if is_room:
        point_id = where.id
    else:
        sure = where.id if where.confidence >= 0.9 else None
        point_id = sure or (places.nearest(summoned[who.id].unit_path) if who.id else None)
    return {
        "id": uuid4(),
        "row": each.row,
        "name": each.name[:300],
        "email": each.email,
        "stays": [list(stay) for stay in each.stays],
        "kind": RowKind.ROOM if is_room else RowKind.PERSON,
        "person_id": None if is_room else who.id,
        "session_point_id": point_id,
        "said_count": told.said_count,
        "confidence": chosen.confidence,
        "matched_by": chosen.by,
        "candidates": [[str(other), confidence] for other, confidence in chosen.candidates],
    }


def _where(each: Participant, told: Told, places: Places) -> Match:
    return places.match(told, each.name) if told.rooms or places.is_exactly(each.name) else NOBODY


def presences(
    session: ConferenceSession, parts: Iterable[SessionPart], stays: Sequence[presence.Stay]
) -> list[dict[str, Any]]:
    """For each part that the stays touch, how long."""
    whole = _interval(session)
    found = ((part, presence.during(stays, _interval(part), whole)) for part in parts)
    return [
        {"part_id": part.id, "seconds": round(there.seconds, 3), "most_seconds": round(there.most_seconds, 3)}
        for part, there in found
        if there.most_seconds > 0
    ]


def _interval(of: ConferenceSession | SessionPart) -> Interval:
    return of.starts_at.timestamp(), of.ends_at.timestamp()


def _summoned(
    db: Db, session: ConferenceSession, found: Sequence[Participant], told: Sequence[Told]
) -> dict[UUID, Summoned]:
    """The summons by person; of a very large one only those whom the log may name outright."""
    statement = _everybody(session)
    size = db.scalars(select(func.count()).select_from(Expected).where(Expected.session_id == session.id)).one()
    if size > _MOST_AT_HAND:
        keys = [search_key(name) for said in told for name in said.names]
        numbers = [number.upper() for said in told for number in said.numbers]
        accounts = [(each.email or "").partition("@")[0] for each in found if each.email]
        statement = statement.where(
            or_(
                among(Person.search_key, keys),
                among(Person.member_number, numbers),
                among(Account.username, accounts),
            )
        )
    return {row[0]: Summoned(*row) for row in db.execute(statement)}


def _everybody(session: ConferenceSession) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Person.id,
            Person.full_name,
            Person.search_key,
            Person.member_number,
            Account.username,
            Unit.path,
            Unit.name,
        )
        .distinct()
        .select_from(Expected)
        .join(Person, Person.id == Expected.person_id)
        .join(Unit, Unit.id == Expected.unit_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Expected.session_id == session.id)
    )


def places_of(db: Db, session: ConferenceSession) -> list[Place]:
    """The points of a conference by the names they go by, the highest unit first."""
    statement = (
        select(SessionPoint.id, Unit.path, ConnectionPoint.name, Unit.name)
        .join(Unit, Unit.id == SessionPoint.unit_id)
        .join(ConnectionPoint, ConnectionPoint.id == SessionPoint.connection_point_id)
        .where(SessionPoint.session_id == session.id)
        .order_by(Unit.depth, ConnectionPoint.search_key, SessionPoint.id)
    )
    return [Place(*row) for row in db.execute(statement)]


def see(db: Db, by: Person, import_id: UUID) -> tuple[MeetingImport, ConferenceSession]:
    """One import with its conference; raises `ImportUnknown` also for whoever does not look after it."""
    kept = db.get(MeetingImport, import_id)
    session = db.get_one(ConferenceSession, kept.session_id) if kept else None
    if kept is None or session is None or not register.may_close(db, by, session):
        raise ImportUnknown
    return kept, session


def of_session(db: Db, by: Person, session: ConferenceSession) -> list[tuple[MeetingImport, Person, dict[str, int]]]:
    """The logs of a conference, the newest first: who brought each, and how many rows stand at which decision."""
    demand_keeper(db, by, session)
    counted = (
        select(MeetingRow.import_id, MeetingRow.state, func.count())
        .where(MeetingRow.session_id == session.id)
        .group_by(MeetingRow.import_id, MeetingRow.state)
    )
    states: dict[UUID, dict[str, int]] = {}
    for import_id, state, count in db.execute(counted):
        states.setdefault(import_id, {})[state] = count
    newest_first = (
        select(MeetingImport, Person)
        .join(Person, Person.id == MeetingImport.imported_by)
        .where(MeetingImport.session_id == session.id)
        .order_by(MeetingImport.imported_at.desc(), MeetingImport.id)
    )
    return [(kept, who, states.get(kept.id, {})) for kept, who in db.execute(newest_first)]
