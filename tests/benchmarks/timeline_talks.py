"""Makes talks whose slide times are known: decks and schedules from a seed, shown in the ways that recorders show them.

It shares no code with the engine that it is to try: pages come from typst, frames from Pillow and numpy.
"""

import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
import typst
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from ingest import binaries

SIZE = (960, 540)
FPS = 5
#: How a page may stand on the picture. Of these, `mixed` goes from a gallery to slides with a head to side by side.
LAYOUTS = ("full", "inset", "beside", "letterbox", "filmed")
WORDS = [
    *("hội nghị", "trực tuyến", "quán triệt", "nghị quyết", "điểm cầu", "đại biểu", "đường truyền", "kỹ thuật"),
    *("bài", "thu hoạch", "kết luận", "bế mạc", "thiên tai", "mùa", "mưa bão", "tiêm phòng", "trâu bò", "cấp xã"),
    *("chuyển đổi", "số", "nông sản", "thị trường", "ngân sách", "giải ngân", "rừng", "đặc dụng", "y tế", "nước"),
    *("trường học", "giao thông", "nông thôn", "sạch", "hộ nghèo", "hợp tác xã", "du lịch", "cộng đồng", "an ninh"),
]
PAINTS = (("ffffff", "1f4e8c", "222222"), ("fdf6e3", "8a4b08", "333322"), ("1b2a41", "324a5f", "f2f2f2"))


@dataclass(frozen=True)
class Showing:
    """From the end of the one before, for `seconds`, `page` (1 for the first, or None) stands as `layout` says."""

    page: int | None
    seconds: float
    layout: str


def deck(path: Path, seed: int, pages: int = 12) -> list[Path]:
    """Write a PDF of titles, lists, lists that build up, like tables and charts; give its pages as pictures beside it.

    The pictures are what the service shows: WebP, 1280 pixels wide.
    """
    rng = random.Random(f"deck {seed}")
    paper, band, ink = rng.choice(PAINTS)
    shape = rng.choice(((960, 540), (960, 540), (800, 600)))
    bodies = _bodies(rng, pages)
    head = f'#set page(width: {shape[0]}pt, height: {shape[1]}pt, margin: 0pt, fill: rgb("{paper}"))\n'
    head += f'#set text(size: {rng.choice((24, 26, 28))}pt, fill: rgb("{ink}"), font: "{rng.choice(FONTS)}")\n'
    drawn = [_page(title, body, band, number) for number, (title, body) in enumerate(bodies, 1)]
    path.write_bytes(typst.compile((head + "\n#pagebreak()\n".join(drawn)).encode()))
    return _pictures(path)


FONTS = ("New Computer Modern", "Libertinus Serif", "DejaVu Sans Mono")


def _bodies(rng: random.Random, pages: int) -> list[tuple[str, str]]:
    bodies = [(_words(rng, 5), f"#v(120pt) {_words(rng, 9)}")]
    while len(bodies) < pages:
        title, kind = _words(rng, 4), rng.choice(("list", "list", "build", "tables", "chart"))
        if kind == "list":
            bodies.append((title, _lines(rng, rng.randint(3, 6))))
        elif kind == "chart":
            bodies.append((title, _chart(rng)))
        elif kind == "build":
            lines = _lines(rng, 4).splitlines()
            bodies += [(title, "\n".join(lines[:count])) for count in range(2, 5)]
        else:
            bodies += [(title, _table(rng)) for _ in range(2)]
    return bodies[:pages]


def _words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(count)).capitalize()


def _lines(rng: random.Random, count: int) -> str:
    return "\n".join(f"- {_words(rng, rng.randint(4, 9))}" for _ in range(count))


def _table(rng: random.Random) -> str:
    cells = ", ".join(f"[{rng.randint(1000, 9999)}]" for _ in range(20))
    return f"#table(columns: 5, inset: 10pt, {cells})"


def _chart(rng: random.Random) -> str:
    bars = ", ".join(f"rect(width: 60pt, height: {rng.randint(20, 260)}pt, fill: luma(120))" for _ in range(7))
    return f"#stack(dir: ltr, spacing: 20pt, {bars})\n{_words(rng, 6)}"


def _page(title: str, body: str, band: str, number: int) -> str:
    strip = f'#rect(width: 100%, height: 80pt, fill: rgb("{band}"), inset: 20pt)[#text(fill: white)[{title}]]'
    return f"{strip}\n#pad(x: 50pt, y: 10pt)[{body}]\n#place(bottom + left, dx: 20pt, dy: -12pt)[#text(14pt)[{number}]]"


