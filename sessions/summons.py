"""The summons: who is expected at a conference, one row per person and part. The denominator of every rate."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ScalarSelect, cast, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from sessions import audit, clock, exemptions, lineage, register, roles, units
from sessions.db import Db
from sessions.errors import Invalid, NotAllowed, NotFound
from sessions.listing import MOST_COUNTED, page_of
from sessions.models import (
    ConferenceSession,
    Exemption,
    ExemptionKind,
    Expected,
    ParticipationTally,
    Person,
    SessionPart,
    Unit,
)
from sessions.names import clean


class NotSummoned(Invalid):
    code = "not-summoned"
    vi = "Có {count} người không thuộc diện triệu tập của hội nghị này."
    en = "{count} people are not summoned to this conference."


class PersonNotSummoned(NotFound):
    code = "not-summoned"
    vi = "Người này không có trong danh sách triệu tập của hội nghị."
    en = "This person was not summoned to the conference."


def expect(
    db: Db,
    by: Person,
    session: ConferenceSession,
    within: Sequence[Unit],
    exempt: Mapping[UUID, str] | None = None,
    categories: Sequence[str] = (),
) -> int:
    """Summon everyone of these units and below to every part, and exempt some with a reason, by person id.

    With `categories`, only people of one of them. Whoever is let off from attending on the conference's day is on the
    list with that reason. Units are those of that day, too. Gives how many people were added; summoning again adds
    nobody twice, and when somebody was added stays on record.
    Raises `NotSummoned` when somebody exempted was not summoned, now or before.
    """
    if not register.may_close(db, by, session):
        raise NotAllowed
    # Locked, so that two summonses of the same people can't wait for one another, nor slip in behind a closing.
    db.refresh(session, with_for_update={"key_share": True})
    register.demand_open(session)
    for unit in within:
        roles.demand(db, by.id, register.STAFF_ROLES, unit)
        units.demand_valid(unit, session.tree_date)
    wanted = sorted({clean(category) for category in categories} - {""})
    added = _add(db, session, within, wanted)
    _exempt(db, session, exempt or {})
    values = {"unit_ids": [unit.id for unit in within], "added": added, "exempt": len(exempt or {})}
    audit.note(db, by, "summons.extended", "session", session.id, categories=wanted, **values)
    return added


def _add(db: Db, session: ConferenceSession, within: Sequence[Unit], categories: Sequence[str]) -> int:
    """All in one statement inside the database: a conference of the whole country summons millions."""
    let_off = select(Exemption.reason).where(
        Exemption.person_id == Person.id,
        Exemption.kind == ExemptionKind.ATTENDING,
        exemptions.holds_on(session.tree_date),
    )
    everyone = (
        select(
            SessionPart.id,
            Person.id,
            literal(session.id),
            Person.unit_id,
            literal(clock.now(), Expected.added_at.type),
            let_off.order_by(Exemption.valid_from).limit(1).scalar_subquery(),
        )
        .join(Unit, Unit.id == Person.unit_id)
        .join(SessionPart, SessionPart.session_id == session.id)
        .where(roles.within(Unit.path, [unit.path for unit in within]), units.valid_on(session.tree_date))
        .where(or_(Person.left_at.is_(None), Person.left_at > session.starts_at))
    )
    if categories:
        everyone = everyone.where(Person.categories.op("&&")(cast(categories, Person.categories.type)))
    columns = ["part_id", "person_id", "session_id", "unit_id", "added_at", "exempt_reason"]
    added = insert(Expected).from_select(columns, everyone).on_conflict_do_nothing().returning(Expected.person_id).cte()
    return db.scalars(select(func.count(added.c.person_id.distinct()))).one()


def _exempt(db: Db, session: ConferenceSession, reasons: Mapping[UUID, str]) -> None:
    summoned = select(Expected.person_id).where(Expected.session_id == session.id, Expected.person_id.in_(reasons))
    missing = reasons.keys() - set(db.scalars(summoned))
    if missing:
        raise NotSummoned(count=len(missing))
    for person_id, reason in reasons.items():
        mine = update(Expected).where(Expected.session_id == session.id, Expected.person_id == person_id)
        db.execute(mine.values(exempt_reason=clean(reason)))


def summoned(db: Db, session: ConferenceSession, person_id: UUID) -> tuple[Person, Unit]:
    """One person with the unit that they were summoned in; raises `PersonNotSummoned`."""
    row = db.execute(
        select(Person, Unit)
        .join(Expected, Expected.person_id == Person.id)
        .join(Unit, Unit.id == Expected.unit_id)
        .where(Expected.session_id == session.id, Person.id == person_id)
        .limit(1)
    ).one_or_none()
    if row is None:
        raise PersonNotSummoned
    return row[0], row[1]


def first_part(session_id: UUID) -> ScalarSelect[UUID]:
    """SQL: the conference's first part. Everyone is summoned to every part, so its rows name each person once."""
    agenda = select(SessionPart.id).where(SessionPart.session_id == session_id)
    return agenda.order_by(SessionPart.position).limit(1).scalar_subquery()


def size(db: Db, session: ConferenceSession) -> int:
    """How many people are summoned, the exempted included."""
    lines = select(func.coalesce(func.sum(ParticipationTally.expected), 0))
    return db.scalars(lines.where(ParticipationTally.session_id == session.id)).one()


def find(
    db: Db, by: Person, session: ConferenceSession, *, unit: Unit | None = None, offset: int = 0, limit: int = 50
) -> tuple[Sequence[tuple[Person, Unit, str | None, datetime]], int]:
    """A page of the summoned of the units that `by` is staff of, and how many there are.

    Each is a person, their unit on the day, why they are exempt, and when they were summoned.
    """
    statement = (
        select(Person, Unit, Expected.exempt_reason, Expected.added_at)
        .select_from(Expected)
        .join(Person, Person.id == Expected.person_id)
        .join(Unit, Unit.id == Expected.unit_id)
        .where(Expected.part_id == first_part(session.id))
        .where(roles.within(Unit.path, roles.scopes(db, by.id, register.STAFF_ROLES, inherited=True)))
        .order_by(Person.sort_key, Person.id)
    )
    if unit:
        statement = statement.where(lineage.below(db, unit, session.tree_date))
    return page_of(db, statement, offset, limit, most=MOST_COUNTED)
