"""The log of who watched: viewings, the beats that players report, the questions they are asked, what it adds up to.

One viewing is active per person; opening another supersedes it. A beat is taken once, by its number, and is never
changed. Taking one costs one short transaction: the beats, what they add to the axis of watching, now and then a
question or a row of evidence.

What others may call: `open_viewing`, `find_own`, `record`, `answer`, `close` and `demand_possible`, from routes, the
off-line package and the group replay; after writing beats or viewings in another way, `axis.rebuild` and `hand_down`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from archive import asking, axis, offline_doubts, prompts
from archive.axis import AnyCoverage, AnyViewing, coverage_of, pairs, policy_of
from archive.coverage import Played
from archive.doubts import Answered, doubts_of
from archive.group.seen import Joined, seen_by
from archive.models import Beat, PresencePrompt, PromptState, Recording, Viewing, WatchCoverage
from archive.reported import BeatImpossible, Report, demand_possible, played_of, row_of
from archive.watchproof import Proof, Watching, verify, viewings_of
from sessions import attendance, clock
from sessions.credit import Verdict
from sessions.db import Db
from sessions.errors import NotFound
from sessions.intervals import Interval, gaps, total, union
from sessions.models import Basis, Expected, Person, SessionPart

__all__ = [
    "BeatImpossible",
    "Progress",
    "Proof",
    "Report",
    "ViewingNotFound",
    "Watching",
    "answer",
    "close",
    "coverage_of",
    "demand_possible",
    "find_own",
    "hand_down",
    "look_again",
    "open_viewing",
    "policy_of",
    "ratio",
    "record",
    "take_turn",
    "verify",
    "viewings_of",
]

#: A person's evidence is handed down whenever their coverage passed another of so many equal shares.
_EVIDENCE_STEPS = 20

Outcome = Literal["answered", "wrong", "late"]


class ViewingNotFound(NotFound):
    code = "viewing-not-found"
    vi = "Không có lượt xem này của bạn."
    en = "There is no such viewing of yours."


@dataclass(frozen=True)
class Progress:
    """Where a person stands with a recording after a report. Stretches are seconds of it, and apart."""

    accepted: list[int]
    #: What counts.
    covered: list[Interval]
    #: What counts once a question is answered.
    waiting: list[Interval]
    #: What is neither.
    missing: list[Interval]
    covered_ratio: float
    superseded: bool
    verdict: Verdict
    #: The question that the person is being asked.
    prompt: PresencePrompt | None


def open_viewing(db: Db, person: Person, recording: Recording, user_agent: str) -> Viewing:
    """Begin to watch; the person's earlier open viewing ends at this moment, on whatever device it runs."""
    take_turn(db, person.id)
    for earlier in db.scalars(select(Viewing).where(Viewing.person_id == person.id, Viewing.ended_at.is_(None))):
        close(db, earlier)
    viewing = Viewing(
        person_id=person.id,
        recording_id=recording.id,
        policy_version=policy_of(db, recording).version,
        opened_at=clock.now(),
        user_agent=user_agent[:300],
        covered=[],
    )
    db.add(viewing)
    db.flush()
    axis.coverage_for(db, viewing)
    return viewing


def find_own(db: Db, person: Person, viewing_id: UUID) -> Viewing:
    """The person's own viewing, open or ended; anyone else's is simply not there."""
    viewing = db.scalar(select(Viewing).where(Viewing.id == viewing_id, Viewing.person_id == person.id))
    if viewing is None:
        raise ViewingNotFound
    return viewing


def close(db: Db, viewing: Viewing) -> None:
    """End a viewing; beats of its time that are still on their way are taken later all the same."""
    take_turn(db, viewing.person_id)
    db.refresh(viewing)
    if viewing.ended_at is None:
        recording = db.get_one(Recording, viewing.recording_id)
        asking.end(db, viewing)
        viewing.ended_at = clock.now()
        hand_down(db, recording, axis.rebuild(db, viewing, recording))


