"""Says what a recording holds: its picture, its sound tracks and its true length, or why it is not a recording.

Nothing here trusts the file: it is read on a leash, with little memory, and opened as `graphs` allows.
"""

import json
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ingest import binaries, graphs, losses, packets, runner
from ingest.losses import Lost, Way
from ingest.packets import Extent
from sessions.errors import DomainError, Invalid

PROBE_DEADLINE_SECONDS = 60.0
PROBE_MEMORY_BYTES = 2 * 2**30  # Ten times what ffprobe was seen to need on 4K and on three hours of packets.
UNKNOWN = "unknown"  # ffprobe's word for a coding that no part of ffmpeg knows.
MUTE_AS_ZEROS = ("pcm", "adpcm")  # Sound of these kinds is written as zeros where there is none.
INTERLACED = frozenset({"tt", "bb", "tb", "bt"})  # ffprobe's words for which field is stored and which shown first.
SHORTEST_SECONDS = 0.1  # Two packets of AAC: what is shorter gives an encoder nothing to work on.
LONGEST_SECONDS = 24 * 3600.0
#: Recorders that are switched off and on again, and files that are joined end to end, begin to count anew.
RESTARTING_CONTAINERS = frozenset({"mpegts", "mpeg"})
MOST_OVERLAP_SECONDS = 1.0  # So much more is in the packets than their times have room for, and it is no rounding.
LIGHT_BIT_RATE = 1_000_000  # What is heavier is never handed on as it is, so it need not be read once more.

#: (offset, bytes) by which a damaged recording is told from something that never was one.
SIGNATURES = (
    *((4, box) for box in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")),
    *((8, kind) for kind in (b"AVI ", b"WAVE", b"AIFF")),
    (0, b"\x1a\x45\xdf\xa3"),  # Matroska and WebM
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),  # WMV and WMA
    (0, b"\x00\x00\x01\xba"),  # MPEG programme stream
    (0, b"OggS"),
    (0, b"fLaC"),
    (0, b"FLV\x01"),
    (0, b"ID3"),
)


class EmptyFile(Invalid):
    code = "empty-file"
    vi = "Tệp rỗng (0 byte). Hãy kiểm tra tệp trên máy rồi tải lên lại."
    en = "The file is empty (0 bytes). Check it on your computer and upload it again."


class NotARecording(Invalid):
    code = "not-a-recording"
    vi = "Tệp này không phải bản ghi hình hay ghi âm, dù tên tệp là gì. Hãy chọn đúng tệp ghi (MP4, MKV, WebM, MP3…)."
    en = (
        "This file is no video or sound recording, whatever its name says. Choose the recording (MP4, MKV, WebM, MP3…)."
    )


class RecordingUnreadable(Invalid):
    code = "recording-unreadable"
    vi = (
        "Bản ghi bị hỏng hoặc thiếu phần cuối nên không đọc được. "
        "Thường là do máy ghi tắt giữa chừng hoặc chép tệp chưa xong: hãy chép lại từ máy ghi rồi tải lên."
    )
    en = (
        "The recording is damaged or cut short and cannot be read. Often the recorder was switched off "
        "or the copy was not finished: copy it from the recorder again, then upload it."
    )


class PictureUnreadable(RecordingUnreadable):
    code = "picture-unreadable"
    vi = (
        "Không giải mã được phần hình (chuẩn {codec}): bản ghi hỏng, hoặc máy chủ chưa đọc được chuẩn này. "
        "Hãy xuất lại bản ghi thành MP4 (H.264, AAC) rồi tải lên."
    )
    en = (
        "The picture ({codec}) cannot be decoded: the recording is damaged, or this server cannot read that coding. "
        "Export it again as MP4 (H.264, AAC), then upload it."
    )


