"""The watched places: what others lay down there is taken in by itself, through the same gate as every upload.

    CONFERENCE/file, CONFERENCE/PART/file      laid down here; both names end with the id, a title may stand before it
    taken/…                                    in quarantine, until the gate has searched it
    done/CONFERENCE/file                       taken in; with a .txt beside it where something is to be said
    failed/CONFERENCE/file, …/file.txt         not taken, or refused later, and why, in Vietnamese and in English

Whoever sets this up declares the level for all that is laid down there, and counts as its uploader. Whatever is killed
at whatever moment, a file is in exactly one place or is found by its hash: it is neither lost nor taken twice. What the
gate refuses is destroyed here too, and only the reason stays.
"""

import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

from archive.disk import make_folder
from archive.settings import vault_settings
from archive.storage import watched_bucket
from ingest import intake, uploads
from ingest.arrivals import DiskFull, UploadBusy
from ingest.importing import bringing
from ingest.importing.bringing import Result
from ingest.importing.package import Remark
from ingest.intake import Purpose
from ingest.models import Classification, IngestJob, JobState
from ingest.settings import workshop_settings
from ingest.watched_places import DONE, FAILED, TAKEN, Place, WatchedBucket, WatchedFolder, ends_with_id
from sessions.db import transaction
from sessions.errors import Conflict, DomainError, Invalid, Unavailable
from sessions.models import Person
from sessions.names import clean
from sessions.settings import register_settings

log = logging.getLogger("ingest.watching")

_RECORD = "jobs.json"
_UNDECIDED = frozenset({JobState.RECEIVED, JobState.SCANNING, JobState.HELD})
#: What passes by itself: the file stays where it is and is tried again.
_PASSING = (DiskFull, UploadBusy, Unavailable, uploads.TooManyUploads, uploads.HashMismatch)
#: Longest name of what is done or failed: most file systems take 255 bytes, and " (2)" and ".txt" may follow.
_NAME_BYTES = 240
#: Refusals of classified material: its bytes may not stay among what failed, nor its name.
_CLASSIFIED = frozenset({"refused-before", "marked-name", "text-refused"})


class WatchUndeclared(Conflict):
    code = "watch-undeclared"
    vi = "Chưa lấy tệp nào: hãy đặt DIEMCAU_WATCH_BY và DIEMCAU_WATCH_DECLARED=not-classified."
    en = "Nothing is taken yet: set DIEMCAU_WATCH_BY, and DIEMCAU_WATCH_DECLARED=not-classified."


class ConferenceUnnamed(Invalid):
    code = "conference-unnamed"
    vi = "Hãy đặt tệp vào thư mục có tên kết thúc bằng mã hội nghị, và nếu cần thì vào thư mục con của phần hội nghị."
    en = "Put the file into a folder whose name ends with the conference's id, and if need be a part's folder in it."


@dataclass(frozen=True)
class Told:
    """What became of something that was laid down."""

    name: str
    is_failed: bool
    reasons: tuple[Remark, ...] = ()

    def __str__(self) -> str:
        said = "không nhận / failed" if self.is_failed else "đã nhận / taken"
        return f"{said}: {self.name}{''.join(f'{chr(10)}  {each.vi} / {each.en}' for each in self.reasons)}"


@dataclass
class _Record:
    """What is remembered of an item while the gate looks: its jobs, what each is made of, and what was said."""

    name: str
    #: Each job's id and its paths within the item; an empty path is the item itself.
    jobs: dict[str, list[str]] = field(default_factory=dict)
    said: list[Remark] = field(default_factory=list)
    is_failed: bool = False

    def to_bytes(self) -> bytes:
        said = [[each.vi, each.en] for each in self.said]
        kept = {"name": self.name, "jobs": self.jobs, "said": said, "is_failed": self.is_failed}
        return json.dumps(kept).encode()  # In ASCII, since a name on a disk need not be text.

    @classmethod
    def of(cls, content: bytes) -> "_Record":
        kept: dict[str, Any] = json.loads(content)
        return cls(kept["name"], kept["jobs"], [Remark(*each) for each in kept["said"]], kept["is_failed"])


def is_wanted() -> bool:
    """Whether any place is set to be watched."""
    return workshop_settings().watch_dir is not None or bool(vault_settings().watch_s3_bucket)


def watch() -> Iterator[Told]:
    """Take in what is at rest, and clear up what the gate has decided on since.

    Raises `WatchUndeclared` and `PersonUnknown`; what is wrong with one file is told, and written beside it.
    """
    settings = workshop_settings()
    if not is_wanted():
        return
    if not settings.watch_by or not settings.watch_declared:
        raise WatchUndeclared
    with transaction() as db:
        by = intake.person_called(db, clean(settings.watch_by.lower()))
    with _alone() as is_alone:
        for place in _places() if is_alone else ():
            yield from _clear_up(place)
            for name in place.at_rest(settings.watch_rest_seconds):
                yield from _take(place, name, by)


