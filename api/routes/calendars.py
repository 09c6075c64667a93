"""Calendars over HTTP: an address of one's own that phones and mail programs ask by themselves."""

import hmac
from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from api.deps import DbDep, Signed
from api.schemas import PROBLEMS
from api.settings import api_settings
from sessions import calendars, units
from sessions.models import CalendarFeed, Person

router = APIRouter(tags=["calendars"], responses=PROBLEMS)


class CalendarAddress(BaseModel):
    """Where a calendar is read, as long as its owner keeps the address secret; nothing until one was asked for."""

    address: str | None
    made_at: datetime | None

    @classmethod
    def of(cls, feed: CalendarFeed | None) -> "CalendarAddress":
        if feed is None:
            return cls(address=None, made_at=None)
        address = f"{api_settings().address}/api/v1/calendars/{feed.id}/{_token(feed)}.ics"
        return cls(address=address, made_at=feed.made_at)


@router.get("/me/calendar")
def read_my_calendar(db: DbDep, person: Signed) -> CalendarAddress:
    """The address of one's own calendar."""
    return CalendarAddress.of(calendars.of_person(db, person))


@router.post("/me/calendar")
def renew_my_calendar(db: DbDep, person: Signed) -> CalendarAddress:
    """A new address; the old one leads nowhere from now on."""
    return CalendarAddress.of(calendars.renew_for_person(db, person))


@router.get("/units/{unit_id}/calendar")
def read_unit_calendar(db: DbDep, by: Signed, unit_id: UUID) -> CalendarAddress:
    """The address of a unit's calendar, for its technicians and staff."""
    return CalendarAddress.of(calendars.of_unit(db, by, units.get(db, unit_id)))


@router.post("/units/{unit_id}/calendar")
def renew_unit_calendar(db: DbDep, by: Signed, unit_id: UUID) -> CalendarAddress:
    """A new address; the old one leads nowhere from now on."""
    return CalendarAddress.of(calendars.renew_for_unit(db, by, units.get(db, unit_id)))


@router.get("/calendars/{feed_id}/{token}.ics", response_class=Response)
def read_calendar(db: DbDep, feed_id: UUID, token: Annotated[str, Path(max_length=100)]) -> Response:
    """The calendar itself. Whoever knows the address may read it: calendar programs do not sign in."""
    feed = calendars.get(db, feed_id)
    if not hmac.compare_digest(_token(feed).encode(), token.encode()):
        raise calendars.CalendarUnknown
    owner = calendars.owner_of(db, feed)
    name = owner.full_name if isinstance(owner, Person) else owner.name
    told = calendars.entries(db, owner)
    return Response(
        calendars.write(f"Hội nghị · {name}", told, api_settings().address),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'inline; filename="hoi-nghi.ics"'},
    )


def _token(feed: CalendarFeed) -> str:
    """256 bits that only this server can make out of the feed: a thief of the database gets no addresses."""
    key = api_settings().secret_key.get_secret_value().encode()
    signed = hmac.digest(key, b"calendar" + feed.id.bytes + feed.nonce, sha256)
    return urlsafe_b64encode(signed).rstrip(b"=").decode()
