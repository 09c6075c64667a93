"""A room replay from opening to its last check-in: who may open it, what its player played, when everybody is asked.

Everything that changes a showing is done under its own lock, one after the other; a person's lock comes after it.
"""

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from archive import catalogue, coverage
from archive.coverage import Played
from archive.group import rule
from archive.group.models import MomentKind, Showing, ShowingBeat, ShowingMoment
from archive.group.rule import Asked, Shown
from archive.models import Recording
from archive.watchlog import Report, demand_possible
from sessions import audit, clock, points, register
from sessions.db import Db
from sessions.errors import Conflict, Invalid, NotFound
from sessions.intervals import Interval, union
from sessions.models import ConferenceSession, ConnectionPoint, CreditPolicy, Person


class ShowingNotFound(NotFound):
    code = "group-replay-not-found"
    vi = "Không có buổi xem chung này, hoặc bạn không phụ trách phòng đó."
    en = "There is no such group replay, or its room is not entrusted to you."


class SeatsUnknown(Invalid):
    code = "seats-unknown"
    vi = "Chưa biết phòng này có bao nhiêu chỗ ngồi nên chưa mở xem chung được. Hãy khai số chỗ ngồi của phòng trước."
    en = "The number of seats of this room is not known, so no group replay can be opened in it. Register it first."


class RoomBusy(Conflict):
    code = "room-busy"
    vi = "Phòng này đang có một buổi xem chung. Hãy kết thúc buổi đó trước."
    en = "A group replay is running in this room. End it first."


class ProctorBusy(Conflict):
    code = "proctor-busy"
    vi = "Bạn đang phụ trách một buổi xem chung khác. Hãy kết thúc buổi đó trước."
    en = "You are watching over another group replay. End it first."


class ShowingEnded(Conflict):
    code = "group-replay-ended"
    vi = "Buổi xem chung này đã kết thúc."
    en = "This group replay has ended."


def recordings_for(db: Db, by: Person) -> Sequence[tuple[Recording, ConferenceSession]]:
    """The published recordings of every conference that concerns this person, the newest conference first."""
    out = (
        register.visible_to(db, by)
        .join(Recording, Recording.session_id == ConferenceSession.id)
        .with_only_columns(Recording, ConferenceSession)
        .where(Recording.published_at.is_not(None), Recording.retracted_at.is_(None))
        .order_by(ConferenceSession.starts_at.desc(), Recording.created_at)
        .limit(200)
    )
    return [(recording, session) for recording, session in db.execute(out)]


def open_showing(
    db: Db, by: Person, recording_id: UUID, connection_point_id: UUID, *, address: str, user_agent: str
) -> Showing:
    """Begin a group replay in a room that `by` looks after; they watch over it, and get no credit of it."""
    recording = _find_recording(db, by, recording_id)
    room = db.scalar(points.rooms_visible_to(db, by).where(ConnectionPoint.id == connection_point_id))
    if room is None:
        raise points.PointUnknown
    if room.seats is None:
        raise SeatsUnknown
    _demand_free(db, by, room)
    secret = secrets.token_hex(32)
    showing = Showing(
        recording_id=recording.id,
        connection_point_id=room.id,
        seats=room.seats,
        proctor_id=by.id,
        policy_version=register.policy_of(db, recording.session_id).version,
        opened_at=clock.now(),
        secret=secret,
        network=network_of(secret, address),
        user_agent=user_agent[:300],
    )
    db.add(showing)
    db.flush()
    _ask(db, showing, MomentKind.START, rule.LAST_WINDOW)
    audit.note(
        db, by, "group-replay.opened", "showing", showing.id, recording_id=recording.id, connection_point_id=room.id
    )
    return showing


def find(db: Db, by: Person, showing_id: UUID) -> Showing:
    """A showing in a room that `by` looks after, or that they opened; raises `ShowingNotFound` for any other."""
    mine = points.rooms_looked_after(db, by).with_only_columns(ConnectionPoint.id)
    showing = db.scalar(
        select(Showing).where(
            Showing.id == showing_id, (Showing.connection_point_id.in_(mine)) | (Showing.proctor_id == by.id)
        )
    )
    if showing is None:
        raise ShowingNotFound
    return showing


