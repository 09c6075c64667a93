"""The credit itself: given once, with its evidence by value, and taken back where it rested on a mistake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from sessions import audit, clock
from sessions.credit import RULE_VERSION, PartSeen, PartVerdict, Terms, Verdict
from sessions.db import Db, among_given
from sessions.models import AttendanceCredit, CreditState, Expected
from sessions.rows import as_rows, given

_UNITS = select(Expected.person_id, Expected.unit_id).where(
    Expected.session_id == bindparam("session_id"), among_given(Expected.person_id, "person_ids")
)
_CREDITS = cast(Table, AttendanceCredit.__table__)
_GRANT = insert(_CREDITS).from_select(_CREDITS.c.keys(), select(given(_CREDITS)))
#: What a credit that was taken back gets when it is earned after all.
_GIVEN_ANEW = ("state", "basis", "policy_version", "rule_version", "evidence", "granted_at", "decided_by", "reason")
#: What was given stands as it was given; only what was taken back by a correction is given anew.
_GRANT_ONCE = _GRANT.on_conflict_do_update(
    index_elements=["person_id", "session_id"],
    set_={name: _GRANT.excluded[name] for name in _GIVEN_ANEW},
    where=_CREDITS.c.state == CreditState.REVOKED,
).returning(_CREDITS.c.id, _CREDITS.c.person_id, _CREDITS.c.basis)


@dataclass(frozen=True)
class Earned:
    """A verdict with what it was reached from."""

    parts: Sequence[PartSeen]
    terms: Terms
    verdict: Verdict


def keep(db: Db, session_id: UUID, earned: Mapping[UUID, Earned]) -> None:
    """Give these people the credit that they earned, unless they have it; as many statements for all as for one."""
    if not earned:
        return
    unit_of = dict(db.execute(_UNITS, {"person_ids": list(earned), "session_id": session_id}).all())
    rows = [_credit(person_id, session_id, unit_of[person_id], each) for person_id, each in earned.items()]
    granted = db.execute(_GRANT_ONCE, as_rows(rows)).all()
    audit.note_all(
        db,
        [
            audit.Note(
                None,
                "credit.granted",
                "credit",
                credit_id,
                {"person_id": person_id, "session_id": session_id, "basis": basis},
            )
            for credit_id, person_id, basis in granted
        ],
    )


def _credit(person_id: UUID, session_id: UUID, unit_id: UUID, earned: Earned) -> dict[str, Any]:
    """The columns of a credit."""
    decision = next((part.decided for part in earned.verdict.parts if part.decided), None)
    parts = zip(earned.parts, earned.verdict.parts, strict=True)
    return {
        "id": uuid4(),
        "person_id": person_id,
        "session_id": session_id,
        "unit_id": unit_id,
        "state": CreditState.GRANTED,
        "basis": earned.verdict.basis,
        "policy_version": earned.terms.version,
        "rule_version": RULE_VERSION,
        "evidence": [_by_value(part, judged) for part, judged in parts],
        "granted_at": clock.now(),
        "decided_by": decision.by_id if decision else None,
        "reason": decision.reason if decision else None,
    }


def _by_value(part: PartSeen, judged: PartVerdict) -> dict[str, Any]:
    """A part's evidence as it is kept in the credit: readable after every other row is gone."""
    return {
        "part_id": str(part.part_id),
        "basis": judged.basis,
        "exempt": part.exempt,
        "decided": [
            {
                "kind": each.kind,
                "by": str(each.by_id),
                "at": each.at.isoformat(),
                "reason": each.reason,
                "whole": each.whole,
            }
            for each in part.decided
        ],
        "watched": [
            {
                "recording_id": str(seen.recording_id),
                "length_seconds": seen.length_seconds,
                "covered_seconds": seen.covered_seconds,
                "missing": seen.missing,
                "prompts_asked": seen.prompts_asked,
                "prompts_answered": seen.prompts_answered,
                "doubts": seen.doubts,
                "last_watched_at": seen.last_watched_at.isoformat(),
            }
            for seen in part.watched
        ],
    }


def revoke(db: Db, person_id: UUID, session_id: UUID) -> None:
    """Take back a credit that the rule alone gave; what somebody decided stands."""
    mine = update(AttendanceCredit).where(
        AttendanceCredit.person_id == person_id,
        AttendanceCredit.session_id == session_id,
        AttendanceCredit.state == CreditState.GRANTED,
        AttendanceCredit.decided_by.is_(None),
    )
    revoked = db.scalar(mine.values(state=CreditState.REVOKED).returning(AttendanceCredit.id))
    if revoked:
        audit.note(db, None, "credit.revoked", "credit", revoked, person_id=person_id, session_id=session_id)
