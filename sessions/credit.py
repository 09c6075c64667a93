"""The credit rule: pure, over plain evidence. It reads nothing but its arguments, so it can be shown to anyone.

Attendance is judged per part; a credit is the sum of the parts that the person was expected at. A part is attended by
replay when enough of all its recordings together was watched: a morning in two files needs both, and of two files with
the same content one. A recording of the whole conference shows every part, so it does for each of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sessions import clock
from sessions.errors import Language
from sessions.intervals import Interval, in_minutes
from sessions.models import Basis, DecisionKind

#: Changes whenever `judge` would answer differently to the same arguments; kept in every credit.
RULE_VERSION = "3"


class Why(StrEnum):
    """Every reason the rule can give."""

    ATTENDED_LIVE = "attended-live"
    WATCHED_ENOUGH = "watched-enough"
    EXEMPT = "exempt"
    NOT_ATTENDED = "not-attended"
    MISSING_MINUTES = "missing-minutes"
    MISSING_OF_RECORDING = "missing-of-recording"
    PROMPTS_MISSED = "prompts-missed"
    PAST_DEADLINE = "past-deadline"
    UNDER_REVIEW = "under-review"
    REFLECTION_MISSING = "reflection-missing"
    GRANTED_BY_STAFF = "granted-by-staff"
    WAIVED_BY_STAFF = "waived-by-staff"
    REFUSED_BY_STAFF = "refused-by-staff"


_SENTENCES: dict[Why, tuple[str, str]] = {
    Why.ATTENDED_LIVE: ("Đã có mặt tại điểm cầu.", "Was present at a connection point."),
    Why.WATCHED_ENOUGH: ("Đã xem lại đủ {percent}%.", "Has watched enough of the replay, {percent}%."),
    Why.EXEMPT: ("Được miễn dự phần này.", "Is exempt from this part."),
    Why.NOT_ATTENDED: ("Chưa dự và chưa xem lại phần này.", "Neither attended nor watched this part yet."),
    Why.MISSING_MINUTES: ("Còn thiếu phút {minutes}.", "Still missing: minute {minutes}."),
    Why.MISSING_OF_RECORDING: (
        "Còn thiếu phút {minutes} của bản ghi “{title}”.",
        "Still missing: minute {minutes} of the recording “{title}”.",
    ),
    Why.PROMPTS_MISSED: (
        "Mới trả lời kịp {answered}/{asked} câu hỏi điểm danh.",
        "Answered {answered} of {asked} presence questions in time.",
    ),
    Why.PAST_DEADLINE: ("Xem lại sau hạn {deadline}.", "Watched after the deadline, {deadline}."),
    Why.UNDER_REVIEW: (
        "Lượt xem có điểm cần cán bộ xem xét trước khi công nhận.",
        "Staff will look at something about this viewing before it is credited.",
    ),
    Why.REFLECTION_MISSING: ("Chưa nộp bài thu hoạch đạt yêu cầu.", "A passed reflection is still missing."),
    Why.GRANTED_BY_STAFF: ("Cán bộ {by} công nhận ngày {on}: {reason}", "Granted by {by} on {on}: {reason}"),
    Why.WAIVED_BY_STAFF: ("Cán bộ {by} miễn dự ngày {on}: {reason}", "Waived by {by} on {on}: {reason}"),
    Why.REFUSED_BY_STAFF: ("Cán bộ {by} không công nhận ngày {on}: {reason}", "Refused by {by} on {on}: {reason}"),
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
    #: What a person should look at first, as codes; while there is any, the attempt earns nothing by itself.
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Needed:
    """One published recording that shows a part. Those of equal `content` are the same to watch."""

    recording_id: UUID
    content: str
    title: str
    length_seconds: float
    #: It shows the whole conference rather than this part alone.
    whole: bool = False


@dataclass(frozen=True)
class Decided:
    """One decision that stands; `whole` when it is about the conference and not about this part alone."""

    id: UUID
    kind: DecisionKind
    whole: bool
    by_id: UUID
    by: str
    at: datetime
    reason: str

    @property
    def gives(self) -> bool:
        return self.kind is not DecisionKind.REFUSE


@dataclass(frozen=True)
class PartSeen:
    """Everything known of one person and one part."""

    part_id: UUID
    exempt: bool = False
    #: How an earlier evaluation found the part attended; it stays attended.
    attended: Basis | None = None
    watched: tuple[Watched, ...] = ()
    #: What there is to watch of it. Without any, each recording that was watched stands for the part alone.
    needed: tuple[Needed, ...] = ()
    #: What people decided about it, the oldest first; the newest holds.
    decided: tuple[Decided, ...] = ()

    @property
    def decision(self) -> Decided | None:
        """The decision that holds; what was given by one is not taken back by a later one."""
        by_hand = self.attended in (Basis.DECISION, Basis.WAIVED)
        return next((each for each in reversed(self.decided) if each.gives or not by_hand), None)


@dataclass(frozen=True)
class PartVerdict:
    part_id: UUID
    attended: bool
    basis: Basis | None
    reasons: tuple[Reason, ...]
    #: The evidence row on which a replay was found sufficient just now, or the decision that gave the part just now.
    shown_by: UUID | None = None
    #: The decision that the verdict rests on.
    decided: Decided | None = None


@dataclass(frozen=True)
class Verdict:
    """Whether the conference counts as attended, on what basis, and why or why not."""

    credited: bool
    basis: Basis | None
    parts: tuple[PartVerdict, ...]
    reasons: tuple[Reason, ...]


def judge(parts: Iterable[PartSeen], terms: Terms, *, reflection_passed: bool = False) -> Verdict:
    """The credit rule: every part that the person was expected at was attended, live or by a sufficient replay."""
    parts = tuple(parts)
    verdicts = tuple(_judge_part(part, terms) for part in parts)
    due = [verdict for verdict in verdicts if not _is_exempt(verdict)]
    reasons = tuple(reason for verdict in due if not verdict.attended for reason in verdict.reasons)
    if terms.reflection_required and not reflection_passed and not _is_given_whole(parts):
        reasons += (Reason(Why.REFLECTION_MISSING, {}),)
    credited = bool(due) and not reasons
    bases = {verdict.basis for verdict in due if verdict.basis}
    basis = (bases.pop() if len(bases) == 1 else Basis.MIXED) if credited else None
    return Verdict(credited, basis, verdicts, reasons)


def _judge_part(part: PartSeen, terms: Terms) -> PartVerdict:
    if part.attended is Basis.LIVE:
        return PartVerdict(part.part_id, True, Basis.LIVE, (Reason(Why.ATTENDED_LIVE, {}),))
    decision = part.decision if part.attended in (None, Basis.DECISION, Basis.WAIVED) else None
    if decision and decision.gives:
        return _give(part, decision)
    if part.exempt:
        return PartVerdict(part.part_id, False, None, (Reason(Why.EXEMPT, {}),))
    if decision:
        return PartVerdict(part.part_id, False, None, (_told(decision),), decided=decision)
    best = max(_attempts(part), key=lambda attempt: (not attempt.shortfalls(terms), attempt.share), default=None)
    if best is None or not best.watched:
        reason = Reason(Why.WATCHED_ENOUGH, {"percent": 100}) if part.attended else Reason(Why.NOT_ATTENDED, {})
        return PartVerdict(part.part_id, part.attended is not None, part.attended, (reason,))
    enough = Reason(Why.WATCHED_ENOUGH, {"percent": int(100 * best.share)})
    if part.attended:
        return PartVerdict(part.part_id, True, part.attended, (enough,))
    if lacking := best.shortfalls(terms):
        return PartVerdict(part.part_id, False, None, lacking)
    return PartVerdict(part.part_id, True, best.basis, (enough,), best.evidence_id)


def _give(part: PartSeen, decision: Decided) -> PartVerdict:
    basis = Basis.WAIVED if decision.kind is DecisionKind.WAIVE else Basis.DECISION
    news = decision.id if part.attended is None else None
    return PartVerdict(part.part_id, True, part.attended or basis, (_told(decision),), news, decision)


_TOLD: dict[DecisionKind, Why] = {
    DecisionKind.GRANT: Why.GRANTED_BY_STAFF,
    DecisionKind.WAIVE: Why.WAIVED_BY_STAFF,
    DecisionKind.REFUSE: Why.REFUSED_BY_STAFF,
}


def _told(decision: Decided) -> Reason:
    on = f"{decision.at.astimezone(clock.VIETNAM):%d/%m/%Y}"
    return Reason(_TOLD[decision.kind], {"by": decision.by, "on": on, "reason": decision.reason})


def _is_given_whole(parts: Iterable[PartSeen]) -> bool:
    """Whether somebody decided about the conference as a whole, what else it asks for included."""
    return any(part.decision and part.decision.gives and part.decision.whole for part in parts)


@dataclass(frozen=True)
class _Attempt:
    """Watching a part by one set of recordings: all there is to watch, and the best that was watched of each."""

    recordings: tuple[Needed, ...]
    watched: Mapping[str, Watched]

    @property
    def seen(self) -> list[Watched]:
        return [seen for seen in self.watched.values() if seen.covered_seconds > 0]

    @property
    def share(self) -> float:
        length = sum(each.length_seconds for each in self.recordings)
        return min(1.0, sum(seen.covered_seconds for seen in self.seen) / length) if length > 0 else 0.0

    @property
    def basis(self) -> Basis:
        bases = {seen.basis for seen in self.seen}
        return bases.pop() if len(bases) == 1 else Basis.MIXED

    @property
    def evidence_id(self) -> UUID:
        return max(self.seen, key=lambda seen: seen.covered_seconds).evidence_id

    def shortfalls(self, terms: Terms) -> tuple[Reason, ...]:
        reasons = list(self._missing()) if self.share < terms.coverage_required else []
        asked = sum(seen.prompts_asked for seen in self.watched.values())
        answered = sum(seen.prompts_answered for seen in self.watched.values())
        if asked and answered < terms.prompts_required * asked:
            reasons.append(Reason(Why.PROMPTS_MISSED, {"answered": answered, "asked": asked}))
        if any(seen.last_watched_at > terms.replay_until for seen in self.seen):
            deadline = f"{terms.replay_until.astimezone(clock.VIETNAM):%d/%m/%Y}"
            reasons.append(Reason(Why.PAST_DEADLINE, {"deadline": deadline}))
        if not reasons and any(seen.doubts for seen in self.seen):
            reasons.append(Reason(Why.UNDER_REVIEW, {}))
        return tuple(reasons)

    def _missing(self) -> Iterable[Reason]:
        for recording in self.recordings:
            seen = self.watched.get(recording.content)
            if missing := seen.missing if seen else ((0.0, recording.length_seconds),):
                facts = {"minutes": _minutes(missing)}
                if len(self.recordings) == 1:
                    yield Reason(Why.MISSING_MINUTES, facts)
                else:
                    yield Reason(Why.MISSING_OF_RECORDING, facts | {"title": recording.title})


def _attempts(part: PartSeen) -> Iterable[_Attempt]:
    """Every set of recordings that would do for the part: its own, those of the whole conference."""
    if not part.needed:
        for seen in part.watched:
            alone = Needed(seen.recording_id, str(seen.recording_id), "", seen.length_seconds)
            yield _Attempt((alone,), {alone.content: seen})
    for whole in (False, True):
        needed = [each for each in part.needed if each.whole is whole]
        if needed:
            contents = {each.recording_id: each.content for each in needed}
            watched: dict[str, Watched] = {}
            for seen in sorted(part.watched, key=lambda seen: (not seen.doubts, _share(seen))):
                if seen.recording_id in contents:
                    watched[contents[seen.recording_id]] = seen
            yield _Attempt(tuple({each.content: each for each in needed}.values()), watched)


def _share(seen: Watched) -> float:
    return min(1.0, seen.covered_seconds / seen.length_seconds) if seen.length_seconds > 0 else 0.0


def _minutes(missing: Iterable[Interval], most: int = 6) -> str:
    # A gap of a second or two is no minute that a person could find and watch, unless there are only such gaps.
    gaps = list(missing)
    ranges = in_minutes([gap for gap in gaps if gap[1] - gap[0] >= 2] or gaps)
    said = [str(first) if first == last else f"{first}-{last}" for first, last in ranges[:most]]
    return ", ".join(said) + (", …" if len(ranges) > most else "")


def _is_exempt(verdict: PartVerdict) -> bool:
    return any(reason.code is Why.EXEMPT for reason in verdict.reasons)
