"""What waits for a person to decide: doubtful viewings, logs that were not taken, and those who fell just short.

A case is one person and one conference. It is open while there is no credit and nobody has decided since the evidence
last changed. The list is one statement for a page and one for what is said of its rows, however many there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from archive.models import Recording
from archive.offline_doubts import HOLDING
from archive.offline_models import Lease, OfflineDoubt
from sessions import clock, register, roles
from sessions.db import Db
from sessions.listing import page_of
from sessions.models import (
    Attendance,
    AttendanceCredit,
    ConferenceSession,
    CreditDecision,
    CreditPolicy,
    CreditState,
    DecisionState,
    Evidence,
    Expected,
    Person,
    SessionPart,
    Unit,
)

#: Whoever lacks no more than this share of a recording, or of the answers, fell just short.
JUST_SHORT: Final = 0.1
#: From so long before the deadline a case that fell short is shown, and for so long after it.
NEAR_BEFORE, NEAR_AFTER = timedelta(days=3), timedelta(days=30)
#: A badge counts no further: beyond it, the number tells nobody anything.
MOST_COUNTED: Final = 100

Which = Literal["all", "doubtful", "short"]


@dataclass(frozen=True)
class Piece:
    """What is known of one part: how much was watched, what is missing, and what is doubtful."""

    part_title: str
    evidence: Evidence


@dataclass(frozen=True)
class Case:
    """One line of the queue. `ready`: nothing but somebody's word is lacking."""

    session: ConferenceSession
    person: Person
    unit: Unit
    ready: bool
    doubtful: bool
    short: bool
    #: When the replay closes; the case may still be decided afterwards.
    replay_until: datetime
    #: When the evidence last changed.
    changed_at: datetime
    #: Somebody decided before, and more was watched since.
    decided_before: bool
    pieces: Sequence[Piece]
    #: Codes of what is doubtful about logs that were watched without a link.
    log_doubts: Sequence[str]


def find(
    db: Db, by: Person, *, session_id: UUID | None = None, which: Which = "all", offset: int = 0, limit: int = 50
) -> tuple[list[Case], int]:
    """A page of the open cases of the units that `by` is staff of, what is ready first, and how many there are."""
    open_cases = _open_cases(db, by, session_id, which).subquery()
    decided = exists().where(
        CreditDecision.person_id == open_cases.c.person_id,
        CreditDecision.session_id == open_cases.c.session_id,
        CreditDecision.state == DecisionState.STANDING,
    )
    in_order = (open_cases.c.ready.desc(), open_cases.c.replay_until, Person.sort_key, Person.id, ConferenceSession.id)
    flags = (open_cases.c.ready, open_cases.c.doubtful, open_cases.c.short)
    times = (open_cases.c.replay_until, open_cases.c.changed_at)
    rows = (
        select(ConferenceSession, Person, Unit, *flags, *times, decided)
        .join(ConferenceSession, ConferenceSession.id == open_cases.c.session_id)
        .join(Person, Person.id == open_cases.c.person_id)
        .join(Unit, Unit.id == open_cases.c.unit_id)
        .order_by(*in_order)
    )
    page, total = page_of(db, rows, offset, limit)
    keys = [(session.id, person.id) for session, person, *_ in page]
    pieces, logs = _said_of(db, keys)
    cases = [Case(*(*row, pieces.get(key, []), logs.get(key, []))) for key, row in zip(keys, page, strict=True)]
    return cases, total


def count(db: Db, by: Person) -> int:
    """How many cases are open in the units of `by`, at most `MOST_COUNTED`."""
    some = _open_cases(db, by, None, "all").limit(MOST_COUNTED).subquery()
    return db.scalars(select(func.count()).select_from(some)).one()


def _open_cases(db: Db, by: Person, session_id: UUID | None, which: Which) -> Select[*tuple[Any, ...]]:
    """SQL: one row per open case in the units of `by`."""
    found = _findings(session_id).cte("findings")
    mine = roles.within(Unit.path, roles.scopes(db, by.id, register.STAFF_ROLES))
    columns = found.c
    wanted = {"all": true(), "doubtful": func.bool_or(columns.doubtful), "short": func.bool_or(columns.short)}
    credited = exists().where(
        AttendanceCredit.person_id == columns.person_id,
        AttendanceCredit.session_id == columns.session_id,
        AttendanceCredit.state == CreditState.GRANTED,
    )
    return (
        select(
            columns.session_id,
            columns.person_id,
            Expected.unit_id,
            func.bool_or(columns.ready).label("ready"),
            func.bool_or(columns.doubtful).label("doubtful"),
            func.bool_or(columns.short).label("short"),
            func.min(columns.replay_until).label("replay_until"),
            func.max(columns.changed_at).label("changed_at"),
        )
        .join(Expected, and_(Expected.session_id == columns.session_id, Expected.person_id == columns.person_id))
        .join(Unit, Unit.id == Expected.unit_id)
        .where(mine, ~credited, ~_is_settled(found))
        .group_by(columns.session_id, columns.person_id, Expected.unit_id)
        .having(wanted[which])
    )


def _findings(session_id: UUID | None) -> CompoundSelect[*tuple[Any, ...]]:
    """SQL: what may call for a person, one row per finding: doubtful evidence, what is just short, logs not taken."""
    terms = _newest_terms()
    return union_all(_doubtful(terms, session_id), _just_short(terms, session_id), _logs(terms, session_id))


