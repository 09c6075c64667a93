"""What follows from a verdict of the gate, and what a second person may make of a file that it holds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import select

from archive import catalogue
from ingest import destruction, gate, jobs
from ingest.inspection import Verdict
from ingest.jobs import Planned
from ingest.markings import Certainty, Hit, Source
from ingest.models import ENDED, IngestJob, Inspection, InspectionResult, JobState, Ruling, StepKind, Upload
from sessions import audit, clock
from sessions.db import Db
from sessions.errors import Conflict, DomainError, NotAllowed
from sessions.models import ConferenceSession, Person


class ClassifiedMark(DomainError):
    """No name, no text, no page: what was found is told by its rule alone."""

    status = 422
    code = destruction.MARKED
    vi = (
        "Tài liệu có dấu hiệu mật (quy tắc “{rule}”) nên bị từ chối. Tệp và mọi thứ tạo từ tệp đã bị huỷ; "
        "hệ thống chỉ giữ mã băm và sự việc. Hãy xử lý tài liệu theo quy định bảo vệ bí mật nhà nước."
    )
    en = (
        "The material bears a marking (rule “{rule}”), so it is refused. The file and everything made of it "
        "were destroyed; only its hash and the incident are kept. Handle it by the rules for state secrets."
    )


class Sealed(Conflict):
    code = "sealed"
    vi = (
        "Trong hình của tệp có dấu giống dấu mật nên tệp bị niêm phong. "
        "Một người khác có quyền phải xem và quyết định huỷ hoặc cho qua."
    )
    en = (
        "A picture in the file shows what looks like a classification stamp, so it is sealed. "
        "Another person with that right has to look, and destroy or clear it."
    )


class Doubtful(Conflict):
    code = "doubtful"
    vi = "Tệp có chỗ có thể là dấu mật nên đang được giữ lại. Một người khác có quyền phải xem và quyết định."
    en = "Something in the file may be a marking, so it is held. Another person with that right has to look and decide."


class HeldByHand(Conflict):
    code = "held-by-hand"
    vi = "Một người có quyền phát hành đã giữ tệp này lại để xem xét thêm."
    en = "A person who may release this file holds it back for another look."


class NotHeld(Conflict):
    code = "not-held"
    vi = "Tệp này không bị giữ, hoặc đã có người quyết định rồi."
    en = "This file is not held, or somebody has decided on it already."


class OwnDecision(NotAllowed):
    code = "own-decision"
    vi = "Người tải lên không được tự quyết định. Hãy nhờ một người khác có quyền xem."
    en = "Whoever uploaded a file may not decide on it. Ask another person with that right."


class LookFirst(Conflict):
    code = "look-first"
    vi = (
        "Máy chủ không đọc được chữ trong hình, nên trước khi phát hành phải có người xem "
        "và xác nhận đủ {pictures} hình của tệp này."
    )
    en = (
        "The server cannot read what is written in pictures, so before a release somebody has to look at "
        "all {pictures} pictures of this file and confirm it."
    )


#: A hit's rule, source, page and second.
Place = tuple[str, str, int | None, float | None]
#: What was let in and is not out yet may be held back.
HOLDABLE = frozenset({JobState.ENCODING, JobState.READY})
#: States of files that were let in; what is held waits for a person already.
LET_IN = (JobState.ENCODING, JobState.READY, JobState.RELEASED, JobState.PUBLISHED, JobState.RETRACTED)
#: The rule of a person who saw what no rule names.
BY_HAND = "by-hand"
#: How a file is held, by what was found.
_HELD: dict[InspectionResult, type[DomainError]] = {
    InspectionResult.SEALED: Sealed,
    InspectionResult.DOUBTFUL: Doubtful,
}


def latest(db: Db, job_id: UUID) -> Inspection | None:
    """The newest search of a job's file; none where it was never searched."""
    found = select(Inspection).where(Inspection.job_id == job_id)
    return db.scalar(found.order_by(Inspection.at.desc(), Inspection.id).limit(1))


