"""What the intake would say of one file, without a server: `python -m ingest.examine FILE` tells it as JSON.

It runs in a process of its own, so that a file that kills it, or that it cannot let go of, kills nothing else.
"""

import json
import resource
import sys
import time
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ingest import content, decks, findings, inspection, salvage, speech
from ingest.decks import DeckLocked, NotADeck
from ingest.findings import Finding
from ingest.inspection import Material
from ingest.models import InspectionResult, UploadKind
from ingest.probe import EmptyFile, MediaFacts, NotARecording
from sessions.errors import DomainError, Invalid

#: Pictures that are not read by then stay unread: whoever waits for an answer has two minutes.
READING_SECONDS = 70.0
#: Who is not done by then is asked no longer, which leaves time to say so.
WORKING_SECONDS = 100.0
#: Longer recordings are not looked at and listened to here: an hour of them takes a minute.
LONGEST_LOOKED_AT_SECONDS = 600.0


class Verdict(StrEnum):
    ADMITTED = "admitted"
    HELD = "held"
    REFUSED = "refused"


class UnknownKind(Invalid):
    code = "unknown-kind"
    vi = "Tệp này không phải bản ghi hình, bản ghi âm hay bài trình chiếu đọc được, dù tên tệp là gì."
    en = "This file is neither a recording nor a deck that can be read, whatever its name says."


class OutOfTime(Invalid):
    """The server has no such limit, and would go on."""

    code = "out-of-time"
    vi = "Chưa xem hết tệp trong {seconds:.0f} giây, nên chưa kết luận được. Trong chữ của tệp không thấy dấu mật."
    en = "The file could not be searched to its end within {seconds:.0f} seconds. In its text no marking was found."


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, for programs (`code`) and for people, in Vietnamese and in English."""

    code: str
    text: str
    en: str


@dataclass
class Examined:
    """What is said of one file. `peak_rss_bytes` is that of the largest process which worked on it."""

    path: str
    verdict: Verdict
    reasons: list[Reason]
    kind: UploadKind | None = None
    facts: dict[str, Any] | None = None
    findings: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    peak_rss_bytes: int | None = None


def examine(path: Path) -> Examined:
    """Say what becomes of a file. Whatever it holds, what is raised is a fault of ours."""
    begun = time.monotonic()
    said = Examined(str(path), Verdict.ADMITTED, [])
    try:
        with TemporaryDirectory(prefix="inspect-") as folder:
            _judge(said, path, Path(folder), begun)
    except DeckLocked as locked:
        # The server keeps it until somebody types the password.
        said.verdict, said.kind = Verdict.HELD, UploadKind.DECK
        said.reasons.append(_reason(locked))
    except OutOfTime as undecided:
        said.verdict = Verdict.HELD
        said.reasons.append(_reason(undecided))
    except DomainError as refusal:
        said.verdict = Verdict.REFUSED
        said.reasons.append(_reason(refusal))
    said.seconds = round(time.monotonic() - begun, 2)
    said.peak_rss_bytes = _peak_bytes()
    return said


def _judge(said: Examined, path: Path, folder: Path, begun: float) -> None:
    def watch(_share: float) -> None:
        if time.monotonic() - begun > WORKING_SECONDS:
            raise OutOfTime(seconds=WORKING_SECONDS)

    facts, mended = _open(said, path, folder)
    material = Material(path, said.kind or UploadKind.RECORDING, path.name, facts=facts, mended=mended)
    verdict = inspection.inspect(material, folder, on_progress=watch, read_until=begun + READING_SECONDS)
    if facts is None:
        said.facts = {**(said.facts or {}), "pages": len(verdict.pictures)}
    rules = ", ".join(sorted({hit.rule for hit in verdict.hits}))
    match verdict.result:
        case InspectionResult.REFUSED:
            said.verdict = Verdict.REFUSED
            said.reasons.append(
                Reason(
                    "marked", f"Có dấu hiệu mật trong chữ ({rules}).", f"Marked as classified in its text ({rules})."
                )
            )
        case InspectionResult.SEALED:
            said.verdict = Verdict.HELD
            said.reasons.append(
                Reason(
                    "sealed",
                    f"Trong hình có dấu giống dấu mật ({rules}).",
                    f"A picture shows what may be a stamp ({rules}).",
                )
            )
        case InspectionResult.DOUBTFUL:
            said.verdict = Verdict.HELD
            said.reasons.append(
                Reason("doubtful", f"Có chỗ có thể là dấu mật ({rules}).", f"Something may be a marking ({rules}).")
            )
        case InspectionResult.CLEAN:
            said.reasons.append(Reason("clean", "Đọc được, không thấy dấu mật.", "Readable, and no marking was found."))
    if verdict.unread:
        unread, of = verdict.unread, len(verdict.pictures)
        said.reasons.append(
            Reason(
                "pictures-unread",
                f"{unread}/{of} hình chưa được đọc: người phát hành phải tự xem.",
                f"{unread} of {of} pictures were not read: whoever releases it has to look at them.",
            )
        )


def _open(said: Examined, path: Path, folder: Path) -> tuple[MediaFacts | None, Path | None]:
    """Tell a deck from a recording by its content, and read what a recording holds; gives a mended copy if need be."""
    if path.stat().st_size == 0:
        raise EmptyFile
    try:
        said.facts = {"format": decks.kind_of(path)}
    except NotADeck:
        pass
    else:
        said.kind = UploadKind.DECK
        return None, None
    try:
        salvaged = salvage.inspect(path, folder)
    except NotARecording as neither:
        raise UnknownKind from neither
    said.kind, said.facts = UploadKind.RECORDING, salvaged.facts.to_json()
    source = salvaged.mended or path
    said.findings = [found.to_json() for found in findings.in_order(_findings(source, salvaged.facts))]
    return salvaged.facts, salvaged.mended


def _findings(source: Path, facts: MediaFacts) -> list[Finding]:
    """All that is found without much work: packets always, picture and sound of what is short."""
    found = findings.of_source(facts)
    if facts.duration_seconds <= LONGEST_LOOKED_AT_SECONDS:
        found += findings.of_picture(content.look(source, facts))
        found += findings.of_sound(speech.listen(source, facts)) if facts.audio else []
    return found


def _reason(refusal: DomainError) -> Reason:
    return Reason(refusal.code, refusal.sentence("vi"), refusal.sentence("en"))


def _peak_bytes() -> int:
    used = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(used) * 1024


if __name__ == "__main__":
    json.dump(asdict(examine(Path(sys.argv[1]))), sys.stdout, ensure_ascii=False)