def _pictures(path: Path) -> list[Path]:
    document, files = pypdfium2.PdfDocument(path), []
    for number, page in enumerate(document, 1):
        files.append(path.with_name(f"{path.stem}-{number:03}.webp"))
        page.render(scale=1280 / page.get_width()).to_pil().convert("RGB").save(files[-1], quality=30)
    document.close()
    return files


def schedule(seed: int, pages: int, layout: str) -> list[Showing]:
    """Go through the deck, mostly forward, now and then back or ahead, with what is no slide in between."""
    rng = random.Random(f"schedule {seed} {layout}")
    order = list(range(1, pages + 1))
    back = rng.randrange(3, pages - 1)
    order[back:back] = [rng.randrange(1, back)] if order[back - 1] != back - 1 else []
    shown = [
        Showing(page, round(rng.uniform(2.5, 9), 1), _layout_at(layout, at / len(order)))
        for at, page in enumerate(order)
    ]
    idle = "filmed" if layout == "filmed" else "gallery"
    shown.insert(0, Showing(None, 5.0, idle))
    shown.insert(rng.randrange(4, len(shown)), Showing(None, 4.0, idle))
    return [one for number, one in enumerate(shown) if one.page is None or one.page != shown[number - 1].page]


def _layout_at(layout: str, share: float) -> str:
    return ("full", "inset", "beside")[int(share * 3)] if layout == "mixed" else layout


def truth(shown: list[Showing]) -> list[tuple[int, float]]:
    """When each page comes up: (page, second), where another page, or none, was on the screen before."""
    at, known, last = 0.0, [], None
    for one in shown:
        if one.page is not None and one.page != last:
            known.append((one.page, round(at, 3)))
        last = one.page or last
        at += one.seconds
    return known


