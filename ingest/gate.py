"""The gate: what may come in. Refuses what is declared or known to be classified; everything else waits for release.

The search for markings in names, text and pictures comes on top of this; the declaration, the memory of refused
hashes and the release by a second person stand from the start.
"""

from sqlalchemy import exists, select

from ingest.models import Classification, Incident
from sessions import audit, clock
from sessions.db import Db
from sessions.errors import DomainError
from sessions.models import ConferenceSession, Person


class ClassifiedDeclared(DomainError):
    status = 422
    code = "classified-declared"
    vi = (
        "Tài liệu được khai là tài liệu mật nên không được nhận vào hệ thống này. Chưa có dữ liệu nào được lưu. "
        "Hãy xử lý theo quy định bảo vệ bí mật nhà nước."
    )
    en = (
        "The material was declared classified, so this system does not take it. Nothing was stored. "
        "Handle it by the rules for state secrets."
    )


class RefusedBefore(DomainError):
    status = 422
    code = "refused-before"
    vi = "Chính tệp này đã bị từ chối trước đây nên không được nhận lại."
    en = "This very file was refused before, so it is not taken again."


def record_incident(
    db: Db, by: Person, rule: str, *, session: ConferenceSession | None, sha256: str | None = None
) -> Incident:
    """Keep that something was turned away: the rule and the hash, never its name or text."""
    incident = Incident(
        at=clock.now(), session_id=session.id if session else None, person_id=by.id, rule=rule, sha256=sha256
    )
    db.add(incident)
    db.flush()
    audit.note(db, by, "gate.refused", "incident", incident.id, rule=rule, sha256=sha256)
    return incident


def is_classified(declared: Classification) -> bool:
    """Whether the level that the uploader declared keeps the material out."""
    return declared is not Classification.NOT_CLASSIFIED


def demand_unknown(db: Db, sha256: str) -> None:
    """Raise `RefusedBefore` when these very bytes were refused once."""
    if db.scalar(select(exists().where(Incident.sha256 == sha256))):
        raise RefusedBefore
