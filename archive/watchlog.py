"""The log of who watched: viewings, the beats that players report, and what they add up to.

One viewing is active per person; opening another supersedes it. A beat is taken once, by its number, and is never
changed. Taking one costs one short transaction: the beats, the union of coverage, and now and then a row of evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from archive.coverage import CLOCK_GRACE, Played, covered_by
from archive.models import Beat, Recording, Viewing, WatchCoverage
from sessions import attendance, clock
from sessions.credit import Verdict
from sessions.db import Db
from sessions.errors import Invalid, NotFound
from sessions.intervals import Interval, gaps, total, union
from sessions.models import Basis, CreditPolicy, Expected, Person, SessionPart

#: A person's evidence is handed down whenever their coverage passed another of so many equal shares.
_EVIDENCE_STEPS = 20


class ViewingNotFound(NotFound):
    code = "viewing-not-found"
    vi = "Không có lượt xem này của bạn."
    en = "There is no such viewing of yours."


class BeatImpossible(Invalid):
    code = "beat-impossible"
    vi = "Nhịp xem số {seq} có số liệu không thể có nên không được ghi nhận."
    en = "Beat number {seq} holds figures that cannot be, so it was not taken."


@dataclass(frozen=True)
class Report:
    """One beat as a player sends it; units as in `archive.coverage.Played`."""

    seq: int
    span_start: float
    span_end: float
    played: Sequence[tuple[float, float, float]]
    hidden_seconds: float
    muted_seconds: float


@dataclass(frozen=True)
class Progress:
    """Where a person stands with a recording after a report."""

    accepted: list[int]
    covered: list[Interval]
    missing: list[Interval]
    covered_ratio: float
    superseded: bool
    verdict: Verdict


def open_viewing(db: Db, person: Person, recording: Recording, user_agent: str) -> Viewing:
    """Begin to watch; the person's earlier open viewing ends at this moment, on whatever device it runs."""
    _take_turn(db, person.id)
    for earlier in db.scalars(select(Viewing).where(Viewing.person_id == person.id, Viewing.ended_at.is_(None))):
        close(db, earlier)
    viewing = Viewing(
        person_id=person.id,
        recording_id=recording.id,
        policy_version=_policy_of(db, recording).version,
        opened_at=clock.now(),
        user_agent=user_agent[:300],
        covered=[],
    )
    db.add(viewing)
    db.flush()
    return viewing


def find_own(db: Db, person: Person, viewing_id: UUID) -> Viewing:
    """The person's own viewing, open or ended; anyone else's is simply not there."""
    viewing = db.scalar(select(Viewing).where(Viewing.id == viewing_id, Viewing.person_id == person.id))
    if viewing is None:
        raise ViewingNotFound
    return viewing


def close(db: Db, viewing: Viewing) -> None:
    """End a viewing; beats of its time that are still on their way are taken later all the same."""
    _take_turn(db, viewing.person_id)
    db.refresh(viewing)
    if viewing.ended_at is None:
        viewing.ended_at = clock.now()
        recording = db.get_one(Recording, viewing.recording_id)
        kept = _settle(db, viewing, recording)
        _hand_down(db, recording, kept)


def record(db: Db, viewing: Viewing, reports: Sequence[Report]) -> Progress:
    """Take beats, each once, and say where the person stands. All of a batch is taken or none of it."""
    for report in reports:
        _demand_possible(report)
    _take_turn(db, viewing.person_id)
    db.refresh(viewing)
    recording = db.get_one(Recording, viewing.recording_id)
    before = coverage_of(db, viewing.person_id, recording.id)
    seconds_before = before.covered_seconds if before else 0.0
    _append(db, viewing, reports)
    kept = _settle(db, viewing, recording)
    if reports and reports[-1].played:
        kept.resume_at_seconds = min(reports[-1].played[-1][1], recording.duration_seconds)
    asked = _policy_of(db, recording).coverage_required * recording.duration_seconds
    passed = _steps(kept.covered_seconds, recording) > _steps(seconds_before, recording)
    enough = seconds_before < asked <= kept.covered_seconds
    verdict = _hand_down(db, recording, kept) if passed or enough else None
    covered = _pairs(kept.covered)
    return Progress(
        accepted=[report.seq for report in reports],
        covered=covered,
        missing=gaps(covered, recording.duration_seconds),
        covered_ratio=ratio(kept, recording),
        superseded=viewing.ended_at is not None,
        verdict=verdict or attendance.standing(db, viewing.person_id, recording.session_id),
    )