def _places() -> Iterator[Place]:
    if folder := workshop_settings().watch_dir:
        make_folder(folder)
        yield WatchedFolder(folder)
    if bucket := watched_bucket():
        yield WatchedBucket(*bucket, register_settings().data_dir / "lent")


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other process of this machine is at it: a long copy outlasts many ticks of the clock."""
    path = register_settings().data_dir / "watch.lock"
    make_folder(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


def _take(place: Place, name: str, by: Person) -> Iterator[Told]:
    """Bring one item into quarantine and put it aside; what can't be taken now stays where it is."""
    record = _Record(name)
    try:
        with place.lent(name) as path:
            for result in bringing.bring(by, _purpose_of(name), path, on_remark=record.said.append):
                _note(record, result, path)
    except _PASSING as passing:
        log.warning("A watched file is left for later: %s", passing.code)
        return
    except OSError as error:
        log.warning("A watched file cannot be read, and is left where it is: %s", error)
        return
    except DomainError as refusal:
        _refuse(record, refusal)
    if any(record.jobs):
        _put_aside(place, record)
    else:
        yield _end(place, name, record)


def _note(record: _Record, result: Result, item: Path) -> None:
    """Remember what became of one file of an item; raises what passes by itself, to stop there."""
    if isinstance(result.refusal, _PASSING):
        raise result.refusal
    within = ["" if path == item else path.relative_to(item).as_posix() for path in result.paths]
    if result.job_id:
        record.jobs.setdefault(str(result.job_id), []).extend(within)
    if result.is_refused and result.refusal:
        _refuse(record, result.refusal, result.name)
        if result.refusal.code in _CLASSIFIED:
            # Known to be classified: these bytes may not even stay among what failed.
            record.jobs.setdefault("", []).extend(within)
    elif result.refusal:
        record.said.append(Remark(result.refusal.sentence("vi"), result.refusal.sentence("en")))


def _refuse(record: _Record, refusal: DomainError, name: str = "") -> None:
    record.is_failed = True
    is_nameless = not name or record.name.endswith(name) or refusal.code in _CLASSIFIED
    prefix = "" if is_nameless else f"{name}: "
    record.said.append(Remark(prefix + refusal.sentence("vi"), prefix + refusal.sentence("en")))


def _put_aside(place: Place, record: _Record) -> None:
    """Keep the item out of sight until the gate has decided. The record comes first: it alone harms nothing."""
    jobs = sorted(record.jobs)
    folder = f"{TAKEN}/{_digest_of('/'.join([*jobs, record.name]))}"
    target = f"{folder}/{PurePosixPath(record.name).name}"
    if not place.exists(target):  # The same again while the first still waits: it waits too.
        place.write(f"{folder}/{_RECORD}", record.to_bytes())
        place.move(record.name, target)


def _clear_up(place: Place) -> Iterator[Told]:
    """Bring what the gate has decided on to its end; what lost its item in a crash only loses its record."""
    for folder in place.below(TAKEN):
        if not place.exists(f"{folder}/{_RECORD}"):
            continue
        record = _Record.of(place.read(f"{folder}/{_RECORD}"))
        item = f"{folder}/{PurePosixPath(record.name).name}"
        states = _states_of(record)
        if any(state in _UNDECIDED for state, _ in states.values()):
            continue
        for job_id, (state, problem) in states.items():
            if state in {JobState.REFUSED, JobState.FAILED}:
                record.is_failed = True
                record.said.append(Remark(problem.get("vi", ""), problem.get("en", "")))
            if state is JobState.REFUSED:
                record.jobs.setdefault("", []).extend(record.jobs[job_id])
        if place.exists(item):
            yield _end(place, item, record)
        place.destroy(folder)


def _states_of(record: _Record) -> dict[str, tuple[JobState, dict[str, Any]]]:
    with transaction() as db:
        jobs = [(job_id, db.get(IngestJob, UUID(job_id))) for job_id in record.jobs if job_id]
        return {job_id: (job.state, job.problem or {}) for job_id, job in jobs if job}


def _end(place: Place, item: str, record: _Record) -> Told:
    """Destroy what was refused, write the reasons, and only then move the item: its place says that all is done."""
    refused = record.jobs.get("", [])
    for path in refused:
        place.destroy(f"{item}/{path}" if path else item)
    name = record.name
    if "" in refused:  # Of classified material not even the name stays.
        name = str(PurePosixPath(name).with_name(f"tu-choi-{_digest_of(name)[:8]}"))
    target = _free_name(place, f"{FAILED if record.is_failed else DONE}/{name}")
    if record.said:
        lines = [f"{each.vi}\n{each.en}\n" for each in record.said]
        place.write(f"{target}.txt", "\n".join(lines).encode(errors="replace"))
    if place.exists(item):
        place.move(item, target)
    return Told(name, record.is_failed, tuple(record.said))


def _digest_of(name: str) -> str:
    """A short name that belongs to this one, whatever bytes it is made of."""
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:32]


def _free_name(place: Place, name: str) -> str:
    """A name under which nothing lies yet, so that nothing is written over; too long a one is cut before its ending."""
    path = PurePosixPath(name)
    stem = path.stem
    while len(os.fsencode(stem + path.suffix)) > _NAME_BYTES:
        stem = stem[:-1]
    name = str(path := path.with_name(stem + path.suffix))
    numbered = (str(path.with_name(f"{path.stem} ({number}){path.suffix}")) for number in range(2, 10_000))
    return name if not place.exists(name) else next(each for each in numbered if not place.exists(each))


def _purpose_of(name: str) -> Purpose:
    """The conference, and the part if there is one, in whose folder something lies."""
    folders = PurePosixPath(name).parts[:-1]
    if not 1 <= len(folders) <= 2 or not all(map(ends_with_id, folders)):
        raise ConferenceUnnamed
    session_id, part_id = [*(UUID(folder[-36:]) for folder in folders), None][:2]
    assert session_id
    return Purpose(session_id, part_id, Classification.NOT_CLASSIFIED)
