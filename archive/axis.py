"""The axis of watching of one person and recording, settled: what the rows of beats and questions add up to.

`settle` goes on from the kept state when beats come in order, so that a beat costs the same however many came before;
`rebuild` reads all of them, and is the truth: whatever came late, out of order or after an answer goes through it, and
`differences` holds what is kept against it for `diemcau verify`. The group replay may call `rebuild` after it wrote
beats or viewings of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from archive import lots, prompts
from archive.coverage import Accepted, Piece, Played, Rules, Weighed, accept, due, weigh, wide_gaps, without
from archive.models import Beat, PresencePrompt, Recording, Viewing, WatchCoverage
from archive.plainrows import CoverageRow, PolicyRow, ViewingRow
from sessions import register
from sessions.db import Db
from sessions.intervals import Interval, total, union
from sessions.models import CreditPolicy

#: A mapped row, or what was read of it for many people at once.
AnyViewing = Viewing | ViewingRow
AnyCoverage = WatchCoverage | CoverageRow


@dataclass(frozen=True)
class Tail:
    """The end of the axis, kept with the coverage: the last piece, the effort behind the marks, the next question."""

    #: None while nothing was played at all.
    viewing_id: str | None = None
    seq: int = 0
    piece: int = 0
    #: The second of the recording at which the last piece ends.
    at_seconds: float = 0.0
    since_mark_ms: int = 0
    since_live_ms: int = 0
    #: The next question stands this far behind the last one, and has this number.
    need_ms: int = 0
    number: int = 0


@dataclass(frozen=True)
class Watched:
    """Everything that one person played of one recording, viewing by viewing, and the questions to it."""

    viewings: Sequence[Viewing]
    accepted: Sequence[Accepted]
    prompts: Sequence[PresencePrompt]
    seed: str
    pieces: list[Piece] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pieces", [piece for each in self.accepted for piece in each.pieces])

    @property
    def order(self) -> dict[UUID, int]:
        return {viewing.id: place for place, viewing in enumerate(self.viewings)}

    def weigh(self) -> tuple[Weighed, Tail]:
        """What it adds up to."""
        marks = prompts.marks_of(self.prompts, self.order)
        weighed = weigh(self.pieces, marks)
        last = self.pieces[-1] if self.pieces else None
        tail = Tail(
            viewing_id=str(self.viewings[last.place[0]].id) if last else None,
            seq=last.place[1] if last else 0,
            piece=last.place[2] if last else 0,
            at_seconds=last.content[-1][1] if last else 0.0,
            since_mark_ms=weighed.since_mark_ms,
            since_live_ms=weighed.since_live_ms,
            need_ms=prompts.need_ms(self.seed, len(marks), marks[-1:]),
            number=len(self.prompts),
        )
        return weighed, tail


def coverage_of(db: Db, person_id: UUID, recording_id: UUID) -> WatchCoverage | None:
    """What one person has covered of one recording, if they ever opened it."""
    return db.get(WatchCoverage, (person_id, recording_id))


def coverage_for(db: Db, viewing: Viewing) -> WatchCoverage:
    """The same for a viewing's person and recording, made when this is the first."""
    kept = coverage_of(db, viewing.person_id, viewing.recording_id)
    if kept is None:
        kept = WatchCoverage(
            person_id=viewing.person_id,
            recording_id=viewing.recording_id,
            covered=[],
            covered_seconds=0.0,
            waiting=[],
            seed=lots.new_seed(),
            tail={},
            resume_at_seconds=0.0,
            first_watched_at=viewing.opened_at,
            last_watched_at=viewing.opened_at,
        )
        db.add(kept)
        db.flush()
    return kept


def settle(db: Db, viewing: Viewing, recording: Recording, fresh: Sequence[Played]) -> WatchCoverage:
    """Bring what is kept up to date with beats that were taken just now."""
    kept = coverage_for(db, viewing)
    rules = rules_of(policy_of(db, recording, viewing.policy_version))
    new = accept_in_order(viewing, kept, recording.duration_seconds, rules, fresh)
    if new is None:
        return rebuild(db, viewing, recording)
    extend(db, viewing, kept, new, fresh)
    db.flush()
    return kept


