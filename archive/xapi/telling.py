"""Telling: from what is in the database to the journal, a batch at a time, by one teller at a time."""

from math import inf
from time import monotonic
from typing import Final

from sqlalchemy import func, select

from archive.xapi import grants, watchings
from archive.xapi.journal import Scope
from sessions.db import Db, transaction

#: Any number, the same for every teller: the transaction-long lock that lets only one of them work.
_TELLER_LOCK: Final = 0x7E11
#: Viewings in one transaction: some seconds of work, so that a stop loses little.
_BATCH: Final = 200


def tell_all(scope: Scope, *, until: float = inf) -> int:
    """Tell everything there is to tell, each batch in a transaction of its own; gives how much was looked at.

    Begins nothing new after `until` (by `time.monotonic`).
    """
    looked = 0
    while monotonic() < until:
        with transaction() as db:
            some = tell_some(db, scope)
        if not some:
            break
        looked += some
    return looked


def tell_some(db: Db, scope: Scope, limit: int = _BATCH) -> int:
    """Tell of so many viewings and credits at most, oldest first; gives how many were looked at.

    0 means that all is told.
    """
    # The number of a statement is its place in the order of telling only while nobody else is numbering.
    db.execute(select(func.pg_advisory_xact_lock(_TELLER_LOCK)))
    ripe = db.execute(watchings.ripe(scope).limit(limit)).all()
    for row in ripe:
        watchings.tell(db, scope, row)
    fresh = db.scalars(grants.fresh(scope).limit(limit)).all()
    for credit in fresh:
        grants.tell(db, scope, credit)
    lost = db.execute(grants.lost(scope).limit(limit)).all()
    for credit, satisfied in lost:
        grants.take_back(db, scope, credit, satisfied)
    db.flush()
    return len(ripe) + len(fresh) + len(lost)