def due(db: Db, version: str) -> list[UUID]:
    """The jobs whose files were let in by other rules than these, or by none, oldest first."""
    newest = (
        select(Inspection.rules_version)
        .where(Inspection.job_id == IngestJob.id)
        .order_by(Inspection.at.desc(), Inspection.id)
        .limit(1)
        .scalar_subquery()
    )
    let_in = select(IngestJob.id).where(IngestJob.state.in_(LET_IN), newest.is_distinct_from(version))
    return list(db.scalars(let_in.order_by(IngestJob.created_at)))


def keep(
    db: Db, job: IngestJob, verdict: Verdict, pictures: Sequence[dict[str, object]], rules_version: str
) -> Inspection:
    """Record a search and do what follows: refuse and destroy, hold, or let on. Releases given in advance may lapse."""
    inspection = Inspection(
        job_id=job.id,
        at=clock.now(),
        result=verdict.result,
        hits=[asdict(hit) for hit in verdict.hits],
        pictures=list(pictures),
        unread=verdict.unread,
        rules_version=rules_version,
    )
    db.add(inspection)
    db.flush()
    audit.note(
        db, None, "job.inspected", "job", job.id, result=verdict.result, rules=sorted({h.rule for h in verdict.hits})
    )
    if verdict.result is InspectionResult.REFUSED:
        refuse(db, job, rule=_worst_of(verdict.hits))
    elif verdict.result is not InspectionResult.CLEAN:
        hold(db, job, _HELD[verdict.result]())
    elif verdict.unread and job.state is not JobState.PUBLISHED:
        _withdraw_release(db, job)
    return inspection


def hold(db: Db, job: IngestJob, why: DomainError, by: Person | None = None) -> None:
    """Keep a file from everybody until it is decided on; what was out already is taken back."""
    _withdraw_release(db, job)
    _take_back(db, job, by)
    jobs.move(db, job, JobState.HELD, by=by, problem=jobs.said(why))


def hold_back(db: Db, by: Person, job: IngestJob, reason: str) -> None:
    """A person who may release a file wants another one to look at it first."""
    demand_other(db, by, job)
    found = latest(db, job.id)
    if job.state not in HOLDABLE or found is None:
        raise jobs.JobEnded
    # The search found nothing, the person something: what they hold is decided on as a search of its own.
    db.add(
        Inspection(
            job_id=job.id,
            at=clock.now(),
            result=InspectionResult.DOUBTFUL,
            hits=found.hits,
            pictures=found.pictures,
            unread=found.unread,
            rules_version=found.rules_version,
        )
    )
    audit.note(db, by, "job.held-back", "job", job.id, reason=reason)
    hold(db, job, HeldByHand(), by)


def clear(db: Db, by: Person, job: IngestJob, reason: str) -> None:
    """A second person lets a held file go on: to be encoded where it was not yet, and then to its release."""
    if job.state is not JobState.HELD:
        raise NotHeld
    _rule(db, by, job, Ruling.CLEARED, reason)
    if job.recording_id or job.deck_id:
        jobs.move(db, job, JobState.ENCODING, by=by)
    else:
        jobs.move(db, job, JobState.SCANNING, by=by)
        jobs.add_steps(db, job, [Planned(StepKind.SCAN, 0, 1.0)])


def turn_away(db: Db, by: Person, job: IngestJob, reason: str) -> None:
    """A second person refuses a file as one that bears a marking, held or not: it is destroyed like any such file."""
    if job.state in ENDED and job.state is not JobState.PUBLISHED:
        raise jobs.JobEnded
    hits = _rule(db, by, job, Ruling.REFUSED, reason)
    refuse(db, job, rule=min((hit["rule"] for hit in hits), default=BY_HAND), by=by)


