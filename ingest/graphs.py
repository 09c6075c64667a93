"""What all our ffmpeg graphs have in common: how a stranger's file may be opened, and how a graph becomes a command."""

from pathlib import Path
from typing import Any

import ffmpeg

from ingest import binaries

#: Demuxers of what phones, cameras, Zoom, Teams, OBS and room recorders write. Playlists (hls, dash, concat), pictures,
#: subtitles and everything exotic stay out: each demuxer is one more parser that a stranger's bytes would reach.
RECORDER_FORMATS = "aac,ac3,aiff,amr,asf,avi,caf,dv,flac,flv,matroska,mov,mp3,mpeg,mpegts,mxf,ogg,rm,wav,w64"
#: With no protocol but plain files, a recording can neither fetch a page nor read a neighbour through a playlist.
GUARDED = {"protocol_whitelist": "file", "format_whitelist": RECORDER_FORMATS}


def uploaded(path: Path, **options: object) -> Any:
    """Open an uploaded file as the input of a graph. The prefix `file:` keeps names such as `concat:x` mere names."""
    return ffmpeg.input(f"file:{path}", **GUARDED, **options)


def command_of(graph: Any, *, log_level: str = "error") -> list[str]:
    """Compile a graph to a command for the runner. What its messages are worth is the caller's to say."""
    words: list[str] = graph.global_args("-hide_banner", "-v", log_level, "-nostdin").compile(
        cmd=str(binaries.find().ffmpeg), overwrite_output=True
    )
    return words
