"""What the gate turned away, for those to whom a unit's security is entrusted."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from ingest.models import Incident
from sessions import register
from sessions.db import Db
from sessions.listing import page_of
from sessions.models import ConferenceSession, Person, Role


def find(
    db: Db, person: Person, *, offset: int, limit: int
) -> tuple[Sequence[tuple[Incident, Person, ConferenceSession | None]], int]:
    """Incidents of their units' conferences and of their units' people, with both, newest first; and how many."""
    units = register.units_entrusted(db, person, frozenset({Role.SECURITY}))
    mine = (
        select(Incident, Person, ConferenceSession)
        .join(Person, Person.id == Incident.person_id)
        .outerjoin(ConferenceSession, ConferenceSession.id == Incident.session_id)
        .where(or_(ConferenceSession.unit_id.in_(units), Person.unit_id.in_(units)))
        .order_by(Incident.at.desc(), Incident.id)
    )
    return page_of(db, mine, offset, limit)
