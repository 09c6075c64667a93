"""What earns a credit: a pure rule over plain evidence, and the rows that it leads to.

Attendance is kept per person and part; a credit is the sum of the parts, once per person and conference. The rule
reads nothing but its arguments, so whoever wants to know why can be shown the very values it saw. What was given
under one policy is never taken back by another: rows are only ever added here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from sessions import audit, clock
from sessions.db import Db
from sessions.errors import Language
from sessions.intervals import Interval, in_minutes
from sessions.models import (
    Attendance,
    AttendanceCredit,
    Basis,
    CheckIn,
    CreditPolicy,
    CreditState,
    Evidence,
    Expected,
    SessionPart,
)

#: Changes whenever `judge` would answer differently to the same arguments; kept in every credit.
RULE_VERSION = "1"


class Why(StrEnum):
    """Every reason the rule can give."""

    ATTENDED_LIVE = "attended-live"
    WATCHED_ENOUGH = "watched-enough"
    EXEMPT = "exempt"
    NOT_ATTENDED = "not-attended"
    MISSING_MINUTES = "missing-minutes"
    PROMPTS_MISSED = "prompts-missed"
    PAST_DEADLINE = "past-deadline"
    REFLECTION_MISSING = "reflection-missing"


_SENTENCES: dict[Why, tuple[str, str]] = {
    Why.ATTENDED_LIVE: ("Đã có mặt tại điểm cầu.", "Was present at a connection point."),
    Why.WATCHED_ENOUGH: ("Đã xem lại đủ {percent}%.", "Has watched enough of the replay, {percent}%."),
    Why.EXEMPT: ("Được miễn dự phần này.", "Is exempt from this part."),
    Why.NOT_ATTENDED: ("Chưa dự và chưa xem lại phần này.", "Neither attended nor watched this part yet."),
    Why.MISSING_MINUTES: ("Còn thiếu phút {minutes}.", "Still missing: minute {minutes}."),
    Why.PROMPTS_MISSED: (
        "Mới trả lời kịp {answered}/{asked} câu hỏi điểm danh.",
        "Answered {answered} of {asked} presence questions in time.",
    ),
    Why.PAST_DEADLINE: ("Xem lại sau hạn {deadline}.", "Watched after the deadline, {deadline}."),
    Why.REFLECTION_MISSING: ("Chưa nộp bài thu hoạch đạt yêu cầu.", "A passed reflection is still missing."),
}


@dataclass(frozen=True)
class Reason:
    """One reason with its figures; `sentence` says it to a person."""

    code: Why
    facts: Mapping[str, str | int]

    def sentence(self, language: Language = "vi") -> str:
        return _SENTENCES[self.code][language == "en"].format(**self.facts)


@dataclass(frozen=True)
class Terms:
    """What a conference asks of a replay. Shares are between 0 and 1."""

    version: int
    coverage_required: float
    prompts_required: float
    replay_until: datetime
    reflection_required: bool


@dataclass(frozen=True)
class Watched:
    """One attempt at one part: a recording, and how much of it was really played, in seconds."""

    evidence_id: UUID
    recording_id: UUID
    basis: Basis
    length_seconds: float
    covered_seconds: float
    missing: tuple[Interval, ...]
    prompts_asked: int
    prompts_answered: int
    last_watched_at: datetime


@dataclass(frozen=True)
class PartSeen:
    """Everything known of one person and one part."""

    part_id: UUID
    exempt: bool = False
    #: How an earlier evaluation found the part attended; it stays attended.
    attended: Basis | None = None
    watched: tuple[Watched, ...] = ()


@dataclass(frozen=True)
class PartVerdict:
    part_id: UUID
    attended: bool
    basis: Basis | None
    reasons: tuple[Reason, ...]
    #: The evidence row on which a replay was found sufficient just now.
    shown_by: UUID | None = None


@dataclass(frozen=True)
class Verdict:
    """Whether the conference counts as attended, on what basis, and why or why not."""

    credited: bool
    basis: Basis | None
    parts: tuple[PartVerdict, ...]
    reasons: tuple[Reason, ...]


def judge(parts: Iterable[PartSeen], terms: Terms, *, reflection_passed: bool = False) -> Verdict:
    """The credit rule: every part that the person was expected at was attended, live or by a sufficient replay."""
    verdicts = tuple(_judge_part(part, terms) for part in parts)
    due = [verdict for verdict in verdicts if not _is_exempt(verdict)]
    reasons = tuple(reason for verdict in due if not verdict.attended for reason in verdict.reasons)
    if terms.reflection_required and not reflection_passed:
        reasons += (Reason(Why.REFLECTION_MISSING, {}),)
    credited = bool(due) and not reasons
    bases = {verdict.basis for verdict in due if verdict.basis}
    basis = (bases.pop() if len(bases) == 1 else Basis.MIXED) if credited else None
    return Verdict(credited, basis, verdicts, reasons)


def _judge_part(part: PartSeen, terms: Terms) -> PartVerdict:
    if part.exempt:
        return PartVerdict(part.part_id, False, None, (Reason(Why.EXEMPT, {}),))
    if part.attended is Basis.LIVE:
        return PartVerdict(part.part_id, True, Basis.LIVE, (Reason(Why.ATTENDED_LIVE, {}),))
    best = max(part.watched, key=lambda seen: (not _shortfalls(seen, terms), _share(seen)), default=None)
    if best is None:
        reason = Reason(Why.WATCHED_ENOUGH, {"percent": 100}) if part.attended else Reason(Why.NOT_ATTENDED, {})
        return PartVerdict(part.part_id, part.attended is not None, part.attended, (reason,))
    enough = Reason(Why.WATCHED_ENOUGH, {"percent": int(100 * _share(best))})
    if part.attended:
        return PartVerdict(part.part_id, True, part.attended, (enough,))
    if lacking := _shortfalls(best, terms):
        return PartVerdict(part.part_id, False, None, lacking)
    return PartVerdict(part.part_id, True, best.basis, (enough,), best.evidence_id)


def _shortfalls(seen: Watched, terms: Terms) -> tuple[Reason, ...]:
    reasons = []
    if _share(seen) < terms.coverage_required:
        reasons.append(Reason(Why.MISSING_MINUTES, {"minutes": _minutes(seen.missing)}))
    if seen.prompts_asked and seen.prompts_answered < terms.prompts_required * seen.prompts_asked:
        reasons.append(Reason(Why.PROMPTS_MISSED, {"answered": seen.prompts_answered, "asked": seen.prompts_asked}))
    if seen.last_watched_at > terms.replay_until:
        reasons.append(
            Reason(Why.PAST_DEADLINE, {"deadline": f"{terms.replay_until.astimezone(clock.VIETNAM):%d/%m/%Y}"})
        )
    return tuple(reasons)


def _share(seen: Watched) -> float:
    return min(1.0, seen.covered_seconds / seen.length_seconds) if seen.length_seconds > 0 else 0.0


def _minutes(missing: Iterable[Interval], most: int = 6) -> str:
    # A gap of a second or two is no minute that a person could find and watch.
    ranges = in_minutes(gap for gap in missing if gap[1] - gap[0] >= 2)
    said = [str(first) if first == last else f"{first}-{last}" for first, last in ranges[:most]]
    return ", ".join(said) + (", …" if len(ranges) > most else "")


def _is_exempt(verdict: PartVerdict) -> bool:
    return any(reason.code is Why.EXEMPT for reason in verdict.reasons)


def attend_live(db: Db, check_in: CheckIn) -> None:
    """A named person was present at a point: their part is attended live, whatever was watched before."""
    session_id = db.scalars(select(SessionPart.session_id).where(SessionPart.id == check_in.part_id)).one()
    row = insert(Attendance).values(
        part_id=check_in.part_id,
        person_id=check_in.person_id,
        session_id=session_id,
        basis=Basis.LIVE,
        shown_by=check_in.id,
        at=check_in.checked_at,
    )
    db.execute(row.on_conflict_do_nothing())
    evaluate(db, check_in.person_id, session_id)


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


def evaluate(db: Db, person_id: UUID, session_id: UUID) -> Verdict | None:
    """Judge what is known of a person now, and keep every part and credit that is earned by it.

    Nothing for a person who was not expected. Two evaluations at once lead to one credit.
    """
    terms, parts = terms_of(db, session_id), parts_seen(db, person_id, session_id)
    if not parts:
        return None
    verdict = judge(parts, terms)
    _keep_attendance(db, person_id, session_id, verdict)
    if verdict.credited:
        _keep_credit(db, person_id, session_id, parts, verdict, terms)
    return verdict


def standing(db: Db, person_id: UUID, session_id: UUID) -> Verdict:
    """The verdict as it stands, for reading: nothing is written."""
    return judge(parts_seen(db, person_id, session_id), terms_of(db, session_id))


def terms_of(db: Db, session_id: UUID) -> Terms:
    """The newest policy of a conference."""
    newest = select(CreditPolicy).where(CreditPolicy.session_id == session_id)
    policy = db.scalars(newest.order_by(CreditPolicy.version.desc()).limit(1)).one()
    return Terms(
        policy.version,
        policy.coverage_required,
        policy.prompts_required,
        policy.replay_until,
        policy.reflection_required,
    )


def parts_seen(db: Db, person_id: UUID, session_id: UUID) -> list[PartSeen]:
    """Every part that the person was expected at, in the order of the agenda, with all that is known of it."""
    watched: dict[UUID, list[Watched]] = {}
    mine = select(Evidence).where(Evidence.session_id == session_id, Evidence.person_id == person_id)
    for row in db.scalars(mine.order_by(Evidence.recording_id)):
        watched.setdefault(row.part_id, []).append(_watched(row))
    expected = (
        select(Expected.part_id, Expected.exempt_reason, Attendance.basis)
        .join(SessionPart, SessionPart.id == Expected.part_id)
        .outerjoin(Attendance, (Attendance.part_id == Expected.part_id) & (Attendance.person_id == Expected.person_id))
        .where(Expected.session_id == session_id, Expected.person_id == person_id)
        .order_by(SessionPart.position)
    )
    return [
        PartSeen(part_id, exempt is not None, basis, tuple(watched.get(part_id, ())))
        for part_id, exempt, basis in db.execute(expected)
    ]


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


def _keep_credit(
    db: Db, person_id: UUID, session_id: UUID, parts: Iterable[PartSeen], verdict: Verdict, terms: Terms
) -> None:
    unit_id = db.scalar(
        select(Expected.unit_id).where(Expected.session_id == session_id, Expected.person_id == person_id).limit(1)
    )
    row = insert(AttendanceCredit).values(
        id=uuid4(),
        person_id=person_id,
        session_id=session_id,
        unit_id=unit_id,
        state=CreditState.GRANTED,
        basis=verdict.basis,
        policy_version=terms.version,
        rule_version=RULE_VERSION,
        evidence=[_by_value(part, judged) for part, judged in zip(parts, verdict.parts, strict=True)],
        granted_at=clock.now(),
    )
    granted = db.scalar(row.on_conflict_do_nothing().returning(AttendanceCredit.id))
    if granted:
        audit.note(
            db,
            None,
            "credit.granted",
            "credit",
            granted,
            person_id=person_id,
            session_id=session_id,
            basis=verdict.basis,
        )


def _by_value(part: PartSeen, judged: PartVerdict) -> dict[str, Any]:
    """A part's evidence as it is kept in the credit: readable after every other row is gone."""
    return {
        "part_id": str(part.part_id),
        "basis": judged.basis,
        "exempt": part.exempt,
        "watched": [
            {
                "recording_id": str(seen.recording_id),
                "length_seconds": seen.length_seconds,
                "covered_seconds": seen.covered_seconds,
                "missing": seen.missing,
                "prompts_asked": seen.prompts_asked,
                "prompts_answered": seen.prompts_answered,
                "last_watched_at": seen.last_watched_at.isoformat(),
            }
            for seen in part.watched
        ],
    }
