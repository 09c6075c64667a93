"""The credit rule: pure, over plain evidence. It reads nothing but its arguments, so it can be shown to anyone.

Attendance is judged per part; a credit is the sum of the parts that the person was expected at.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sessions import clock
from sessions.errors import Language
from sessions.intervals import Interval, in_minutes
from sessions.models import Basis

#: Changes whenever `judge` would answer differently to the same arguments; kept in every credit.
RULE_VERSION = "2"


class Why(StrEnum):
    """Every reason the rule can give."""

    ATTENDED_LIVE = "attended-live"
    WATCHED_ENOUGH = "watched-enough"
    EXEMPT = "exempt"
    NOT_ATTENDED = "not-attended"
    MISSING_MINUTES = "missing-minutes"
    PROMPTS_MISSED = "prompts-missed"
    PAST_DEADLINE = "past-deadline"
    UNDER_REVIEW = "under-review"
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
    Why.UNDER_REVIEW: (
        "Lượt xem có điểm cần cán bộ xem xét trước khi công nhận.",
        "Staff will look at something about this viewing before it is credited.",
    ),
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
    #: What a person should look at first, as codes; while there is any, the attempt earns nothing by itself.
    doubts: tuple[str, ...] = ()


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
    if part.attended is Basis.LIVE:
        return PartVerdict(part.part_id, True, Basis.LIVE, (Reason(Why.ATTENDED_LIVE, {}),))
    if part.exempt:
        return PartVerdict(part.part_id, False, None, (Reason(Why.EXEMPT, {}),))
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
    if seen.doubts and not reasons:
        reasons.append(Reason(Why.UNDER_REVIEW, {}))
    return tuple(reasons)


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