def accept_in_order(
    viewing: AnyViewing, kept: AnyCoverage, length: float, rules: Rules, fresh: Sequence[Played]
) -> Accepted | None:
    """What these beats prove, if they go on from the kept state; nothing where only the whole axis tells.

    So it is with what came late, and with a stretch that grew too long to count.
    """
    tail = tail_of(kept)
    in_order = (
        viewing.ended_at is None
        and tail.viewing_id == str(viewing.id)
        and min((beat.seq for beat in fresh), default=viewing.last_seq + 1) > viewing.last_seq
    )
    if not in_order:
        return None
    new = accept(
        fresh, opened_at=viewing.opened_at, ended_at=None, length=length, rules=rules, clock_end=viewing.clock_end
    )
    is_too_long = (
        rules.max_gap_seconds is not None and tail.since_live_ms + new.effort_ms > 1000 * rules.max_gap_seconds
    )
    return None if is_too_long else new


def extend(db: Db, viewing: AnyViewing, kept: AnyCoverage, new: Accepted, fresh: Sequence[Played]) -> None:
    """Let what is kept go on by what `accept_in_order` gave for these beats, without writing it yet."""
    viewing.last_seq = max([viewing.last_seq, *(beat.seq for beat in fresh)])
    viewing.covered = list(union([*pairs(viewing.covered), *new.played]))
    viewing.clock_end = new.clock_end
    viewing.beyond_beats += new.beyond
    if not new.pieces:
        return
    free = [stretch for piece in new.pieces if piece.max_gap_seconds is None for stretch in piece.content]
    if free:
        covered = union([*pairs(kept.covered), *free])
        kept.covered, kept.covered_seconds = list(covered), total(covered)
    kept.waiting = list(without([*pairs(kept.waiting), *new.played], pairs(kept.covered)))
    kept.last_watched_at = max(kept.last_watched_at, new.pieces[-1].ended_at)
    kept.tail = dict(vars(_moved(db, viewing, kept, tail_of(kept), new.pieces)))


def rebuild(db: Db, viewing: Viewing, recording: Recording) -> WatchCoverage:
    """Settle anew everything that the viewing's person played of the recording, from the rows alone."""
    kept = coverage_for(db, viewing)
    watched = read(db, viewing.person_id, recording, kept.seed)
    late = _plan_missing(db, kept, watched)
    if late:
        watched = Watched(watched.viewings, watched.accepted, [*watched.prompts, *late], kept.seed)
    weighed, tail = watched.weigh()
    for each, accepted in zip(watched.viewings, watched.accepted, strict=True):
        each.covered, each.clock_end = list(accepted.played), accepted.clock_end
        each.beyond_beats = accepted.beyond
    viewing.last_seq = _greatest_seq(db, viewing)
    kept.covered, kept.covered_seconds = list(weighed.covered), total(weighed.covered)
    kept.waiting, kept.tail = list(weighed.waiting), asdict(tail)
    kept.last_watched_at = max((piece.ended_at for piece in watched.pieces), default=kept.first_watched_at)
    db.flush()
    return kept


def read(db: Db, person_id: UUID, recording: Recording, seed: str) -> Watched:
    """Everything that the rows say of one person and recording; nothing that was kept for reading is looked at."""
    mine = select(Viewing).where(Viewing.person_id == person_id, Viewing.recording_id == recording.id)
    viewings = db.scalars(mine.order_by(Viewing.opened_at, Viewing.id)).all()
    beats: dict[UUID, list[Played]] = {viewing.id: [] for viewing in viewings}
    for row in db.scalars(select(Beat).where(Beat.viewing_id.in_(beats))):
        beats[row.viewing_id].append(played(row))
    accepted = [
        accept(
            beats[viewing.id],
            opened_at=viewing.opened_at,
            ended_at=viewing.ended_at,
            length=recording.duration_seconds,
            rules=rules_of(policy_of(db, recording, viewing.policy_version)),
            viewing=order,
        )
        for order, viewing in enumerate(viewings)
    ]
    return Watched(viewings, accepted, prompts.all_of(db, person_id, recording.id), seed)


def differences(watched: Watched, kept: WatchCoverage) -> list[UUID]:
    """The viewings (or the recording, for their sum) whose kept state is not what the rows add up to."""
    weighed, tail = watched.weigh()
    wrong = []
    for viewing, accepted in zip(watched.viewings, watched.accepted, strict=True):
        goes_on = viewing.ended_at is None and tail_of(kept).viewing_id == str(viewing.id)
        if pairs(viewing.covered) != accepted.played or (goes_on and viewing.clock_end != accepted.clock_end):
            wrong.append(viewing.id)
    kept_sum = (pairs(kept.covered), kept.covered_seconds, pairs(kept.waiting))
    # Without a tail the next beat builds everything anew.
    if kept_sum != (weighed.covered, total(weighed.covered), weighed.waiting) or (kept.tail and tail_of(kept) != tail):
        wrong.append(kept.recording_id)
    return wrong


