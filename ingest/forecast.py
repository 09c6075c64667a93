"""When the work will be done: plays the queue forward, as the workers will do it.

The rule. A step takes its weight (usual seconds of machine time) times the pace of its kind: the median, over the steps
that ended lately, of the seconds by the clock that one second of weight took. So a busy machine, a slow disk and a
weight that was set wrong all show in the next forecast. A kind without a past goes at the pace of all kinds together,
and without any past at that of its weight. A running step trusts its own pace the more, the further it is: with p of it
done in e seconds, and u its usual seconds, (1 - p) x ((1 - p) x u + e) are left, which is u at the beginning and what
its own pace says at the end.

Whenever a worker is free it takes a step in the order of `jobs.claim`: by urgency of its kind, then of the job that has
the least left, then the oldest, then by number. What goes `BEFORE` a kind has to be done in its job first; as long as
no packaging is on record, its usual share is reckoned with.

What nobody knows yet is None: before the scan nothing, and before the picture was looked at not how much there is to
encode.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from statistics import median
from uuid import UUID

from ingest.models import StepKind, StepState

#: What is done first: checks before work, then what a replay can start with, exact slide times, and the picture.
URGENCY = (
    StepKind.SCAN,
    StepKind.PAGES,
    StepKind.SPEECH,
    StepKind.TIMELINE,
    StepKind.LOOK,
    StepKind.REFINE,
    StepKind.PACKAGE,
    StepKind.CHUNK,
    StepKind.EXTRACT,
)
#: A rung is packaged once all its chunks are there, and the picture leaves the machine to the speech, without which
#: there is no replay: with either of its steps beside it, that of an hour comes 25 s later on two cores.
BEFORE = {StepKind.PACKAGE: StepKind.CHUNK, StepKind.LOOK: StepKind.SPEECH, StepKind.REFINE: StepKind.SPEECH}
#: Slides + speech are ready when nothing of these is left.
FIRST_LOOK = frozenset({StepKind.SCAN, StepKind.PAGES, StepKind.SPEECH, StepKind.TIMELINE})
#: As long as one of these is open, what else there is to do has not been planned.
PLANNING = frozenset({StepKind.SCAN, StepKind.LOOK})
#: Packaging beside encoding, in seconds of weight.
PACKAGING_SHARE = 0.2

_OPEN = frozenset({StepState.WAITING, StepState.RUNNING})


@dataclass(frozen=True, slots=True)
class Step:
    """A step as the forecast sees it. `elapsed`: seconds since a worker took it, 0 for one that waits."""

    kind: StepKind
    number: int
    weight: float
    state: StepState
    progress: float = 0.0
    elapsed: float = 0.0


@dataclass(frozen=True, slots=True)
class Work:
    """A job with all its steps, those that are done as well."""

    job_id: UUID
    created_at: datetime
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Outlook:
    """Seconds from now: until its next step is begun (0 while one runs), slides + speech are ready, all is done.

    None where that is not known; `ready` is 0 when nothing is missing for it.
    """

    begins: float | None
    ready: float | None
    complete: float | None


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds by the clock that one second of weight takes, by kind, and of all kinds together."""

    by_kind: Mapping[StepKind, float] = field(default_factory=dict)
    overall: float = 1.0

    def of(self, kind: StepKind) -> float:
        return self.by_kind.get(kind, self.overall)


@dataclass(frozen=True, slots=True)
class Finished:
    """A step that ended, and the seconds by the clock that it took."""

    kind: StepKind
    weight: float
    seconds: float


def calibrate(finished: Iterable[Finished]) -> Pace:
    """Learn the pace from steps that ended; medians, so that one that found its work done already does not count."""
    ratios: dict[StepKind, list[float]] = {}
    for step in finished:
        if step.weight > 0:
            ratios.setdefault(step.kind, []).append(step.seconds / step.weight)
    if not ratios:
        return Pace()
    every = [ratio for of_kind in ratios.values() for ratio in of_kind]
    return Pace({kind: median(of_kind) for kind, of_kind in ratios.items()}, median(every))


def forecast(queue: Sequence[Work], workers: int, pace: Pace) -> dict[UUID, Outlook]:
    """Say of every job when it will be ready and complete, if the workers do nothing but this queue."""
    lanes = [_Lane(work, pace) for work in queue]
    _play(lanes, workers)
    return {lane.work.job_id: lane.outlook() for lane in lanes}