class SoundUnreadable(RecordingUnreadable):
    code = "sound-unreadable"
    vi = (
        "Không giải mã được phần tiếng (chuẩn {codec}): bản ghi hỏng, hoặc máy chủ chưa đọc được chuẩn này. "
        "Hãy xuất lại bản ghi thành MP4 (H.264, AAC) rồi tải lên."
    )
    en = (
        "The sound ({codec}) cannot be decoded: the recording is damaged, or this server cannot read that coding. "
        "Export it again as MP4 (H.264, AAC), then upload it."
    )


class RecordingTooLong(Invalid):
    code = "recording-too-long"
    vi = "Bản ghi dài {hours:.0f} giờ, quá mức 24 giờ. Hãy cắt thành từng buổi rồi tải lên."
    en = "The recording is {hours:.0f} hours long, over the limit of 24. Cut it into sittings and upload those."


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The picture. `width` and `height` are as shown: square pixels, after rotation. Times are on the media clock."""

    index: int  # stream number in the container
    codec: str
    width: int
    height: int
    fps: float  # mean over the whole track
    pix_fmt: str
    has_b_frames: bool
    bit_rate: int  # bits per second
    start_seconds: float
    end_seconds: float
    keyframe_gap_seconds: float  # the longest
    peak_bit_rate: int = 0  # of the heaviest 24 s, bits per second; 0 in facts from before it was measured
    interlaced: bool = False  # as the stream says; cameras that say nothing may be, too
    trimmed: bool = False  # an edit list hides a part, which whoever copies packets would show
    turned: bool = False  # it stands upright by the container's word, which not every player of segments heeds
    uniform: bool = True  # H.264 of one size throughout, with no broken packet; not looked for where bits are many


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """One sound track."""

    index: int
    codec: str
    channels: int
    sample_rate: int  # Hz
    bit_rate: int
    start_seconds: float
    end_seconds: float
    language: str  # as the container says, mostly "" or "und"


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a recording really holds. The media clock starts at zero with the first track to start.

    On the container's own clock that moment is `origin_seconds`. `duration_seconds` comes from the packets, since
    headers are wrong or silent in cut and streamed files. `audio` lists the tracks that decode, the one to listen to
    first; it is empty for a silent film. `lost` lists what is missing, and `restarted` says that the container's clock
    went back on the way, so that what lies behind would be taken for what lies before.
    """

    container: str
    origin_seconds: float
    duration_seconds: float
    size_bytes: int
    video: VideoFacts | None
    audio: tuple[AudioFacts, ...]
    lost: tuple[Lost, ...] = ()
    restarted: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> "MediaFacts":
        video = facts["video"] and VideoFacts(**facts["video"])
        audio = tuple(AudioFacts(**track) for track in facts["audio"])
        # Facts from before it was asked for tell of no loss.
        lost = tuple(Lost(**{**each, "way": Way(each["way"])}) for each in facts.get("lost", ()))
        return cls(**{**facts, "video": video, "audio": audio, "lost": lost})


def inspect(path: Path) -> MediaFacts:
    """Read a recording's facts. Sound without picture and picture without sound are both admitted.

    What has a picture or sound that cannot be decoded is refused, rather than published without it unnoticed.
    Raises EmptyFile, NotARecording, RecordingUnreadable and its kinds, RecordingTooLong; ToolTimedOut where it must.
    """
    size = path.stat().st_size
    if size == 0:
        raise EmptyFile
    header = _read_header(path)
    tracks, extents = _find_tracks(path, header)
    if _is_photograph(tracks, extents):
        raise NotARecording
    readable = [track for track in tracks if track["index"] in extents and _decodes(path, track)]
    for track in tracks:
        if _codec_of(track).startswith(MUTE_AS_ZEROS) and track["index"] in extents:
            extents[track["index"]].blanks.clear()
    _demand_both_kinds(path, tracks, readable)
    facts = _facts_of(path, header, readable, extents)
    if facts.duration_seconds < SHORTEST_SECONDS:
        raise RecordingUnreadable
    if facts.duration_seconds > LONGEST_SECONDS:
        raise RecordingTooLong(hours=facts.duration_seconds / 3600)
    return facts


