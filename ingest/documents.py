"""Reads what a deck says, for the gate alone: its text, speaker notes and properties, whatever kind of file it is.

Notes and properties are never kept and never searched by members: a speaker wrote them for nobody else. What members
can search is the text that stands on the drawn pages (`slides`).
"""

import json
import sys
from pathlib import Path

from ingest import runner
from ingest.decks import MOST_PAGES, DeckUnreadable, kind_of, refusal_of
from ingest.markings import Passage, Source

PROGRAM = Path(__file__).with_name("deck_words.py")
MEMORY_BYTES = 2 * 2**30
#: A book of 285 pages takes 2 s of processor time.
DEADLINE_SECONDS = 100.0


def passages_of(document: Path, filename: str) -> list[Passage]:
    """What a PDF, PPTX, PPT, ODP or picture file says, its name first; not what can only be seen in its pictures.

    A passage has the page it stands on (1 for the first) unless it is the whole file's, or a hidden slide's. Raises
    what `decks.kind_of` raises, and DeckTooLong.
    """
    command = [sys.executable, "-I", str(PROGRAM), kind_of(document), str(document), str(MOST_PAGES)]
    try:
        done = runner.run(command, deadline_seconds=DEADLINE_SECONDS, memory_bytes=MEMORY_BYTES, offline=True)
    except runner.ToolFailed as error:
        raise DeckUnreadable from error
    told = [json.loads(line) for line in (done.stdout or b"").splitlines()]
    if told and "refused" in told[-1]:
        raise refusal_of(told[-1])
    said = [Passage(each["text"], Source(each["source"]), each["page"]) for each in told]
    return [Passage(filename, Source.NAME), *said]
