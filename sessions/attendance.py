"""Attendance per person and part, and the credit that follows from it: the rows that the rule leads to.

What was given under one policy is never taken back by another; only a check-in that was a mistake takes back what
rested on it alone. Whoever watched while an
earlier version was in force is judged by that one too, and keeps what it gives. The vault calls `take_evidence` and
`take_replays`; whatever else changes what is known of a person calls `evaluate`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Protocol, cast
from uuid import UUID, uuid4

from sqlalchemy import BindParameter, Table, Text, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from sessions import clock, granting
from sessions.credit import Decided, Needed, PartSeen, Terms, Verdict, Watched, judge
from sessions.db import Db, among_given
from sessions.granting import Earned
from sessions.models import (
    Attendance,
    AttendanceCredit,
    Basis,
    CheckIn,
    CreditDecision,
    CreditPolicy,
    CreditState,
    DecisionState,
    Evidence,
    Expected,
    Person,
    SessionPart,
)
from sessions.models.attendance import Replay
from sessions.rows import as_rows, given

# A standing is asked for with every beat: these statements are put together once.
_session_id: BindParameter[UUID] = bindparam("session_id")
_POLICIES = select(CreditPolicy).where(CreditPolicy.session_id == _session_id).order_by(CreditPolicy.version.desc())
_REPLAYS = select(Replay).where(Replay.session_id == _session_id).order_by(Replay.title, Replay.recording_id)
_EXPECTED = (
    select(Expected.person_id, Expected.part_id, Expected.exempt_reason, Attendance.basis)
    .join(SessionPart, SessionPart.id == Expected.part_id)
    .outerjoin(Attendance, (Attendance.part_id == Expected.part_id) & (Attendance.person_id == Expected.person_id))
    .where(Expected.session_id == _session_id, among_given(Expected.person_id, "person_ids"))
    .order_by(SessionPart.position)
)
_EVIDENCE = (
    select(Evidence)
    .where(Evidence.session_id == _session_id, among_given(Evidence.person_id, "person_ids"))
    .order_by(Evidence.part_id, Evidence.recording_id)
)
_DECISIONS = (
    select(CreditDecision, Person.full_name)
    .join(Person, Person.id == CreditDecision.decided_by)
    .where(CreditDecision.session_id == _session_id, among_given(CreditDecision.person_id, "person_ids"))
    .where(CreditDecision.state == DecisionState.STANDING)
    .order_by(CreditDecision.decided_at, CreditDecision.id)
)


_PRESENCES = cast(Table, Attendance.__table__)
_ATTEND = insert(_PRESENCES).from_select(_PRESENCES.c.keys(), select(given(_PRESENCES))).on_conflict_do_nothing()


class Arrival(Protocol):
    """What of a check-in makes a part attended live."""

    @property
    def id(self) -> UUID: ...
    @property
    def part_id(self) -> UUID: ...
    @property
    def person_id(self) -> UUID: ...
    @property
    def checked_at(self) -> datetime: ...


def attend_live(db: Db, session_id: UUID, check_ins: Sequence[Arrival]) -> None:
    """Named people were present at a point: their parts are attended live, whatever was watched before.

    As many statements for a whole delivery as for one person.
    """
    rows = [
        {
            "part_id": check_in.part_id,
            "person_id": check_in.person_id,
            "session_id": session_id,
            "basis": Basis.LIVE,
            "shown_by": check_in.id,
            "at": check_in.checked_at,
        }
        for check_in in check_ins
    ]
    if rows:
        db.execute(_ATTEND, as_rows(rows))
        evaluate_all(db, [check_in.person_id for check_in in check_ins], session_id)


def leave_live(db: Db, check_in: CheckIn) -> None:
    """A check-in was a mistake: the part is attended no longer by it, and neither is a credit that needed it."""
    session_id = db.scalars(select(SessionPart.session_id).where(SessionPart.id == check_in.part_id)).one()
    take_turn(db, check_in.person_id, session_id)
    db.execute(delete(Attendance).where(Attendance.part_id == check_in.part_id, Attendance.shown_by == check_in.id))
    verdict = evaluate(db, check_in.person_id, session_id)
    if verdict is None or not verdict.credited:
        granting.revoke(db, check_in.person_id, session_id)


def take_evidence(db: Db, evidence: Iterable[Mapping[str, Any]]) -> Verdict | None:
    """Take rows of evidence (columns of `Evidence`) that the vault hands down for one person and conference.

    Gives the verdict they lead to, or nothing when there were none. Giving the same rows twice changes nothing.
    """
    rows = [{"id": uuid4(), "updated_at": clock.now(), **row} for row in evidence]
    if not rows:
        return None
    statement = insert(Evidence).values(rows)
    key = ["person_id", "part_id", "recording_id"]
    fresh = {name: statement.excluded[name] for name in rows[0] if name not in {"id", "first_watched_at", *key}}
    db.execute(statement.on_conflict_do_update(index_elements=key, set_=fresh))
    return evaluate(db, rows[0]["person_id"], rows[0]["session_id"])


def take_replays(db: Db, session_id: UUID, replays: Iterable[Replay]) -> None:
    """Take the published recordings of a conference, all of them, in place of those told of before."""
    db.execute(delete(Replay).where(Replay.session_id == session_id))
    db.add_all(replays)
    db.flush()


def evaluate(db: Db, person_id: UUID, session_id: UUID) -> Verdict | None:
    """Judge what is known of a person now, and keep every part and credit that is earned by it.

    Nothing for a person who was not expected. Two evaluations at once lead to one credit.
    """
    return evaluate_all(db, [person_id], session_id)[person_id]


def evaluate_all(db: Db, person_ids: Sequence[UUID], session_id: UUID) -> dict[UUID, Verdict | None]:
    """The same for each of these people, in this order; two calls that name the same people use the same order."""
    _take_turns(db, person_ids, session_id)
    policies = _policies(db, session_id)
    verdicts: dict[UUID, Verdict | None] = dict.fromkeys(person_ids)
    earned: dict[UUID, Earned] = {}
    for person_id, parts in _parts_seen_by(db, person_ids, session_id).items():
        if parts:
            judged = _judge_anew(db, person_id, session_id, parts, policies)
            verdicts[person_id] = judged.verdict
            if judged.verdict.credited:
                earned[person_id] = judged
    granting.keep(db, session_id, earned)
    return verdicts


def _judge_anew(
    db: Db, person_id: UUID, session_id: UUID, parts: Sequence[PartSeen], policies: Sequence[CreditPolicy]
) -> Earned:
    """Judge one person by every policy that is in force for them, and keep the parts that are found attended."""
    in_force = _terms_in_force(policies, parts)
    judged = [(terms, judge(parts, terms)) for terms in in_force]
    for _, each in judged:
        _keep_attendance(db, person_id, session_id, each)
    terms, verdict = _best(judged)
    if not verdict.credited and len(judged) > 1:
        # One part that an earlier version gave may complete what the newest gives.
        parts = parts_seen(db, person_id, session_id)
        terms, verdict = _best([(terms, judge(parts, terms)) for terms in in_force])
    return Earned(parts, terms, verdict)


def take_turn(db: Db, person_id: UUID, session_id: UUID) -> None:
    """Evaluations and decisions of one person and conference come one after the other, until the transaction ends.

    Two that ran side by side would each miss what the other is about to write, and together find the person short of
    a part that both had attended.
    """
    _take_turns(db, [person_id], session_id)


def _take_turns(db: Db, person_ids: Sequence[UUID], session_id: UUID) -> None:
    names = bindparam(None, [f"{person_id}/{session_id}" for person_id in person_ids], type_=ARRAY(Text))
    keys = func.unnest(names, type_=Text).column_valued("key")
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(keys, 0))))


def standing(db: Db, person_id: UUID, session_id: UUID) -> Verdict:
    """The verdict as it stands, for reading: nothing is written."""
    return standings(db, [person_id], session_id)[person_id]


def standings(db: Db, person_ids: Sequence[UUID], session_id: UUID) -> dict[UUID, Verdict]:
    """The verdicts of these people as they stand, in as many statements as one costs."""
    policies = _policies(db, session_id)
    return {
        person_id: _best([(terms, judge(parts, terms)) for terms in _terms_in_force(policies, parts)])[1]
        for person_id, parts in _parts_seen_by(db, person_ids, session_id).items()
    }


def is_credited(db: Db, person_id: UUID, session_id: UUID) -> bool:
    """Whether the credit of a conference was given, by whatever policy or decision."""
    mine = select(AttendanceCredit.id).where(
        AttendanceCredit.person_id == person_id, AttendanceCredit.session_id == session_id
    )
    return db.scalar(mine.where(AttendanceCredit.state == CreditState.GRANTED).limit(1)) is not None


def terms_of(db: Db, session_id: UUID) -> Terms:
    """The newest policy of a conference."""
    return _terms(_policies(db, session_id)[0])


def _terms_in_force(policies: Sequence[CreditPolicy], parts: Iterable[PartSeen]) -> list[Terms]:
    """The newest policy, and before it every one that was in force when the person had watched all they watched."""
    watched = [seen.last_watched_at for part in parts for seen in part.watched if seen.covered_seconds > 0]
    older = [older for newer, older in pairwise(policies) if watched and max(watched) <= newer.set_at]
    return [_terms(policy) for policy in [policies[0], *older]]


def _best(judged: Sequence[tuple[Terms, Verdict]]) -> tuple[Terms, Verdict]:
    """The first that gives the credit, or else what the newest policy says."""
    return next((each for each in judged if each[1].credited), judged[0])


def _policies(db: Db, session_id: UUID) -> Sequence[CreditPolicy]:
    return db.scalars(_POLICIES, {"session_id": session_id}).all()


def _terms(policy: CreditPolicy) -> Terms:
    return Terms(
        policy.version,
        policy.coverage_required,
        policy.prompts_required,
        policy.replay_until,
        policy.reflection_required,
    )


def parts_seen(db: Db, person_id: UUID, session_id: UUID) -> list[PartSeen]:
    """Every part that the person was expected at, in the order of the agenda, with all that is known of it."""
    return _parts_seen_by(db, [person_id], session_id)[person_id]


def _parts_seen_by(db: Db, person_ids: Sequence[UUID], session_id: UUID) -> dict[UUID, list[PartSeen]]:
    """The same for each of these people."""
    watched: defaultdict[tuple[UUID, UUID], list[Watched]] = defaultdict(list)
    for row in _evidence_of(db, person_ids, session_id):
        watched[row.person_id, row.part_id].append(_watched(row))
    replays = db.scalars(_REPLAYS, {"session_id": session_id}).all()
    decided = _decided_by_person(db, person_ids, session_id)
    seen: dict[UUID, list[PartSeen]] = {person_id: [] for person_id in person_ids}
    for person_id, part_id, exempt, basis in db.execute(_EXPECTED, _about(person_ids, session_id)):
        decisions = tuple(decision for about, decision in decided[person_id] if about in (None, part_id))
        mine = tuple(watched[person_id, part_id])
        part = PartSeen(part_id, exempt is not None, basis, mine, _needed(replays, part_id), decisions)
        seen[person_id].append(part)
    return seen


def _needed(replays: Iterable[Replay], part_id: UUID) -> tuple[Needed, ...]:
    return tuple(
        Needed(each.recording_id, each.content, each.title, each.length_seconds, each.part_id is None)
        for each in replays
        if each.part_id in (None, part_id)
    )


def credit_of(db: Db, person_id: UUID, session_id: UUID) -> AttendanceCredit | None:
    """The credit that one person has for a conference, if they have it."""
    mine = select(AttendanceCredit).where(AttendanceCredit.person_id == person_id)
    return db.scalar(mine.where(AttendanceCredit.session_id == session_id))


def decided_of(db: Db, person_id: UUID, session_id: UUID) -> list[tuple[UUID | None, Decided]]:
    """The decisions about one person and conference that stand, the oldest first, each with the part it is about."""
    return _decided_by_person(db, [person_id], session_id)[person_id]


def _decided_by_person(
    db: Db, person_ids: Sequence[UUID], session_id: UUID
) -> defaultdict[UUID, list[tuple[UUID | None, Decided]]]:
    decided: defaultdict[UUID, list[tuple[UUID | None, Decided]]] = defaultdict(list)
    for row, name in db.execute(_DECISIONS, _about(person_ids, session_id)):
        by = Decided(row.id, row.kind, row.part_id is None, row.decided_by, name, row.decided_at, row.reason)
        decided[row.person_id].append((row.part_id, by))
    return decided


def evidence_of(db: Db, person_id: UUID, session_id: UUID) -> Sequence[Evidence]:
    """All evidence rows of one person and conference."""
    return _evidence_of(db, [person_id], session_id)


def _evidence_of(db: Db, person_ids: Sequence[UUID], session_id: UUID) -> Sequence[Evidence]:
    return db.scalars(_EVIDENCE, _about(person_ids, session_id)).all()


def _about(person_ids: Sequence[UUID], session_id: UUID) -> dict[str, Any]:
    return {"person_ids": list(person_ids), "session_id": session_id}


def _watched(row: Evidence) -> Watched:
    return Watched(
        row.id,
        row.recording_id,
        row.basis,
        row.length_seconds,
        row.covered_seconds,
        tuple((start, end) for start, end in row.missing),
        row.prompts_asked,
        row.prompts_answered,
        row.last_watched_at,
        tuple(row.doubts),
    )


def _keep_attendance(db: Db, person_id: UUID, session_id: UUID, verdict: Verdict) -> None:
    for part in verdict.parts:
        if part.shown_by is None or part.basis is None:
            continue
        row = insert(Attendance).values(
            part_id=part.part_id,
            person_id=person_id,
            session_id=session_id,
            basis=part.basis,
            shown_by=part.shown_by,
            at=clock.now(),
        )
        # What an earlier evaluation found stays as it was found.
        db.execute(row.on_conflict_do_nothing())