def refuse(db: Db, job: IngestJob, *, rule: str, by: Person | None = None) -> None:
    """Turn a file away for a marking, wherever these very bytes are: all is destroyed, hash and incident stay."""
    upload = db.get_one(Upload, job.upload_id)
    blamed = by or db.get_one(Person, upload.uploaded_by)
    session = db.get_one(ConferenceSession, job.session_id)
    gate.record_incident(db, blamed, f"marking:{rule}", session=session, sha256=upload.sha256)
    for each in [job, *_others_of_same_bytes(db, job, upload)]:
        _take_back(db, each, by)
        jobs.move(db, each, JobState.REFUSED, by=by, problem=jobs.said(ClassifiedMark(rule=rule)))
        destruction.destroy(db, each)


def confirm_look(db: Db, by: Person, job: IngestJob, looked: Collection[int]) -> None:
    """Raise `LookFirst` where pictures are unread and this person has not said of each that they looked at it."""
    found = latest(db, job.id)
    if found is None or not found.unread or found.looked_by:
        return
    if not set(range(1, len(found.pictures) + 1)) <= set(looked):
        raise LookFirst(pictures=len(found.pictures))
    found.looked_by = by.id
    audit.note(db, by, "job.looked-through", "job", job.id, pictures=len(found.pictures))


def is_cleared(found: Inspection | None) -> bool:
    """Whether a second person let this file go on after its newest search."""
    return found is not None and found.ruling is Ruling.CLEARED


def cleared_in(db: Db, job_id: UUID) -> set[Place]:
    """What second persons have looked at in this file and cleared, at any time."""
    cleared = select(Inspection.hits).where(Inspection.job_id == job_id, Inspection.ruling == Ruling.CLEARED)
    return {place_of(hit) for hits in db.scalars(cleared) for hit in hits}


def place_of(hit: Mapping[str, Any]) -> Place:
    """By what a hit is known again: its rule and where that was found."""
    return hit["rule"], hit["source"], hit["page"], hit["at_seconds"]


def demand_other(db: Db, by: Person, job: IngestJob) -> None:
    """Raise `OwnDecision` for the one who uploaded the file."""
    if db.scalar(select(Upload.uploaded_by).where(Upload.id == job.upload_id)) == by.id:
        raise OwnDecision


def _rule(db: Db, by: Person, job: IngestJob, ruling: Ruling, reason: str) -> list[Any]:
    """Write down a second person's word beside what was found; gives the hits."""
    demand_other(db, by, job)
    audit.note(db, by, f"gate.{ruling}", "job", job.id, reason=reason)
    found = latest(db, job.id)
    if found is None:
        return []
    found.ruling, found.decided_by, found.decided_at, found.reason = ruling, by.id, clock.now(), reason
    return found.hits


def _take_back(db: Db, job: IngestJob, by: Person | None) -> None:
    for kept in destruction.made_of(db, job):
        if kept.published_at:
            catalogue.retract(db, kept, by)


def _withdraw_release(db: Db, job: IngestJob) -> None:
    """What was found since weighs more than a release that was given in advance."""
    if job.released_at:
        job.released_by = job.released_at = None
        audit.note(db, None, "job.release-withdrawn", "job", job.id)


def _others_of_same_bytes(db: Db, job: IngestJob, upload: Upload) -> Sequence[IngestJob]:
    same = select(IngestJob).join(Upload, Upload.id == IngestJob.upload_id)
    alive = IngestJob.state.not_in([JobState.REFUSED, JobState.CANCELLED])
    return db.scalars(same.where(Upload.sha256 == upload.sha256, IngestJob.id != job.id, alive).with_for_update()).all()


def _worst_of(hits: Sequence[Hit]) -> str:
    """The rule by which a file is refused: the first that is certain in text."""
    return next(hit.rule for hit in hits if hit.certainty is Certainty.CERTAIN and hit.source is not Source.PICTURE)
