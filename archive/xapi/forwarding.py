"""Forwarding: sends the journal to a learning record store, in order, and remembers how far it got.

Nothing is lost: the place in the journal moves on only after the store's answer, so a batch whose answer got lost is
sent again. Nothing is there twice: a store keeps one statement per id, and ours are made from the evidence.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from time import monotonic
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from archive.settings import vault_settings
from archive.xapi import lrs, telling
from archive.xapi.journal import Scope
from archive.xapi.lrs import Answer, Outcome, Store, StoreDown
from archive.xapi.models import XapiRefusal, XapiStatement, XapiStore
from sessions import clock
from sessions.db import Db, transaction
from sessions.errors import Conflict

log = logging.getLogger("archive.xapi")

#: Any number, the same for every forwarder: the lock that lets only one of them send.
_SENDER_LOCK: Final = 0x5E4D
_BATCH: Final = 100
#: A viewing is sent once nothing has come to it for so long.
_QUIET: Final = timedelta(minutes=10)
#: The pause after a failure doubles from the first of these to the second.
_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=1)
#: Seconds after which a round by the clock begins nothing new: the worker has other things to do, too.
_ROUND: Final = 40.0


class NoStore(Conflict):
    code = "xapi-no-store"
    vi = "Chưa đặt DIEMCAU_LRS_ENDPOINT và DIEMCAU_PUBLIC_URL nên không gửi gì đi."
    en = "DIEMCAU_LRS_ENDPOINT and DIEMCAU_PUBLIC_URL are not set, so nothing is sent."


@dataclass(frozen=True)
class Sent:
    """`taken` statements are in the store now, `refused` ones it would not take, `waiting` are still to be sent."""

    taken: int
    refused: int
    waiting: int


def is_configured() -> bool:
    settings = vault_settings()
    return bool(settings.lrs_endpoint and settings.public_url)


def forward_when_due() -> Sent | None:
    """One round by the clock: nothing without a store, nothing while a pause lasts; a failure is noted, not raised."""
    if not is_configured():
        return None
    with transaction() as db:
        store = db.get(XapiStore, _store().endpoint)
        if store and store.try_again_at and store.try_again_at > clock.now():
            return None
    try:
        return forward(_QUIET, seconds=_ROUND)
    except StoreDown as down:
        log.warning("%s", down)
        return None


def forward(quiet: timedelta = timedelta(0), *, seconds: float = inf, again: bool = False) -> Sent:
    """Tell what is to be told, and send all that the store has not, until it took `seconds`.

    With `again` it is first offered what it refused before. Raises `NoStore` when none is set, and `StoreDown` when it
    took nothing more; what it took until then stays taken.
    """
    if not is_configured():
        raise NoStore
    store = _store()
    with transaction() as guard:
        # Two senders would do no harm, only the same work twice.
        if not guard.scalar(select(func.pg_try_advisory_xact_lock(_SENDER_LOCK))):
            return _count(store, 0)
        ends = monotonic() + seconds
        telling.tell_all(Scope(vault_settings().public_url.rstrip("/"), quiet), until=ends)
        try:
            taken = _offer_again(store) if again else 0
            taken += _send_all(store, ends)
        except StoreDown as down:
            _note_failure(store, down)
            raise
        return _count(store, taken)


def _send_all(store: Store, ends: float) -> int:
    taken = 0
    while monotonic() < ends and (batch := _next_batch(store)):
        refused = _deliver(store, batch)
        if len(refused) == len(batch):
            # It takes none of a hundred different ones: that is about the store, not about them.
            _, answer = refused[0]
            raise StoreDown(trouble=f"HTTP {answer.status} {answer.text}")
        _note_success(store, batch[-1].position, refused)
        taken += len(batch) - len(refused)
    return taken


def _offer_again(store: Store) -> int:
    taken = 0
    with transaction() as db:
        refused = db.scalars(
            select(XapiStatement)
            .join(XapiRefusal, XapiRefusal.position == XapiStatement.position)
            .where(XapiRefusal.endpoint == store.endpoint)
            .order_by(XapiStatement.position)
        ).all()
    for first in range(0, len(refused), _BATCH):
        batch = refused[first : first + _BATCH]
        still = {statement.position for statement, _ in _deliver(store, batch)}
        mine = [statement.position for statement in batch if statement.position not in still]
        with transaction() as db:
            of_mine = XapiRefusal.position.in_(mine)
            db.execute(delete(XapiRefusal).where(XapiRefusal.endpoint == store.endpoint, of_mine))
        taken += len(mine)
    return taken


def _deliver(store: Store, batch: Sequence[XapiStatement]) -> list[tuple[XapiStatement, Answer]]:
    """Send statements, in halves where the store refuses them together; gives the ones that it refused alone."""
    answer = lrs.send(store, [statement.body for statement in batch])
    if answer.outcome is Outcome.TAKEN:
        return []
    if len(batch) > 1:
        middle = len(batch) // 2
        return _deliver(store, batch[:middle]) + _deliver(store, batch[middle:])
    if answer.outcome is Outcome.KNOWN:
        # Nobody else makes our ids, so what is there is this statement, told before with another title, say.
        log.warning("The store holds statement %s with other content; it stays as it is.", batch[0].id)
        return []
    return [(batch[0], answer)]


def _next_batch(store: Store) -> Sequence[XapiStatement]:
    with transaction() as db:
        reached = db.scalar(select(XapiStore.position).where(XapiStore.endpoint == store.endpoint)) or 0
        waiting = select(XapiStatement).where(XapiStatement.position > reached)
        return db.scalars(waiting.order_by(XapiStatement.position).limit(_BATCH)).all()


def _note_success(store: Store, position: int, refused: Sequence[tuple[XapiStatement, Answer]]) -> None:
    with transaction() as db:
        row = _row(db, store)
        row.position, row.failures, row.sent_at = position, 0, clock.now()
        row.trouble, row.try_again_at = None, None
        for statement, answer in refused:
            log.error("The store refused statement %s: HTTP %s %s", statement.id, answer.status, answer.text)
            refusal = insert(XapiRefusal).values(
                endpoint=store.endpoint,
                position=statement.position,
                status=answer.status,
                text=answer.text,
                at=clock.now(),
            )
            db.execute(refusal.on_conflict_do_nothing())


def _note_failure(store: Store, down: StoreDown) -> None:
    with transaction() as db:
        row = _row(db, store)
        pause = min(_FIRST_PAUSE * 2 ** min(row.failures, 10), _LONGEST_PAUSE)
        row.failures, row.trouble, row.try_again_at = row.failures + 1, str(down), clock.now() + pause


def _row(db: Db, store: Store) -> XapiStore:
    db.execute(insert(XapiStore).values(endpoint=store.endpoint, position=0, failures=0).on_conflict_do_nothing())
    return db.get_one(XapiStore, store.endpoint)


def _count(store: Store, taken: int) -> Sent:
    with transaction() as db:
        refused = db.scalar(select(func.count()).where(XapiRefusal.endpoint == store.endpoint)) or 0
        reached = db.scalar(select(XapiStore.position).where(XapiStore.endpoint == store.endpoint)) or 0
        waiting = db.scalar(select(func.count()).where(XapiStatement.position > reached)) or 0
        return Sent(taken, refused, waiting)


def _store() -> Store:
    settings = vault_settings()
    password = settings.lrs_password.get_secret_value()
    return Store(settings.lrs_endpoint.rstrip("/"), settings.lrs_username, password)
