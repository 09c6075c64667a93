"""The one shape in which importers say what a folder holds: recordings, decks, what lies beside them, what is missing.

An importer never raises for what is missing or of no use: it leaves that out and adds a remark that names it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from archive.models import AttachmentKind
from sessions.errors import Invalid

#: What is kept beside a recording is a list or a text, not a film.
ATTACHMENT_BYTES = 20 * 2**20
DOCUMENTS = frozenset({".pdf", ".pptx", ".ppt", ".odp", ".pps", ".ppsx"})
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp"})


class NothingToImport(Invalid):
    code = "nothing-to-import"
    vi = "“{name}” có dạng của {system}, nhưng không có bản ghi hay trang chiếu nào để lấy. {what_vi}"
    en = "“{name}” has the form of {system}, but there is no recording and no slides to take. {what_en}"


class System(StrEnum):
    BIGBLUEBUTTON = "BigBlueButton"
    ZOOM = "Zoom"
    OPENCAST = "Opencast"


@dataclass(frozen=True)
class Remark:
    """What a person should know of an import: in Vietnamese and in English."""

    vi: str
    en: str


@dataclass(frozen=True)
class Chapter:
    """From `at_seconds` of its recording on, this is what it is about."""

    at_seconds: float
    title: str


@dataclass(frozen=True)
class Shown:
    """From `at_seconds` of its recording on, page `page` (1 for the first) of the deck called `deck` was shown."""

    at_seconds: float
    deck: str
    page: int


@dataclass(frozen=True)
class Recorded:
    """One media file, with what the system tells of it."""

    path: Path
    chapters: tuple[Chapter, ...] = ()
    shown: tuple[Shown, ...] = ()


@dataclass(frozen=True)
class Slides:
    """One deck: a document, or the pictures of its pages in their order. `key` is how `Shown` calls it."""

    key: str
    name: str
    files: tuple[Path, ...]

    @property
    def is_document(self) -> bool:
        return len(self.files) == 1 and self.files[0].suffix.lower() in DOCUMENTS


@dataclass(frozen=True)
class Attached:
    """A small file that is kept beside the recordings; its content, since some are made from what a folder says."""

    kind: AttachmentKind
    name: str
    content: bytes
    #: The file that it is, or was read from.
    path: Path


@dataclass
class Package:
    """All that one folder holds."""

    system: System
    folder: Path
    title: str = ""
    recordings: list[Recorded] = field(default_factory=list)
    decks: list[Slides] = field(default_factory=list)
    attached: list[Attached] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def find(self, name: str) -> Path | None:
        """A file that the folder's own documents name, or nothing and a remark: it may be elsewhere, or be missing."""
        path = self.folder / name.removeprefix("file:")
        try:
            inside, there = path.resolve().is_relative_to(self.folder.resolve()), path.is_file()
        except (OSError, ValueError):  # Longer than any name may be, or with a zero byte in it.
            inside, there = False, False
        if "://" in name or not inside:
            self.remark(f"Bỏ qua “{name}”: nằm ngoài thư mục này.", f"“{name}” is left out: it is outside the folder.")
        elif not there:
            self.remark(f"Thiếu tệp “{name}”.", f"The file “{name}” is missing.")
        else:
            return path
        return None

    def remark(self, vi: str, en: str) -> None:
        if (remark := Remark(vi, en)) not in self.remarks:
            self.remarks.append(remark)

    def leave_out(self, paths: Iterable[Path], vi: str, en: str) -> None:
        """Say which files are not taken, and why."""
        if names := ", ".join(f"“{path.name}”" for path in paths):
            self.remark(f"Không lấy {names}: {vi}", f"Not taken: {names}, {en}")

    def attach(self, kind: AttachmentKind, path: Path, name: str | None = None) -> None:
        """Keep a small file beside the recordings."""
        if path.stat().st_size > ATTACHMENT_BYTES:
            self.leave_out([path], "tệp quá lớn.", "the file is too large.")
        elif content := path.read_bytes():
            self.attached.append(Attached(kind, name or path.name, content, path))

    def demand_something(self) -> None:
        """Raise `NothingToImport` for a folder of which only the form is there."""
        if not self.recordings and not self.decks:
            what = {"what_vi": " ".join(each.vi for each in self.remarks)}
            what |= {"what_en": " ".join(each.en for each in self.remarks)}
            raise NothingToImport(name=self.folder.name, system=self.system.value, **what)


def files_below(folder: Path) -> list[Path]:
    """All files of a folder in the order of their names, without links: those could lead anywhere."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def number_in(path: Path) -> tuple[int, str]:
    """For sorting: the last number in a file's name, so that slide-10 follows slide-9."""
    digits = "".join(char if char.isdigit() else " " for char in path.stem).split()
    return (int(digits[-1]) if digits else 0, path.name)
