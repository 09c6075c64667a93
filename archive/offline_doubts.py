"""What is doubtful about logs that came from watching without a link; kept for whoever decides."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import select

from archive.models import PresencePrompt, PromptState
from archive.offline_models import Lease, OfflineDoubt, OfflineRun, OfflineViewing
from sessions import clock
from sessions.db import Db
from sessions.models import Person

#: These hold what was watched under the lease for a person to decide. A calendar clock that was moved is told, and
#: holds nothing: it happens to every phone whose battery ran down. A piece that cannot be read is a fault of ours.
HOLDING: Final = frozenset(
    {"log-broken", "log-rewritten", "log-signature-wrong", "log-too-late", "longer-than-elapsed"}
)

#: What a policy lets a person miss of any questions (`CreditPolicy.prompts_required`, as it is set by default).
_MOST_FAILED: Final = 0.25


def note(db: Db, person: Person, lease: Lease, code: str, number: object = None, **facts: Any) -> None:
    """Keep a doubt about the entry of this number; `person` is who delivered it."""
    db.add(
        OfflineDoubt(
            id=uuid4(),
            lease_id=lease.id,
            person_id=person.id,
            code=code,
            number=number if isinstance(number, int) else None,
            facts=facts,
            at=clock.now(),
        )
    )
    db.flush()


def of_lease(db: Db, lease_id: UUID) -> Sequence[OfflineDoubt]:
    """Everything that was doubtful about one lease's log, in the order it was seen."""
    mine = select(OfflineDoubt).where(OfflineDoubt.lease_id == lease_id)
    return db.scalars(mine.order_by(OfflineDoubt.at, OfflineDoubt.id)).all()


def holding(db: Db, viewing_id: UUID) -> list[dict[str, Any]]:
    """What holds a viewing for a person to decide, as far as watching without a link goes, each code with figures."""
    return _of_log(db, viewing_id) + _of_questions(db, viewing_id)


def _of_log(db: Db, viewing_id: UUID) -> list[dict[str, Any]]:
    """What is doubtful about the log that the viewing comes from, if it does."""
    lease_id = db.scalar(
        select(OfflineRun.lease_id)
        .join(OfflineViewing, OfflineViewing.run_id == OfflineRun.id)
        .where(OfflineViewing.viewing_id == viewing_id)
    )
    codes = [doubt.code for doubt in of_lease(db, lease_id)] if lease_id else []
    return [{"code": code, "times": codes.count(code)} for code in sorted(HOLDING.intersection(codes))]


def _of_questions(db: Db, viewing_id: UUID) -> list[dict[str, Any]]:
    """Whether too many of the questions failed that were asked in the viewing about what a log had told.

    They are all that stands between a phone that played to nobody and a credit, so making up for them later by
    answering more is for a person to judge. One that failed is nobody's doubt: a call comes in between.
    """
    rows = db.scalars(
        select(PresencePrompt.state)
        .join(OfflineViewing, OfflineViewing.viewing_id == PresencePrompt.viewing_id)
        .where(PresencePrompt.asked_in == viewing_id, PresencePrompt.settled_at.is_not(None))
    )
    states = list(rows)
    failed = sum(state in {PromptState.WRONG, PromptState.MISSED} for state in states)
    if failed < 2 or failed <= _MOST_FAILED * len(states):
        return []
    return [{"code": "offline-questions-failed", "asked": len(states), "failed": failed}]
