"""Reads what a recording says in text, for the gate: its tags, the names of its chapters, its captions."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest import binaries, graphs, runner
from ingest.markings import Passage, Source
from ingest.probe import PROBE_DEADLINE_SECONDS, PROBE_MEMORY_BYTES

#: Captions that are text; those of discs and broadcasts are pictures.
TEXT_CODECS = frozenset({"ass", "mov_text", "ssa", "subrip", "text", "webvtt"})
#: Eight hours of captions are a megabyte.
MOST_CHARACTERS = 4_000_000


def passages_of(recording: Path) -> Iterator[Passage]:
    """Every tag as a property, every track of captions as a text. Raises ToolFailed and ToolTimedOut."""
    header = _header_of(recording)
    for holder in (header.get("format", {}), *header.get("streams", []), *header.get("chapters", [])):
        yield from (Passage(str(text), Source.PROPERTY) for text in holder.get("tags", {}).values())
    for track in header.get("streams", []):
        if track.get("codec_name") in TEXT_CODECS:
            yield Passage(_captions_of(recording, track["index"]), Source.TEXT)


def _header_of(recording: Path) -> dict[str, Any]:
    guard = [word for name, value in graphs.GUARDED.items() for word in (f"-{name}", value)]
    wanted = "format_tags:stream=index,codec_name:stream_tags:chapter_tags"
    command = [str(binaries.find().ffprobe), "-v", "error", *guard, "-show_entries", wanted, "-of", "json"]
    header: dict[str, Any] = json.loads(_run([*command, f"file:{recording}"]))
    return header


def _captions_of(recording: Path, index: int) -> str:
    graph = graphs.uploaded(recording)[str(index)].output("pipe:", format="srt")
    return _run(graphs.command_of(graph)).decode(errors="replace")[:MOST_CHARACTERS]


def _run(command: list[str]) -> bytes:
    finished = runner.run(command, deadline_seconds=PROBE_DEADLINE_SECONDS, memory_bytes=PROBE_MEMORY_BYTES)
    return finished.stdout or b""
