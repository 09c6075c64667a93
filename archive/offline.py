"""The log that a device keeps while it plays a lent recording without a link, and what becomes of it when it arrives.

Each entry is one beat as text (JSON) that names its lease, its number and the SHA-256 of the entry before it; a piece
of the log is signed as a whole by the device's key. So nothing can be edited, left out, taken from another phone or
told twice. That proves the device and the order, never that somebody listened: decision record 7.

The beats of one run of the device's monotonic clock become one viewing, held to the same evidence as any other. Its
place on the calendar is the device's word within what the server knows: after the lease was granted and after the run
before, and over by the time it arrived.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Self
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import func, or_, select

from archive import devices, leases, watchlog
from archive.coverage import CLOCK_GRACE
from archive.models import Beat, Recording, Viewing
from archive.offline_models import DeviceKey, Lease, LogEntry, OfflineDoubt, OfflineRun
from archive.watchlog import Progress, Report
from sessions import clock, register
from sessions.db import Db
from sessions.errors import Conflict, DomainError, Invalid
from sessions.intervals import Interval, total, union
from sessions.models import Person

#: A clock that was moved by less is no news: phones drift, and the lease's answer took its time.
_CLOCK_MOVED: Final = timedelta(minutes=5)
#: No quartz runs ahead by more over two weeks (20 parts in a million, twice).
_MORE_THAN_DRIFT: Final = timedelta(seconds=50)

_Seconds = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
_Rate = Annotated[float, Field(gt=0, le=16, allow_inf_nan=False)]


class LogUnreadable(Invalid):
    code = "log-unreadable"
    vi = "Mục số {number} của nhật ký xem không đọc được nên không được ghi nhận."
    en = "Entry {number} of the watch log cannot be read, so it was not taken."


class LogBroken(Conflict):
    code = "log-broken"
    vi = "Nhật ký xem bị đứt ở mục số {number}: mục này không nối vào mục trước. Phần trước đó đã được ghi nhận."
    en = "The watch log is broken at entry {number}: it does not join the one before. What came before was taken."


class LogRewritten(Conflict):
    code = "log-rewritten"
    vi = "Mục số {number} của nhật ký xem khác với mục đã gửi trước đây nên không được ghi nhận."
    en = "Entry {number} of the watch log differs from the one that was delivered before, so it was not taken."


class LogSignatureWrong(Invalid):
    code = "log-signature-wrong"
    vi = "Chữ ký của nhật ký xem không phải của thiết bị đã mượn bản ghi nên không được ghi nhận."
    en = "The watch log is not signed by the device that the recording was lent to, so it was not taken."


class LogTooLate(Conflict):
    code = "log-too-late"
    vi = "Nhật ký xem đến sau khi gói đã hết hạn. Nhật ký được giữ lại để cán bộ xem xét."
    en = "The watch log came after the lease had ended. It is kept, for staff to decide."


class Entry(BaseModel):
    """One entry as the device wrote it. Spans are seconds of the run's monotonic clock, `played` as in a beat."""

    model_config = ConfigDict(extra="forbid")

    lease: UUID
    number: Annotated[int, Field(ge=0, le=10_000_000)]
    previous: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    run: UUID
    #: When the run began, in milliseconds since 1970 by the device's clock, corrected to the server's.
    began: Annotated[int, Field(ge=0, le=10_000_000_000_000)]
    span_start: _Seconds
    span_end: _Seconds
    played: Annotated[list[tuple[_Seconds, _Seconds, _Rate]], Field(max_length=500)]
    hidden_seconds: _Seconds
    muted_seconds: _Seconds

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        span = self.span_end - self.span_start
        forward = span >= 0 and all(start <= end for start, end, _ in self.played)
        if not forward or max(self.hidden_seconds, self.muted_seconds) > span + CLOCK_GRACE:
            raise ValueError("The span ends before it starts, plays backward, or is hidden for longer than it lasts.")
        return self

    def report(self) -> Report:
        """The entry as a beat of its run's viewing."""
        return Report(self.number, self.span_start, self.span_end, self.played, self.hidden_seconds, self.muted_seconds)


