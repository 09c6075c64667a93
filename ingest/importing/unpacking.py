"""Zips from elsewhere, unpacked without trust: no name leads out of the folder, no few bytes become a full disk."""

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from ingest import quarantine
from ingest.settings import workshop_settings
from sessions.errors import Invalid

#: A published recording of a long meeting has some thousand small pictures.
MOST_FILES = 20_000
#: Films and pictures don't shrink in a zip; what grows so much beyond this size was made to fill a disk.
_BOMB_RATIO, _HARMLESS_BYTES = 100, 64 * 2**20
_PIECE_BYTES = 2**20


class ZipRefused(Invalid):
    code = "zip-refused"
    vi = "Tệp nén “{name}” không được mở: {why_vi}."
    en = "The zip “{name}” is not opened: {why_en}."


def unpack(archive: Path, folder: Path) -> None:
    """Write what a zip holds into an empty folder. Raises `ZipRefused`, and then nothing of it may be used."""
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [each for each in opened.infolist() if not each.is_dir()]
            _demand_harmless(archive, entries)
            for entry in entries:
                _write(archive, opened, entry, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        # The last three: a coding that Python lacks, a password, a name that this disk can't hold.
        raise _refusal(archive, "tệp hỏng, có mật khẩu hoặc nén kiểu lạ", "damaged, locked or oddly packed") from error


def _demand_harmless(archive: Path, entries: list[zipfile.ZipInfo]) -> None:
    """Judge a zip by its own table of contents; that it keeps to it is seen to while it is unpacked."""
    size = sum(entry.file_size for entry in entries)
    packed = archive.stat().st_size
    if len(entries) > MOST_FILES:
        raise _refusal(archive, f"có hơn {MOST_FILES} tệp", f"it holds more than {MOST_FILES} files")
    if size > _HARMLESS_BYTES and size > packed * _BOMB_RATIO:
        raise _refusal(archive, "nở ra quá lớn", "it would swell beyond all measure")
    if size > min(quarantine.free_bytes(), 4 * workshop_settings().upload_max_bytes):
        raise _refusal(archive, "máy chủ không đủ chỗ", "the server has no room for it")
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in name.parts[0] or "\0" in entry.filename:
            raise _refusal(archive, "có tên tệp dẫn ra ngoài", "a file name in it leads out of the folder")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise _refusal(archive, "có liên kết tệp", "it holds a link")


def _write(archive: Path, opened: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    path = folder / entry.filename.replace("\\", "/")
    path.parent.mkdir(parents=True, exist_ok=True)
    left = entry.file_size
    with opened.open(entry) as source, path.open("xb") as file:
        while piece := source.read(min(_PIECE_BYTES, left + 1)):
            left -= len(piece)
            if left < 0:
                raise _refusal(archive, "nở ra quá lớn", "it would swell beyond all measure")
            file.write(piece)


def _refusal(archive: Path, vi: str, en: str) -> ZipRefused:
    return ZipRefused(name=archive.name, why_vi=vi, why_en=en)
