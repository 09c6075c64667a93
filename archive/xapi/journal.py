"""The journal of what was told: every statement as it was first told, in the order of telling."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select, true
from sqlalchemy.orm import InstrumentedAttribute

from archive.xapi.models import XapiStatement
from archive.xapi.words import Speaker, Statement
from sessions import clock
from sessions.db import Db
from sessions.models import ConferenceSession


@dataclass(frozen=True)
class Scope:
    """What to tell of: what nothing has come to for `quiet`, and of one conference alone if `session_id` says so.

    `home` is the site's public address, without a slash at the end.
    """

    home: str
    quiet: timedelta = timedelta(0)
    session_id: UUID | None = None

    def holds(self, session_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
        """Whether a row's conference is one to tell of."""
        return session_id == self.session_id if self.session_id else true()

    def speaker(self, db: Db, person_id: UUID, session_id: UUID) -> Speaker:
        return Speaker(self.home, person_id, session_id, db.get_one(ConferenceSession, session_id).title)


def keep(
    db: Db, subject_id: UUID, speaker: Speaker, recording_id: UUID | None, statements: Iterable[Statement]
) -> None:
    """Put statements about a viewing or a credit on record, for good."""
    rows = [
        {
            "id": statement.id,
            "subject_id": subject_id,
            "person_id": speaker.person_id,
            "session_id": speaker.conference_id,
            "recording_id": recording_id,
            "verb": statement.verb,
            "at": statement.at,
            "body": statement.body,
            "told_at": clock.now(),
        }
        for statement in statements
    ]
    if rows:
        db.execute(insert(XapiStatement), rows)


def told(db: Db, *, session_id: UUID | None = None, since: datetime | None = None) -> Iterator[XapiStatement]:
    """The journal in its order, in constant memory: of one conference, and of what happened since a moment."""
    statements = select(XapiStatement).order_by(XapiStatement.position)
    if session_id:
        statements = statements.where(XapiStatement.session_id == session_id)
    if since:
        statements = statements.where(XapiStatement.at >= since)
    yield from db.scalars(statements.execution_options(yield_per=500))