def record(db: Db, viewing: Viewing, reports: Sequence[Report], *, prompt_shown: UUID | None = None) -> Progress:
    """Take beats, each once, and say where the person stands. All of a batch is taken or none of it.

    With no reports at all it is a mere poll. `prompt_shown` is the question that the player has on its screen. A
    question is put only to who watches now: into the answer for a viewing that has not ended.
    """
    for report in reports:
        demand_possible(report)
    take_turn(db, viewing.person_id)
    db.refresh(viewing)
    recording = db.get_one(Recording, viewing.recording_id)
    policy = policy_of(db, recording, viewing.policy_version)
    seqs = [report.seq for report in reports]
    kept = axis.coverage_for(db, viewing)
    before = kept.covered_seconds
    missed = asking.hear(db, viewing, prompt_shown, seqs, policy)
    fresh = _append(db, viewing, reports)
    kept = axis.rebuild(db, viewing, recording) if missed else axis.settle(db, viewing, recording, fresh)
    note_place(kept, reports, recording.duration_seconds)
    prompt = asking.next_for(db, viewing, recording, kept, seqs, policy) if viewing.ended_at is None else None
    _weigh_doubts(db, viewing)
    asked = policy.coverage_required * recording.duration_seconds
    is_news = missed or is_worth_telling(before, kept.covered_seconds, asked, recording.duration_seconds)
    verdict = hand_down(db, recording, kept) if is_news else None
    return _progress(db, viewing, recording, kept, seqs, verdict, prompt)


def answer(db: Db, viewing: Viewing, prompt_id: UUID, given: str) -> tuple[Outcome, Progress]:
    """Take the answer to a question, once, and say where the person stands; the first outcome is given again.

    Raises `prompts.PromptNotFound` for a question that is not being asked in this viewing.
    """
    take_turn(db, viewing.person_id)
    db.refresh(viewing)
    recording = db.get_one(Recording, viewing.recording_id)
    policy = policy_of(db, recording, viewing.policy_version)
    prompt, is_news = prompts.answer(db, viewing, prompt_id, given)
    kept = axis.coverage_for(db, viewing)
    verdict = None
    if is_news:
        kept = axis.rebuild(db, viewing, recording)
        _weigh_doubts(db, viewing)
        verdict = hand_down(db, recording, kept)
    following = asking.next_for(db, viewing, recording, kept, [], policy) if viewing.ended_at is None else None
    return _OUTCOMES[prompt.state], _progress(db, viewing, recording, kept, [], verdict, following)


def note_place(kept: AnyCoverage, reports: Sequence[Report], length: float) -> None:
    """Remember where the person is, for resuming."""
    if reports and reports[-1].played:
        kept.resume_at_seconds = min(reports[-1].played[-1][1], length)


def is_worth_telling(before: float, after: float, asked: float, length: float) -> bool:
    """Whether the register should hear that coverage grew so, in seconds; `asked` is what a credit asks for."""
    passed = int(_EVIDENCE_STEPS * after / length) > int(_EVIDENCE_STEPS * before / length)
    return passed or before < asked <= after


def ratio(kept: WatchCoverage | None, recording: Recording) -> float:
    """The covered share of a recording, between 0 and 1."""
    return min(1.0, kept.covered_seconds / recording.duration_seconds) if kept else 0.0


def hand_down(db: Db, recording: Recording, kept: WatchCoverage) -> Verdict | None:
    """Push the person's evidence for every part that this recording shows down into the register.

    What they saw of it in rooms (`archive.group`) goes with it, for there is one row per person, part and recording.
    """
    mine = (Viewing.person_id == kept.person_id, Viewing.recording_id == recording.id)
    viewings = db.execute(select(Viewing.doubts).where(*mine)).all()
    asked = prompts.counts_of(db, kept.person_id, recording.id)
    rooms = seen_by(db, kept.person_id, recording.id)
    enough = policy_of(db, recording).coverage_required * recording.duration_seconds
    whole = rooms.joined_with(pairs(kept.covered), enough) if rooms else Joined(pairs(kept.covered), Basis.REPLAY, [])
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
                "basis": whole.basis,
                "length_seconds": recording.duration_seconds,
                "covered_seconds": total(whole.covered),
                "missing": gaps(whole.covered, recording.duration_seconds),
                "prompts_asked": asked.asked,
                "prompts_answered": asked.answered,
                "doubts": sorted({*whole.doubts, *(doubt["code"] for (doubts,) in viewings for doubt in doubts)}),
                "first_watched_at": min(kept.first_watched_at, rooms.first_at) if rooms else kept.first_watched_at,
                "last_watched_at": max(kept.last_watched_at, rooms.last_at) if rooms else kept.last_watched_at,
                "viewings": len(viewings) + (rooms.showings if rooms else 0),
            }
            for part_id in db.scalars(parts)
        ],
    )


