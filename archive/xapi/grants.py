"""From the register's credits to the journal: which are to be told, and which to be taken back."""

from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased

from archive.models import Recording, Viewing
from archive.xapi import credits, journal
from archive.xapi.journal import Scope
from archive.xapi.models import XapiStatement
from archive.xapi.watchings import CLOSING
from sessions import clock
from sessions.db import Db
from sessions.models import AttendanceCredit, Basis, CreditState


def fresh(scope: Scope) -> Select[AttendanceCredit]:
    """Credits that rest on more than presence, and of which nothing was told since they were given."""
    satisfied = select(XapiStatement.position).where(
        XapiStatement.subject_id == AttendanceCredit.id,
        XapiStatement.verb == "satisfied",
        XapiStatement.at == AttendanceCredit.granted_at,
    )
    return (
        select(AttendanceCredit)
        .where(
            AttendanceCredit.state == CreditState.GRANTED,
            AttendanceCredit.basis != Basis.LIVE,
            AttendanceCredit.granted_at <= clock.now() - scope.quiet,
            scope.holds(AttendanceCredit.session_id),
            ~satisfied.exists(),
        )
        .order_by(AttendanceCredit.granted_at)
    )


def tell(db: Db, scope: Scope, credit: AttendanceCredit) -> None:
    """Put on record what the credit says."""
    speaker = scope.speaker(db, credit.person_id, credit.session_id)
    granted = credits.Granted(
        credit.id,
        credit.granted_at,
        credit.basis,
        by_hand=credit.decided_by is not None,
        session_id=db.scalar(_viewing_of(credit)),
        recordings=tuple((number, title) for number, title in db.execute(_not_completed(credit))),
    )
    journal.keep(db, credit.id, speaker, None, credits.tell(speaker, granted))


def _viewing_of(credit: AttendanceCredit) -> Select[UUID]:
    """The viewing during which the credit was given."""
    return (
        select(Viewing.id)
        .join(Recording, Recording.id == Viewing.recording_id)
        .where(
            Viewing.person_id == credit.person_id,
            Recording.session_id == credit.session_id,
            Viewing.opened_at <= credit.granted_at,
            or_(Viewing.ended_at.is_(None), Viewing.ended_at >= credit.granted_at - CLOSING),
        )
        .order_by(Viewing.opened_at.desc())
        .limit(1)
    )


def _not_completed(credit: AttendanceCredit) -> Select[UUID, str]:
    """The conference's recordings of which it was never told that the person completed them."""
    completed = select(XapiStatement.position).where(
        XapiStatement.person_id == credit.person_id,
        XapiStatement.recording_id == Recording.id,
        XapiStatement.verb == "completed",
    )
    return (
        select(Recording.id, Recording.title)
        .where(Recording.session_id == credit.session_id, Recording.published_at.is_not(None), ~completed.exists())
        .order_by(Recording.created_at)
    )


def lost(scope: Scope) -> Select[AttendanceCredit, UUID]:
    """Credits that were taken back, each with the statement that said it was given."""
    voided = aliased(XapiStatement)
    taken_back = select(voided.position).where(
        voided.subject_id == AttendanceCredit.id, voided.verb == "voided", voided.at >= XapiStatement.at
    )
    return (
        select(AttendanceCredit, XapiStatement.id)
        .join(XapiStatement, XapiStatement.subject_id == AttendanceCredit.id)
        .where(
            AttendanceCredit.state == CreditState.REVOKED,
            XapiStatement.verb == "satisfied",
            scope.holds(AttendanceCredit.session_id),
            ~taken_back.exists(),
        )
    )


def take_back(db: Db, scope: Scope, credit: AttendanceCredit, satisfied: UUID) -> None:
    """Put on record that what was said of a credit no longer holds."""
    speaker = scope.speaker(db, credit.person_id, credit.session_id)
    journal.keep(db, credit.id, speaker, None, [credits.take_back(speaker, satisfied, clock.now())])
