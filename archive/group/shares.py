"""Who saw what of a showing: settled when the proctor signs, and handed down to the register as evidence.

Nobody is credited with two things at once: a person's time in a room yields to whatever else they are known to have
been doing, and is dropped where they were checked in to another room meanwhile. `verify` proves it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.dialects.postgresql import insert

from archive import watchlog
from archive.axis import pairs
from archive.coverage import without
from archive.group import rule
from archive.group.arrivals import OwnRoom, arrivals_of
from archive.group.models import ArrivalMethod, Showing, ShowingArrival, ShowingShare
from archive.group.rule import Seen, Share
from archive.group.seen import Doubt, seen_by
from archive.group.showings import asked_of, lock, policy_of, shown_of, since
from archive.models import Beat, Recording, Viewing, WatchCoverage
from archive.watchproof import Proof
from sessions import attendance, audit, clock, register
from sessions.db import Db, among
from sessions.errors import Conflict
from sessions.intervals import Interval, gaps, total, union
from sessions.models import CheckIn, Expected, Person, SessionPart
from sessions.names import clean

#: What of a share is worked out anew when it is settled again.
_SETTLED = ("covered", "firm", "times", "elsewhere", "doubts", "first_at", "last_at")
#: Shorter than this, being elsewhere is a player opened on one's own phone for a closer look at a slide.
_ELSEWHERE_SECONDS = 300.0
#: Times of one person may overlap by what rounding does to them.
_ROUNDING_SECONDS = 0.01


class NotEndedYet(Conflict):
    code = "group-replay-running"
    vi = "Hãy kết thúc buổi xem chung và cho mọi người điểm danh lần cuối rồi mới ký."
    en = "End the group replay and let everybody check in for the last time before signing."


def sign(db: Db, by: Person, showing: Showing, statement: str) -> list[ShowingShare]:
    """Vouch for a showing that has ended: everybody gets what they saw. Signing again changes nothing.

    Raises `OwnRoom` for somebody who was checked in to it themselves.
    """
    lock(db, showing)
    if showing.ended_at is None:
        raise NotEndedYet
    if showing.signed_at is None:
        people = sorted(set(db.scalars(_people_of(showing))))
        if by.id in people:
            raise OwnRoom
        showing.signed_at, showing.signed_by, showing.statement = clock.now(), by.id, clean(statement)
        db.flush()
        got = [settle(db, showing, person_id) for person_id in people]
        audit.note(
            db,
            by,
            "group-replay.signed",
            "showing",
            showing.id,
            statement=showing.statement,
            people=len(people),
            seconds={str(each.person_id): total(pairs(each.covered)) for each in got},
        )
    return shares_of(db, showing)


def shares_of(db: Db, showing: Showing) -> list[ShowingShare]:
    """What everybody got of a signed showing."""
    got = select(ShowingShare).where(ShowingShare.showing_id == showing.id).order_by(ShowingShare.person_id)
    return list(db.scalars(got))


def settle(db: Db, showing: Showing, person_id: UUID) -> ShowingShare:
    """Work out one person's share of a signed showing from what is known now, and hand it down as evidence."""
    db.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    elsewhere = _elsewhere(db, showing, person_id)
    arrivals = arrivals_of(db, showing, person_id)
    found = _share(db, showing, person_id, elsewhere)
    times = found.times or [(since(showing, arrivals[0].at),) * 2]
    row = insert(ShowingShare).values(
        showing_id=showing.id,
        person_id=person_id,
        recording_id=showing.recording_id,
        covered=found.covered,
        firm=found.firm,
        times=found.times,
        elsewhere=elsewhere,
        doubts=_doubts(db, showing, person_id, elsewhere),
        first_at=showing.opened_at + timedelta(seconds=times[0][0]),
        last_at=showing.opened_at + timedelta(seconds=times[-1][1]),
    )
    fresh = {name: row.excluded[name] for name in _SETTLED}
    kept = db.scalars(
        row.on_conflict_do_update(index_elements=["showing_id", "person_id"], set_=fresh).returning(ShowingShare),
        execution_options={"populate_existing": True},
    ).one()
    hand_down(db, db.get_one(Recording, showing.recording_id), person_id)
    return kept


