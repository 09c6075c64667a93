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
from typing import Annotated, Final, Self
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select

from archive import offline_doubts, placing, watchlog
from archive.coverage import CLOCK_GRACE
from archive.models import Recording, Viewing
from archive.offline_models import Lease, LogEntry, OfflineRun, OfflineViewing
from archive.placing import Stretch
from archive.watchlog import Progress, Report
from sessions import clock, devices, signedlog
from sessions.db import Db
from sessions.errors import DomainError
from sessions.models import DeviceKey, Person
from sessions.signedlog import LogSignatureWrong, piece_text

#: A clock that was moved by less is no news: phones drift, and the lease's answer took its time.
_CLOCK_MOVED: Final = timedelta(minutes=5)
#: No quartz runs ahead by more over two weeks (20 parts in a million, twice).
_MORE_THAN_DRIFT: Final = timedelta(seconds=50)

_Seconds = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
_Rate = Annotated[float, Field(gt=0, le=16, allow_inf_nan=False)]


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


@dataclass(frozen=True)
class Taken:
    """What became of a piece of the log: the number that comes next, and why no more of it was taken, if so."""

    next_number: int
    head_sha256: str
    #: Where the person stands with the recording, if anything of it counted as watched.
    progress: Progress | None
    refusal: DomainError | None


def take(db: Db, person: Person, lease: Lease, texts: Sequence[str], signature: str) -> Taken:
    """Take a piece of the log, each entry once; what joins is kept also where the rest is refused.

    A refusal is answered, not raised, for the doubt about it has to stay on record.
    """
    watchlog.take_turn(db, person.id)
    db.refresh(lease, with_for_update=True)
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    key = db.get_one(DeviceKey, lease.device_key_id)
    taken: list[Entry] = []
    refusal: DomainError | None = LogSignatureWrong(number=lease.next_number)
    if devices.has_signed(key, piece_text(lease.id, hashes), signature):
        taken, refusal = _join(db, lease, list(zip(texts, hashes, strict=True)), signature)
    if taken and clock.now() > lease.expires_at:
        # Watched in time, as far as the log says, and told too late for that to be taken on trust.
        offline_doubts.note(db, person, lease, "log-too-late", taken[0].number)
    if refusal is not None:
        offline_doubts.note(db, person, lease, refusal.code, refusal.facts.get("number"))
    progress = _watch(db, person, lease, taken)
    if refusal is not None:
        _doubt_what_was_taken(db, lease)
    return Taken(lease.next_number, lease.head_sha256, progress, refusal)


def _doubt_what_was_taken(db: Db, lease: Lease) -> None:
    """What is doubtful about a log holds everything that it told before."""
    mine = select(Viewing).join(OfflineViewing, OfflineViewing.viewing_id == Viewing.id)
    for viewing in db.scalars(
        mine.join(OfflineRun, OfflineRun.id == OfflineViewing.run_id).where(OfflineRun.lease_id == lease.id)
    ):
        watchlog.look_again(db, viewing)


def _join(
    db: Db, lease: Lease, links: Sequence[tuple[str, str]], signature: str
) -> tuple[list[Entry], DomainError | None]:
    """Keep the entries that continue the chain; those that are kept already are passed over if they are the same."""

    def keep(link: signedlog.Link[Entry]) -> None:
        db.add(
            LogEntry(
                lease_id=lease.id,
                number=link.number,
                text=link.text,
                sha256=link.sha256,
                signature=signature,
                piece_start=link.piece_start,
                received_at=clock.now(),
            )
        )

    def kept_hash(number: int) -> str:
        return db.get_one(LogEntry, (lease.id, number)).sha256

    taken, refusal = signedlog.join(lease, lambda entry: entry.lease == lease.id, links, Entry, kept_hash, keep)
    db.flush()
    return taken, refusal