def _find_tracks(path: Path, header: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[int, Extent]]:
    """Find the tracks that hold anything, and where it lies for those of a coding that ffmpeg knows."""
    tracks = [track for track in header.get("streams", []) if _is_media(track)]
    if not tracks:
        raise NotARecording
    known = {track["index"]: float(track.get("start_time", 0.0)) for track in tracks if _codec_of(track) != UNKNOWN}
    try:
        extents = packets.measure(path, known) if known else {}
    except runner.ToolFailed as error:
        raise _refusal(path) from error
    filled = [track for track in tracks if track["index"] in extents or track["index"] not in known]
    if not filled:
        raise _refusal(path)
    return filled, extents


def _codec_of(track: dict[str, Any]) -> str:
    return str(track.get("codec_name", UNKNOWN))


def _is_photograph(tracks: list[dict[str, Any]], extents: dict[int, Extent]) -> bool:
    """HEIC and AVIF are boxed like MP4: pictures of one packet each, and nothing to hear."""
    return all(
        track["codec_type"] == "video" and track["index"] in extents and extents[track["index"]].packets == 1
        for track in tracks
    )


def _demand_both_kinds(path: Path, tracks: list[dict[str, Any]], readable: list[dict[str, Any]]) -> None:
    refusals: dict[str, type[RecordingUnreadable]] = {"video": PictureUnreadable, "audio": SoundUnreadable}
    for kind, refused in refusals.items():
        codecs = [_codec_of(track) for track in tracks if track["codec_type"] == kind]
        if codecs and not any(track["codec_type"] == kind for track in readable):
            raise refused(codec=codecs[0]) if _has_signature(path) else NotARecording()


def _read_header(path: Path) -> dict[str, Any]:
    try:
        return json.loads(_ask_ffprobe(path, "-show_format", "-show_streams", "-of", "json"))  # type: ignore[no-any-return]
    except runner.ToolFailed as error:
        raise _refusal(path) from error


def _refusal(path: Path) -> DomainError:
    return RecordingUnreadable() if _has_signature(path) else NotARecording()


