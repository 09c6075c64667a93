"""Zoom: the folder that its program leaves on a computer, or the files of a cloud recording put into one folder.

Names as seen in the wild: `zoom_0.mp4`, `video1234567.mp4`, `GMT20210321-072630_Recording_1920x1080.mp4`, each with the
same sound once more as m4a; `playback.m3u` lists the parts; chat and transcripts are text beside them.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archive.models import AttachmentKind
from ingest.importing.package import Package, Recorded, System, files_below

_FOLDER = re.compile(r"^(\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d)\s+(.*?)\s*(\d{9,11})?$")
_PICTURE = re.compile(r"^(zoom_\d+.*|video\d+|GMT\d{8}-\d{6}_Recording.*)\.mp4$", re.IGNORECASE)
_SOUND = re.compile(r"^(audio_only.*|audio\d+|GMT\d{8}-\d{6}_Recording.*)\.m4a$", re.IGNORECASE)
#: The same moment seen in another way: everybody as tiles, whoever speaks, slides without people.
_OTHER_VIEW = re.compile(r"_(gallery|as|avo|ss)_\d+x\d+\.mp4$", re.IGNORECASE)
_CHAT = re.compile(r"chat", re.IGNORECASE)
_TRANSCRIPT = re.compile(r"(transcript|\.vtt$|\.cc\.)", re.IGNORECASE)
_ATTENDANCE = re.compile(r"(participants?|attend(ance|ees?)|diem.?danh).*\.csv$", re.IGNORECASE)
_UNCONVERTED = re.compile(r"\.zoom$|^double_click_to_convert", re.IGNORECASE)


def is_one(folder: Path) -> bool:
    """Whether a folder looks like one of Zoom's."""
    names = [path.name for path in folder.iterdir()]
    return "playback.m3u" in names or any(
        pattern.match(name) for pattern in (_PICTURE, _SOUND, _UNCONVERTED) for name in names
    )


def read(folder: Path, *, with_chat: bool = False) -> Package:
    """What a folder of Zoom's holds."""
    package = Package(System.ZOOM, folder, title=_title(folder.name))
    files = files_below(folder)
    pictures = [path for path in files if _PICTURE.match(path.name)]
    views = [path for path in pictures if _OTHER_VIEW.search(path.name) and _has_main_view(path, pictures)]
    sounds = [path for path in files if _SOUND.match(path.name)]
    doubled = [path for path in sounds if any(_same_moment(path, picture) for picture in pictures)]
    taken = [path for path in (*pictures, *sounds) if path not in views and path not in doubled]
    package.recordings += [Recorded(path) for path in taken]
    package.leave_out(views, "là góc nhìn khác của cùng bản ghi.", "another view of the same recording.")
    package.leave_out(doubled, "chỉ là phần tiếng của bản ghi hình đã lấy.", "the sound of a recording that is taken.")
    package.leave_out(
        [path for path in files if _UNCONVERTED.search(path.name)],
        "Zoom chưa chuyển đổi xong; hãy mở tệp này trên máy đã ghi.",
        "Zoom has not converted it yet; open it on the computer that recorded.",
    )
    _attach(package, files, with_chat=with_chat)
    _name_missing(package, files)
    return package


def _title(name: str) -> str:
    found = _FOLDER.match(name)
    return found[2] if found else name


def _has_main_view(view: Path, pictures: list[Path]) -> bool:
    return any(not _OTHER_VIEW.search(path.name) and _moment(path) == _moment(view) for path in pictures)


def _moment(path: Path) -> str:
    """What names of one moment's files have in common: the part's number, or the time."""
    stem = path.stem.lower()
    if cloud := re.match(r"gmt\d{8}-\d{6}", stem):
        return cloud[0]
    if plain := re.fullmatch(r"(?:zoom|audio_only)(?:_(\d+))?", stem):
        return str(int(plain[1] or 0))
    if newer := re.fullmatch(r"(?:video|audio)(\d+)", stem):
        return f"v{newer[1]}"
    return path.stem  # Somebody renamed it; it is nobody's twin.


def _same_moment(sound: Path, picture: Path) -> bool:
    return sound.parent == picture.parent and _moment(sound) == _moment(picture)


def _attach(package: Package, files: list[Path], *, with_chat: bool) -> None:
    chats = []
    for path in files:
        if _ATTENDANCE.search(path.name):
            package.attach(AttachmentKind.ATTENDANCE, path)
        elif path.suffix.lower() in {".txt", ".vtt", ".srt"} and _CHAT.search(path.name):
            chats.append(path)
        elif path.suffix.lower() in {".txt", ".vtt", ".srt"} and _TRANSCRIPT.search(path.name):
            package.attach(AttachmentKind.TRANSCRIPT, path)
    for path in chats if with_chat else ():
        package.attach(AttachmentKind.CHAT, path)
    if not with_chat:
        package.leave_out(chats, "nội dung trò chuyện không được nhập.", "chat is left out.")


def _name_missing(package: Package, files: list[Path]) -> None:
    """Name what the playlist or the cloud's own description tells of and the folder does not hold."""
    here = {path.name for path in files}
    for path in files:
        if path.suffix.lower() == ".m3u":
            lines = path.read_text("utf-8", errors="replace").splitlines()
            for name in (line.strip() for line in lines if line.strip() and not line.startswith("#")):
                package.find(str((path.parent / name).relative_to(package.folder)))
        elif path.suffix.lower() == ".json":
            for told in _told_of(path):
                name = f"{told.get('recording_type')}.{str(told.get('file_type')).lower()}"
                if not any(each.endswith(f".{str(told.get('file_type')).lower()}") for each in here):
                    package.remark(f"Thiếu tệp “{name}” của Zoom Cloud.", f"Zoom Cloud's file “{name}” is missing.")


def _told_of(path: Path) -> Iterator[dict[str, Any]]:
    """The media files that a description by Zoom's cloud names."""
    try:
        said = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return  # Not Zoom's, whatever it is.
    waiting = [said]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            found = each.get("recording_files")
            if isinstance(found, list):
                yield from (one for one in found if isinstance(one, dict) and one.get("file_type") in {"MP4", "M4A"})
            waiting += [value for key, value in each.items() if key != "recording_files"]
        elif isinstance(each, list):
            waiting += each