def settle_again(db: Db, person_ids: Iterable[UUID]) -> None:
    """After these people turned out to have been elsewhere: their shares of signed showings yield to it."""
    theirs = select(Showing, ShowingShare.person_id).join(ShowingShare, ShowingShare.showing_id == Showing.id)
    of_these = theirs.where(among(ShowingShare.person_id, list(set(person_ids))))
    for showing, person_id in db.execute(of_these.order_by(ShowingShare.person_id, Showing.id)).all():
        settle(db, showing, person_id)


def hand_down(db: Db, recording: Recording, person_id: UUID) -> None:
    """Push what a person saw of a recording down into the register, one row per part that it shows."""
    if alone := db.get(WatchCoverage, (person_id, recording.id)):
        watchlog.hand_down(db, recording, alone)
        return
    rooms = seen_by(db, person_id, recording.id)
    if rooms is None:
        return
    asked = register.policy_of(db, recording.session_id).coverage_required * recording.duration_seconds
    joined = rooms.joined_with([], asked)
    parts = select(Expected.part_id).where(Expected.session_id == recording.session_id, Expected.person_id == person_id)
    if recording.part_id:
        parts = parts.where(Expected.part_id == recording.part_id)
    row = {
        "person_id": person_id,
        "session_id": recording.session_id,
        "recording_id": recording.id,
        "basis": joined.basis,
        "length_seconds": recording.duration_seconds,
        "covered_seconds": total(joined.covered),
        "missing": gaps(joined.covered, recording.duration_seconds),
        # The moments of the room stand in place of questions.
        "prompts_asked": 0,
        "prompts_answered": 0,
        "doubts": joined.doubts,
        "first_watched_at": rooms.first_at,
        "last_watched_at": rooms.last_at,
        "viewings": rooms.showings,
    }
    attendance.take_evidence(db, [{"part_id": part_id, **row} for part_id in db.scalars(parts)])


def verify(db: Db) -> Proof:
    """Prove every share from the rows, and that nobody's times in rooms overlap one another or anything else."""
    checked, wrong = 0, []
    for share in db.scalars(select(ShowingShare).order_by(ShowingShare.showing_id, ShowingShare.person_id)).all():
        checked += 1
        showing = db.get_one(Showing, share.showing_id)
        found = _share(db, showing, share.person_id, pairs(share.elsewhere))
        kept = (pairs(share.covered), pairs(share.firm), pairs(share.times))
        sound = kept == (found.covered, found.firm, found.times)
        if showing.id not in wrong and (not sound or _overlaps(db, showing, share)):
            wrong.append(showing.id)
    return Proof(checked, wrong)


def _share(db: Db, showing: Showing, person_id: UUID, elsewhere: Sequence[Interval]) -> Share:
    arrivals = arrivals_of(db, showing, person_id)
    seen = [Seen(since(showing, each.at), each.method is not ArrivalMethod.ROSTER) for each in arrivals]
    others = _instants_elsewhere(db, showing, person_id)
    found = rule.stretches(asked_of(db, showing), seen, others)
    return rule.share(shown_of(db, showing), found, elsewhere, policy_of(db, showing).prompt_gap_seconds)


def _instants_elsewhere(db: Db, showing: Showing, person_id: UUID) -> list[float]:
    """When this person was checked in to other rooms, in seconds since the opening."""
    others = select(ShowingArrival.at).where(
        ShowingArrival.person_id == person_id,
        ShowingArrival.showing_id != showing.id,
        ShowingArrival.at >= showing.opened_at,
    )
    return [since(showing, at) for at in db.scalars(others)]


def _elsewhere(db: Db, showing: Showing, person_id: UUID) -> list[Interval]:
    """When this person is known to have been doing something else, in seconds since the opening."""
    found = [*_alone(db, showing, person_id), *_live(db, person_id), *_other_rooms(db, showing, person_id)]
    over = clock.now()
    known = ((since(showing, start), since(showing, end or over)) for start, end in found)
    length = since(showing, showing.signed_at or over)
    return union((max(0.0, start), min(end, length)) for start, end in known)


