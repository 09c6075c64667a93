"""Packages encoded chunks, speech and the recording's own picture as HLS in fragmented MP4, each track on its own.

ffmpeg's concat and hls muxers do it with `-c copy`. B-frames make a decoder run ahead of what it shows by two frames,
0.4 s at 5 frames a second, and the muxer would start the picture that much later than the sound.
`negative_cts_offsets` lets frames be shown from 0.0 without an edit list, which players treat differently.
"""

import shutil
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import ffmpeg

from archive import playlists
from archive.playlists import FRAMES_PLAYLIST, MEDIA_PLAYLIST, Stream, StreamKind
from ingest import boxes, graphs, runner
from ingest.decoding import COPYING_SECONDS, MEMORY_BYTES
from ingest.files import landing
from ingest.ladder import LONGEST_SEGMENT_SECONDS, SpeechRung, VideoRung
from ingest.probe import MediaFacts
from ingest.tracks import OnProgress, nobody

INIT = "init.mp4"
#: Keyframes of encoded rungs stand where segments are to begin, so that each begins one.
EVERY_KEYFRAME_SECONDS = 0.1
#: Half a minute of 12-s segments would have to be fetched before the sound starts beside a short first picture.
SOUND_SEGMENT_SECONDS = 6.0
#: Opus in MP4, 4.3.2: after its name `dOps` holds a version, the channels, the pre-skip, and the original's rate.
OPUS_RATE, OPUS_RATE_OFFSET = 48_000, 8
#: A recording's own keyframes are often 2 s apart, and each segment costs a request.
COPIED_SEGMENT_SECONDS = 6.0


def cut_picture(
    chunks: Sequence[Path], folder: Path, rung: VideoRung, pulse: OnProgress | None = None, *, seeking: bool = False
) -> Stream:
    """Stitch encoded chunks, in order, to one stream in `folder`, a segment for every keyframe.

    With `seeking` it gets a playlist of its keyframes too, for pictures while seeking. What lay in `folder` before is
    replaced. Raises ToolFailed, ToolTimedOut, and what `pulse` raises.
    """
    with _listed(chunks) as listing:
        picture = ffmpeg.input(listing, format="concat", safe=0, protocol_whitelist="file")
        # Decoding starts before zero by the B-frame delay, which is no fault to be put right by shifting everything.
        _cut(
            picture,
            folder,
            EVERY_KEYFRAME_SECONDS,
            pulse,
            hls_segment_options="movflags=+negative_cts_offsets:use_editlist=0",
            avoid_negative_ts="disabled",
        )
    return _picture_stream(folder, rung, seeking)


def cut_sound(speech: Path, folder: Path, rung: SpeechRung, pulse: OnProgress | None = None) -> Stream:
    """Cut encoded speech to one stream in `folder`. Raises as `cut_picture` does."""
    sound = ffmpeg.input(f"file:{speech}", protocol_whitelist="file")
    _cut(sound, folder, SOUND_SEGMENT_SECONDS, pulse, hls_segment_options="use_editlist=0")
    _level_opus_rate(folder / INIT)
    return _stream(folder, rung.name, StreamKind.SOUND)


def _level_opus_rate(init: Path) -> None:
    """Let Opus name 48 kHz, its only rate, also as the rate of the sound that it was made of.

    No decoder heeds that field (RFC 7845, 5.1), but Chromium refuses MP4 where it differs from the track's own rate,
    and speech is encoded from less.
    """
    data = bytearray(init.read_bytes())
    place = data.find(b"dOps")
    if place >= 0:
        struct.pack_into(">I", data, place + OPUS_RATE_OFFSET, OPUS_RATE)
        init.write_bytes(data)


def copy_picture(
    source: Path,
    facts: MediaFacts,
    folder: Path,
    rung: VideoRung,
    pulse: OnProgress | None = None,
    *,
    seeking: bool = False,
) -> Stream:
    """Cut the recording's own H.264 at its keyframes to one stream in `folder`, on the media clock.

    Segments last about 6 s, and at most 12. A picture that starts late starts late. `seeking` and what
    it raises are as in `cut_picture`.
    """
    assert facts.video is not None
    # AVI has no times of its own: ffmpeg makes some up (genpts), later than true by the delay of B-frames, so there the
    # first frame is put at zero. Elsewhere the first fragment says when it begins (frag_discont).
    begins = "" if facts.container == "avi" else "+frag_discont"
    picture = graphs.uploaded(source, itsoffset=-facts.origin_seconds, fflags="+genpts")[str(facts.video.index)]
    room = LONGEST_SEGMENT_SECONDS - facts.video.keyframe_gap_seconds
    _cut(
        picture,
        folder,
        max(EVERY_KEYFRAME_SECONDS, min(COPIED_SEGMENT_SECONDS, room)),
        pulse,
        hls_segment_options=f"movflags=+negative_cts_offsets{begins}:use_editlist=0",
        avoid_negative_ts="disabled",
    )
    return _picture_stream(folder, rung, seeking)


