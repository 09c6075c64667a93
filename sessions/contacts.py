"""Whom to call at a room: one number for each, kept from one conference to the next."""

import re
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from sessions import audit, clock, register
from sessions.db import Db
from sessions.errors import Invalid
from sessions.models import ConferenceSession, Person, PointContact, SessionPoint

#: Vietnamese numbers have 10 or 11 digits, with the country's code two more (E.164 allows 15).
_PHONE = re.compile(r"\+?\d{8,15}")


class PhoneUnfit(Invalid):
    code = "phone-unfit"
    vi = "Số điện thoại gồm 8 đến 15 chữ số, ví dụ 0912 345 678."
    en = "A phone number has 8 to 15 digits, such as 0912 345 678."


def note(db: Db, by: Person, point: SessionPoint, phone: str) -> PointContact:
    """Keep the number of a point's room, instead of the one before; who looks after the point may.

    Spaces, dots and dashes are left out. Raises `PhoneUnfit` for what is no number.
    """
    register.demand_count(db, by, db.get_one(ConferenceSession, point.session_id), point)
    digits = re.sub(r"[\s.()-]", "", phone)
    if not _PHONE.fullmatch(digits):
        raise PhoneUnfit
    fresh = {"phone": digits, "noted_by": by.id, "noted_at": clock.now()}
    row = insert(PointContact).values(connection_point_id=point.connection_point_id, **fresh)
    keeping = row.on_conflict_do_update(index_elements=["connection_point_id"], set_=fresh).returning(PointContact)
    kept = db.scalars(keeping, execution_options={"populate_existing": True}).one()
    # The number itself stays out: the trail is kept for longer than a phone number should be.
    audit.note(db, by, "point.contact-noted", "connection_point", point.connection_point_id)
    return kept


def of(db: Db, room_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The numbers of these rooms; one that has none is missing."""
    numbers = select(PointContact.connection_point_id, PointContact.phone)
    return dict(db.execute(numbers.where(PointContact.connection_point_id.in_(room_ids))).all())
