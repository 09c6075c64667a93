"""Viewings that nobody closes, of a phone that died or a page that was killed, end when long nothing was heard."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from archive import watchlog
from archive.models import Beat, Viewing
from sessions import clock
from sessions.db import transaction

#: A player without a link keeps its beats and delivers them later, and none may lie behind the end: so a whole day.
SILENCE = timedelta(days=1)
#: So many are ended at a time; the clock comes round again.
_MOST = 500


def end_forgotten() -> int:
    """End every viewing that was not heard of for a day, each in a transaction of its own; how many there were."""
    with transaction() as db:
        last = select(func.max(Beat.received_at)).where(Beat.viewing_id == Viewing.id).scalar_subquery()
        silent = select(Viewing.id).where(
            Viewing.ended_at.is_(None), func.coalesce(last, Viewing.opened_at) < clock.now() - SILENCE
        )
        forgotten = db.scalars(silent.limit(_MOST)).all()
    return sum(map(_end, forgotten))


def _end(viewing_id: UUID) -> bool:
    with transaction() as db:
        viewing = db.get_one(Viewing, viewing_id)
        is_open = viewing.ended_at is None
        watchlog.close(db, viewing)
    return is_open
