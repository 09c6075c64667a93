"""What a path is, by what is in it rather than by how it is called: a recording of another system's, or just a file."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.disk import borrowed_folder
from ingest.importing import bigbluebutton, markup, opencast, unpacking, zoom
from ingest.importing.package import Package
from sessions.errors import Invalid
from sessions.settings import register_settings

#: Office documents are zips too, and say so at their first entry.
_OFFICE = {"[Content_Types].xml", "mimetype"}


class FolderUnknown(Invalid):
    code = "folder-unknown"
    vi = "Thư mục “{name}” không phải của BigBlueButton, Zoom hay Opencast. Hãy chỉ rõ từng tệp."
    en = "The folder “{name}” is none of BigBlueButton's, Zoom's or Opencast's. Name the files one by one."


@contextmanager
def recognised(path: Path, *, with_chat: bool = False) -> Iterator[Package | None]:
    """What another system left at this path; nothing when it is a plain file.

    A zip is unpacked for as long as the block runs. Raises `FolderUnknown`, `MarkupRefused` and `ZipRefused`.
    """
    if path.is_dir():
        yield _demanded(path, path, with_chat=with_chat)
    elif path.suffix.lower() == ".xml" and path.is_file():
        yield _of_document(path, with_chat=with_chat)
    elif path.is_file() and _is_plain_zip(path):
        with borrowed_folder(unpacked_folder()) as folder:
            unpacking.unpack(path, folder)
            yield _demanded(path, folder, with_chat=with_chat)
    else:
        yield None


def unpacked_folder() -> Path:
    """Where zips are unpacked; what a killed process left there is nobody's."""
    return register_settings().data_dir / "unpacked"


def _demanded(named: Path, folder: Path, *, with_chat: bool) -> Package:
    """What a folder is, or the only folder in it: a zip often holds one that has its name."""
    while (found := _of_folder(folder, with_chat=with_chat)) is None:
        inner = [each for each in folder.iterdir() if not each.name.startswith((".", "__"))]
        if len(inner) != 1 or not inner[0].is_dir() or inner[0].is_symlink():
            raise FolderUnknown(name=named.name)
        folder = inner[0]
    found.title = found.title or named.stem
    return found


def _of_folder(folder: Path, *, with_chat: bool) -> Package | None:
    if manifest := opencast.find_manifest(folder):
        return opencast.read(manifest)
    if bigbluebutton.is_one(folder):
        return bigbluebutton.read(folder, with_chat=with_chat)
    if zoom.is_one(folder):
        return zoom.read(folder, with_chat=with_chat)
    return None


def _of_document(path: Path, *, with_chat: bool) -> Package | None:
    """What the folder around an XML file is, when somebody named the file instead."""
    if next(markup.children_of(path)).tag == "mediapackage":
        return opencast.read(path)
    return _demanded(path.parent, path.parent, with_chat=with_chat)


def _is_plain_zip(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as opened:
            names = opened.namelist()
    except (zipfile.BadZipFile, NotImplementedError):
        return path.suffix.lower() == ".zip"  # `unpack` will say what is wrong with it.
    return not (names and names[0] in _OFFICE)
