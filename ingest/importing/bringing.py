"""Sends what was found at a path through the gate, file by file, and tells of each what became of it."""

import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from archive import attachments
from archive.disk import borrowed_folder, clear_abandoned, sha256_of
from ingest import gate, intake, rulebook, runner, uploads
from ingest.importing.package import Attached, Package, Recorded, Remark, Slides
from ingest.importing.recognising import recognised, unpacked_folder
from ingest.intake import Purpose
from ingest.markings import Certainty, Passage, Source, search
from ingest.models import UploadKind
from sessions import register
from sessions.db import transaction
from sessions.errors import DomainError, Invalid, NotAllowed, NotFound
from sessions.models import ConferenceSession, Person
from sessions.settings import register_settings

_BINDER = Path(__file__).with_name("page_binder.py")
_BINDER_BYTES = 2 * 2**30
_SECONDS_PER_PAGE = 5.0

#: Gets the file's name, and how many bytes of how many are in.
OnProgress = Callable[[str, int, int], None]


class MarkedText(Invalid):
    code = "marked-text"
    vi = "“{kind}” có chỗ có thể là dấu mật (quy tắc “{rule}”), nên không được giữ."
    en = "What may be a marking was found in a file of the kind “{kind}” (rule “{rule}”), so it is not kept."


class TextRefused(Invalid):
    """Nothing of the text, nor of the name that holds it, is told."""

    code = "text-refused"
    vi = "Một tệp loại “{kind}” có dấu hiệu mật (quy tắc “{rule}”) nên bị từ chối; sự việc đã được ghi lại."
    en = "A file of the kind “{kind}” bears a marking (rule “{rule}”), so it is refused; the incident was recorded."


class PagesUnreadable(Invalid):
    code = "pages-unreadable"
    vi = "Không đọc được hình các trang của bộ “{name}”."
    en = "The pictures of the pages of “{name}” cannot be read."


@dataclass(frozen=True)
class Result:
    """What became of one file: its job, or its refusal, or neither for what is kept beside the recordings."""

    name: str
    kind: str
    #: Where its bytes lie, so that whoever owns the place can destroy them if the gate refuses them later.
    paths: tuple[Path, ...]
    job_id: UUID | None = None
    refusal: DomainError | None = None

    @property
    def is_held_already(self) -> bool:
        return isinstance(self.refusal, uploads.AlreadyHeld)

    @property
    def is_refused(self) -> bool:
        return self.refusal is not None and not self.is_held_already


def bring(
    by: Person,
    purpose: Purpose,
    path: Path,
    *,
    kind: UploadKind | None = None,
    with_chat: bool = False,
    on_progress: OnProgress = lambda _name, _done, _of: None,
    on_remark: Callable[[Remark], None] = lambda _remark: None,
) -> Iterator[Result]:
    """Take a file, or all that another system left in a folder or a zip.

    What is wrong with one file is told in its result. Raises what stands in the way of all: `UploadNotAllowed`,
    `SessionUnknown`, `ClassifiedDeclared`, `FolderUnknown`, `MarkupRefused`, `ZipRefused` and `NothingToImport`.
    """
    demand_allowed(by, purpose)
    with recognised(path, with_chat=with_chat) if kind is None else _plain() as package:
        if package is None:
            yield _take(by, purpose, path, kind, on_progress)
            return
        for remark in package.remarks:
            on_remark(remark)
        package.demand_something()
        # Of a zip the parts are gone when this ends: what may have to be destroyed is the zip.
        owns = (lambda _parts: (path,)) if path.is_file() else (lambda parts: parts)
        for result in _take_all(by, purpose, package, on_progress):
            yield replace(result, paths=owns(result.paths))


def sweep() -> None:
    """Destroy what a killed import left unpacked or bound: the gate has not seen it, and nobody owns it."""
    for folder in (unpacked_folder(), _bound_folder()):
        if folder.is_dir():
            clear_abandoned(folder)


def demand_allowed(by: Person, purpose: Purpose) -> ConferenceSession:
    """Raise `SessionUnknown`, `UploadNotAllowed` or `ClassifiedDeclared` while nothing was looked at yet."""
    with transaction() as db:
        session = register.see(db, by, purpose.session_id)
        if not register.may_upload(db, by, session):
            raise uploads.UploadNotAllowed
        if purpose.part_id:
            register.part_of(db, session.id, purpose.part_id)
        if gate.is_classified(purpose.classification):
            gate.record_incident(db, by, f"declared:{purpose.classification}", session=session)
    if gate.is_classified(purpose.classification):
        raise gate.ClassifiedDeclared
    return session


@contextmanager
def _plain() -> Iterator[None]:
    """Somebody said what the file is, so it is not looked at for anything else."""
    yield None