def write_download(chunks: Sequence[Path], speech: Path | None, out: Path, pulse: OnProgress | None = None) -> Path:
    """Stitch chunks and AAC speech to one plain MP4 that starts playing while it is still being fetched."""
    with _listed(chunks) as listing:
        return _join(ffmpeg.input(listing, format="concat", safe=0, protocol_whitelist="file"), speech, out, pulse)


def write_copied_download(
    source: Path, facts: MediaFacts, speech: Path | None, out: Path, pulse: OnProgress | None = None
) -> Path:
    """Put the recording's own picture beside AAC speech in one plain MP4, on the media clock."""
    assert facts.video is not None
    recording = graphs.uploaded(source, itsoffset=-facts.origin_seconds, fflags="+genpts")
    return _join(recording[str(facts.video.index)], speech, out, pulse)


def write_renewed_download(download: Path, speech: Path, out: Path, pulse: OnProgress | None = None) -> Path:
    """Put other AAC speech beside the picture of such a file."""
    return _join(ffmpeg.input(f"file:{download}", protocol_whitelist="file")["v"], speech, out, pulse)


def _join(picture: Any, speech: Path | None, out: Path, pulse: OnProgress | None) -> Path:
    inputs = [picture, *([ffmpeg.input(f"file:{speech}", protocol_whitelist="file")] if speech else [])]
    plain = {"format": "mp4", "c": "copy", "movflags": "+faststart", "map_metadata": -1, "map_chapters": -1}
    with landing(out) as partial:
        joined = ffmpeg.output(*inputs, str(partial), **plain, **{"fflags": "+bitexact"})
        _run(joined.global_args("-copyts"), pulse)
    return out


@contextmanager
def _listed(chunks: Sequence[Path]) -> Iterator[str]:
    """Write a list for ffmpeg's concat demuxer, in which a quote ends the quoting."""
    with NamedTemporaryFile("w", suffix=".ffconcat", encoding="utf-8") as listing:
        listing.writelines("file '{}'\n".format(str(chunk.absolute()).replace("'", r"'\''")) for chunk in chunks)
        listing.flush()
        yield listing.name


def _cut(stream: Any, folder: Path, seconds: float, pulse: OnProgress | None, **options: str) -> None:
    """Copy a stream into segments of at least `seconds` in a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    graph = stream.output(
        str(folder / MEDIA_PLAYLIST),
        format="hls",
        c="copy",
        hls_time=seconds,
        hls_playlist_type="vod",
        hls_flags="independent_segments",
        hls_segment_type="fmp4",
        hls_fmp4_init_filename=INIT,
        hls_segment_filename=str(folder / "%05d.m4s"),
        map_metadata=-1,
        **{"fflags": "+bitexact"},
        **options,
    )
    _run(graph.global_args("-copyts"), pulse)


def _run(graph: Any, pulse: OnProgress | None) -> None:
    beat = pulse or nobody
    runner.run(
        graphs.command_of(graph),
        deadline_seconds=COPYING_SECONDS,
        on_progress=lambda _: beat(0.0),
        memory_bytes=MEMORY_BYTES,
    )
    beat(1.0)


def _picture_stream(folder: Path, rung: VideoRung, seeking: bool) -> Stream:
    stream = _stream(folder, rung.name, StreamKind.VIDEO)
    shown = replace(stream, width=rung.width, height=rung.height, frame_rate=float(rung.fps), sound=rung.sound.name)
    return _with_frames(folder, shown) if seeking else shown


def _stream(folder: Path, name: str, kind: StreamKind) -> Stream:
    """Describe what lies packaged in a folder."""
    media = playlists.read((folder / MEDIA_PLAYLIST).read_text(encoding="utf-8"))
    weights = [(piece.seconds, (folder / piece.name).stat().st_size) for piece in media.pieces]
    files = sorted(file.name for file in folder.iterdir())
    return Stream(
        name=name,
        kind=kind,
        codecs=boxes.read_track(folder / INIT).codec,
        bit_rate=round(sum(size for _, size in weights) * 8 / sum(seconds for seconds, _ in weights)),
        peak_bit_rate=playlists.peak_bit_rate(weights, media.target_seconds),
        target_seconds=media.target_seconds,
        bytes=sum((folder / file).stat().st_size for file in files),
        files=tuple(files),
    )


def _with_frames(folder: Path, stream: Stream) -> Stream:
    """Add a playlist of the keyframes, which are found by their bytes within the segments."""
    track = boxes.read_track(folder / INIT)
    frames = []
    for piece in playlists.read((folder / MEDIA_PLAYLIST).read_text(encoding="utf-8")).pieces:
        found = boxes.read_fragment(folder / piece.name, track)
        frames.append(replace(piece, span=(found.entry_bytes, found.entry_offset)))
    listing = folder / FRAMES_PLAYLIST
    listing.write_text(playlists.media(frames, init=INIT, frames_only=True), encoding="utf-8")
    return replace(
        stream,
        frames_bit_rate=round(max(piece.span[0] * 8 / piece.seconds for piece in frames if piece.span)),
        bytes=stream.bytes + listing.stat().st_size,
        files=tuple(sorted((*stream.files, listing.name))),
    )