def plan_at_end(db: Db, kept: WatchCoverage) -> None:
    """Plan a question at the very end of the axis, for what waits there."""
    tail = tail_of(kept)
    assert tail.viewing_id is not None
    place = (0, tail.seq, tail.piece)
    at = kept.last_watched_at
    end = Piece(place, ((0.0, tail.at_seconds),), 0, at, at, None)
    prompts.plan(db, kept.person_id, kept.recording_id, tail.number, [(UUID(tail.viewing_id), end)])
    number = tail.number + 1
    moved = {"since_mark_ms": 0, "since_live_ms": 0, "number": number, "need_ms": prompts.gaps_of(kept.seed)(number)}
    kept.tail = asdict(tail) | moved
    db.flush()


def tail_of(kept: AnyCoverage) -> Tail:
    """The kept end of the axis."""
    return Tail(**kept.tail)


def policy_of(db: Db, recording: Recording, version: int | None = None) -> CreditPolicy:
    """The recording's policy of this version, or the newest."""
    if version is None:
        return register.policy_of(db, recording.session_id)
    return db.get_one(CreditPolicy, (recording.session_id, version))


def rules_of(policy: CreditPolicy | PolicyRow) -> Rules:
    """What a policy says of beats."""
    asked = policy.prompts_required > 0
    return Rules(policy.max_rate, policy.hidden_counts, policy.prompt_gap_seconds if asked else None)


def played(row: Beat) -> Played:
    """A beat as the rule takes it."""
    return Played(
        row.seq,
        row.span_start,
        row.span_end,
        tuple((start, end, rate) for start, end, rate in row.played),
        row.hidden_seconds,
        row.muted_seconds,
        row.received_at,
    )


def pairs(stretches: Iterable[Any]) -> list[Interval]:
    """Stretches as they come from the database."""
    return [(start, end) for start, end in stretches]


def _moved(db: Db, viewing: AnyViewing, kept: AnyCoverage, tail: Tail, pieces: Sequence[Piece]) -> Tail:
    """The end of the axis behind these pieces, with the questions planned that are due in them."""
    gap_ms = prompts.gaps_of(kept.seed)
    spots = due(pieces, since_ms=tail.since_mark_ms, need_ms=tail.need_ms, number=tail.number, gap_ms=gap_ms)
    prompts.plan(db, kept.person_id, kept.recording_id, tail.number, [(viewing.id, spot) for spot in spots])
    last, number = pieces[-1], tail.number + len(spots)
    behind = [piece for piece in pieces if not spots or piece.place > spots[-1].place]
    effort_ms = sum(piece.effort_ms for piece in behind if piece.max_gap_seconds is not None)
    return Tail(
        viewing_id=str(viewing.id),
        seq=last.place[1],
        piece=last.place[2],
        at_seconds=last.content[-1][1],
        since_mark_ms=effort_ms + (0 if spots else tail.since_mark_ms),
        since_live_ms=effort_ms + (0 if spots else tail.since_live_ms),
        need_ms=gap_ms(number) if spots else tail.need_ms,
        number=number,
    )


def _plan_missing(db: Db, kept: WatchCoverage, watched: Watched) -> list[PresencePrompt]:
    """Plan the questions that are due on the axis as it is now, at its end and where late beats made a gap too wide."""
    marks, gap_ms = prompts.marks_of(watched.prompts, watched.order), prompts.gaps_of(kept.seed)
    first = len(marks)
    spots: list[Piece] = []
    for stretch in wide_gaps(watched.pieces, marks):
        number = first + len(spots)
        spots += due(stretch, since_ms=0, need_ms=gap_ms(number), number=number, gap_ms=gap_ms)
    tail = [piece for piece in watched.pieces if not marks or piece.place > marks[-1].place]
    number = first + len(spots)
    need_ms = prompts.need_ms(kept.seed, number, marks[-1:])
    spots += due(tail, since_ms=0, need_ms=need_ms, number=number, gap_ms=gap_ms)
    placed = [(watched.viewings[spot.place[0]].id, spot) for spot in spots]
    return prompts.plan(db, kept.person_id, kept.recording_id, first, placed)


def _greatest_seq(db: Db, viewing: Viewing) -> int:
    newest = select(Beat.seq).where(Beat.viewing_id == viewing.id).order_by(Beat.seq.desc()).limit(1)
    greatest = db.scalar(newest)
    return -1 if greatest is None else greatest