def _take_all(by: Person, purpose: Purpose, package: Package, on_progress: OnProgress) -> Iterator[Result]:
    hashes: dict[str, str] = {}
    with borrowed_folder(_bound_folder()) as folder:
        for deck in package.decks:
            try:
                source = _bound(deck, folder)
            except DomainError as refusal:
                yield Result(deck.name, UploadKind.DECK, deck.files, refusal=refusal)
                continue
            hashes[deck.key] = sha256_of(source)
            taken = _take(by, purpose, source, UploadKind.DECK, on_progress, name=deck.name, brought=_said(package))
            yield replace(taken, paths=deck.files)
    for each in package.recordings:
        brought = _said(package, each, hashes)
        yield _take(by, purpose, each.path, UploadKind.RECORDING, on_progress, brought=brought)
    for attached in package.attached:
        yield _attach(by, purpose, attached)


def _take(
    by: Person,
    purpose: Purpose,
    path: Path,
    kind: UploadKind | None,
    on_progress: OnProgress,
    *,
    name: str | None = None,
    brought: dict[str, Any] | None = None,
) -> Result:
    name = name or path.name
    kind = kind or intake.kind_of(name)
    try:
        job_id = intake.take(
            by,
            purpose,
            path,
            kind=kind,
            name=name,
            brought=brought,
            on_progress=lambda done, of: on_progress(name, done, of),
        )
    except (NotAllowed, NotFound, gate.ClassifiedDeclared):
        raise  # These are about all files, and about who brings them.
    except uploads.AlreadyHeld as refusal:
        return Result(name, kind, (path,), UUID(str(refusal.facts["job_id"])), refusal)
    except DomainError as refusal:
        return Result(name, kind, (path,), refusal=refusal)
    return Result(name, kind, (path,), job_id)


def _said(package: Package, recorded: Recorded | None = None, hashes: dict[str, str] | None = None) -> dict[str, Any]:
    """What is kept with an upload, in the form that `placing` reads: texts in it are searched with the file."""
    said: dict[str, Any] = {"system": package.system.value, "title": package.title}
    if recorded:
        said["chapters"] = [{"at_seconds": each.at_seconds, "title": each.title} for each in recorded.chapters]
        said["shown"] = [
            {"at_seconds": each.at_seconds, "deck_sha256": sha256, "page": each.page}
            for each in recorded.shown
            if (sha256 := (hashes or {}).get(each.deck))
        ]
    return said


def _bound_folder() -> Path:
    return register_settings().data_dir / "bound"


def _bound(deck: Slides, folder: Path) -> Path:
    """A deck as one document: its own, or one bound of its pages' pictures."""
    if deck.is_document:
        return deck.files[0]
    out = folder / f"{hashlib.sha256(deck.key.encode()).hexdigest()}.pdf"
    try:
        runner.run(
            [sys.executable, "-I", str(_BINDER), str(out), *map(str, deck.files)],
            deadline_seconds=60 + _SECONDS_PER_PAGE * len(deck.files),
            memory_bytes=_BINDER_BYTES,
        )
    except runner.ToolFailed as error:
        raise PagesUnreadable(name=deck.name) from error
    return out


def _attach(by: Person, purpose: Purpose, attached: Attached) -> Result:
    """Search a small text at once, with all the rules of the gate, and keep it only when nothing is found."""
    try:
        _demand_clean(by, purpose, attached)
    except DomainError as refusal:
        return Result(attached.kind.value, attached.kind, (attached.path,), refusal=refusal)
    name = uploads.clean_filename(attached.name)
    with transaction() as db:
        attachments.keep(db, by, purpose.session_id, purpose.part_id, attached.kind, name, attached.content)
    return Result(name, attached.kind, (attached.path,))


def _demand_clean(by: Person, purpose: Purpose, attached: Attached) -> None:
    """Raise `RefusedBefore`, `TextRefused` (with an incident that stays) or `MarkedText`."""
    sha256 = hashlib.sha256(attached.content).hexdigest()
    with transaction() as db:
        gate.demand_unknown(db, sha256)
        rules = rulebook.rules(db)
    text = _text_of(attached.content)
    hits = search([Passage(attached.name, Source.NAME), Passage(text, Source.TEXT)], rules)
    if not hits:
        return
    certain = next((hit for hit in hits if hit.certainty is Certainty.CERTAIN), None)
    if certain is None:
        raise MarkedText(kind=attached.kind.value, rule=hits[0].rule)
    with transaction() as db:
        session = register.see(db, by, purpose.session_id)
        gate.record_incident(db, by, f"marking:{certain.rule}", session=session, sha256=sha256)
    raise TextRefused(kind=attached.kind.value, rule=certain.rule)


def _text_of(content: bytes) -> str:
    """The text of a small file: by its byte order mark, as UTF-8, or else in Windows' Vietnamese code page."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1258", errors="replace")
