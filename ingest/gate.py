"""The gate's door: refuses what is declared, known or named as classified before a byte or a word of it is taken.

What is in a file is searched once it has arrived (`inspection`), and `verdicts` says what follows from that.
"""

import time
from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from sqlalchemy import exists, select

from ingest import rulebook
from ingest.markings import Certainty, Passage, Rule, Source, search
from ingest.models import Classification, Incident
from sessions import audit, clock
from sessions.db import Db, transaction
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


class MarkedName(DomainError):
    status = 422
    code = "marked-name"
    vi = (
        "Tên tệp mang dấu chỉ mức độ mật (quy tắc “{rule}”) nên tệp không được nhận. Chưa có dữ liệu nào được lưu. "
        "Hãy xử lý theo quy định bảo vệ bí mật nhà nước."
    )
    en = (
        "The file's name bears a marking (rule “{rule}”), so the file is not taken. Nothing was stored. "
        "Handle it by the rules for state secrets."
    )


class MarkedWords(DomainError):
    status = 422
    code = "marked-words"
    vi = (
        "Nội dung vừa nhập mang dấu chỉ mức độ mật (quy tắc “{rule}”) nên không được lưu. "
        "Không nhập thông tin thuộc bí mật nhà nước vào hệ thống này."
    )
    en = "What was typed bears a marking (rule “{rule}”), so it was not kept. Don't put state secrets into this system."


#: How long a process goes by the rules that it read: free texts come with every headcount, new rules once a year.
RULES_SECONDS = 30


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


def demand_unmarked_name(
    db: Db, by: Person, session: ConferenceSession, name: str, *, sha256: str | None = None
) -> None:
    """Raise `MarkedName` for a file whose very name bears a certain marking, with an incident that stays."""
    rule = marking_in(name, Source.NAME, rulebook.rules(db))
    if rule:
        # In a transaction of its own: the request's own one is rolled back by the refusal.
        with transaction() as apart:
            record_incident(apart, by, f"marking:{rule}", session=session, sha256=sha256)
        raise MarkedName(rule=rule)


def marking_in(text: str, source: Source, rules: Sequence[Rule]) -> str | None:
    """The rule of the first certain marking in a text, if it bears one.

    A doubtful one can't be held in a title as it can in a file; the files under that title will be.
    """
    hits = search([Passage(text, source)], rules)
    return next((hit.rule for hit in hits if hit.certainty is Certainty.CERTAIN), None)


def marking_in_words(text: str) -> str | None:
    """The same of a free text that somebody typed, by rules that are half a minute old at most."""
    return marking_in(text, Source.TEXT, _rules_of(int(time.monotonic() // RULES_SECONDS)))


def report_words(person_id: UUID, rule: str) -> MarkedWords:
    """Keep that somebody typed a marking, and give the refusal for it."""
    with transaction() as db:
        record_incident(db, db.get_one(Person, person_id), f"marking:{rule}", session=None)
    return MarkedWords(rule=rule)


@lru_cache(maxsize=1)
def _rules_of(_half_minute: int) -> tuple[Rule, ...]:
    with transaction() as db:
        return rulebook.rules(db)


def demand_unknown(db: Db, sha256: str) -> None:
    """Raise `RefusedBefore` when these very bytes were refused once."""
    if db.scalar(select(exists().where(Incident.sha256 == sha256))):
        raise RefusedBefore
