"""Recordings lent to a phone, to be watched there without a link: for whom, on which device, until when.

A lease lets its device fetch the package and sign a log of watching (`archive.offline`). It lasts at most two weeks
from the last time the phone was heard of, so that what was retracted does not stay about.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, select

from archive import catalogue, replay
from archive.models import Recording
from archive.offline_models import Lease, LeaseEnd
from sessions import audit, clock, devices
from sessions.db import Db
from sessions.errors import Conflict, Invalid, NotAllowed, NotFound
from sessions.models import DeviceKey, Person

#: DESIGN.md, section 6.
LEASE_TIME: Final = timedelta(days=14)
#: A person's phone, a tablet, and the old phone that is not given back yet.
MOST_DEVICES: Final = 3
#: More than anybody can watch within two weeks, and little enough that a lost phone holds no archive.
MOST_LEASES: Final = 20


class LeaseNotFound(NotFound):
    code = "lease-not-found"
    vi = "Không có gói xem không cần mạng này của bạn."
    en = "There is no such package of yours to watch without a link."


class LeaseEnded(NotAllowed):
    code = "lease-ended"
    vi = "Gói xem không cần mạng này đã hết hạn, đã trả lại, hoặc bản ghi đã được gỡ."
    en = "This package to watch without a link has expired, was given back, or its recording was withdrawn."


class KeyNotProved(Invalid):
    code = "device-key-not-proved"
    vi = "Thiết bị chưa chứng minh được khóa là của mình. Hãy tải lại trang rồi thử lại."
    en = "The device did not prove that the key is its own. Load the page again and retry."


class TooManyDevices(Conflict):
    code = "too-many-devices"
    vi = "Bạn đang giữ bản ghi trên {most} thiết bị rồi. Hãy xóa bản ghi đã giữ ở một thiết bị cũ trước."
    en = "You keep recordings on {most} devices already. Remove what is kept on one of them first."


class TooManyLeases(Conflict):
    code = "too-many-leases"
    vi = "Bạn đang giữ {most} bản ghi rồi. Hãy xóa bớt bản ghi đã xem trước."
    en = "You keep {most} recordings already. Remove one that you have watched first."


@dataclass(frozen=True)
class Lent:
    """A lease with what it is of, and the device that holds it."""

    lease: Lease
    recording: Recording
    device: DeviceKey


def proof_text(recording_id: UUID, person_id: UUID) -> str:
    """What a device signs to show that the key it registers is its own."""
    return f"diemcau-lease-1\n{recording_id}\n{person_id}"


def first_link(lease_id: UUID) -> str:
    """What the first entry of a lease's log names as the hash before it."""
    return hashlib.sha256(f"diemcau-log-1\n{lease_id}".encode()).hexdigest()


def grant(db: Db, person: Person, recording: Recording, public_key: str, proof: str, device: str) -> Lease:
    """Lend a recording to the device with this key; where it is lent there already, that lease is renewed."""
    _take_turn(db, person.id)
    key = devices.register(db, person, public_key, device)
    if not devices.has_signed(key, proof_text(recording.id, person.id), proof):
        raise KeyNotProved
    held = _live_of(db, person.id)
    mine = next((each for each in held if (each.device_key_id, each.recording_id) == (key.id, recording.id)), None)
    if mine is not None:
        return _extend(mine)
    _demand_room(held, key)
    _end_expired(db, key.id, recording.id)
    lease_id, now = uuid4(), clock.now()
    lease = Lease(
        id=lease_id,
        person_id=person.id,
        recording_id=recording.id,
        device_key_id=key.id,
        granted_at=now,
        expires_at=now + LEASE_TIME,
        next_number=0,
        head_sha256=first_link(lease_id),
    )
    db.add(lease)
    db.flush()
    audit.note(db, person, "lease.granted", "lease", lease.id, recording_id=recording.id, device=key.thumbprint)
    return lease


def find_own(db: Db, person: Person, lease_id: UUID) -> Lease:
    """The person's own lease, live or over; anyone else's is simply not there.

    This is the contact at which a retracted recording's lease ends.
    """
    lease = db.scalar(select(Lease).where(Lease.id == lease_id, Lease.person_id == person.id))
    if lease is None:
        raise LeaseNotFound
    if lease.ended_at is None and db.get_one(Recording, lease.recording_id).retracted_at is not None:
        _end(db, lease, LeaseEnd.RETRACTED, None)
    return lease


def renew(db: Db, person: Person, lease: Lease) -> Lease:
    """Two weeks from now on, as long as the recording is still there for the person."""
    if not is_live(lease):
        raise LeaseEnded
    catalogue.find_visible(db, person, lease.recording_id)
    return _extend(lease)


def give_back(db: Db, person: Person, lease: Lease) -> None:
    """The device no longer holds it. What was watched before is still taken when it comes."""
    if lease.ended_at is None:
        _end(db, lease, LeaseEnd.RETURNED, person)


def lent_to(db: Db, person: Person) -> Sequence[Lent]:
    """Everything that the person's devices hold, newest first."""
    rows = db.execute(
        select(Lease, Recording, DeviceKey)
        .join(Recording, Recording.id == Lease.recording_id)
        .join(DeviceKey, DeviceKey.id == Lease.device_key_id)
        .where(Lease.person_id == person.id, Lease.ended_at.is_(None), Lease.expires_at > clock.now())
        .order_by(Lease.granted_at.desc())
    )
    return [Lent(*row) for row in rows]


def media_key(db: Db, person: Person, lease: Lease, path: str) -> str:
    """The storage key of a file that this lease may fetch; paths as in `replay.file_key`."""
    if not is_live(lease):
        raise LeaseEnded
    return replay.file_key(db, catalogue.find_visible(db, person, lease.recording_id), path)


def is_live(lease: Lease) -> bool:
    """Whether the device may hold and play it now."""
    return lease.ended_at is None and clock.now() < lease.expires_at


def closes_at(lease: Lease) -> datetime:
    """The last moment at which anything could have been watched under it."""
    return min(lease.ended_at, lease.expires_at) if lease.ended_at else lease.expires_at


def _extend(lease: Lease) -> Lease:
    lease.expires_at = clock.now() + LEASE_TIME
    return lease


def _end(db: Db, lease: Lease, ending: LeaseEnd, by: Person | None) -> None:
    lease.ended_at, lease.ending = clock.now(), ending
    db.flush()
    audit.note(db, by, f"lease.{ending}", "lease", lease.id)


def _live_of(db: Db, person_id: UUID) -> Sequence[Lease]:
    live = select(Lease).where(Lease.person_id == person_id, Lease.ended_at.is_(None), Lease.expires_at > clock.now())
    return db.scalars(live).all()


def _demand_room(held: Sequence[Lease], key: DeviceKey) -> None:
    if len({each.device_key_id for each in held} | {key.id}) > MOST_DEVICES:
        raise TooManyDevices(most=MOST_DEVICES)
    if len(held) >= MOST_LEASES:
        raise TooManyLeases(most=MOST_LEASES)


def _end_expired(db: Db, device_key_id: UUID, recording_id: UUID) -> None:
    """One that ran out and was never given back makes place for the next on the same device."""
    mine = select(Lease).where(
        Lease.device_key_id == device_key_id, Lease.recording_id == recording_id, Lease.ended_at.is_(None)
    )
    for lease in db.scalars(mine):
        lease.ended_at, lease.ending = lease.expires_at, LeaseEnd.RETURNED
    db.flush()


def _take_turn(db: Db, person_id: UUID) -> None:
    """A person's leases are granted one after the other, so that two phones at once cannot both be the last allowed."""
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"leases/{person_id}", 0))))
