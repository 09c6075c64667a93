"""Reads pictures with Tesseract, where that is installed: the one place that starts it.

A page is read as it stands; what looks like letters but was not read so (at an angle, faint, coloured, white on red,
in a frame) is turned upright and read in a second go, each row of letters as a line by itself.
"""

import csv
import functools
import io
import shutil
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ingest import runner, stamps
from ingest.frames import Box
from ingest.markings import Line
from ingest.settings import workshop_settings
from sessions.errors import Invalid

DEADLINE_SECONDS = 60.0
MEMORY_BYTES = 2**30
#: More than this is no slide and no frame; it is not even opened.
MOST_PIXELS = 50_000_000
#: Tesseract reads letters of some 30 px best, which text on slides has at this width.
WIDTH, MOST_HEIGHT, MOST_ENLARGED = 1800, 2400, 3.0
#: What Tesseract calls a page of scattered words, and a single line of text.
SCATTERED, ONE_LINE = 11, 7
#: Words that Tesseract is less sure of, of 100, are mostly not words.
LEAST_SURE, LEAST_SURE_OF_STAMPS = 30.0, 25.0
#: What was read this surely needs no second reading.
WELL_READ = 60.0
#: Words of a line further apart than this, in heights, stand in columns of their own.
COLUMN_GAP = 2.0
#: So do words whose heights differ more; signs like a dash are low, and are no words.
MOST_TALLER, WHOLE_WORD = 2.2, 2

Gray = NDArray[np.uint8]


class PictureTooLarge(Invalid):
    code = "picture-too-large"
    vi = "Hình có {pixels} điểm ảnh, quá mức {most}, nên không đọc được."
    en = "The picture has {pixels} pixels, over the limit of {most}, and cannot be read."


class PictureUnreadable(Invalid):
    code = "picture-unreadable"
    vi = "Tệp hình này bị hỏng hoặc không phải là hình."
    en = "This picture is damaged, or is no picture."


class NoTesseract(Invalid):
    code = "no-tesseract"
    vi = "Máy chủ chưa cài Tesseract nên hình chưa được đọc."
    en = "Tesseract is not installed here, so pictures are not read."


@dataclass(frozen=True, slots=True)
class _Word:
    """A word in a picture, in pixels; `row` is what Tesseract holds for its line."""

    text: str
    sure: float
    picture: int  # 1 for the first
    row: tuple[str, ...]
    left: int
    top: int
    width: int
    height: int


def is_available() -> bool:
    """Tell whether pictures can be read on this machine, and shall be; where not, they count as unread."""
    return workshop_settings().read_pictures and shutil.which("tesseract") is not None


def read_lines(
    picture: Path,
    part: Box | None = None,
    *,
    deadline_seconds: float = DEADLINE_SECONDS,
    on_progress: Callable[[float], None] | None = None,
) -> list[Line]:
    """Read the lines of a picture, or of a part of it, stamps at an angle too. Empty when nothing is written there.

    Raises NoTesseract, PictureTooLarge, PictureUnreadable, ToolFailed, ToolTimedOut, and what `on_progress` raises.
    """
    opened = _open(picture)
    with TemporaryDirectory() as name:
        folder = Path(name)
        page = _cut(_sized(opened), part)
        words = _words_in([stamps.gray_of(page)], SCATTERED, folder, deadline_seconds, on_progress)
        lines = _lines_of([word for word in words if word.sure >= LEAST_SURE], page.shape[1], page.shape[0])
        read = [(word.left, word.top, word.width, word.height) for word in words if word.sure >= WELL_READ]
        found = stamps.find(page, read)
        if found:
            lines += _read_stamps(found, page, folder, deadline_seconds, on_progress)
    return [_placed(line, part) for line in lines] if part else lines


def read_text(picture: Path) -> str | None:
    """Read a page's running text, for searching; None where Tesseract is missing or cannot read the page."""
    if not is_available():
        return None
    try:
        done = runner.run(_command(picture, 3), deadline_seconds=DEADLINE_SECONDS, memory_bytes=MEMORY_BYTES)
    except (runner.ToolFailed, runner.ToolTimedOut):
        return None
    return (done.stdout or b"").decode("utf-8", errors="replace").strip()


def _open(picture: Path) -> Image.Image:
    try:
        with Image.open(picture) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureTooLarge(pixels=opened.width * opened.height, most=MOST_PIXELS)
            return ImageOps.exif_transpose(opened).convert("RGB")
    except Image.DecompressionBombError as error:
        raise PictureTooLarge(pixels="?", most=MOST_PIXELS) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureUnreadable from error


def _sized(picture: Image.Image) -> NDArray[np.uint8]:
    scale = min(WIDTH / picture.width, MOST_HEIGHT / picture.height, MOST_ENLARGED)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC))


