"""Presence questions: planned along the axis of watching, put to the player, answered, missed or taken back.

The state is per person and recording, so opening another viewing resets nothing. A question travels in the answer to a
beat request, again and again until the player is known to have it; from then its time runs by the server's clock. One
that never arrived, or whose viewing ended before its time was up, is taken back and asked again: it is never missed.

What others may call: `open_of`, `counts_of`, `picture_of`; the offline package and the group replay need nothing else,
for questions about a delivered log are planned by `archive.axis` like any other, and come one after another in the
next viewing that polls with an empty beat request.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select

from archive import drawing, lots, questions, replay, timelines
from archive.coverage import Mark, Piece, Place
from archive.models import PresencePrompt, PromptKind, PromptState, Recording, Viewing
from archive.questions import Question
from archive.storage import storage
from sessions import clock
from sessions.db import Db
from sessions.errors import NotFound
from sessions.models import CreditPolicy

#: Effort in seconds between one question and the next: never fewer than three in an hour of content, as courses for
#: accountants and lawyers ask, and never so many that they disturb (ANCHORS.md, section 3).
GAP_SECONDS = (9 * 60.0, 15 * 60.0)
#: After one that was missed or wrong, the next comes sooner, so that a single call costs nothing but a question.
RETRY_SECONDS = (2 * 60.0, 4 * 60.0)
#: What a slow link may take from the time to answer, both ways together.
NETWORK_GRACE = timedelta(seconds=15)
#: A recording below this length may get by with one answer, and that one is not to be guessed.
_SHORT_SECONDS = 20 * 60.0
#: So many missed questions are not held against anybody.
_FORGIVEN = 1

_FAILED = {PromptState.WRONG, PromptState.MISSED}


class PromptNotFound(NotFound):
    code = "prompt-not-found"
    vi = "Không có câu hỏi này, hoặc câu hỏi sẽ được hỏi lại trong lượt xem mới."
    en = "There is no such question, or it will be asked again in the new viewing."


@dataclass(frozen=True)
class Counts:
    """How many questions reached a person, and how many of them were answered in time."""

    asked: int
    answered: int

    @property
    def share(self) -> float:
        return self.answered / self.asked if self.asked else 1.0


def all_of(db: Db, person_id: UUID, recording_id: UUID) -> Sequence[PresencePrompt]:
    """Every question of one person and recording, by number."""
    mine = select(PresencePrompt).where(
        PresencePrompt.person_id == person_id, PresencePrompt.recording_id == recording_id
    )
    return db.scalars(mine.order_by(PresencePrompt.number)).all()


def open_of(db: Db, person_id: UUID, recording_id: UUID) -> PresencePrompt | None:
    """The question that the person is being asked now."""
    return _first(db, person_id, recording_id, PromptState.OPEN)


def counts_of(db: Db, person_id: UUID, recording_id: UUID) -> Counts:
    """Asked and answered, of those that reached the person.

    The first that was missed, not answered wrongly, is left out: one call at the door must not cost a short replay its
    credit, for it would take three right answers to outweigh. Its stretch counts only once a later one is answered.
    """
    rows = db.execute(
        select(PresencePrompt.state, func.count())
        .where(PresencePrompt.person_id == person_id, PresencePrompt.recording_id == recording_id)
        .group_by(PresencePrompt.state)
    )
    by_state = {row[0]: row[1] for row in rows}
    answered = by_state.get(PromptState.ANSWERED, 0)
    missed = max(0, by_state.get(PromptState.MISSED, 0) - _FORGIVEN)
    return Counts(answered + by_state.get(PromptState.WRONG, 0) + missed, answered)


def gaps_of(seed: str) -> Callable[[int], int]:
    """How far (milliseconds of effort) question `number` stands behind the one before it."""
    return lambda number: _drawn_ms(GAP_SECONDS, seed, number, "gap")


def need_ms(seed: str, number: int, last: Sequence[Mark]) -> int:
    """How far question `number` stands behind the last mark, if there is one; sooner when that one failed."""
    failed = any(not mark.live for mark in last)
    return _drawn_ms(RETRY_SECONDS, seed, number, "retry") if failed else gaps_of(seed)(number)


def marks_of(prompts: Sequence[PresencePrompt], order: dict[UUID, int]) -> list[Mark]:
    """The questions as marks on the axis, in the order of their places; `order` is that of the viewings."""
    placed = sorted(prompts, key=lambda prompt: (_place(prompt, order), prompt.number))
    return [Mark(_place(each, order), each.state is PromptState.ANSWERED, each.state not in _FAILED) for each in placed]


def plan(
    db: Db, person_id: UUID, recording_id: UUID, first: int, spots: Sequence[tuple[UUID, Piece]]
) -> list[PresencePrompt]:
    """Plan a question behind each of these pieces, numbered from `first`; each comes with the viewing it is of."""
    if not spots:
        return []
    planned = [
        PresencePrompt(
            id=uuid4(),
            person_id=person_id,
            recording_id=recording_id,
            number=number,
            viewing_id=viewing_id,
            seq=piece.place[1],
            piece=piece.place[2],
            at_seconds=piece.content[-1][1],
            planned_at=clock.now(),
            state=PromptState.PLANNED,
        )
        for number, (viewing_id, piece) in enumerate(spots, first)
    ]
    db.add_all(planned)
    db.flush()
    return planned


def confirm(prompt: PresencePrompt, shown: UUID | None, seqs: Collection[int], policy: CreditPolicy) -> None:
    """Note that the player has the question: it says so, or goes on as only a player can that got our answer."""
    if prompt.shown_at is not None:
        return
    if prompt.id == shown:
        prompt.shown_at = clock.now()
        prompt.due_at = prompt.shown_at + _time_for(policy)
    elif seqs and prompt.sent_after_seq is not None and min(seqs) > prompt.sent_after_seq:
        # A player sends again whatever was not acknowledged, and the question came with the acknowledgement.
        prompt.shown_at = prompt.sent_at


def settle_overdue(db: Db, prompt: PresencePrompt) -> bool:
    """Close a question whose time is over. Whether it was missed; one that never arrived is planned again instead."""
    if prompt.due_at is None or clock.now() <= prompt.due_at:
        return False
    if prompt.shown_at is None:
        take_back(db, prompt)
        return False
    prompt.state, prompt.settled_at = PromptState.MISSED, prompt.due_at
    db.flush()
    return True


def take_back(db: Db, prompt: PresencePrompt) -> None:
    """Plan an open question again. Its new id keeps an answer to the old one from counting for it."""
    prompt.id = uuid4()
    prompt.state = PromptState.PLANNED
    prompt.asked_in = prompt.kind = prompt.subject = prompt.answer = None
    prompt.sent_at = prompt.sent_after_seq = prompt.shown_at = prompt.due_at = None
    prompt.choices = []
    db.flush()


def ask(
    db: Db, viewing: Viewing, recording: Recording, seed: str, seqs: Collection[int], policy: CreditPolicy
) -> PresencePrompt | None:
    """The question to put into the answer to a beat request with these beats, if one is due."""
    prompt = open_of(db, viewing.person_id, recording.id) or _open_next(db, viewing, recording, seed)
    if prompt is None or prompt.shown_at is not None:
        return prompt
    prompt.times_sent += 1
    prompt.sent_at = clock.now()
    prompt.due_at = prompt.sent_at + _time_for(policy)
    prompt.sent_after_seq = max(seqs, default=prompt.sent_after_seq)
    db.flush()
    return prompt


def answer(db: Db, viewing: Viewing, prompt_id: UUID, given: str) -> tuple[PresencePrompt, bool]:
    """Take an answer, once. The question as it stands then, and whether that is news; raises `PromptNotFound`."""
    prompt = _asked_in(db, viewing, prompt_id)
    if prompt.state is not PromptState.OPEN:
        return prompt, False
    prompt.shown_at = prompt.shown_at or prompt.sent_at  # Nobody answers what never arrived.
    if settle_overdue(db, prompt):
        return prompt, True
    prompt.given = "".join(given.split())[:40]
    prompt.settled_at = clock.now()
    assert prompt.shown_at is not None
    prompt.answer_seconds = round((prompt.settled_at - prompt.shown_at).total_seconds(), 3)
    prompt.state = PromptState.ANSWERED if prompt.given == prompt.answer else PromptState.WRONG
    db.flush()
    return prompt, True


def picture_of(db: Db, viewing: Viewing, prompt_id: UUID, name: str) -> bytes:
    """A picture of an open question as WebP: a choice by its id, or "code". Raises `PromptNotFound`."""
    prompt = _asked_in(db, viewing, prompt_id)
    if prompt.state is not PromptState.OPEN:
        raise PromptNotFound
    if prompt.kind is PromptKind.CODE and name == "code" and prompt.answer:
        return drawing.draw_code(prompt.answer)
    paths = [choice["path"] for choice in prompt.choices if choice["id"] == name and choice["path"]]
    if not paths:
        raise PromptNotFound
    key = replay.file_key(db, db.get_one(Recording, viewing.recording_id), paths[0])
    return drawing.redraw_choice(b"".join(storage().open(key)))


def seconds_left(prompt: PresencePrompt) -> float:
    """What the person has left to answer, as they are told it: the grace for the network is not spoken of."""
    assert prompt.due_at is not None
    return max(0.0, (prompt.due_at - NETWORK_GRACE - clock.now()).total_seconds())


def _open_next(db: Db, viewing: Viewing, recording: Recording, seed: str) -> PresencePrompt | None:
    prompt = _first(db, viewing.person_id, recording.id, PromptState.PLANNED)
    if prompt is None:
        return None
    drawn = _draw(db, prompt, recording, seed)
    prompt.state, prompt.asked_in = PromptState.OPEN, viewing.id
    prompt.kind, prompt.subject, prompt.answer, prompt.choices = drawn.kind, drawn.subject, drawn.answer, drawn.choices
    return prompt


def _draw(db: Db, prompt: PresencePrompt, recording: Recording, seed: str) -> Question:
    """A question that the person before was not asked; two who are asked at once wait for each other."""
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"prompts/{recording.id}", 0))))
    last = db.scalar(
        select(PresencePrompt.subject)
        .where(PresencePrompt.recording_id == recording.id, PresencePrompt.sent_at.is_not(None))
        .where(PresencePrompt.person_id != prompt.person_id)
        .order_by(PresencePrompt.sent_at.desc())
        .limit(1)
    )
    is_first_answer = not counts_of(db, prompt.person_id, recording.id).answered
    if recording.duration_seconds < _SHORT_SECONDS and is_first_answer:
        return questions.draw_code(last)
    return questions.draw(
        timelines.read(db, recording),
        prompt.at_seconds,
        seed=seed,
        number=prompt.number,
        kinds=_kinds_for(db, prompt.person_id),
        not_subject=last,
    )


def _kinds_for(db: Db, person_id: UUID) -> list[PromptKind]:
    """All kinds, but no word where more than half of what the person was ever asked would then have been words."""
    asked = select(PresencePrompt.kind).where(PresencePrompt.person_id == person_id, PresencePrompt.kind.is_not(None))
    kinds = db.scalars(asked).all()
    may_have_word = 2 * (kinds.count(PromptKind.WORD) + 1) <= len(kinds) + 1
    return [kind for kind in PromptKind if kind is not PromptKind.WORD or may_have_word]


def _asked_in(db: Db, viewing: Viewing, prompt_id: UUID) -> PresencePrompt:
    prompt = db.get(PresencePrompt, prompt_id, populate_existing=True)
    if prompt is None or prompt.asked_in != viewing.id:
        raise PromptNotFound
    return prompt


def _first(db: Db, person_id: UUID, recording_id: UUID, state: PromptState) -> PresencePrompt | None:
    mine = select(PresencePrompt).where(
        PresencePrompt.person_id == person_id,
        PresencePrompt.recording_id == recording_id,
        PresencePrompt.state == state,
    )
    return db.scalars(mine.order_by(PresencePrompt.number).limit(1)).first()


def _time_for(policy: CreditPolicy) -> timedelta:
    return timedelta(seconds=policy.prompt_answer_seconds) + NETWORK_GRACE


def _place(prompt: PresencePrompt, order: dict[UUID, int]) -> Place:
    return order[prompt.viewing_id], prompt.seq, prompt.piece


def _drawn_ms(bounds: tuple[float, float], seed: str, number: int, what: str) -> int:
    least, most = bounds
    return round(1000 * (least + (most - least) * lots.fraction(seed, number, what)))