def _newest_terms() -> CTE:
    """SQL: the newest policy of every conference."""
    newest = select(CreditPolicy).ext(distinct_on(CreditPolicy.session_id))
    return newest.order_by(CreditPolicy.session_id, CreditPolicy.version.desc()).cte("terms")


def _doubtful(terms: CTE, session_id: UUID | None) -> Select[*tuple[Any, ...]]:
    """Evidence with something doubtful about it, of parts that were not attended; ready when it lacks nothing else."""
    doubted = _evidence(terms, session_id, ready=_is_enough(terms), doubtful=true(), short=false())
    # A literal, so that the index of doubtful evidence serves.
    return doubted.where(Evidence.doubts != literal_column("'[]'::jsonb"))


def _just_short(terms: CTE, session_id: UUID | None) -> Select[*tuple[Any, ...]]:
    """Evidence that lacks little, or came a little late, near the deadline."""
    now = clock.now()
    near = terms.c.replay_until.between(now - NEAR_AFTER, now + NEAR_BEFORE)
    almost = and_(~_is_enough(terms), _is_enough(terms, lacking=JUST_SHORT, late=NEAR_BEFORE))
    return _evidence(terms, session_id, ready=false(), doubtful=false(), short=true()).where(near, almost)


def _is_enough(terms: CTE, *, lacking: float = 0.0, late: timedelta = timedelta()) -> ColumnElement[bool]:
    """One recording's evidence is all that the policy asks for, or lacks no more than these shares and came so late."""
    return and_(
        Evidence.covered_seconds >= (terms.c.coverage_required - lacking) * Evidence.length_seconds,
        Evidence.prompts_answered >= (terms.c.prompts_required - lacking) * Evidence.prompts_asked,
        Evidence.last_watched_at <= terms.c.replay_until + late,
    )


def _evidence(terms: CTE, session_id: UUID | None, **flags: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    attended = exists().where(Attendance.part_id == Evidence.part_id, Attendance.person_id == Evidence.person_id)
    return (
        select(
            Evidence.session_id,
            Evidence.person_id,
            Evidence.part_id,
            *(flag.label(name) for name, flag in flags.items()),
            terms.c.replay_until,
            Evidence.updated_at.label("changed_at"),
        )
        .join(terms, terms.c.session_id == Evidence.session_id)
        .where(~attended, Evidence.session_id == session_id if session_id else true())
    )


def _logs(terms: CTE, session_id: UUID | None) -> Select[*tuple[Any, ...]]:
    """Logs of watching without a link about which something is doubtful, whether or not they were taken."""
    return (
        select(
            Recording.session_id,
            OfflineDoubt.person_id,
            Recording.part_id,
            false().label("ready"),
            true().label("doubtful"),
            false().label("short"),
            terms.c.replay_until,
            OfflineDoubt.at.label("changed_at"),
        )
        .join(Lease, Lease.id == OfflineDoubt.lease_id)
        .join(Recording, Recording.id == Lease.recording_id)
        .join(terms, terms.c.session_id == Recording.session_id)
        .where(OfflineDoubt.code.in_(HOLDING), Recording.session_id == session_id if session_id else true())
    )


def _is_settled(findings: CTE) -> ColumnElement[bool]:
    """Somebody decided about it since it last changed, or a decision waits for its second person."""
    about = or_(
        CreditDecision.part_id.is_(None), findings.c.part_id.is_(None), CreditDecision.part_id == findings.c.part_id
    )
    since = or_(
        and_(CreditDecision.state == DecisionState.STANDING, CreditDecision.decided_at >= findings.c.changed_at),
        CreditDecision.state == DecisionState.WAITING,
    )
    return exists().where(
        CreditDecision.person_id == findings.c.person_id,
        CreditDecision.session_id == findings.c.session_id,
        about,
        since,
    )


def _said_of(
    db: Db, keys: Sequence[tuple[UUID, UUID]]
) -> tuple[dict[tuple[UUID, UUID], list[Piece]], dict[tuple[UUID, UUID], list[str]]]:
    """The evidence of these cases (conference, person), and the doubts about their logs."""
    pieces: dict[tuple[UUID, UUID], list[Piece]] = {}
    logs: dict[tuple[UUID, UUID], list[str]] = {}
    evidence = (
        select(Evidence, SessionPart.title)
        .join(SessionPart, SessionPart.id == Evidence.part_id)
        .where(tuple_(Evidence.session_id, Evidence.person_id).in_(keys))
        .order_by(SessionPart.position, Evidence.recording_id)
    )
    for row, title in db.execute(evidence):
        pieces.setdefault((row.session_id, row.person_id), []).append(Piece(title, row))
    doubts = (
        select(Recording.session_id, OfflineDoubt.person_id, OfflineDoubt.code)
        .join(Lease, Lease.id == OfflineDoubt.lease_id)
        .join(Recording, Recording.id == Lease.recording_id)
        .where(tuple_(Recording.session_id, OfflineDoubt.person_id).in_(keys), OfflineDoubt.code.in_(HOLDING))
        .distinct()
        .order_by(OfflineDoubt.code)
    )
    for session_id, person_id, code in db.execute(doubts):
        logs.setdefault((session_id, person_id), []).append(code)
    return pieces, logs