@dataclass(frozen=True)
class Taken:
    """What became of a piece of the log: the number that comes next, and why no more of it was taken, if so."""

    next_number: int
    head_sha256: str
    viewings: list[UUID]
    progress: Progress | None
    refusal: DomainError | None


def piece_text(lease_id: UUID, hashes: Sequence[str]) -> str:
    """What a device signs of a piece: the lease and the hash of every entry in it."""
    return "\n".join(["diemcau-log-1", str(lease_id), *hashes])


def take(db: Db, person: Person, lease: Lease, texts: Sequence[str], signature: str) -> Taken:
    """Take a piece of the log, each entry once; what joins is kept also where the rest is refused.

    A refusal is answered, not raised, for the doubt about it has to stay on record.
    """
    db.refresh(lease, with_for_update=True)
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    key = db.get_one(DeviceKey, lease.device_key_id)
    if not devices.has_signed(key, piece_text(lease.id, hashes), signature):
        return _refuse(db, person, lease, LogSignatureWrong(number=lease.next_number), [])
    taken, refusal = _join(db, lease, list(zip(texts, hashes, strict=True)), signature)
    if refusal is None and taken and clock.now() > lease.expires_at:
        refusal, taken = LogTooLate(number=taken[0].number), []
    progresses = _watch(db, person, lease, taken)
    if refusal is not None:
        return _refuse(db, person, lease, refusal, progresses)
    return _answer(lease, progresses, None)


def doubts_of(db: Db, lease_id: UUID) -> Sequence[OfflineDoubt]:
    """Everything that was doubtful about one lease's log, in the order it was seen."""
    return db.scalars(
        select(OfflineDoubt).where(OfflineDoubt.lease_id == lease_id).order_by(OfflineDoubt.at, OfflineDoubt.id)
    ).all()


def _join(
    db: Db, lease: Lease, links: Sequence[tuple[str, str]], signature: str
) -> tuple[list[Entry], DomainError | None]:
    """Keep the entries that continue the chain; those that are kept already are passed over if they are the same."""
    taken: list[Entry] = []
    start: int | None = None
    for text, sha256 in links:
        try:
            entry = Entry.model_validate_json(text)
        except ValidationError:
            return taken, LogUnreadable(number=lease.next_number)
        start = entry.number if start is None else start
        if entry.lease == lease.id and entry.number < lease.next_number:
            if _kept_hash(db, lease, entry.number) != sha256:
                return taken, LogRewritten(number=entry.number)
            continue
        if (entry.lease, entry.number, entry.previous) != (lease.id, lease.next_number, lease.head_sha256):
            return taken, LogBroken(number=entry.number)
        db.add(
            LogEntry(
                lease_id=lease.id,
                number=entry.number,
                text=text,
                sha256=sha256,
                signature=signature,
                piece_start=start,
                received_at=clock.now(),
            )
        )
        lease.next_number, lease.head_sha256 = entry.number + 1, sha256
        taken.append(entry)
    db.flush()
    return taken, None


def _kept_hash(db: Db, lease: Lease, number: int) -> str:
    return db.get_one(LogEntry, (lease.id, number)).sha256


def _watch(db: Db, person: Person, lease: Lease, entries: Sequence[Entry]) -> list[tuple[UUID, Progress]]:
    """Turn the entries into beats of the viewings of their runs."""
    runs: dict[UUID, list[Entry]] = {}
    for entry in entries:
        runs.setdefault(entry.run, []).append(entry)
    progresses = []
    for run, mine in runs.items():
        viewing = _viewing_of(db, person, lease, run, mine)
        reports = [_apart(db, viewing, entry.report()) for entry in mine]
        progresses.append((viewing.id, watchlog.record(db, viewing, reports)))
    return progresses


def _viewing_of(db: Db, person: Person, lease: Lease, run: UUID, entries: Sequence[Entry]) -> Viewing:
    known = db.scalar(
        select(Viewing)
        .join(OfflineRun, OfflineRun.viewing_id == Viewing.id)
        .where(OfflineRun.lease_id == lease.id, OfflineRun.run == run)
    )
    viewing = known or _open(db, person, lease, run, entries)
    latest = min(clock.now(), leases.closes_at(lease))
    ends = viewing.opened_at + timedelta(seconds=entries[-1].span_end)
    if ends > latest + _MORE_THAN_DRIFT:
        _doubt(db, person, lease, "longer-than-elapsed", entries[-1].number, seconds=(ends - latest).total_seconds())
    viewing.ended_at = max(viewing.opened_at, min(ends, latest))
    db.flush()
    return viewing


