"""Takes the picture and the sound of a recording on its media clock, for everything that encodes or looks at them.

ffmpeg is told to leave timestamps alone (`-copyts`) and graphs shift them: by itself it would start each output at the
first packet of the tracks that happen to be used, and sound and picture, encoded apart, would be out of step.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest import graphs, runner
from ingest.probe import MediaFacts

OnProgress = Callable[[float], None]

#: Speech ends below 12 kHz, and half the samples are half the work for every filter and for both encoders.
SAMPLE_RATE = 24_000
#: These find a moment by guessing at bytes and may land behind it, so they are entered a keyframe earlier.
UNINDEXED_CONTAINERS = frozenset({"mpegts", "mpeg"})

MEMORY_BYTES = 4 * 2**30  # Address space; 4K at 10 bits needs about 1 GB of it.
START_UP_SECONDS = 120.0  # Of every deadline: a cold disk, a busy machine.


def sound(source: Path, facts: MediaFacts, track: int = 0, layout: str = "mono") -> Any:
    """Take a sound track at 24 kHz, with silence wherever it holds nothing, to the recording's end.

    `track` is a place in `facts.audio`; `layout` is what its channels are mixed to, "mono" or "stereo".
    """
    return (
        graphs.uploaded(source)[str(facts.audio[track].index)]
        .filter("asetpts", f"PTS-({facts.origin_seconds})/TB")
        # `async` stretches slow drift by up to 1000 samples a second; where 0.1 s or more is amiss, it fills or cuts.
        .filter("aresample", SAMPLE_RATE, **{"async": 1000, "first_pts": 0, "min_hard_comp": 0.1}, **mixed_to(layout))
        .filter("apad", whole_dur=facts.duration_seconds)
        .filter("atrim", end=facts.duration_seconds)
    )


def mixed_to(layout: str) -> dict[str, object]:
    """Options of `aresample` that mix without ever clipping: by itself it adds 3 dB where samples are floats."""
    return {"ochl": layout, "rematrix_maxval": 1}


def picture(
    source: Path,
    facts: MediaFacts,
    fps: float,
    *,
    start_seconds: float = 0.0,
    rounding: str = "near",
    **decoder: object,
) -> Any:
    """Take the picture from `start_seconds` on, at an even frame rate whatever the source does: `decoded`, `evened`."""
    return evened(decoded(source, facts, start_seconds=start_seconds, **decoder), fps, rounding)


def decoded(source: Path, facts: MediaFacts, *, start_seconds: float = 0.0, **decoder: object) -> Any:
    """Decode the picture from the keyframe before `start_seconds` on, which becomes zero on its clock.

    So what was shown last before the start is there too: a slide may have been up for a minute.
    """
    assert facts.video is not None
    start = facts.origin_seconds + start_seconds
    entry = start - (facts.video.keyframe_gap_seconds if facts.container in UNINDEXED_CONTAINERS else 0.0)
    seek = {"ss": entry, "seek_timestamp": 1, "noaccurate_seek": None} if start_seconds and entry > 0 else {}
    # A source that changes size in the middle must not rebuild the graph, which would start counting again.
    picture = graphs.uploaded(source, threads=1, reinit_filter=0, **seek, **decoder)[str(facts.video.index)]
    picture = picture.filter("setpts", f"PTS-({start})/TB")
    return picture.filter("yadif", deint="interlaced") if facts.video.interlaced else picture


def evened(stream: Any, fps: float, rounding: str = "near") -> Any:
    """Give a decoded picture an even frame rate from zero on, with what was shown before on its first frame.

    The last frame stands for ever, so the stream has to be cut. `rounding` says which frame goes where: "near" keeps
    times right on average, "up" shows on each frame what was on the screen at that very time.
    """
    return (
        stream.filter("fps", fps, round=rounding)
        .filter("tpad", stop_mode="clone", stop=-1)
        .filter("trim", start=0)
        .filter("fps", fps, start_time=0)  # A picture that starts late is there from the start, too.
    )


def run(
    graph: Any, media_seconds: float, on_progress: OnProgress | None = None, log_level: str = "error"
) -> runner.Finished:
    """Run a graph for as long as a slow machine may need: 10 times the length of what it makes.

    Raises ToolFailed, ToolTimedOut, and what `on_progress` raises.
    """
    return runner.run(
        # However much of a damaged source fails to decode, what does decode is wanted.
        graphs.command_of(graph.global_args("-copyts", "-max_error_rate", "1"), log_level=log_level),
        media_seconds=media_seconds,
        deadline_seconds=START_UP_SECONDS + 10 * media_seconds,
        on_progress=on_progress,
        memory_bytes=MEMORY_BYTES,
        offline=True,
    )


def nobody(_share: float) -> None:
    """Who listens to progress when nobody asked for it."""