def unsigned_of(db: Db, by: Person) -> Sequence[tuple[Showing, Recording, ConnectionPoint]]:
    """What still runs, or waits for a signature, in the rooms that `by` looks after, the newest first."""
    mine = points.rooms_looked_after(db, by).with_only_columns(ConnectionPoint.id)
    waiting = (
        select(Showing, Recording, ConnectionPoint)
        .join(Recording, Recording.id == Showing.recording_id)
        .join(ConnectionPoint, ConnectionPoint.id == Showing.connection_point_id)
        .where(Showing.signed_at.is_(None), Showing.connection_point_id.in_(mine) | (Showing.proctor_id == by.id))
        .order_by(Showing.opened_at.desc())
    )
    return [(showing, recording, room) for showing, recording, room in db.execute(waiting)]


def record(db: Db, showing: Showing, reports: Sequence[Report], *, address: str) -> None:
    """Take what the room's player played, each beat once, and ask everybody to check in when it is time.

    Beats of the showing's own time are taken until it is signed.
    """
    for report in reports:
        demand_possible(report)
    lock(db, showing)
    if showing.signed_at is not None:
        raise ShowingEnded
    _append(db, showing, reports)
    showing.network = network_of(showing.secret, address)
    db.flush()
    if showing.ended_at is None:
        _ask_when_due(db, showing)


def end(db: Db, by: Person, showing: Showing) -> ShowingMoment:
    """Ask everybody to check in for the last time; asking again changes nothing."""
    lock(db, showing)
    if showing.ended_at is None:
        last = _ask(db, showing, MomentKind.END, rule.LAST_WINDOW)
        showing.ended_at = last.opened_at
        audit.note(db, by, "group-replay.ended", "showing", showing.id)
    return moments_of(db, showing)[-1]


def moments_of(db: Db, showing: Showing) -> Sequence[ShowingMoment]:
    """Every moment that was asked so far, in order."""
    asked = select(ShowingMoment).where(ShowingMoment.showing_id == showing.id)
    return db.scalars(asked.order_by(ShowingMoment.number)).all()


def asked_of(db: Db, showing: Showing) -> list[Asked]:
    """The same as the rule wants them."""
    return [
        Asked(
            since(showing, moment.opened_at),
            since(showing, moment.closes_at),
            moment.kind is MomentKind.RANDOM,
            moment.kind is MomentKind.END,
        )
        for moment in moments_of(db, showing)
    ]


def shown_of(db: Db, showing: Showing) -> list[Shown]:
    """What the room's player proves to have played, beat by beat, by the same rules as a person's own."""
    return _shown_since(db, showing, showing.opened_at)


def content_of(db: Db, showing: Showing) -> list[Interval]:
    """What was played of the recording so far, in seconds of it."""
    return union(stretch for beat in shown_of(db, showing) for stretch in beat.content)


def last_beat_of(db: Db, showing: Showing) -> ShowingBeat | None:
    """What the room's player reported last, if anything."""
    mine = select(ShowingBeat).where(ShowingBeat.showing_id == showing.id)
    return db.scalar(mine.order_by(ShowingBeat.seq.desc()).limit(1))


def policy_of(db: Db, showing: Showing) -> CreditPolicy:
    """The policy that held when the room was opened."""
    recording = db.get_one(Recording, showing.recording_id)
    return db.get_one(CreditPolicy, (recording.session_id, showing.policy_version))


def since(showing: Showing, moment: datetime) -> float:
    """Seconds from the opening to a moment."""
    return (moment - showing.opened_at).total_seconds()


def network_of(secret: str, address: str) -> str:
    """The network part of an address (24 bits of IPv4, 56 of IPv6) as a keyed hash; empty when it is no address."""
    try:
        host = ipaddress.ip_address(address)
    except ValueError:
        return ""
    network = ipaddress.ip_network((host, 24 if host.version == 4 else 56), strict=False)
    return hmac.new(secret.encode(), f"network/{network}".encode(), hashlib.sha256).hexdigest()[:16]


def lock(db: Db, showing: Showing) -> None:
    """Wait for whatever else changes this showing, and see what it left."""
    db.refresh(showing, with_for_update={"key_share": True})


