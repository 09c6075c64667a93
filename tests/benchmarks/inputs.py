"""The recordings that encoding is measured on: cut from the real ones of the checkout, or made where those are absent.

All are kept in the user's cache, outside the checkout, because peers' results are kept there beside them.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image

from tests import media

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "media"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "diemcau-bench"
SECONDS = 120
#: Of the real lecture, the part without the gallery at its start is light enough to be handed on as it is.
COPIED_FROM_SECONDS = 50
#: Every kept input carries it: count on when an input is made in another way.
RECIPE = 2


@dataclass(frozen=True, slots=True)
class Input:
    """A recording to encode, and the picture that it is scored against: itself, unless it was spoilt on purpose."""

    name: str
    path: Path
    original: Path
    real: bool

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()[:16]


def lecture() -> Input:
    """50 s of a gallery, then slides with a speaker in the corner: 720p, 25 fps, 645 kbit/s."""
    return _cut("lecture", REAL / "bench" / "m5.mp4", start=0)


def light_lecture() -> Input:
    """Slides with a speaker in the corner, at so few bits that the recording's own picture may be the top rung."""
    return _cut("light-lecture", REAL / "bench" / "m5.mp4", start=COPIED_FROM_SECONDS)


def screen_share() -> Input:
    """A screen shared in Zoom: 1920x930, 25 fps, a keyframe every 30 s."""
    return _cut("screen-share", REAL / "zoom" / "zoom_0_screenshare_112s.mp4", start=0)


def noisy_lecture() -> Input:
    """The lecture as a poor camera sees it: grain that changes with every frame, and the rate that it costs."""
    clean = lecture()
    grain = ("-vf", "noise=alls=9:allf=t+u", "-c:v", "libx264", "-preset", "veryfast", "-crf", 23, "-g", 100)
    spoilt = _kept("noisy-lecture", clean, "-i", clean.path, *grain, "-c:a", "copy")
    return Input("noisy-lecture", spoilt, clean.path, clean.real)


def slide_times(start_seconds: float = 0.0) -> list[float]:
    """When the slides of the real lecture change, counted from `start_seconds` of it; the first is 0."""
    lines = (REAL / "bench" / "slide_times.csv").read_text(encoding="utf-8").splitlines()[1:]
    starts = (float(line.split(",")[0]) - start_seconds for line in lines)
    return [0.0, *(start for start in starts if 0 < start < SECONDS)]


def _cut(name: str, real: Path, start: float) -> Input:
    if not real.exists():
        made = _made()
        return Input(f"{name} (generated)", made, made, real=False)
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"{name}.{RECIPE}.mp4"
    if not path.exists():
        media.ffmpeg("-ss", start, "-i", real, "-t", SECONDS, "-c", "copy", "-f", "mp4", path.with_suffix(".part"))
        path.with_suffix(".part").rename(path)
    return Input(name, path, path, real=True)


def _kept(name: str, source: Input, *words: object) -> Path:
    path = CACHE / f"{name}.{source.digest}.{RECIPE}.mp4"
    if not path.exists():
        media.ffmpeg(*words, "-f", "mp4", path.with_suffix(".part"))
        path.with_suffix(".part").rename(path)
    return path


def _made() -> Path:
    """Pages of a deck with a moving picture in the corner, and something like speech."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"generated.{RECIPE}.mp4"
    if path.exists():
        return path
    pages = _pages(CACHE / f"pages.{RECIPE}")
    media.ffmpeg(
        *("-framerate", f"{len(pages)}/{SECONDS}", "-i", pages[0].with_name("%d.bmp")),
        *("-f", "lavfi", "-i", f"mandelbrot=s=288x162:r=25,trim=duration={SECONDS}"),
        *("-f", "lavfi", "-i", f"anoisesrc=c=pink:r=48000:d={SECONDS},volume='abs(sin(4*PI*t))':eval=frame"),
        *("-filter_complex", "[0]fps=25,format=yuv420p[page];[page][1]overlay=W-w-20:H-h-20:shortest=1[picture]"),
        *("-map", "[picture]", "-map", "2", "-c:v", "libx264", "-preset", "veryfast", "-crf", 26, "-g", 100),
        *("-c:a", "aac", "-b:a", "64k", "-f", "mp4", path.with_suffix(".part")),
    )
    path.with_suffix(".part").rename(path)
    return path


def _pages(folder: Path) -> list[Path]:
    folder.mkdir(exist_ok=True)
    media.deck(folder / "deck.pdf", media.SENTENCES * 2)
    names = []
    for number, page in enumerate(pypdfium2.PdfDocument(folder / "deck.pdf")):
        names.append(folder / f"{number}.bmp")
        picture: Image.Image = page.render(scale=4).to_pil()
        picture.resize((1280, 720)).save(names[-1])
    return names