class _Lane:
    """One job while the queue is played forward: what waits, what is left, and when each kind began and ended."""

    def __init__(self, work: Work, pace: Pace) -> None:
        self.work, self.pace = work, pace
        self.steps = [step for step in [*work.steps, *expected(work.steps)] if step.state in _OPEN]
        self.left = sum(step.weight for step in work.steps if step.state is not StepState.DONE)
        self.open = Counter(step.kind for step in self.steps)
        self.waiting: dict[StepKind, deque[Step]] = {}
        for step in sorted(self.steps, key=lambda step: step.number):
            if step.state is StepState.WAITING:
                self.waiting.setdefault(step.kind, deque()).append(step)
        self.begins: float | None = None
        self.ends: list[tuple[StepKind, float]] = []

    def seconds_of(self, step: Step) -> float:
        to_do, usual = 1 - step.progress, step.weight * self.pace.of(step.kind)
        return to_do * (to_do * usual + step.elapsed)

    def urgent(self) -> tuple[int, float, datetime] | None:
        """How urgent this job's next step is, the smaller the sooner; nothing where none can be begun."""
        kinds = [kind for kind in self.waiting if not (kind in BEFORE and self.open[BEFORE[kind]])]
        return (min(map(URGENCY.index, kinds)), self.left, self.work.created_at) if kinds else None

    def take(self) -> Step:
        kind = URGENCY[(self.urgent() or (0,))[0]]
        step = self.waiting[kind].popleft()
        if not self.waiting[kind]:
            del self.waiting[kind]
        return step

    def begin(self, at: float) -> None:
        self.begins = at if self.begins is None else self.begins

    def end(self, step: Step, at: float) -> None:
        self.ends.append((step.kind, at))
        self.left -= step.weight
        self.open[step.kind] -= 1

    def outlook(self) -> Outlook:
        kinds = {step.kind for step in self.steps}
        complete = max((at for _, at in self.ends), default=0.0) if len(self.ends) == len(self.steps) else None
        if StepKind.SCAN in kinds:
            return Outlook(self.begins, None, None)
        return Outlook(self.begins, self._ready(), None if kinds & PLANNING else complete)

    def _ready(self) -> float | None:
        heard = any(step.kind in FIRST_LOOK - {StepKind.SCAN, StepKind.TIMELINE} for step in self.work.steps)
        if heard:
            return max((at for kind, at in self.ends if kind in FIRST_LOOK), default=0.0)
        # A silent film is ready with its first rung.
        packaged = any(step.kind is StepKind.PACKAGE and step.state is StepState.DONE for step in self.work.steps)
        return 0.0 if packaged else min((at for kind, at in self.ends if kind is StepKind.PACKAGE), default=None)


#: When a step ends, in which turn it was begun (so that no two are equal), whose it is, and what.
_Turn = tuple[float, int, int, Step]


def _play(lanes: Sequence[_Lane], workers: int) -> None:
    """Let the workers take step after step until nothing is left that can be begun."""
    now, turn, busy = 0.0, count(), list[_Turn]()
    for place, lane in enumerate(lanes):
        for step in lane.steps:
            if step.state is StepState.RUNNING:
                lane.begin(0.0)
                heappush(busy, (lane.seconds_of(step), next(turn), place, step))
    while True:
        while len(busy) < workers and (chosen := _most_urgent(lanes)) is not None:
            lane = lanes[chosen]
            step = lane.take()
            lane.begin(now)
            heappush(busy, (now + lane.seconds_of(step), next(turn), chosen, step))
        if not busy:
            return
        now, _, place, step = heappop(busy)
        lanes[place].end(step, now)


def _most_urgent(lanes: Sequence[_Lane]) -> int | None:
    ranked = [(urgent, place) for place, lane in enumerate(lanes) if (urgent := lane.urgent()) is not None]
    return min(ranked)[1] if ranked else None


def expected(steps: Sequence[Step]) -> list[Step]:
    """What will be planned later and is certain to come: packaging, as long as chunks are there and it is not."""
    chunks = [step for step in steps if step.kind is StepKind.CHUNK]
    if not chunks or any(step.kind is StepKind.PACKAGE for step in steps):
        return []
    return [Step(StepKind.PACKAGE, 0, PACKAGING_SHARE * sum(step.weight for step in chunks), StepState.WAITING)]
