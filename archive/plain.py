"""The plain beats of many people at once: what nearly every request brings, taken in a dozen statements for them all.

A delivery is plain when it goes on from what is kept and changes nothing beside it: the viewing is open, its beats are
new and in order, no question falls due or ends, nothing is doubtful, and the register has no news of it. A question
that the person has on the screen just stays there. Everything else takes the long way, `watchlog.record`, alone; the
rows are the same whichever way a beat took.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from archive import axis, plainrows, watchlog
from archive.axis import pairs
from archive.coverage import Accepted, Played
from archive.models import PresencePrompt
from archive.plainrows import Kept, QuestionRow
from archive.reported import Report, is_possible, played_of, row_of
from archive.watchlog import Progress
from sessions import attendance, clock
from sessions.credit import Verdict
from sessions.db import Db, among_given
from sessions.intervals import total
from sessions.models import Person

_FREE = select(Person.id).where(among_given(Person.id, "person_ids")).with_for_update(key_share=True, skip_locked=True)

#: What may be missing of a recording that was played to its end, and a little more: near it, questions may be due.
_END_SECONDS = 2.0


@dataclass(frozen=True)
class Delivery:
    """The beats that one request brought for one viewing of its person, and what it says of the question it shows."""

    person_id: UUID
    viewing_id: UUID
    reports: Sequence[Report]
    prompt_shown: UUID | None = None


@dataclass(frozen=True)
class _Step:
    """What a plain delivery adds."""

    kept: Kept
    reports: Sequence[Report]
    played: Sequence[Played]
    new: Accepted


def record(db: Db, deliveries: Sequence[Delivery]) -> list[Progress | None]:
    """Take those deliveries that are plain, at most one of each person, and say where each person stands then.

    None stands for a delivery that is not plain: nothing of it was taken.
    """
    free = _take_turns(db, [each.person_id for each in deliveries])
    kept = plainrows.read(db, [each.viewing_id for each in deliveries if each.person_id in free])
    steps = [_step(each, kept.get(each.viewing_id)) for each in deliveries]
    plain = [step for step in steps if step is not None]
    _keep(db, plain)
    verdicts, shown = _verdicts(db, plain), _questions(db, plain)
    return [_progress(step, verdicts, shown) if step else None for step in steps]


def _take_turns(db: Db, person_ids: Sequence[UUID]) -> set[UUID]:
    """As `watchlog.take_turn`, for those whose turn it is at once: nobody waits for what another's device does."""
    return set(db.scalars(_FREE, {"person_ids": list(person_ids)}))


def _step(delivery: Delivery, kept: Kept | None) -> _Step | None:
    """What a delivery adds, if it is plain."""
    reports = delivery.reports
    if kept is None or kept.viewing.person_id != delivery.person_id:
        return None
    if kept.is_asked and not _has_question(kept.question, delivery):
        return None
    if len({report.seq for report in reports}) < len(reports) or not all(map(is_possible, reports)):
        return None
    now, rules = clock.now(), axis.rules_of(kept.policy)
    played = [played_of(report, now) for report in reports]
    new = axis.accept_in_order(kept.viewing, kept.coverage, kept.length, rules, played)
    return _Step(kept, reports, played, new) if new and not _is_news(kept, new) else None


def _has_question(question: QuestionRow | None, delivery: Delivery) -> bool:
    """Whether it is known that the person has the question, as `prompts.confirm` tells it."""
    if question is None or question.shown_at is not None:
        return question is not None
    if not delivery.reports or question.sent_after_seq is None or delivery.prompt_shown == question.id:
        return False
    return min(report.seq for report in delivery.reports) > question.sent_after_seq


def _is_news(kept: Kept, new: Accepted) -> bool:
    """Whether so much more may change anything but coverage; at worst, so it is told sooner than it is true."""
    covered, asked = kept.coverage.covered_seconds, kept.policy.coverage_required * kept.length
    more = total(new.played)
    if kept.policy.prompts_required == 0:
        return new.beyond > 0 or watchlog.is_worth_telling(covered, covered + more, asked, kept.length)
    tail = axis.tail_of(kept.coverage)
    is_due = tail.since_mark_ms + new.effort_ms >= tail.need_ms
    hoped = covered + total(pairs(kept.coverage.waiting)) + more
    return new.beyond > 0 or is_due or hoped >= min(asked, kept.length - _END_SECONDS)


def _keep(db: Db, steps: Sequence[_Step]) -> None:
    """Write all of it: the beats, and what they add. A beat that is there already is an error here."""
    if not steps:
        return
    plainrows.add_beats(
        db,
        [
            row_of(step.kept.viewing, report, beat.received_at)
            for step in steps
            for report, beat in zip(step.reports, step.played, strict=True)
        ],
    )
    for step in steps:
        viewing, coverage = step.kept.viewing, step.kept.coverage
        axis.extend(db, viewing, coverage, step.new, step.played)
        watchlog.note_place(coverage, step.reports, step.kept.length)
    plainrows.move(db, [step.kept for step in steps])


def _verdicts(db: Db, steps: Sequence[_Step]) -> Mapping[tuple[UUID, UUID], Verdict]:
    """How the people stand, by conference and person."""
    people: dict[UUID, list[UUID]] = {}
    for step in steps:
        people.setdefault(step.kept.policy.session_id, []).append(step.kept.viewing.person_id)
    return {
        (session_id, person_id): verdict
        for session_id, ids in people.items()
        for person_id, verdict in attendance.standings(db, ids, session_id).items()
    }


def _questions(db: Db, steps: Sequence[_Step]) -> dict[UUID, PresencePrompt]:
    """The questions that these people have on their screens, by key; on record from now on where they just arrived."""
    shown = [step.kept.question for step in steps if step.kept.question]
    plainrows.note_arrivals(db, [question.id for question in shown if question.shown_at is None])
    if not shown:
        return {}
    rows = db.scalars(select(PresencePrompt).where(PresencePrompt.id.in_([question.id for question in shown])))
    return {each.id: each for each in rows}


def _progress(
    step: _Step, verdicts: Mapping[tuple[UUID, UUID], Verdict], questions: Mapping[UUID, PresencePrompt]
) -> Progress:
    kept = step.kept
    verdict = verdicts[kept.policy.session_id, kept.viewing.person_id]
    seqs = [report.seq for report in step.reports]
    question = questions[kept.question.id] if kept.question else None
    return watchlog.progress_of(kept.viewing, kept.length, kept.coverage, seqs, verdict, question)