def _has_signature(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(16)
    return any(head[offset:].startswith(mark) for offset, mark in SIGNATURES)


def _ask_ffprobe(path: Path, *questions: str) -> bytes:
    guard = [word for name, value in graphs.GUARDED.items() for word in (f"-{name}", value)]
    command = [str(binaries.find().ffprobe), "-v", "error", *guard, *questions, f"file:{path}"]
    finished = runner.run(
        command, deadline_seconds=PROBE_DEADLINE_SECONDS, memory_bytes=PROBE_MEMORY_BYTES, offline=True
    )
    return finished.stdout or b""


def _is_media(track: dict[str, Any]) -> bool:
    """Cover art and thumbnails are tracks too, but nobody came for them."""
    return track["codec_type"] in ("video", "audio") and not track["disposition"]["attached_pic"]


def _decodes(path: Path, track: dict[str, Any]) -> bool:
    """Decode one frame of the track: some are of a kind this ffmpeg cannot read, or encrypted, or nothing but noise."""
    frames = {"frames:v": 1} if track["codec_type"] == "video" else {"frames:a": 1}
    graph = graphs.uploaded(path)[str(track["index"])].output("pipe:", format="framecrc", **frames)
    try:
        finished = runner.run(
            graphs.command_of(graph),
            deadline_seconds=PROBE_DEADLINE_SECONDS,
            memory_bytes=PROBE_MEMORY_BYTES,
            offline=True,
        )
    except runner.ToolFailed:
        return False
    return any(not line.startswith(b"#") for line in (finished.stdout or b"").splitlines())


def _facts_of(
    path: Path, header: dict[str, Any], tracks: list[dict[str, Any]], extents: dict[int, Extent]
) -> MediaFacts:
    video = next((track for track in tracks if track["codec_type"] == "video"), None)
    sound = [track for track in tracks if track["codec_type"] == "audio"]
    sound.sort(key=lambda track: not track["disposition"]["default"])
    used = [extents[track["index"]] for track in (*sound, *([video] if video else []))]
    origin = min(extent.start for extent in used)
    container = header["format"]["format_name"]
    return MediaFacts(
        container=container,
        origin_seconds=origin,
        duration_seconds=round(max(extent.end for extent in used) - origin, 3),
        size_bytes=path.stat().st_size,
        video=_video_facts(path, video, extents[video["index"]], origin) if video else None,
        audio=tuple(_audio_facts(track, extents[track["index"]], origin) for track in sound),
        lost=losses.find(
            container,
            _promised_seconds(header),
            [extents[video["index"]]] if video else [],
            [extents[track["index"]] for track in sound],
            origin,
        ),
        restarted=container in RESTARTING_CONTAINERS and any(map(_goes_back, used)),
    )


def _promised_seconds(header: dict[str, Any]) -> float:
    """How long the recording is by its header; 0 where it says nothing.

    Of an AVI that was cut short ffprobe corrects the length, but not the number of frames.
    """
    length = header["format"].get("duration", "")
    promised = float(length) if length.replace(".", "", 1).isdigit() else 0.0
    for track in header["streams"] if header["format"]["format_name"] == "avi" else ():
        frames, _, seconds = track.get("r_frame_rate", "0/0").partition("/")
        if track["codec_type"] == "video" and int(frames):
            promised = max(promised, int(track.get("nb_frames", 0)) * int(seconds) / int(frames))
    return promised


def _goes_back(extent: Extent) -> bool:
    return extent.played - extent.seconds > MOST_OVERLAP_SECONDS


def _video_facts(path: Path, track: dict[str, Any], extent: Extent, origin: float) -> VideoFacts:
    width, height = _shown_size(track)
    light = track["codec_name"] == "h264" and extent.bit_rate <= LIGHT_BIT_RATE
    return VideoFacts(
        index=track["index"],
        codec=track["codec_name"],
        width=width,
        height=height,
        fps=round(extent.packets / extent.seconds, 3),
        pix_fmt=track.get("pix_fmt", ""),
        has_b_frames=bool(track.get("has_b_frames", 0)),
        bit_rate=extent.bit_rate,
        start_seconds=round(extent.start - origin, 3),
        end_seconds=round(extent.end - origin, 3),
        keyframe_gap_seconds=round(extent.longest_key_gap, 3),
        peak_bit_rate=extent.peak_bit_rate,
        interlaced=track.get("field_order", "unknown") in INTERLACED,
        trimmed=extent.hidden,
        turned=_is_turned(track),
        uniform=not light or packets.is_uniform(path, track["index"]),
    )


def _audio_facts(track: dict[str, Any], extent: Extent, origin: float) -> AudioFacts:
    return AudioFacts(
        index=track["index"],
        codec=track["codec_name"],
        channels=int(track.get("channels", 0)),
        sample_rate=int(track.get("sample_rate", 0)),
        bit_rate=extent.bit_rate,
        start_seconds=round(extent.start - origin, 3),
        end_seconds=round(extent.end - origin, 3),
        language=track.get("tags", {}).get("language", ""),
    )


def _shown_size(track: dict[str, Any]) -> tuple[int, int]:
    """Turn stored pixels into the picture people see: stretch oblong pixels, then apply the phone's rotation."""
    across, _, down = track.get("sample_aspect_ratio", "1:1").partition(":")
    shape = Fraction(int(across), int(down)) if int(across) and int(down) else Fraction(1)
    width, height = round(track["width"] * shape), track["height"]
    return (height, width) if _is_turned(track) else (width, height)


def _is_turned(track: dict[str, Any]) -> bool:
    return any(round(side.get("rotation", 0)) % 180 == 90 for side in track.get("side_data_list", []))
