"""When a viewing is to be asked something: along the axis of watching, and at the end for what would wait for ever."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from archive import axis, prompts
from archive.axis import pairs
from archive.models import PresencePrompt, PromptState, Recording, Viewing, WatchCoverage
from sessions import attendance, clock
from sessions.db import Db
from sessions.intervals import total
from sessions.models import CreditPolicy

#: After a failed question at the end of a recording, the next comes this much later, without more watching.
_NEXT_CHANCE = timedelta(seconds=60)
#: What may be missing of a recording that was played to its end.
_END_SECONDS = 1.0


def hear(db: Db, viewing: Viewing, shown: UUID | None, seqs: Sequence[int], policy: CreditPolicy) -> bool:
    """What a request tells about the question that is open: that it arrived, or that its time is over."""
    prompt = prompts.open_of(db, viewing.person_id, viewing.recording_id)
    if prompt is None or prompt.asked_in != viewing.id:
        return False
    prompts.confirm(prompt, shown, seqs, policy)
    return prompts.settle_overdue(db, prompt)


def next_for(
    db: Db,
    viewing: Viewing,
    recording: Recording,
    kept: WatchCoverage,
    seqs: Sequence[int],
    policy: CreditPolicy,
) -> PresencePrompt | None:
    """The question for the answer to this request; near the end one is planned for what would wait for ever."""
    if policy.prompts_required == 0:
        return None
    prompt = prompts.ask(db, viewing, recording, kept.seed, seqs, policy)
    if prompt is None and _is_closing(db, recording, kept, policy):
        axis.plan_at_end(db, kept)
        prompt = prompts.ask(db, viewing, recording, kept.seed, seqs, policy)
    return prompt


def _is_closing(db: Db, recording: Recording, kept: WatchCoverage, policy: CreditPolicy) -> bool:
    """Whether watching on brings no more questions, or need not, and one is still owed.

    So it is when all was played, when what was played would be enough if it counted, and when it does count but too
    few questions were answered. After one that failed, the person gets a minute's rest; and whoever has the credit is
    not kept for a question that earns nothing.
    """
    length = recording.duration_seconds
    waiting = total(pairs(kept.waiting))
    asked = policy.coverage_required * length
    short_of = kept.covered_seconds < asked <= kept.covered_seconds + waiting
    all_played = waiting > 0 and kept.covered_seconds + waiting >= length - _END_SECONDS
    enough = kept.covered_seconds >= asked
    if not (short_of or all_played or enough) or axis.tail_of(kept).viewing_id is None:
        return False
    counts = prompts.counts_of(db, kept.person_id, recording.id)
    owes_answers = counts.share < policy.prompts_required
    is_owed = short_of or all_played or owes_answers
    return is_owed and _is_rested(db, kept) and not attendance.is_credited(db, kept.person_id, recording.session_id)


def _is_rested(db: Db, kept: WatchCoverage) -> bool:
    failed_at = db.scalar(
        select(func.max(PresencePrompt.settled_at)).where(
            PresencePrompt.person_id == kept.person_id,
            PresencePrompt.recording_id == kept.recording_id,
            PresencePrompt.state.in_([PromptState.WRONG, PromptState.MISSED]),
        )
    )
    return failed_at is None or clock.now() >= failed_at + _NEXT_CHANCE


def end(db: Db, viewing: Viewing) -> None:
    """An open question ends with its viewing: missed if its time was over, and otherwise asked again in the next."""
    prompt = prompts.open_of(db, viewing.person_id, viewing.recording_id)
    if prompt is not None and not prompts.settle_overdue(db, prompt) and prompt.state is PromptState.OPEN:
        prompts.take_back(db, prompt)