def _find_recording(db: Db, by: Person, recording_id: UUID) -> Recording:
    recording = db.get(Recording, recording_id)
    if recording is None or recording.published_at is None or recording.retracted_at is not None:
        raise catalogue.RecordingNotFound
    if db.scalar(register.visible_to(db, by).where(ConferenceSession.id == recording.session_id)) is None:
        raise catalogue.RecordingNotFound
    return recording


def _demand_free(db: Db, by: Person, room: ConnectionPoint) -> None:
    # Both locked, so that of two who open at once the second is told why instead of meeting a unique index.
    db.execute(select(ConnectionPoint.id).where(ConnectionPoint.id == room.id).with_for_update())
    db.execute(select(Person.id).where(Person.id == by.id).with_for_update(key_share=True))
    running = select(Showing.id).where(Showing.ended_at.is_(None))
    if db.scalar(running.where(Showing.connection_point_id == room.id)):
        raise RoomBusy
    if db.scalar(running.where(Showing.proctor_id == by.id)):
        raise ProctorBusy


def _ask(db: Db, showing: Showing, kind: MomentKind, window: float) -> ShowingMoment:
    now = clock.now()
    moment = ShowingMoment(
        showing_id=showing.id,
        number=len(moments_of(db, showing)),
        kind=kind,
        opened_at=now,
        closes_at=now + timedelta(seconds=window),
    )
    db.add(moment)
    db.flush()
    return moment


def _ask_when_due(db: Db, showing: Showing) -> None:
    """Open a random moment once enough was played since the last; never while one runs, nor so late that none fits."""
    moments, now = moments_of(db, showing), clock.now()
    newest = moments[-1]
    if newest.kind is MomentKind.RANDOM and now < newest.closes_at:
        return
    recording = db.get_one(Recording, showing.recording_id)
    longest = policy_of(db, showing).prompt_gap_seconds
    window = rule.window(recording.duration_seconds, longest)
    shown = _shown_since(db, showing, newest.opened_at)
    played = sum(beat.effort_ms for beat in shown)
    left = recording.duration_seconds - (shown[-1].content[-1][1] if shown else 0.0)
    enough = played >= rule.gap_ms(showing.secret, newest.number, recording.duration_seconds, longest)
    if enough and left > min(window, 60.0):
        _ask(db, showing, MomentKind.RANDOM, window)


def _shown_since(db: Db, showing: Showing, moment: datetime) -> list[Shown]:
    """What was played in the beats that ended after a moment: a long showing is not read anew with every beat."""
    rows = select(ShowingBeat).where(ShowingBeat.showing_id == showing.id)
    beats = [_played(row) for row in db.scalars(rows.where(ShowingBeat.span_end > since(showing, moment)))]
    accepted = coverage.accept(
        beats,
        opened_at=showing.opened_at,
        ended_at=showing.ended_at,
        length=db.get_one(Recording, showing.recording_id).duration_seconds,
        # What shows is the room's screen, not somebody's phone: a page out of sight shows nothing.
        rules=coverage.Rules(max_rate=policy_of(db, showing).max_rate, hidden_counts=False),
    )
    return rule.shown_by(beats, accepted.pieces)


def _append(db: Db, showing: Showing, reports: Sequence[Report]) -> None:
    if not reports:
        return
    now = clock.now()
    rows = [
        {
            "showing_id": showing.id,
            "seq": report.seq,
            "span_start": report.span_start,
            "span_end": report.span_end,
            "played": [list(segment) for segment in report.played],
            "hidden_seconds": report.hidden_seconds,
            "muted_seconds": report.muted_seconds,
            "received_at": now,
        }
        for report in reports
    ]
    # A beat that came before is the same beat: the first receipt stands, and its moment with it.
    db.execute(insert(ShowingBeat).values(rows).on_conflict_do_nothing())


def _played(row: ShowingBeat) -> Played:
    return Played(
        row.seq,
        row.span_start,
        row.span_end,
        tuple((start, end, rate) for start, end, rate in row.played),
        row.hidden_seconds,
        row.muted_seconds,
        row.received_at,
    )