def _watch(db: Db, person: Person, lease: Lease, entries: Sequence[Entry]) -> Progress | None:
    """Turn the entries into beats of viewings, each in the free time of the person that it was played in."""
    reports: dict[UUID, list[Report]] = {}
    beyond: list[int] = []
    for entry in entries:
        run = _run_of(db, lease, entry) or _begin_run(db, person, lease, entry, entries)
        wanted = Stretch(_moment(run, entry.span_start), _moment(run, entry.span_end))
        if wanted.end > clock.now() + _MORE_THAN_DRIFT:
            beyond.append(entry.number)
        viewing = _newest_of(db, run)
        stretch = placing.free(db, lease, viewing.id if viewing else None, wanted)
        if stretch is None:
            continue
        placing.clear(db, person.id, viewing.id if viewing else None, stretch.start)
        if viewing is None or placing.is_interrupted(db, viewing, stretch.end):
            viewing = _open(db, lease, run, stretch)
        viewing.ended_at = max(viewing.ended_at or stretch.end, stretch.end)
        db.flush()
        reports.setdefault(viewing.id, []).append(_report(viewing, entry, stretch))
    if beyond:
        offline_doubts.note(db, person, lease, "longer-than-elapsed", beyond[0], entries=len(beyond))
    progress = None
    for viewing_id, mine in reports.items():
        progress = watchlog.record(db, db.get_one(Viewing, viewing_id), mine)
    return progress


def _run_of(db: Db, lease: Lease, entry: Entry) -> OfflineRun | None:
    return db.scalar(select(OfflineRun).where(OfflineRun.lease_id == lease.id, OfflineRun.run == entry.run))


def _begin_run(db: Db, person: Person, lease: Lease, first: Entry, entries: Sequence[Entry]) -> OfflineRun:
    """Give a run its place on the calendar, by what is known of it when its first entry comes."""
    claimed = datetime.fromtimestamp(first.began / 1000, UTC)
    seconds = max(entry.span_end for entry in entries if entry.run == first.run)
    run = OfflineRun(
        id=uuid4(),
        lease_id=lease.id,
        run=first.run,
        claimed_at=claimed,
        began_at=placing.begin(db, lease, claimed, seconds),
    )
    if abs(run.began_at - claimed) > _CLOCK_MOVED:
        offline_doubts.note(db, person, lease, "clock-moved", first.number, claimed_at=claimed.isoformat())
    db.add(run)
    db.flush()
    return run


def _moment(run: OfflineRun, seconds: float) -> datetime:
    return run.began_at + timedelta(seconds=seconds)


def _newest_of(db: Db, run: OfflineRun) -> Viewing | None:
    mine = select(Viewing).join(OfflineViewing, OfflineViewing.viewing_id == Viewing.id)
    return db.scalar(mine.where(OfflineViewing.run_id == run.id).order_by(Viewing.opened_at.desc()).limit(1))


def _open(db: Db, lease: Lease, run: OfflineRun, stretch: Stretch) -> Viewing:
    recording = db.get_one(Recording, lease.recording_id)
    viewing = Viewing(
        id=uuid4(),
        person_id=lease.person_id,
        recording_id=recording.id,
        policy_version=watchlog.policy_of(db, recording).version,
        opened_at=stretch.start,
        ended_at=stretch.end,
        user_agent=db.get_one(DeviceKey, lease.device_key_id).device,
        covered=[],
    )
    db.add(viewing)
    db.flush()
    db.add(OfflineViewing(viewing_id=viewing.id, run_id=run.id))
    db.flush()
    return viewing


def _report(viewing: Viewing, entry: Entry, stretch: Stretch) -> Report:
    """The entry as a beat of its viewing, of the time that was free for it."""
    start = max(0.0, (stretch.start - viewing.opened_at).total_seconds())
    end = (stretch.end - viewing.opened_at).total_seconds()
    hidden, muted = (min(each, end - start) for each in (entry.hidden_seconds, entry.muted_seconds))
    return Report(entry.number, start, end, entry.played, hidden, muted)
