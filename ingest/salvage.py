"""Makes the most of a recording that is damaged: what can be decoded of it is used, at the times where it belongs.

Most damage needs no help, because ffmpeg reads on behind it and everything that encodes stands silence or the last
picture in its place. What needs help is a clock that starts anew on the way, as when a camera was switched off and on
again or two files were joined: what lies behind it would be played over what lies before.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import ffmpeg

from ingest import graphs, packets, probe, runner, tracks
from ingest.files import landing
from ingest.probe import MediaFacts
from ingest.tracks import OnProgress

MENDED = "mended.mkv"


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A recording as it can be worked on: its facts, and the file that they are about, where that is a copy."""

    facts: MediaFacts
    mended: Path | None = None


def inspect(source: Path, folder: Path, on_progress: OnProgress | None = None) -> Salvaged:
    """Read a recording's facts, and write a mended copy of it into `folder` where it needs one.

    The copy holds the packets of the original, so it costs as much disk and hardly any time. Raises what
    `probe.inspect` raises, ToolFailed where even the packets cannot be copied, and what `on_progress` raises.
    """
    facts = probe.inspect(source)
    if not facts.restarted:
        return Salvaged(facts)
    mended = mend(source, facts, folder / MENDED, on_progress)
    after = probe.inspect(mended)
    return Salvaged(replace(after, size_bytes=facts.size_bytes), mended)


def mend(source: Path, facts: MediaFacts, out: Path, on_progress: OnProgress | None = None) -> Path:
    """Copy the picture and the sound of a recording into a file whose clock runs through.

    Unlike everywhere else ffmpeg may change timestamps here: where they jump, it lets them go on from where they were.
    """
    recording = graphs.uploaded(source, fflags="+genpts")
    indices = [*([facts.video.index] if facts.video else []), *(track.index for track in facts.audio)]
    with landing(out) as partial:
        graph = ffmpeg.output(*(recording[str(index)] for index in indices), str(partial), format="matroska", c="copy")
        runner.run(
            graphs.command_of(graph),
            deadline_seconds=packets.deadline(source),
            on_progress=on_progress,
            memory_bytes=tracks.MEMORY_BYTES,
            offline=True,
        )
    return out