def _cut(page: NDArray[np.uint8], part: Box | None) -> NDArray[np.uint8]:
    """Take a part of a page, which keeps the size of its letters."""
    if part is None:
        return page
    left, top, width, height = part
    rows = slice(round(top * page.shape[0]), round((top + height) * page.shape[0]))
    columns = slice(round(left * page.shape[1]), round((left + width) * page.shape[1]))
    return np.ascontiguousarray(page[rows, columns])


def _placed(line: Line, part: Box) -> Line:
    """Say where on the whole picture a line of its part stands."""
    left, top, width, height = part
    return replace(
        line,
        left=left + line.left * width,
        top=top + line.top * height,
        width=line.width * width,
        height=line.height * height,
    )


def _read_stamps(
    found: Sequence[stamps.Stamp],
    page: NDArray[np.uint8],
    folder: Path,
    deadline_seconds: float,
    on_progress: Callable[[float], None] | None,
) -> list[Line]:
    """Read what stands on each strip, and say where on the page it was."""
    words = _words_in([stamp.strip for stamp in found], ONE_LINE, folder, deadline_seconds, on_progress)
    height, width = page.shape[:2]
    lines = []
    for number, stamp in enumerate(found, 1):
        here = [word.text for word in words if word.picture == number and word.sure >= LEAST_SURE_OF_STAMPS]
        if here:
            left, top, across, down = stamp.box
            place = left / width, top / height, across / width, down / height
            lines.append(Line(" ".join(here), *place, is_apart=True))
    return lines


def _words_in(
    pictures: Sequence[Gray],
    layout: int,
    folder: Path,
    deadline_seconds: float,
    on_progress: Callable[[float], None] | None,
) -> list[_Word]:
    """Have Tesseract read some pictures in one run, which costs less than its start for each."""
    files = [folder / f"{number}.png" for number in range(len(pictures))]
    for picture, file in zip(pictures, files, strict=True):
        Image.fromarray(picture).save(file, compress_level=1)
    listed = folder / "pictures.txt"
    listed.write_text("".join(f"{file}\n" for file in files))
    done = runner.run(
        [*_command(listed, layout), "tsv"],
        deadline_seconds=deadline_seconds,
        on_progress=on_progress,
        memory_bytes=MEMORY_BYTES,
    )
    table = csv.reader(
        io.StringIO((done.stdout or b"").decode("utf-8", errors="replace")), "excel-tab", quoting=csv.QUOTE_NONE
    )
    next(table, None)
    return [
        _Word(row[11].strip(), float(row[10]), int(row[1]), tuple(row[1:5]), *map(int, row[6:10]))
        for row in table
        if len(row) == 12 and row[11].strip()
    ]


def _command(picture: Path, layout: int) -> list[str]:
    """Tesseract on one thread: with more it spends most of its time waiting for itself."""
    env, program = shutil.which("env"), shutil.which("tesseract")
    if env is None or program is None:
        raise NoTesseract
    return [env, "OMP_THREAD_LIMIT=1", program, str(picture), "stdout", "-l", _language(program), "--psm", str(layout)]


@functools.cache
def _language(program: str) -> str:
    """Vietnamese where it is installed, which reads English letters as well; else English."""
    said = runner.run([program, "--list-langs"], deadline_seconds=DEADLINE_SECONDS).stdout or b""
    return "vie" if b"vie" in said.split() else "eng"


def _lines_of(words: Sequence[_Word], width: int, height: int) -> list[Line]:
    """Join words into lines, which end at wide gaps and where letters of another size begin."""
    rows = defaultdict(list)
    for word in words:
        rows[word.row].append(word)
    lines = []
    for row in rows.values():
        pieces = [[row[0]]]
        for word in row[1:]:
            last = pieces[-1][-1]
            gap, tallest = word.left - last.left - last.width, max(word.height, last.height)
            if gap > COLUMN_GAP * tallest or _is_of_another_size(word, last):
                pieces.append([word])
            else:
                pieces[-1].append(word)
        lines += [_line_of(piece, width, height) for piece in pieces]
    return lines


def _is_of_another_size(one: _Word, other: _Word) -> bool:
    """Whether words stand in letters so different that they were not written together, as a stamp over a text."""
    least, most = sorted((one.height, other.height))
    return most > MOST_TALLER * least and min(len(one.text), len(other.text)) >= WHOLE_WORD


def _line_of(words: Sequence[_Word], width: int, height: int) -> Line:
    left, top = min(word.left for word in words), min(word.top for word in words)
    right, bottom = max(word.left + word.width for word in words), max(word.top + word.height for word in words)
    text = " ".join(word.text for word in words)
    return Line(text, left / width, top / height, (right - left) / width, (bottom - top) / height)
