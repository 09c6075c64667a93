"""Chunks as the workshop's encoders leave them, and what a viewer would see and hear of a packaged stream."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from PIL import Image, ImageSequence

from ingest import boxes, coding, hls, ladder, speech
from ingest.ladder import AAC, OPUS, Codec
from tests import media

#: The rungs of the ladder at a size that costs nothing to encode.
RUNGS = {rung.name: replace(rung, width=160, height=90) for rung in ladder.RUNGS}
COPY = replace(RUNGS["a720"], name="copy", codec=Codec.COPY, fps=25)
SOUNDS = {rung.name: rung for rung in (AAC, OPUS)}


def encode(source, folder, rung, keyframes, bounds):
    """Encode a source between each two of `bounds` to a file of its own, with keyframes just where they are asked."""
    files = []
    for start, end in pairwise(bounds):
        frames = round((end - start) * rung.fps)
        forced = ",".join(f"{at - start:.3f}" for at in keyframes if start <= at < end)
        chain = f"fps={rung.fps}:start_time=0,scale={rung.width}:{rung.height},tpad=stop_mode=clone:stop=-1"
        files.append(folder / f"{rung.name}-{len(files)}.mp4")
        media.ffmpeg(
            *("-ss", start, "-i", source, "-an", "-vf", f"{chain},trim=end_frame={frames}"),
            *(word for name, value in coding.options(rung).items() for word in (f"-{name}", value)),
            *("-pix_fmt", "yuv420p", "-force_key_frames", forced),
            *("-fflags", "+bitexact", files[-1]),
        )
    return files


def package(source, facts, folder, keyframes, bounds, rungs=("a360", "v360", "v480")):
    """Package these rungs of a source, and its sound in both forms. Gives the streams by name."""
    made = {}
    for name in rungs:
        files = encode(source, folder, RUNGS[name], keyframes, bounds)
        made[name] = hls.cut_picture(files, folder / name, RUNGS[name], seeking=name == "v360")
    for each in speech.encode_speech(source, facts, folder):
        made[each.name] = hls.cut_sound(each.path, folder / each.name, SOUNDS[each.name])
    return made


def fragments(folder):
    """Read all segments of a stream, in order."""
    track = boxes.read_track(folder / hls.INIT)
    return [boxes.read_fragment(file, track) for file in sorted(folder.glob("*.m4s"))]


def flashes(folder):
    """Tell at which seconds the picture turns from dark to light, by the clock of the segments."""
    light, parts = _light(folder), fragments(folder)
    shown = np.linspace(parts[0].begins, parts[-1].ends, len(light), endpoint=False)
    assert len(light) == sum(part.frames for part in parts)
    return shown[1:][np.diff((light > 128).astype(int)) == 1]


def _light(folder):
    """Give the mean luma of every frame, decoded from the segments alone."""
    joined, decoded = folder.parent / "joined.mp4", folder.parent / "decoded"
    joined.write_bytes(b"".join(part.read_bytes() for part in [folder / hls.INIT, *sorted(folder.glob("*.m4s"))]))
    if boxes.read_track(joined).codec.startswith("av01"):
        media.ffmpeg("-i", joined, "-c", "copy", "-f", "avif", decoded)
        with Image.open(decoded) as film:
            return np.array([np.asarray(each.convert("L")).mean() for each in ImageSequence.Iterator(film)])
    how = ("-fps_mode", "passthrough", "-vf", "scale=1:1:flags=area,format=gray", "-f", "rawvideo")
    media.ffmpeg("-i", joined, *how, decoded)
    return np.frombuffer(decoded.read_bytes(), np.uint8)