def record(path: Path, files: list[Path], shown: list[Showing], seed: int, *, coding: tuple[object, ...] = ()) -> Path:
    """Write the recording of a schedule, H.264 with a keyframe every 4 seconds at least."""
    words = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{SIZE[0]}x{SIZE[1]}", "-r", str(FPS), "-i", "pipe:"]
    words += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "25", "-g", str(4 * FPS), "-pix_fmt", "yuv420p"]
    command = [str(binaries.find().ffmpeg), "-v", "error", "-y", *words, *map(str, coding), str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        for frame in _frames(files, shown, seed):
            encoder.stdin.write(np.ascontiguousarray(frame).tobytes())
    assert encoder.returncode == 0, f"ffmpeg ended with {encoder.returncode}"
    return path


def _frames(files: list[Path], shown: list[Showing], seed: int) -> Iterator[NDArray[np.uint8]]:
    scene = Scene(seed)
    end, number = 0.0, 0
    for one in shown:
        end += one.seconds
        page = Image.open(files[one.page - 1]).convert("RGB") if one.page else None
        while number / FPS < end - 1e-6:
            yield scene.frame(page, one.layout, number / FPS)
            number += 1


class Scene:
    """A hall, its camera and its speakers, all drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        width, height = SIZE
        self.walls = [self._texture((width // 2, height // 2)) for _ in range(4)]
        self.corner = int(self.rng.integers(4))
        self.inset = float(self.rng.uniform(0.18, 0.24))
        self.share = float(self.rng.uniform(0.68, 0.76))
        self.room = self._texture(SIZE) * 0.35 + 15
        # Grain is drawn once and shifted for every frame, since drawing it takes longer than all else.
        self.grain = self.rng.normal(0, 5, (height, width, 3)).astype(np.float32)
        jitter = self.rng.uniform(-0.05, 0.05, (4, 2))
        centre = np.array([[0.18, 0.12], [0.80, 0.12], [0.80, 0.68], [0.18, 0.68]])
        self.corners = (centre + jitter) * SIZE
        across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
        glare = self.rng.uniform(0.3, 0.6, 2)
        self.light = 0.6 + 0.35 * np.exp(-((across - glare[0]) ** 2 + (down - glare[1]) ** 2) / 0.08)

    def _texture(self, size: tuple[int, int]) -> NDArray[np.float32]:
        rough = Image.fromarray(self.rng.integers(30, 220, (size[1] // 24, size[0] // 24, 3), np.uint8))
        return np.asarray(rough.resize(size, Image.Resampling.BICUBIC), np.float32)

    def frame(self, page: Image.Image | None, layout: str, at: float) -> NDArray[np.uint8]:
        if layout == "filmed":
            return self._filmed(page, at)
        if layout == "gallery" or page is None:
            return self._gallery(at)
        return np.asarray(self._screen(page, layout, at))

    def _head(self, who: int, size: tuple[int, int], at: float) -> Image.Image:
        wall = Image.fromarray(self.walls[who].astype(np.uint8)).resize(size)
        draw = ImageDraw.Draw(wall)
        sway = np.sin(at * (1.1 + who * 0.3) + who), np.sin(at * 0.7 + 2 * who)
        x, y = size[0] * (0.5 + 0.05 * sway[0]), size[1] * (0.5 + 0.04 * sway[1])
        r = size[1] * 0.25
        draw.rectangle((x - 1.6 * r, y + r, x + 1.6 * r, size[1]), fill=(40 + 30 * who, 60, 90))
        draw.ellipse((x - 0.8 * r, y - r, x + 0.8 * r, y + r), fill=(210 - 15 * who, 170, 140))
        draw.ellipse(
            (x - 0.3 * r, y + 0.4 * r, x + 0.3 * r, y + (0.45 + 0.15 * abs(np.sin(at * 7))) * r), fill=(90, 30, 30)
        )
        for side in (-1, 1):
            draw.ellipse(
                (x + side * 0.35 * r - 4, y - 0.2 * r - 3, x + side * 0.35 * r + 4, y - 0.2 * r + 3), fill=(20, 20, 20)
            )
        return wall

    def _gallery(self, at: float) -> NDArray[np.uint8]:
        canvas = Image.new("RGB", SIZE)
        half = SIZE[0] // 2, SIZE[1] // 2
        for who in range(4):
            canvas.paste(self._head(who, half, at), (who % 2 * half[0], who // 2 * half[1]))
        return np.asarray(canvas)

    def _screen(self, page: Image.Image, layout: str, at: float) -> Image.Image:
        canvas = Image.new("RGB", SIZE, (0, 0, 0) if layout != "beside" else (32, 34, 38))
        room = {"beside": (int(SIZE[0] * self.share), SIZE[1]), "letterbox": (SIZE[0], int(SIZE[1] * 0.8))}.get(
            layout, SIZE
        )
        scale = min(room[0] / page.width, room[1] / page.height)
        shown = page.resize((round(page.width * scale), round(page.height * scale)), Image.Resampling.LANCZOS)
        left = (room[0] - shown.width) // 2
        canvas.paste(shown, (left, (SIZE[1] - shown.height) // 2))
        if layout == "inset":
            size = int(SIZE[0] * self.inset), int(SIZE[1] * self.inset)
            corner = (self.corner % 2 * (SIZE[0] - size[0] - 8) + 4, self.corner // 2 * (SIZE[1] - size[1] - 8) + 4)
            canvas.paste(self._head(0, size, at), corner)
        if layout == "beside":
            width = SIZE[0] - room[0] - 8
            for who in range(3):
                canvas.paste(
                    self._head(who, (width, width * 9 // 16), at), (room[0] + 4, 30 + who * (width * 9 // 16 + 10))
                )
        return canvas

    def _filmed(self, page: Image.Image | None, at: float) -> NDArray[np.uint8]:
        shake = np.array([1.2 * np.sin(at * 2.3), 0.8 * np.sin(at * 3.1 + 1)])
        picture = self.room.copy()
        screen = page or Image.new("RGB", (1280, 720), (12, 12, 30))
        warp = _towards(self.corners + shake, screen.size)
        lit = np.asarray(
            screen.transform(SIZE, Image.Transform.PERSPECTIVE, warp, Image.Resampling.BICUBIC), np.float32
        )
        where = Image.new("L", screen.size, 255).transform(SIZE, Image.Transform.PERSPECTIVE, warp)
        mask = np.asarray(where, np.float32)[:, :, None] / 255
        picture = picture * (1 - mask) + (lit * 0.62 + 45) * self.light[:, :, None] * mask
        image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
        draw = ImageDraw.Draw(image)
        x = SIZE[0] * (0.5 + 0.35 * np.sin(at * 0.13 + self.corner))
        draw.ellipse((x - 28, 300, x + 28, 370), fill=(120, 90, 75))
        draw.rectangle((x - 60, 370, x + 60, SIZE[1]), fill=(35, 38, 50))
        soft = np.asarray(image.filter(ImageFilter.GaussianBlur(1.0)), np.float32)
        grain = np.roll(self.grain, tuple(self.rng.integers(0, 500, 2)), axis=(0, 1))
        return np.clip(soft + grain, 0, 255).astype(np.uint8)


def _towards(corners: NDArray[np.float64], size: tuple[int, int]) -> list[float]:
    """Solve the eight numbers by which Pillow finds for each point of the frame the point of the page."""
    page = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float64)
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(corners, page, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    solution: list[float] = np.linalg.solve(np.array(rows), page.reshape(-1)).tolist()
    return solution