@dataclass(frozen=True)
class Watching:
    """One viewing as evidence: when and on what it was, how many beats came, and what they prove."""

    id: UUID
    recording_id: UUID
    opened_at: datetime
    ended_at: datetime | None
    user_agent: str
    beats: int
    covered: list[Interval]


def viewings_of(db: Db, person_id: UUID, session_id: UUID) -> list[Watching]:
    """Every viewing of a conference's recordings by one person, oldest first."""
    beats = select(func.count()).where(Beat.viewing_id == Viewing.id).scalar_subquery()
    rows = db.execute(
        select(Viewing, beats)
        .join(Recording, Recording.id == Viewing.recording_id)
        .where(Viewing.person_id == person_id, Recording.session_id == session_id)
        .order_by(Viewing.opened_at)
    )
    return [
        Watching(
            viewing.id,
            viewing.recording_id,
            viewing.opened_at,
            viewing.ended_at,
            viewing.user_agent,
            count,
            _pairs(viewing.covered),
        )
        for viewing, count in rows
    ]


def coverage_of(db: Db, person_id: UUID, recording_id: UUID) -> WatchCoverage | None:
    """What one person has covered of one recording, if they ever watched it."""
    return db.get(WatchCoverage, (person_id, recording_id))


def ratio(kept: WatchCoverage | None, recording: Recording) -> float:
    """The covered share of a recording, between 0 and 1."""
    return min(1.0, kept.covered_seconds / recording.duration_seconds) if kept else 0.0


def prove(db: Db, viewing: Viewing, recording: Recording) -> list[Interval]:
    """What the beats of one viewing prove, computed from the rows alone."""
    return covered_by(
        (_played(row) for row in db.scalars(select(Beat).where(Beat.viewing_id == viewing.id))),
        opened_at=viewing.opened_at,
        ended_at=viewing.ended_at,
        length=recording.duration_seconds,
        max_rate=_policy_of(db, recording, viewing.policy_version).max_rate,
    )


@dataclass(frozen=True)
class Proof:
    """How many viewings were computed anew, and which of them hold something else than their beats say."""

    checked: int
    wrong: list[UUID]


def verify(db: Db) -> Proof:
    """Prove every viewing's coverage from its beats, and that the active times of no person overlap."""
    checked, wrong = 0, []
    # The rest of the row's life is known once the next viewing of the person is seen.
    later: dict[UUID, Viewing] = {}
    for viewing in db.scalars(select(Viewing).order_by(Viewing.opened_at.desc())):
        checked += 1
        recording = db.get_one(Recording, viewing.recording_id)
        following = later.get(viewing.person_id)
        overlaps = following is not None and (viewing.ended_at is None or viewing.ended_at > following.opened_at)
        if overlaps or _pairs(viewing.covered) != prove(db, viewing, recording):
            wrong.append(viewing.id)
        later[viewing.person_id] = viewing
    return Proof(checked, wrong)


