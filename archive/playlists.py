"""Writes and reads the playlists of HLS (RFC 8216), for players that fetch a replay in pieces.

A media playlist is kept with its segments. The master playlist is written each time it is asked for, from the streams
that are complete by then, so a rung that comes later appears by itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

MEDIA_TYPE = "application/vnd.apple.mpegurl"
#: What each stream's own playlists are called, below the folder of its name.
MEDIA_PLAYLIST, FRAMES_PLAYLIST = "index.m3u8", "frames.m3u8"
#: fMP4 asks for 7 (RFC 8216, section 7, and its EXT-X-MAP outside I-frame playlists for 6).
VERSION = 7
#: The coding that every browser plays, by how its names begin.
_PLAYS_EVERYWHERE = ("avc1", "mp4a")
_SOUND_LABEL = "Âm thanh"


class StreamKind(StrEnum):
    VIDEO = "video"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class Stream:
    """One track of a replay, packaged on its own. Rates are this track's alone, in bits per second.

    `bit_rate` is the mean and `peak_bit_rate` that of the heaviest run of segments, as RFC 8216 wants for BANDWIDTH.
    `files` are names below the stream's own folder, which has the stream's name.
    """

    name: str
    kind: StreamKind
    codecs: str  # by RFC 6381
    bit_rate: int
    peak_bit_rate: int
    target_seconds: int
    bytes: int
    files: tuple[str, ...]
    width: int = 0
    height: int = 0
    frame_rate: float = 0.0
    #: The sound that goes with this picture, by its stream's name.
    sound: str | None = None
    #: What the pictures for seeking take; 0 when there are none.
    frames_bit_rate: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stream: dict[str, Any]) -> "Stream":
        return cls(**{**stream, "kind": StreamKind(stream["kind"]), "files": tuple(stream["files"])})


_Variant = tuple[Stream, Stream | None]


class Malformed(ValueError):
    """A playlist that no player could follow."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry of a media playlist. `span` is (bytes, offset) where only part of the file is meant."""

    name: str
    seconds: float
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """What a media playlist says. `init` is empty where no initialisation segment is named."""

    pieces: tuple[Piece, ...]
    version: int
    target_seconds: int
    init: str
    ended: bool
    frames_only: bool


def read(text: str) -> Media:
    """Read a media playlist. Raises Malformed where a tag is no number that should be one, or the target is missing."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != "#EXTM3U":
        raise Malformed("it does not begin with #EXTM3U")
    try:
        version = int(next(_values(lines, "VERSION"), "1"))
        target = int(next(_values(lines, "TARGETDURATION")))
        pieces = tuple(_pieces(lines))
    except StopIteration as error:
        raise Malformed("it names no target duration") from error
    except ValueError as error:
        raise Malformed(f"it holds what is no number: {error}") from error
    init = next(_values(lines, "MAP"), "").partition('URI="')[2].partition('"')[0]
    return Media(pieces, version, target, init, "#EXT-X-ENDLIST" in lines, "#EXT-X-I-FRAMES-ONLY" in lines)


def _values(lines: Sequence[str], tag: str) -> Iterator[str]:
    prefix = f"#EXT-X-{tag}:"
    return (line.removeprefix(prefix) for line in lines if line.startswith(prefix))


def _pieces(lines: Sequence[str]) -> Iterator[Piece]:
    seconds, span = None, None
    for line in lines:
        if line.startswith("#EXTINF:"):
            seconds = float(line.removeprefix("#EXTINF:").partition(",")[0])
        elif line.startswith("#EXT-X-BYTERANGE:"):
            size, _, offset = line.partition(":")[2].partition("@")
            span = (int(size), int(offset))
        elif not line.startswith("#"):
            if seconds is None:
                raise ValueError(f"no length before {line}")
            yield Piece(line, seconds, span)
            seconds, span = None, None


def media(pieces: Sequence[Piece], *, init: str = "", frames_only: bool = False) -> str:
    """Write a whole media playlist: of segments, of single frames in them, or of captions."""
    target = max(round(piece.seconds) for piece in pieces)
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{max(1, target)}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        *(["#EXT-X-I-FRAMES-ONLY"] if frames_only else []),
        *([f'#EXT-X-MAP:URI="{init}"'] if init else []),
    ]
    for piece in pieces:
        lines.append(f"#EXTINF:{piece.seconds:.6f},")
        if piece.span:
            lines.append("#EXT-X-BYTERANGE:{}@{}".format(*piece.span))
        lines.append(piece.name)
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"


@dataclass(frozen=True, slots=True)
class Captions:
    """One WebVTT file. Its playlist is `captions/<language>.m3u8`, beside the streams' folders."""

    language: str  # by BCP 47
    label: str

    @property
    def playlist(self) -> str:
        return f"captions/{self.language}.m3u8"


