"""Cards: a person's own code for one conference, on their phone, for rooms whose device scans people.

The card on a phone changes every 15 s by itself, also without a link: the phone was told the secret when it had one.
What it shows names the conference, the person's short code, the step of the clock and a mark (`sessions.codes`).
"""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from sessions import clock
from sessions.codes import Rotating, bears_mark, new_slug
from sessions.db import Db
from sessions.errors import Invalid
from sessions.models import Expected, Person, PersonalCode
from sessions.summons import NotSummoned

STEP: Final = timedelta(seconds=15)
#: Two devices without a link agree about the time no better than this.
TOLERANCE: Final = timedelta(minutes=2)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CARD: Final = re.compile(r"diemcau:([0-9a-f-]{36})\.([0-9A-Z]{8})\.(\d{1,12})\.([0-9a-f]{12})")


class CardUnreadable(Invalid):
    code = "card-unreadable"
    vi = "Đây không phải mã riêng của người dự họp."
    en = "This is nobody's own code."


class CardOfAnotherSession(Invalid):
    code = "card-of-another-session"
    vi = "Mã riêng này là của một hội nghị khác."
    en = "This own code is for another conference."


class CardUnknown(Invalid):
    code = "card-unknown"
    vi = "Không có ai được triệu tập mang mã này."
    en = "Nobody of the summons has this code."


class CardForged(Invalid):
    code = "card-forged"
    vi = "Mã riêng này đã bị sửa, không phải mã trên điện thoại của người đó."
    en = "This own code was altered: it is not what that person's phone shows."


@dataclass(frozen=True)
class Card:
    """Whose card it was, and when their phone showed it, by the phone's clock."""

    person_id: UUID
    shown_at: datetime


def card_of(db: Db, person: Person, session_id: UUID) -> PersonalCode:
    """The person's own code for a conference that they were summoned to, the same whenever it is asked for."""
    mine = select(Expected.part_id).where(Expected.session_id == session_id, Expected.person_id == person.id)
    if db.scalar(mine.limit(1)) is None:
        raise NotSummoned(count=1)
    row = insert(PersonalCode).values(
        session_id=session_id,
        person_id=person.id,
        code=new_slug(),
        secret=secrets.token_urlsafe(24),
        issued_at=clock.now(),
    )
    db.execute(row.on_conflict_do_nothing(index_elements=["session_id", "person_id"]))
    return db.get_one(PersonalCode, (session_id, person.id))


def text_of(card: PersonalCode, moment: datetime) -> str:
    """What the person's phone shows at a moment."""
    code = next(Rotating(card.secret, _EPOCH, STEP, STEP).ahead(moment, timedelta(0)))
    return f"diemcau:{card.session_id}.{card.code}.{code.step}.{code.mark}"


def read(db: Db, session_id: UUID, text: str) -> Card:
    """Whose card a device of this conference scanned; when it was shown is for the caller to judge."""
    found = _CARD.fullmatch(text)
    if found is None:
        raise CardUnreadable
    if found[1] != str(session_id):
        raise CardOfAnotherSession
    mine = select(PersonalCode).where(PersonalCode.session_id == session_id, PersonalCode.code == found[2])
    card = db.scalar(mine)
    if card is None:
        raise CardUnknown
    step = int(found[3])
    if not bears_mark(card.secret, step, found[4]) or step > 10**10:
        raise CardForged
    return Card(card.person_id, _EPOCH + step * STEP)