def _settle(db: Db, viewing: Viewing, recording: Recording) -> WatchCoverage:
    """Bring the viewing's coverage, and the person's over all their viewings, to what the beats say now."""
    viewing.covered = list(prove(db, viewing, recording))
    db.flush()
    mine = select(Viewing.covered).where(
        Viewing.person_id == viewing.person_id, Viewing.recording_id == viewing.recording_id
    )
    covered = union(stretch for each in db.scalars(mine) for stretch in _pairs(each))
    kept = coverage_of(db, viewing.person_id, recording.id)
    if kept is None:
        kept = WatchCoverage(
            person_id=viewing.person_id,
            recording_id=recording.id,
            covered_seconds=0.0,
            resume_at_seconds=0.0,
            first_watched_at=viewing.opened_at,
            last_watched_at=viewing.opened_at,
        )
        db.add(kept)
    if total(covered) > kept.covered_seconds:
        # Closing a page after the deadline is not watching after it.
        kept.last_watched_at = clock.now()
    kept.covered, kept.covered_seconds = list(covered), total(covered)
    db.flush()
    return kept


def _take_turn(db: Db, person_id: UUID) -> None:
    """Everything that one person's viewings write is written one after the other, whatever the devices do at once."""
    db.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def _append(db: Db, viewing: Viewing, reports: Sequence[Report]) -> None:
    if not reports:
        return
    now = clock.now()
    rows = [
        {
            "viewing_id": viewing.id,
            "seq": report.seq,
            "span_start": report.span_start,
            "span_end": report.span_end,
            "played": [list(segment) for segment in report.played],
            "hidden_seconds": report.hidden_seconds,
            "muted_seconds": report.muted_seconds,
            "received_at": now,
        }
        for report in reports
    ]
    # A beat that came before is the same beat: the first receipt stands, and its moment with it.
    db.execute(insert(Beat).values(rows).on_conflict_do_nothing())


def _hand_down(db: Db, recording: Recording, kept: WatchCoverage) -> Verdict | None:
    """Push the person's evidence for every part that this recording shows down into the register."""
    covered = _pairs(kept.covered)
    viewings = db.scalar(
        select(func.count()).where(Viewing.person_id == kept.person_id, Viewing.recording_id == recording.id)
    )
    parts = (
        select(Expected.part_id)
        .join(SessionPart, SessionPart.id == Expected.part_id)
        .where(Expected.session_id == recording.session_id, Expected.person_id == kept.person_id)
    )
    if recording.part_id:
        parts = parts.where(Expected.part_id == recording.part_id)
    return attendance.take_evidence(
        db,
        [
            {
                "person_id": kept.person_id,
                "part_id": part_id,
                "session_id": recording.session_id,
                "recording_id": recording.id,
                "basis": Basis.REPLAY,
                "length_seconds": recording.duration_seconds,
                "covered_seconds": kept.covered_seconds,
                "missing": gaps(covered, recording.duration_seconds),
                "prompts_asked": 0,
                "prompts_answered": 0,
                "first_watched_at": kept.first_watched_at,
                "last_watched_at": kept.last_watched_at,
                "viewings": viewings,
            }
            for part_id in db.scalars(parts)
        ],
    )


def _demand_possible(report: Report) -> None:
    span = report.span_end - report.span_start
    sound = (
        0 <= report.span_start <= report.span_end
        and 0 <= report.hidden_seconds <= span + CLOCK_GRACE
        and 0 <= report.muted_seconds <= span + CLOCK_GRACE
        and all(0 <= start <= end and rate > 0 for start, end, rate in report.played)
    )
    if not sound:
        raise BeatImpossible(seq=report.seq)


def _steps(covered_seconds: float, recording: Recording) -> int:
    return int(_EVIDENCE_STEPS * covered_seconds / recording.duration_seconds)


def _policy_of(db: Db, recording: Recording, version: int | None = None) -> CreditPolicy:
    policies = select(CreditPolicy).where(CreditPolicy.session_id == recording.session_id)
    if version is not None:
        policies = policies.where(CreditPolicy.version == version)
    return db.scalars(policies.order_by(CreditPolicy.version.desc()).limit(1)).one()


def _played(row: Beat) -> Played:
    return Played(
        row.seq,
        row.span_start,
        row.span_end,
        tuple((start, end, rate) for start, end, rate in row.played),
        row.hidden_seconds,
        row.muted_seconds,
        row.received_at,
    )


def _pairs(stretches: list[Any]) -> list[Interval]:
    return [(start, end) for start, end in stretches]