def look_again(db: Db, viewing: Viewing) -> None:
    """Something new is doubtful about a viewing: keep it, and let the register know."""
    _weigh_doubts(db, viewing)
    hand_down(db, db.get_one(Recording, viewing.recording_id), axis.coverage_for(db, viewing))


def take_turn(db: Db, person_id: UUID) -> None:
    """Everything that one person's viewings write is written one after the other, whatever the devices do at once."""
    db.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


_OUTCOMES: dict[PromptState, Outcome] = {
    PromptState.ANSWERED: "answered",
    PromptState.WRONG: "wrong",
    PromptState.MISSED: "late",
}


def _progress(
    db: Db,
    viewing: Viewing,
    recording: Recording,
    kept: WatchCoverage,
    seqs: list[int],
    verdict: Verdict | None,
    prompt: PresencePrompt | None,
) -> Progress:
    verdict = verdict or attendance.standing(db, viewing.person_id, recording.session_id)
    return progress_of(viewing, recording.duration_seconds, kept, seqs, verdict, prompt)


def progress_of(
    viewing: AnyViewing,
    length: float,
    kept: AnyCoverage,
    seqs: list[int],
    verdict: Verdict,
    prompt: PresencePrompt | None,
) -> Progress:
    """What is kept, as it is told to the player; `length` of the recording in seconds."""
    covered, waiting = pairs(kept.covered), pairs(kept.waiting)
    return Progress(
        accepted=seqs,
        covered=covered,
        waiting=waiting,
        missing=gaps(union([*covered, *waiting]), length),
        covered_ratio=min(1.0, kept.covered_seconds / length),
        superseded=viewing.ended_at is not None,
        verdict=verdict,
        prompt=prompt,
    )


def _weigh_doubts(db: Db, viewing: Viewing) -> None:
    """Keep with the viewing what is doubtful about it."""
    rows = db.scalars(
        select(PresencePrompt)
        .where(PresencePrompt.asked_in == viewing.id, PresencePrompt.answer_seconds.is_not(None))
        .order_by(PresencePrompt.settled_at)
    )
    found = doubts_of(viewing.altered_beats, viewing.beyond_beats, [_answered(row) for row in rows])
    found += offline_doubts.holding(db, viewing.id)
    if viewing.doubts != found:
        viewing.doubts = list(found)
        db.flush()


def _answered(row: PresencePrompt) -> Answered:
    assert row.answer_seconds is not None
    place = next((place for place, choice in enumerate(row.choices) if choice["id"] == row.given), None)
    return Answered(row.answer_seconds, row.state is PromptState.ANSWERED, place)


def _append(db: Db, viewing: Viewing, reports: Sequence[Report]) -> list[Played]:
    """Keep the beats, and say which are new. One that came before stands as it first came, with its moment."""
    first = {report.seq: report for report in reversed(reports)}
    if not first:
        return []
    now = clock.now()
    rows = [row_of(viewing, report, now) for report in first.values()]
    taken = set(db.scalars(insert(Beat).values(rows).on_conflict_do_nothing().returning(Beat.seq)))
    _count_altered(
        db, viewing, [report for report in reports if report.seq not in taken or first[report.seq] != report]
    )
    return [played_of(report, now) for seq, report in first.items() if seq in taken]


def _count_altered(db: Db, viewing: Viewing, again: Sequence[Report]) -> None:
    """Beats that come again tell the same again; other content under the same number was edited."""
    if not again:
        return
    rows = db.scalars(select(Beat).where(Beat.viewing_id == viewing.id, Beat.seq.in_({each.seq for each in again})))
    kept = {row.seq: axis.played(row) for row in rows}
    viewing.altered_beats += sum(played_of(each, kept[each.seq].received_at) != kept[each.seq] for each in again)