def _open(db: Db, person: Person, lease: Lease, run: UUID, entries: Sequence[Entry]) -> Viewing:
    claimed = datetime.fromtimestamp(entries[0].began / 1000, UTC)
    opened_at = _place(db, lease, claimed, entries[-1].span_end)
    if abs(opened_at - claimed) > _CLOCK_MOVED:
        _doubt(db, person, lease, "clock-moved", entries[0].number, claimed_at=claimed.isoformat())
    recording = db.get_one(Recording, lease.recording_id)
    viewing = Viewing(
        id=uuid4(),
        person_id=person.id,
        recording_id=recording.id,
        policy_version=register.policy_of(db, recording.session_id).version,
        opened_at=opened_at,
        ended_at=opened_at,
        user_agent=db.get_one(DeviceKey, lease.device_key_id).device,
        covered=[],
    )
    db.add(viewing)
    db.flush()
    db.add(OfflineRun(viewing_id=viewing.id, lease_id=lease.id, run=run, claimed_at=claimed))
    db.flush()
    return viewing


def _place(db: Db, lease: Lease, claimed: datetime, seconds: float) -> datetime:
    """When a run began: as claimed, but after what came before it, and so that it was over by now."""
    before = db.scalar(
        select(func.max(Viewing.ended_at))
        .join(OfflineRun, OfflineRun.viewing_id == Viewing.id)
        .where(OfflineRun.lease_id == lease.id)
    )
    earliest = max(lease.granted_at, before or lease.granted_at)
    latest = min(clock.now(), leases.closes_at(lease)) - timedelta(seconds=seconds)
    return max(earliest, min(claimed, latest))


def _apart(db: Db, viewing: Viewing, report: Report) -> Report:
    """The beat without the time in which the person was seen watching elsewhere: that time is already spoken for."""
    taken = total(_elsewhere(db, viewing, report.span_start, report.span_end))
    return Report(
        report.seq,
        report.span_start,
        report.span_end,
        report.played,
        report.hidden_seconds,
        min(report.muted_seconds + taken, report.span_end - report.span_start),
    )


def _elsewhere(db: Db, viewing: Viewing, start: float, end: float) -> list[Interval]:
    """When the person's other viewings were heard, within these seconds since the opening of this one."""
    others = (
        select(Viewing.opened_at, Beat.span_start, Beat.span_end)
        .join(Viewing, Viewing.id == Beat.viewing_id)
        .where(
            Viewing.person_id == viewing.person_id,
            Viewing.id != viewing.id,
            Viewing.opened_at < viewing.opened_at + timedelta(seconds=end),
            or_(Viewing.ended_at.is_(None), Viewing.ended_at > viewing.opened_at + timedelta(seconds=start)),
            Beat.muted_seconds < Beat.span_end - Beat.span_start,
        )
    )
    heard = []
    for opened_at, span_start, span_end in db.execute(others):
        ahead = (opened_at - viewing.opened_at).total_seconds()
        heard.append((max(start, ahead + span_start), min(end, ahead + span_end)))
    return union(heard)


def _refuse(
    db: Db, person: Person, lease: Lease, refusal: DomainError, progresses: Sequence[tuple[UUID, Progress]]
) -> Taken:
    number = refusal.facts.get("number")
    _doubt(db, person, lease, refusal.code, number if isinstance(number, int) else None)
    return _answer(lease, progresses, refusal)


def _doubt(db: Db, person: Person, lease: Lease, code: str, number: int | None, **facts: Any) -> None:
    db.add(OfflineDoubt(lease_id=lease.id, person_id=person.id, code=code, number=number, facts=facts, at=clock.now()))
    db.flush()


def _answer(lease: Lease, progresses: Sequence[tuple[UUID, Progress]], refusal: DomainError | None) -> Taken:
    return Taken(
        lease.next_number,
        lease.head_sha256,
        [viewing_id for viewing_id, _ in progresses],
        progresses[-1][1] if progresses else None,
        refusal,
    )
