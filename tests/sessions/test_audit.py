"""The audit trail: sealed in order, without gaps, and nothing can be changed unseen."""

import threading
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from sessions import audit
from sessions.db import transaction
from sessions.models import AuditEntry


@pytest.fixture
def trail(db, cast):
    """Five entries on disk."""
    db.query(AuditEntry).delete()
    entries = [audit.note(db, cast.staff, "test.noted", "test", uuid4(), number=number) for number in range(5)]
    db.commit()
    return entries


def test_entries_are_sealed_once_in_order_and_the_chain_proves_itself(db, trail):
    assert audit.verify(db) == audit.ChainReport(0, 5, None)
    assert audit.seal(db, limit=3) == 3
    assert audit.seal(db) == 2
    assert audit.seal(db) == 0
    assert [entry.seal_position for entry in trail] == [1, 2, 3, 4, 5]
    assert audit.verify(db) == audit.ChainReport(5, 0, None)


@pytest.mark.parametrize(
    "change",
    [{"detail": {"number": 99}}, {"action": "test.other"}, {"actor_id": None}, {"content_sha256": bytes(32)}],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_entry_breaks_the_chain_where_it_was_changed(db, trail, change):
    audit.seal(db)
    db.execute(update(AuditEntry).where(AuditEntry.id == trail[2].id).values(**change))
    db.expire_all()
    assert audit.verify(db).broken == trail[2].id


def test_a_removed_entry_breaks_the_chain(db, trail):
    audit.seal(db)
    db.delete(trail[1])
    db.flush()
    assert audit.verify(db).broken == trail[2].id


def test_two_sealers_at_once_seal_everything_exactly_once(db, trail):
    barrier, sealed = threading.Barrier(2), []

    def work():
        barrier.wait()
        with transaction() as mine:
            sealed.append(audit.seal(mine))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with transaction() as mine:
        sealed.append(audit.seal(mine))
    assert sum(sealed) == 5
    db.rollback()
    positions = db.scalars(select(AuditEntry.seal_position).order_by(AuditEntry.seal_position)).all()
    assert positions == [1, 2, 3, 4, 5]
