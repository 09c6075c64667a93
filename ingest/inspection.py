"""Searches a file for classification markings: what it is called, what it says, and what is seen in it.

Text is certain or doubtful by its rule. What only OCR has seen is never refused by itself: it is sealed, and a person
decides. Nothing here keeps the text that was found.
"""

import logging
import math
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from ingest import captions, documents, frames, ocr, slides
from ingest.frames import Box
from ingest.markings import DEFAULT_RULES, Certainty, Hit, Passage, Rule, Source, search
from ingest.models import InspectionResult, UploadKind
from ingest.probe import MediaFacts
from ingest.runner import ToolFailed, ToolTimedOut
from ingest.tracks import OnProgress, nobody
from ingest.work import part

log = logging.getLogger("ingest.inspection")

#: Pictures of the contact sheet: wide enough to read what is on them, light enough to look through 200.
SHEET_WIDTH, SHEET_QUALITY = 640, 40
#: One takes 1.6 s of processor time, most of it in children of ours.
PICTURES_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Material:
    """A file as it came in, and the words under which it came."""

    source: Path
    kind: UploadKind
    filename: str
    #: Of the conference and its part.
    titles: tuple[str, ...] = ()
    #: What an importer knows of it: names of its folder, titles of its chapters.
    brought: tuple[str, ...] = ()
    #: Of a recording, as `salvage.inspect` gave them.
    facts: MediaFacts | None = None
    #: The file that the facts are about, where that is a mended copy: what is replayed is what is looked at.
    mended: Path | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of the contact sheet: a page of a deck, or what a recording shows at a time."""

    file: Path
    page: int | None = None  # 1 for the first
    at_seconds: float | None = None
    #: What alone is read of it, where the rest was read on another.
    unread_part: Box | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found where; `unread` counts the pictures that nobody has read, for want of Tesseract."""

    hits: tuple[Hit, ...]
    pictures: tuple[Picture, ...] = ()
    unread: int = 0

    @property
    def result(self) -> InspectionResult:
        """What the hits together come to."""
        certain = [hit for hit in self.hits if hit.certainty is Certainty.CERTAIN]
        if any(hit.source is not Source.PICTURE for hit in certain):
            return InspectionResult.REFUSED
        if certain:
            return InspectionResult.SEALED
        return InspectionResult.DOUBTFUL if self.hits else InspectionResult.CLEAN


def inspect(
    material: Material,
    folder: Path,
    rules: Sequence[Rule] = DEFAULT_RULES,
    on_progress: OnProgress = nobody,
    read_until: float = math.inf,
) -> Verdict:
    """Search all of a file; its pictures are written into `folder` and stay the caller's to throw away.

    Pictures are not even drawn once text has refused the file, and those that `read_until` (by `time.monotonic`) leaves
    no time for stay unread. Raises what `documents.passages_of`, `slides.render` and `frames.sample` raise, and what
    `on_progress` raises.
    """
    told = Verdict(tuple(search(said_in(material), rules)))
    on_progress(0.1)
    if told.result is InspectionResult.REFUSED:
        return told
    drawn = _draw(material, folder, part(on_progress, 0.1, 0.4))
    if not ocr.is_available():
        return replace(told, pictures=drawn, unread=len(drawn))
    read = _read(drawn, part(on_progress, 0.4, 1.0), read_until)
    return replace(told, hits=(*told.hits, *search(read, rules)), pictures=drawn, unread=len(drawn) - len(read))


def said_in(material: Material) -> Iterator[Passage]:
    """Everything that a file says in text: its name and titles, then properties, text and notes."""
    yield from (Passage(text, Source.NAME) for text in (material.filename, *material.titles))
    yield from (Passage(text, Source.PROPERTY) for text in material.brought)
    if material.facts is None:
        yield from documents.passages_of(material.source, material.filename)
    else:
        yield from captions.passages_of(material.source)


def shrink(picture: Picture, file: Path) -> tuple[int, int]:
    """Write a picture of the contact sheet as WebP; gives its width and height in pixels."""
    with Image.open(picture.file) as opened:
        small = opened.convert("RGB")
    small.thumbnail((SHEET_WIDTH, 4 * SHEET_WIDTH), Image.Resampling.LANCZOS)
    small.save(file, "WEBP", quality=SHEET_QUALITY, method=4)
    return small.size


def _draw(material: Material, folder: Path, on_progress: OnProgress) -> tuple[Picture, ...]:
    if material.facts is not None:
        sampled = frames.sample(material.mended or material.source, material.facts, folder, on_progress)
        return tuple(Picture(frame.file, at_seconds=frame.at_seconds, unread_part=frame.film) for frame in sampled)
    pages = slides.render(material.source, folder, on_page=lambda done, of: on_progress(done / of))
    return tuple(Picture(page.file, page=page.position) for page in pages)


def _read(pictures: Sequence[Picture], on_progress: OnProgress, until: float) -> list[Passage]:
    """Read some pictures at once, so that a replay does not wait for one core alone."""
    read = []
    with ThreadPoolExecutor(PICTURES_AT_ONCE) as readers:
        waiting = [readers.submit(_read_one, picture, until) for picture in pictures]
        try:
            for done, each in enumerate(waiting):
                on_progress(done / len(pictures))
                read.append(each.result())
        finally:
            readers.shutdown(cancel_futures=True)
    return [passage for passage in read if passage]


def _read_one(picture: Picture, until: float) -> Passage | None:
    """What stands in a picture, or nothing where there was no time, or Tesseract failed on it: then it is unread."""
    if time.monotonic() > until:
        return None
    try:
        lines = tuple(ocr.read_lines(picture.file, picture.unread_part))
    except (ToolFailed, ToolTimedOut):
        log.warning("Tesseract failed on a picture, which counts as unread")
        return None
    text = "\n".join(line.text for line in lines)
    return Passage(text, Source.PICTURE, picture.page, picture.at_seconds, lines)