def media_of_captions(file: str, seconds: float) -> str:
    """Write the playlist of one WebVTT file that lasts as long as the recording; `file` as seen from the playlist."""
    return media([Piece(file, seconds)])


def master(streams: Iterable[Stream], captions: Sequence[Captions] = ()) -> str:
    """Write the master playlist over complete streams, in any order.

    The lightest picture and sound that play everywhere come first, because players without an opinion of their link
    start with the first; then the others by weight. A picture whose own sound is missing takes another; without a
    picture the sounds are offered alone. Raises ValueError where there is no stream at all.
    """
    every = list(streams)
    sounds = [stream for stream in every if stream.kind is StreamKind.SOUND]
    shown = [(stream, _sound_of(stream, sounds)) for stream in every if stream.kind is StreamKind.VIDEO]
    variants = shown or [(sound, None) for sound in sounds]
    if not variants:
        raise ValueError("A master playlist needs a stream.")
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines += [_audio(sound) for sound in sounds if shown]
    lines += [_subtitles(each) for each in captions]
    for stream, sound in _ordered(variants):
        lines += [_variant(stream, sound, captioned=bool(captions)), f"{stream.name}/{MEDIA_PLAYLIST}"]
    lines += [_frames(stream) for stream, _ in shown if stream.frames_bit_rate]
    return "\n".join(lines) + "\n"


def _sound_of(picture: Stream, sounds: Sequence[Stream]) -> Stream | None:
    return next((sound for sound in sounds if sound.name == picture.sound), sounds[0] if sounds else None)


def _ordered(variants: Iterable[_Variant]) -> list[_Variant]:
    by_weight = sorted(variants, key=lambda variant: (_sum(variant, "peak_bit_rate"), variant[0].name))
    start = next((variant for variant in by_weight if _plays_everywhere(variant)), by_weight[0])
    return [start, *(variant for variant in by_weight if variant is not start)]


def _plays_everywhere(variant: _Variant) -> bool:
    return all(track.codecs.startswith(_PLAYS_EVERYWHERE) for track in variant if track)


def _sum(variant: _Variant, rate: str) -> int:
    return sum(int(getattr(track, rate)) for track in variant if track)


def _variant(stream: Stream, sound: Stream | None, *, captioned: bool) -> str:
    both = (stream, sound)
    words = [
        f"BANDWIDTH={_sum(both, 'peak_bit_rate')}",
        f"AVERAGE-BANDWIDTH={_sum(both, 'bit_rate')}",
        'CODECS="{}"'.format(",".join(track.codecs for track in both if track)),
    ]
    if stream.kind is StreamKind.VIDEO:
        words += [_resolution(stream), f"FRAME-RATE={stream.frame_rate:.3f}"]
    if sound:
        words.append(f'AUDIO="{sound.name}"')
    if captioned:
        words.append('SUBTITLES="captions"')
    return "#EXT-X-STREAM-INF:" + ",".join(words)


def _resolution(stream: Stream) -> str:
    return f"RESOLUTION={stream.width}x{stream.height}"


def _audio(sound: Stream) -> str:
    return (
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{sound.name}",NAME="{_SOUND_LABEL}",DEFAULT=YES,AUTOSELECT=YES,'
        f'CHANNELS="1",URI="{sound.name}/{MEDIA_PLAYLIST}"'
    )


def _subtitles(captions: Captions) -> str:
    return (
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="{captions.label}",LANGUAGE="{captions.language}",'
        f'DEFAULT=NO,AUTOSELECT=YES,URI="{captions.playlist}"'
    )


def _frames(stream: Stream) -> str:
    return (
        f'#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={stream.frames_bit_rate},CODECS="{stream.codecs}",{_resolution(stream)},'
        f'URI="{stream.name}/{FRAMES_PLAYLIST}"'
    )


def peak_bit_rate(weights: Sequence[tuple[float, int]], target_seconds: float) -> int:
    """Find the rate of the heaviest run of (seconds, bytes) that lasts 0.5 to 1.5 target durations (RFC 8216, 4.1).

    Over all there is where that lasts less.
    """
    heaviest = 0.0
    for first in range(len(weights)):
        seconds, size = 0.0, 0
        for more_seconds, more_bytes in islice(weights, first, None):
            seconds, size = seconds + more_seconds, size + more_bytes
            if seconds > 1.5 * target_seconds:
                break
            if seconds >= 0.5 * target_seconds:
                heaviest = max(heaviest, size * 8 / seconds)
    everything = sum(size for _, size in weights) * 8 / sum(seconds for seconds, _ in weights)
    return round(heaviest or everything)
