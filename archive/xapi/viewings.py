"""What a viewing says: pure, from spells of playing to statements.

The order within a session is cmi5's (cmi5 specification, 9.3): `initialized` first, `terminated` last, and only one
`completed` and one `passed` per registration and recording. There is no cmi5 launch, so no statement claims cmi5's own
category. The id of a statement is made from the evidence behind it, so telling it again gives the same statement.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest
from math import floor
from typing import Any, Final
from uuid import UUID, uuid5

from archive.xapi.spells import JUMP, Spell, jumps, stands
from archive.xapi.words import BASIS, Extensions, Json, Speaker, Statement, duration, in_video, said_at, speak
from sessions.intervals import Interval, total, union

#: More segments than this are told as their union: `played-segments` must not grow without end.
_MOST_SEGMENTS: Final = 400


@dataclass(frozen=True)
class Film:
    """The recording that was watched."""

    id: UUID
    title: str
    #: Seconds.
    length: float
    #: The share of it that its conference asks for, between 0 and 1.
    threshold: float


@dataclass(frozen=True)
class Pass:
    """The rule gave the person's credit during the viewing."""

    credit_id: UUID
    granted_at: datetime
    basis: str


@dataclass(frozen=True)
class Chapter:
    """What is to be told of a viewing now: all of it, or what came after it was last told.

    The session began at `began_at`; that is said when it `opens`, and with `over_at` it is ended. `heard` holds the
    segments of the recording told before under the same registration, in the order of telling, and `spent` the seconds
    of clock time that they took.
    """

    session_id: UUID
    began_at: datetime
    opens: bool
    spells: tuple[Spell, ...]
    over_at: datetime | None
    heard: tuple[Interval, ...] = ()
    spent: float = 0.0
    completed: bool = False
    passed: Pass | None = None


@dataclass(frozen=True)
class _Moment:
    """A statement in the making; `context` and `result` hold what it has beside the common frame."""

    verb: str
    id: UUID
    at: datetime
    context: Extensions
    result: Json


def session_of(viewing_id: UUID, chapter: int) -> UUID:
    """The session's id. What came after a session was told to have ended is told as a session of its own.

    The profile wants version 4 here: the id of a viewing is one, and the others are dressed as one.
    """
    return viewing_id if chapter == 0 else UUID(bytes=uuid5(viewing_id, f"chapter/{chapter}").bytes, version=4)


def tell(speaker: Speaker, film: Film, chapter: Chapter) -> list[Statement]:
    """The statements of a chapter, in the order of their times."""
    said: list[_Moment] = []
    for moment in _moments(speaker, film, chapter):
        # No statement of a session is earlier than the one before it, whatever a player's clock said.
        said.append(replace(moment, at=max(moment.at, said[-1].at)) if said else moment)
    return [_statement(speaker, film, chapter.session_id, moment) for moment in said]


def segments_in(body: Mapping[str, Any]) -> list[Interval]:
    """The segments that a told statement names in its `played-segments`, in their order."""
    (name,) = in_video({"played-segments": ""})
    pairs = (segment.split("[.]") for segment in body["result"]["extensions"][name].split("[,]") if segment)
    return [(float(start), float(end)) for start, end in pairs]


def pass_id(credit_id: UUID, granted_at: datetime) -> UUID:
    """The id of the statement that this credit was given during a viewing."""
    return uuid5(credit_id, f"passed/{said_at(granted_at)}")


def _moments(speaker: Speaker, film: Film, chapter: Chapter) -> Iterator[_Moment]:
    name = chapter.session_id
    if chapter.opens:
        speed: Extensions = {"speed": _speed(chapter.spells[0].rate)} if chapter.spells else {}
        yield _Moment("initialized", uuid5(name, "initialized"), chapter.began_at, _measures(film) | speed, {})
    heard = list(chapter.heard)
    middle = list(_middle(speaker, film, chapter, heard))
    if chapter.passed:
        middle = sorted([*middle, _pass(film, chapter, chapter.passed)], key=lambda moment: moment.at)
    yield from middle
    if chapter.over_at:
        lasted = {"duration": duration((chapter.over_at - chapter.began_at).total_seconds())}
        last = [spell.end for spell in chapter.spells] or [end for _, end in heard] or [0.0]
        result = lasted | _standing(film, heard, last[-1])
        yield _Moment("terminated", uuid5(name, "terminated"), chapter.over_at, _measures(film), result)


