"""From the watch log to the journal: which viewings are to be told, and what is new in each.

A viewing may be told in pieces: a player that was out of reach delivers beats days later. What was told stands; what
comes later is told in addition.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, or_, select

from archive.models import Beat, Recording, Viewing
from archive.xapi import journal, viewings
from archive.xapi.journal import Scope
from archive.xapi.models import XapiStatement, XapiTelling
from archive.xapi.spells import Spell, Told, spells_of
from archive.xapi.viewings import Chapter, Film, Pass
from archive.xapi.words import Speaker
from sessions import clock
from sessions.db import Db
from sessions.models import AttendanceCredit, Basis, ConferenceSession, CreditPolicy, CreditState

#: A viewing that was never closed is over when nothing came for so long.
_GIVEN_UP: Final = timedelta(hours=24)
#: Closing a viewing may bring the credit: that comes a moment after the end.
CLOSING: Final = timedelta(seconds=5)
#: A viewing that was ended by the next one, days later, was over when its player fell silent.
_STILL_THERE: Final = timedelta(minutes=5)
#: No beat comes later than this: a recording is lent for two weeks at most, and its log is delivered soon after.
_LATEST: Final = timedelta(days=60)
_LOOK_AGAIN: Final = timedelta(hours=1)

#: Plain rows: a viewing has hundreds of beats, and none of them is changed here.
_BEATS: Final = select(Beat.seq, Beat.span_start, Beat.span_end, Beat.played, Beat.received_at).order_by(Beat.seq)
#: What `ripe` gives.
Ripe = tuple[Viewing, Recording, ConferenceSession, CreditPolicy, XapiTelling | None]
_BeatRow = Row[int, float, float, list[Any], datetime]


def ripe(scope: Scope) -> Select[*Ripe]:
    """Viewings that were never told, or that are due to be looked at again, each with what is needed to tell of it."""
    now = clock.now()
    beats = select(func.count()).where(Beat.viewing_id == Viewing.id).scalar_subquery()
    still = select(Beat.seq).where(Beat.viewing_id == Viewing.id, Beat.received_at > now - scope.quiet).exists()
    begun = func.coalesce(Viewing.ended_at, Viewing.opened_at) <= now - scope.quiet
    never = and_(XapiTelling.viewing_id.is_(None), begun, ~still)
    again = XapiTelling.look_again_at <= now
    if not scope.quiet:
        # Whoever wants all of it now does not wait for the hour at which we would have looked.
        unfinished = or_(XapiTelling.beat_count != beats, and_(~XapiTelling.over, Viewing.ended_at.is_not(None)))
        again = and_(XapiTelling.look_again_at.is_not(None), unfinished)
    version = CreditPolicy.version == Viewing.policy_version
    return (
        select(Viewing, Recording, ConferenceSession, CreditPolicy, XapiTelling)
        .join(Recording, Recording.id == Viewing.recording_id)
        .join(ConferenceSession, ConferenceSession.id == Recording.session_id)
        .join(CreditPolicy, and_(CreditPolicy.session_id == Recording.session_id, version))
        .outerjoin(XapiTelling, XapiTelling.viewing_id == Viewing.id)
        .where(or_(never, again), scope.holds(Recording.session_id))
        .order_by(Viewing.opened_at, Viewing.id)
    )


def tell(db: Db, scope: Scope, row: Row[*Ripe]) -> None:
    """Put on record what is new of a viewing (a row of `ripe`), and note when to look at it again."""
    viewing, recording, session, policy, telling = row
    beats = db.execute(_BEATS.where(Beat.viewing_id == viewing.id)).all()
    over_at = _over_at(viewing, beats)
    fresh = [beat for beat in beats if not _was_told(telling, beat.seq)]
    if telling is not None and any(beat.received_at > clock.now() - scope.quiet for beat in fresh):
        telling.look_again_at = clock.now() + scope.quiet
        return
    spells = spells_of(viewing.opened_at, map(_as_told, fresh), [(low, high) for low, high in viewing.covered])
    if telling is None:
        telling = _begin_telling(db, viewing)
        chapter = _chapter(db, viewing, session.id, telling, spells, over_at, opens=True)
    elif not telling.over:
        chapter = _chapter(db, viewing, session.id, telling, spells, over_at, opens=False)
    elif spells:
        telling.chapter, telling.began_at = telling.chapter + 1, spells[0].began
        chapter = _chapter(
            db, viewing, session.id, telling, spells, over_at and max(over_at, spells[-1].ended), opens=True
        )
    else:
        chapter = None
    if chapter and (chapter.opens or chapter.spells or chapter.over_at):
        speaker = Speaker(scope.home, viewing.person_id, session.id, session.title)
        film = Film(recording.id, recording.title, recording.duration_seconds, policy.coverage_required)
        journal.keep(db, viewing.id, speaker, recording.id, viewings.tell(speaker, film, chapter))
    telling.beats = _as_ranges(beat.seq for beat in beats)
    telling.beat_count = len(beats)
    telling.spent_seconds += sum(spell.seconds for spell in spells)
    telling.over = telling.over or over_at is not None
    telling.told_at = clock.now()
    telling.look_again_at = _next_look(over_at)


def _begin_telling(db: Db, viewing: Viewing) -> XapiTelling:
    telling = XapiTelling(
        viewing_id=viewing.id,
        chapter=0,
        began_at=viewing.opened_at,
        over=False,
        beats=[],
        beat_count=0,
        spent_seconds=0.0,
        told_at=clock.now(),
    )
    db.add(telling)
    return telling


def _chapter(
    db: Db,
    viewing: Viewing,
    session_id: UUID,
    telling: XapiTelling,
    spells: Sequence[Spell],
    over_at: datetime | None,
    *,
    opens: bool,
) -> Chapter:
    mine = (XapiStatement.person_id == viewing.person_id, XapiStatement.recording_id == viewing.recording_id)
    last = select(XapiStatement.body).where(*mine, XapiStatement.verb.in_(("paused", "completed", "terminated")))
    told_last = db.scalar(last.order_by(XapiStatement.position.desc()).limit(1))
    spent = (
        select(func.coalesce(func.sum(XapiTelling.spent_seconds), 0.0))
        .join(Viewing, Viewing.id == XapiTelling.viewing_id)
        .where(Viewing.person_id == viewing.person_id, Viewing.recording_id == viewing.recording_id)
    )
    completed = select(XapiStatement.id).where(*mine, XapiStatement.verb == "completed").exists()
    return Chapter(
        session_id=viewings.session_of(viewing.id, telling.chapter),
        began_at=telling.began_at,
        opens=opens,
        spells=tuple(spells),
        over_at=over_at,
        heard=tuple(viewings.segments_in(told_last)) if told_last else (),
        spent=db.scalars(spent).one(),
        completed=bool(db.scalar(select(completed))),
        passed=_pass_within(db, viewing, session_id),
    )


def _pass_within(db: Db, viewing: Viewing, session_id: UUID) -> Pass | None:
    """The credit that the rule gave while this viewing ran, or by its last beats, unless that was told."""
    credit = db.scalar(
        select(AttendanceCredit).where(
            AttendanceCredit.person_id == viewing.person_id,
            AttendanceCredit.session_id == session_id,
            AttendanceCredit.state == CreditState.GRANTED,
            AttendanceCredit.basis != Basis.LIVE,
            AttendanceCredit.decided_by.is_(None),
            AttendanceCredit.granted_at.between(viewing.opened_at, (viewing.ended_at or clock.now()) + CLOSING),
        )
    )
    if credit is None:
        return None
    number = viewings.pass_id(credit.id, credit.granted_at)
    known = db.scalar(select(XapiStatement.position).where(XapiStatement.id == number))
    return None if known else Pass(credit.id, credit.granted_at, credit.basis)


def _over_at(viewing: Viewing, beats: Sequence[_BeatRow]) -> datetime | None:
    """When the viewing was over, or nothing while it goes on."""
    silent = viewing.opened_at + timedelta(seconds=max((beat.span_end for beat in beats), default=0.0))
    if viewing.ended_at is not None:
        return viewing.ended_at if viewing.ended_at - silent <= _STILL_THERE else silent
    heard_of = max((beat.received_at for beat in beats), default=viewing.opened_at)
    return silent if heard_of < clock.now() - _GIVEN_UP else None


def _next_look(over_at: datetime | None) -> datetime | None:
    """After as long again as it has been over: late beats come soon, or else after days."""
    now = clock.now()
    if over_at is None:
        return now + _LOOK_AGAIN
    return now + max(_LOOK_AGAIN, now - over_at) if now - over_at < _LATEST else None


def _was_told(telling: XapiTelling | None, seq: int) -> bool:
    return telling is not None and any(first <= seq <= last for first, last in telling.beats)


def _as_ranges(numbers: Iterable[int]) -> list[list[int]]:
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges


def _as_told(beat: _BeatRow) -> Told:
    return beat.seq, beat.span_start, beat.span_end, [(start, end, rate) for start, end, rate in beat.played]
