"""Devices on which many people sign in: a village's only phone, or one person playing many. Staff look into it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from api.login import digest
from sessions import clock, roles
from sessions.db import Db
from sessions.models import DeviceUse, Person, Unit
from sessions.people import KEEPERS

COOKIE = "diemcau_device"
COOKIE_SECONDS = 2 * 365 * 24 * 3600
#: A couple shares a phone; from three people on, staff are shown the device.
MANY = 3
_LOOK_BACK = timedelta(days=90)
_MOST_SHOWN = 100


@dataclass(frozen=True)
class Shared:
    """A device with the people of the reader's units who signed in on it, and how many people in all."""

    people: list[tuple[Person, Unit, datetime]]
    total: int
    last_at: datetime


def new() -> str:
    """What a device's cookie holds."""
    return secrets.token_urlsafe(24)


def note(db: Db, device: str, person: Person) -> None:
    """Keep that a person signed in on a device."""
    now = clock.now()
    row = insert(DeviceUse).values(device_sha256=digest(device), person_id=person.id, first_at=now, last_at=now)
    db.execute(row.on_conflict_do_update(index_elements=["device_sha256", "person_id"], set_={"last_at": now}))


def shared(db: Db, by: Person) -> Sequence[Shared]:
    """The devices of the last ninety days with three people or more, one at least of the reader's units; most first."""
    mine = roles.within(Unit.path, roles.scopes(db, by.id, KEEPERS))
    recent = DeviceUse.last_at > clock.now() - _LOOK_BACK
    crowded = (
        select(DeviceUse.device_sha256, func.count().label("total"), func.max(DeviceUse.last_at).label("last_at"))
        .where(recent)
        .group_by(DeviceUse.device_sha256)
        .having(func.count() >= MANY)
        .order_by(func.count().desc())
        .subquery()
    )
    rows = db.execute(
        select(crowded.c.device_sha256, crowded.c.total, crowded.c.last_at, Person, Unit, DeviceUse.last_at)
        .join(DeviceUse, DeviceUse.device_sha256 == crowded.c.device_sha256)
        .join(Person, Person.id == DeviceUse.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(mine, recent)
        .order_by(crowded.c.total.desc(), crowded.c.device_sha256, Person.sort_key)
        .limit(20 * _MOST_SHOWN)
    )
    found: dict[bytes, Shared] = {}
    for device, total, last_at, person, unit, at in rows:
        found.setdefault(device, Shared([], total, last_at)).people.append((person, unit, at))
    return list(found.values())[:_MOST_SHOWN]