def _alone(db: Db, showing: Showing, person_id: UUID) -> list[tuple[datetime, datetime | None]]:
    """Every viewing from its opening to its end: beats of that time may still be on their way."""
    viewings = select(Viewing.opened_at, Viewing.ended_at).where(
        Viewing.person_id == person_id, or_(Viewing.ended_at.is_(None), Viewing.ended_at > showing.opened_at)
    )
    return [(opened, ended) for opened, ended in db.execute(viewings)]


def _live(db: Db, person_id: UUID) -> list[tuple[datetime, datetime | None]]:
    parts = (
        select(SessionPart.starts_at, SessionPart.ends_at)
        .join(CheckIn, CheckIn.part_id == SessionPart.id)
        .where(CheckIn.person_id == person_id)
    )
    return [(starts, ends) for starts, ends in db.execute(parts)]


def _other_rooms(db: Db, showing: Showing, person_id: UUID) -> list[tuple[datetime, datetime | None]]:
    shares = (
        select(Showing.opened_at, ShowingShare.times)
        .join(ShowingShare, ShowingShare.showing_id == Showing.id)
        .where(ShowingShare.person_id == person_id, ShowingShare.showing_id != showing.id)
    )
    return [
        (opened_at + timedelta(seconds=start), opened_at + timedelta(seconds=end))
        for opened_at, times in db.execute(shares)
        for start, end in times
    ]


def _doubts(db: Db, showing: Showing, person_id: UUID, elsewhere: Sequence[Interval]) -> list[dict[str, Any]]:
    """Somebody who was said to be here while they were shown to be elsewhere is looked at."""
    arrivals = arrivals_of(db, showing, person_id)
    begun, ended = since(showing, arrivals[0].at), since(showing, arrivals[-1].at)
    rooms = sum(begun < instant < ended for instant in _instants_elsewhere(db, showing, person_id))
    meanwhile = _overlap([(begun, ended)], elsewhere)
    if not rooms and meanwhile < _ELSEWHERE_SECONDS:
        return []
    return [{"code": Doubt.ELSEWHERE, "check_ins": rooms, "seconds": round(meanwhile)}]


def _overlaps(db: Db, showing: Showing, share: ShowingShare) -> bool:
    """Whether the times of a share overlap anything else that counts for this person."""
    known = [
        *_live(db, share.person_id),
        *_other_rooms(db, showing, share.person_id),
        *_heard_alone(db, share),
    ]
    others = union((since(showing, start), since(showing, end or clock.now())) for start, end in known)
    return _overlap(pairs(share.times), others) > _ROUNDING_SECONDS


def _heard_alone(db: Db, share: ShowingShare) -> list[tuple[datetime, datetime | None]]:
    """The spans of the person's own beats that were heard; a log that came later was muted where it would overlap."""
    beats = (
        select(Viewing.opened_at, Viewing.ended_at, Beat.span_start, Beat.span_end)
        .join(Viewing, Viewing.id == Beat.viewing_id)
        .where(Viewing.person_id == share.person_id, Beat.muted_seconds < Beat.span_end - Beat.span_start)
        .where(Viewing.opened_at < share.last_at, or_(Viewing.ended_at.is_(None), Viewing.ended_at > share.first_at))
    )
    found: list[tuple[datetime, datetime | None]] = []
    for opened_at, ended_at, start, end in db.execute(beats):
        closing = opened_at + timedelta(seconds=end)
        found.append((opened_at + timedelta(seconds=start), min(closing, ended_at) if ended_at else closing))
    return found


def _overlap(some: Iterable[Interval], others: Sequence[Interval]) -> float:
    """Seconds in which both are."""
    some = union(some)
    return total(some) - total(without(some, others))


def _people_of(showing: Showing) -> Select[UUID]:
    return select(ShowingArrival.person_id).where(ShowingArrival.showing_id == showing.id)