def _middle(speaker: Speaker, film: Film, chapter: Chapter, heard: list[Interval]) -> Iterator[_Moment]:
    """What happens between the beginning and the end; `heard` grows by what is told."""
    name, completed, spent = chapter.session_id, chapter.completed, chapter.spent
    length: Extensions = {"length": _round(film.length)}
    for spell, following in zip_longest(chapter.spells, chapter.spells[1:]):
        speed = length | {"speed": _speed(spell.rate)}
        yield _Moment("played", uuid5(name, f"played/{spell.first}"), spell.began, speed, _at(time=spell.start))
        _hear(heard, spell)
        spent += spell.seconds
        standing = _standing(film, heard, spell.end)
        if not completed and _share(film, heard) >= film.threshold:
            completed = True
            whole = {"completion": True, "duration": duration(spent)} | standing
            # Made from the registration, so that no other session could complete it again.
            number = uuid5(speaker.registration, f"completed/{film.id}")
            yield _Moment("completed", number, spell.ended, _measures(film), whole)
        if following is None or stands(spell, following):
            yield _Moment("paused", uuid5(name, f"paused/{spell.last}"), spell.ended, _measures(film), standing)
        if following is not None and jumps(spell, following):
            jump = _at(**{"time-from": spell.end, "time-to": following.start})
            yield _Moment("seeked", uuid5(name, f"seeked/{following.first}"), following.began, length, jump)


def _pass(film: Film, chapter: Chapter, passed: Pass) -> _Moment:
    spent = chapter.spent + sum(spell.seconds for spell in chapter.spells if spell.began <= passed.granted_at)
    result = {"success": True, "duration": duration(spent), "extensions": {BASIS: passed.basis}}
    number = pass_id(passed.credit_id, passed.granted_at)
    # The beat that brought the credit may have arrived after the end, but the end stays last.
    at = min(passed.granted_at, chapter.over_at or passed.granted_at)
    return _Moment("passed", number, at, {"length": _round(film.length)}, result)


def _hear(heard: list[Interval], spell: Spell) -> None:
    if heard and abs(heard[-1][1] - spell.start) <= JUMP:
        heard[-1] = (heard[-1][0], max(heard[-1][1], spell.end))
    else:
        heard.append((spell.start, spell.end))
    if len(heard) > _MOST_SEGMENTS:
        heard[:] = union(heard)


def _measures(film: Film) -> Extensions:
    """What the profile wants said of the recording wherever its progress is told."""
    return {"length": _round(film.length), "completion-threshold": _round(film.threshold)}


def _standing(film: Film, heard: Sequence[Interval], at: float) -> Json:
    # Cut, not rounded: nobody is told to have reached a threshold that they have not.
    progress = floor(_share(film, heard) * 10_000) / 10_000
    played = "[,]".join(f"{start:.3f}[.]{end:.3f}" for start, end in heard)
    return {"extensions": in_video({"time": _round(at), "progress": progress, "played-segments": played})}


def _share(film: Film, heard: Iterable[Interval]) -> float:
    return min(1.0, total(union(heard)) / film.length) if film.length > 0 else 0.0


def _at(**seconds: float) -> Json:
    return {"extensions": in_video({name: _round(value) for name, value in seconds.items()})}


def _round(seconds: float) -> float:
    return round(float(seconds), 3)


def _speed(rate: float) -> str:
    return f"{rate:g}x"


def _statement(speaker: Speaker, film: Film, session_id: UUID, moment: _Moment) -> Statement:
    named: Extensions = {"session-id": str(session_id)}
    extensions = in_video(named | moment.context)
    # `passed` is a word of cmi5; the profile has no such template.
    context = speaker.context(session_id, extensions, video=moment.verb != "passed")
    thing = speaker.recording(film.id, film.title)
    return speak(speaker, moment.verb, moment.id, moment.at, thing, moment.result, context)
