"""The labelled set for the gate: decks and short clips, marked and clean, each made from its seed alone.

It shares no code, fonts or constants with the detector. Seeds under 100 are for tuning; reports use 1000 and up.
"""

import io
import math
import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import typst
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ingest.models import UploadKind
from tests import media, office
from tests.benchmarks import gate_words

#: Of the package fonts-dejavu-core, which `tests/machine.py` installs, and by the names that Pillow finds them.
STAMP_FONTS = ("DejaVuSans-Bold.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSans.ttf")
#: These come with typst.
PAGE_FONTS = ("Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono")
COLOURS = ((190, 20, 30), (200, 40, 40), (20, 40, 150), (20, 20, 20), (130, 0, 60), (0, 100, 60))
#: Stamps are drawn with capitals so many pixels high.
STAMP_LETTERS = 70
PAGE = 480, 270  # points
CLIP_SIZE = 1280, 720


@dataclass(frozen=True)
class Item:
    """One file of the set: whether it bears a marking, in which way, and whether that is certain and told in text."""

    seed: int
    way: str
    path: Path
    filename: str
    kind: UploadKind
    marked: bool
    certain: bool
    in_text: bool


@dataclass
class _Draft:
    """What an item is made of, while it is put together."""

    random: random.Random
    folder: Path
    pages: list[tuple[str, tuple[str, ...]]]
    marked: bool = False
    certain: bool = False
    in_text: bool = False
    filename: str = ""
    header: str = ""
    footer: str = ""
    notes: str = ""
    keywords: str = ""
    stamp: Image.Image | None = None
    letters_share: float = 0.0  # how high a stamp's letters are, of the page's height; 0 for a usual size


def make(seed: int, folder: Path) -> Item:
    """Write the item of a seed into `folder`."""
    chosen = random.Random(f"gate {seed}")
    way = chosen.choice(list(_MARKED)) if chosen.random() < 0.5 else chosen.choice(list(_CLEAN))
    topic = gate_words.ORDINARY if way not in ("lesson", "lookalike") else getattr(gate_words, _TOPICS[way])
    pages = chosen.sample(topic, 2) if way != "lesson" else [chosen.choice(gate_words.ORDINARY), chosen.choice(topic)]
    draft = _Draft(chosen, folder, pages)
    (_MARKED | _CLEAN)[way](draft)
    write, ending = _container_of(draft, way)
    path = folder / f"{seed}.{ending}"
    write(draft, path)
    name = (draft.filename or chosen.choice(gate_words.CLEAN_NAMES)).format(ending)
    kind = UploadKind.RECORDING if ending == "mp4" else UploadKind.DECK
    return Item(seed, way, path, name, kind, draft.marked, draft.certain, draft.in_text)


def _mark_text(draft: _Draft, words: str, *, certain: bool = True) -> str:
    draft.marked, draft.certain, draft.in_text = True, certain, True
    return words


def _place(draft: _Draft, words: str) -> None:
    """Set a marking alone on a line, where headers, footers and stamps stand."""
    place = draft.random.choice(("header", "footer", "first", "last"))
    if place in ("header", "footer"):
        setattr(draft, place, words)
    else:
        heading, points = draft.pages[0]
        draft.pages[0] = (heading, (words, *points) if place == "first" else (*points, words))


def _composed(draft: _Draft) -> None:
    words = draft.random.choice(gate_words.VIETNAMESE + gate_words.COMPOUND)
    _place(draft, _mark_text(draft, words))


def _decomposed(draft: _Draft) -> None:
    words = draft.random.choice(gate_words.VIETNAMESE + gate_words.COMPOUND)
    _place(draft, _mark_text(draft, unicodedata.normalize("NFD", words)))


def _unaccented(draft: _Draft) -> None:
    words = draft.random.choice(gate_words.VIETNAMESE + gate_words.COMPOUND[:2])
    _place(draft, _mark_text(draft, _plain(words), certain=words != "MẬT"))


def _windows_1258(draft: _Draft) -> None:
    """As a program writes it that takes Windows-1258 for Windows-1252."""
    marks = str.maketrans({"Ậ": "Âò", "Ố": "Ôì", "Ệ": "Êò", "Ộ": "Ôò", "Đ": "Ð", "Ồ": "ÔÌ"})
    words = draft.random.choice((*gate_words.VIETNAMESE, "TÀI LIÊòU MẬT", "TÀI LIÊòU THU HỒI"))
    _place(draft, _mark_text(draft, words.translate(marks)))


def _spaced(draft: _Draft) -> None:
    words = draft.random.choice(gate_words.VIETNAMESE)
    _place(draft, _mark_text(draft, "  ".join(" ".join(word) for word in words.split())))


def _labelled(draft: _Draft) -> None:
    _place(draft, _mark_text(draft, draft.random.choice(gate_words.LABELS)))


def _english(draft: _Draft) -> None:
    _place(draft, _mark_text(draft, draft.random.choice(gate_words.ENGLISH)))


def _in_notes(draft: _Draft) -> None:
    draft.notes = _mark_text(draft, draft.random.choice(gate_words.VIETNAMESE + gate_words.LABELS + gate_words.ENGLISH))
    if draft.random.random() < 0.5:
        draft.notes += "\nNói chậm, dừng ở trang hai để trả lời câu hỏi."


def _in_properties(draft: _Draft) -> None:
    words = draft.random.choice(("MẬT", "Tối mật", "TUYỆT MẬT", "SECRET", "Độ mật: Mật"))
    draft.keywords = _mark_text(draft, words, certain=words.isupper())


def _in_name(draft: _Draft) -> None:
    name = draft.random.choice(gate_words.MARKED_NAMES)
    draft.filename = unicodedata.normalize(draft.random.choice(("NFC", "NFD")), name)
    _mark_text(draft, name, certain=False)


def _stamped(draft: _Draft) -> None:
    draft.marked = draft.certain = True
    draft.stamp = _stamp(draft.random, _stamp_words(draft.random))


def _stamped_small(draft: _Draft) -> None:
    _stamped(draft)
    draft.letters_share = draft.random.uniform(0.022, 0.035)


def _stamped_faintly(draft: _Draft) -> None:
    draft.marked = draft.certain = True
    draft.stamp = _stamp(draft.random, _stamp_words(draft.random), opacity=draft.random.uniform(0.25, 0.5))


def _stamped_in_reverse(draft: _Draft) -> None:
    """White letters on red."""
    draft.marked = draft.certain = True
    draft.stamp = _stamp(draft.random, _stamp_words(draft.random), reverse=True)


def _clean_stamp(draft: _Draft) -> None:
    draft.stamp = _stamp(draft.random, draft.random.choice(gate_words.OTHER_STAMPS))


def _clean(draft: _Draft) -> None:
    draft.notes = draft.random.choice(("", "Nhắc đại biểu tắt micro.", "Phần này trình bày trong 5 phút."))


def _clean_level(draft: _Draft) -> None:
    draft.footer = draft.random.choice(
        ("Độ mật: Không", "Độ mật: Thường", "UNCLASSIFIED", "Tài liệu không mật", "Công khai")
    )


_MARKED: dict[str, Callable[[_Draft], None]] = {
    "composed": _composed,
    "decomposed": _decomposed,
    "unaccented": _unaccented,
    "windows-1258": _windows_1258,
    "spaced": _spaced,
    "label": _labelled,
    "english": _english,
    "notes": _in_notes,
    "properties": _in_properties,
    "name": _in_name,
    "stamp": _stamped,
    "stamp-small": _stamped_small,
    "stamp-faint": _stamped_faintly,
    "stamp-reverse": _stamped_in_reverse,
    "clip-stamp": _stamped,
    "clip-stamp-faint": _stamped_faintly,
}
_CLEAN: dict[str, Callable[[_Draft], None]] = {
    "plain": _clean,
    "lesson": _clean,
    "lookalike": _clean,
    "other-stamp": _clean_stamp,
    "free-level": _clean_level,
    "clip-plain": _clean,
    "clip-other-stamp": _clean_stamp,
}
_TOPICS = {"lesson": "LESSONS", "lookalike": "LOOKALIKES"}


def _stamp_words(chosen: random.Random) -> str:
    return chosen.choice(gate_words.VIETNAMESE * 2 + ("TÀI LIỆU THU HỒI", "SECRET", "TOP SECRET", "CONFIDENTIAL"))


def _stamp(chosen: random.Random, words: str, *, opacity: float | None = None, reverse: bool = False) -> Image.Image:
    """Draw a stamp as an office has them: framed or not, at an angle, in its ink, a little worn."""
    font = ImageFont.truetype(chosen.choice(STAMP_FONTS), 96)
    left, top, right, bottom = font.getbbox(words)
    pad = 40
    size = math.ceil(right - left) + 2 * pad, math.ceil(bottom - top) + 2 * pad
    alpha = round(255 * (opacity if opacity is not None else chosen.uniform(0.7, 1.0)))
    ink = (*chosen.choice(COLOURS[:2] if reverse else COLOURS), alpha)
    stamp = Image.new("RGBA", size, ink if reverse else (255, 255, 255, 0))
    draw = ImageDraw.Draw(stamp)
    draw.text((pad - left, pad - top), words, font=font, fill=(255, 255, 255, 255) if reverse else ink)
    frame = chosen.choice(("none", "single", "double", "round"))
    if not reverse and frame == "round":
        draw.rounded_rectangle((4, 4, size[0] - 5, size[1] - 5), 24, outline=ink, width=7)
    elif not reverse and frame != "none":
        draw.rectangle((4, 4, size[0] - 5, size[1] - 5), outline=ink, width=7)
        if frame == "double":
            draw.rectangle((17, 17, size[0] - 18, size[1] - 18), outline=ink, width=3)
    angle = chosen.choice((0.0, chosen.uniform(-12, 12), chosen.uniform(-45, 45)))
    turned = stamp.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    return turned.filter(ImageFilter.GaussianBlur(chosen.choice((0, 0, 1.2))))


def _container_of(draft: _Draft, way: str) -> tuple[Callable[[_Draft, Path], None], str]:
    if way.startswith("clip-"):
        return _write_clip, "mp4"
    if way == "notes" or (not draft.stamp and not draft.keywords and draft.random.random() < 0.15):
        return _write_presentation, "pptx"
    return _write_pdf, "pdf"


def _write_pdf(draft: _Draft, path: Path) -> None:
    path.write_bytes(_typeset(draft, path))


def _typeset(draft: _Draft, path: Path, output: str = "pdf") -> bytes:
    chosen = draft.random
    ground = chosen.choice(("white", "white", 'rgb("#f4f1e8")', 'rgb("#e9f1fa")', 'rgb("#fdf3f3")'))
    layout = (
        f"#set page(width: {PAGE[0]}pt, height: {PAGE[1]}pt, margin: 26pt, fill: {ground})\n"
        f'#set text(font: "{chosen.choice(PAGE_FONTS)}", size: {chosen.randint(13, 17)}pt, lang: "vi")\n'
        f"#set document(keywords: {_quoted(draft.keywords)})\n"
    )
    parts = []
    for number, (heading, points) in enumerate(draft.pages):
        part = f'#align(center, text(size: 1.3em, weight: "bold", {_quoted(heading)}))\n'
        if number == 0 and draft.header:
            part = f"#align({chosen.choice(('left', 'center', 'right'))}, text({_quoted(draft.header)}))\n" + part
        part += "".join(f"#block(text({_quoted(point)}))\n" for point in points)
        if number == 0 and draft.footer:
            part += f"#place(bottom + {chosen.choice(('left', 'center', 'right'))}, text({_quoted(draft.footer)}))\n"
        if number == len(draft.pages) - 1 and draft.stamp:
            part += _placed_stamp(draft, path)
        parts.append(part)
    source = path.with_suffix(".typ")
    source.write_text(layout + "#pagebreak()\n".join(parts), encoding="utf-8")
    return typst.compile(source, root=draft.folder, format=output)


def _placed_stamp(draft: _Draft, path: Path) -> str:
    assert draft.stamp is not None
    file = path.with_suffix(".png")
    draft.stamp.save(file)
    chosen = draft.random
    across, down = draft.stamp.size
    letters = (draft.letters_share or chosen.uniform(0.045, 0.09)) * PAGE[1]
    scale = min(letters / STAMP_LETTERS, 0.4 * PAGE[1] / down, 0.8 * PAGE[0] / across)
    width, height = across * scale, down * scale
    left = chosen.uniform(0, PAGE[0] - 52 - width)
    top = PAGE[1] - 52 - height
    return f'#place(top + left, dx: {left:.0f}pt, dy: {top:.0f}pt, image("{file.name}", width: {width:.0f}pt))\n'


def _write_presentation(draft: _Draft, path: Path) -> None:
    texts = ["\n".join((heading, *points)) for heading, points in draft.pages]
    texts[0] = "\n".join(part for part in (draft.header, texts[0], draft.footer) if part)
    office.pptx(path, texts, notes=[(2, draft.notes)] if draft.notes else ())


def _write_clip(draft: _Draft, path: Path) -> None:
    """Film the pages, two seconds each, over a filmed picture or full, as broadcasts show them."""
    frames = []
    for number in range(len(draft.pages)):
        single = _Draft(draft.random, draft.folder, [draft.pages[number]], header=draft.header, footer=draft.footer)
        single.stamp = draft.stamp if number else None
        drawn = _typeset(single, path.with_name(f"{path.stem}-{number}.pdf"), "png")
        made = path.with_name(f"{path.stem}-{number}.bmp")  # The ffmpeg of the embedded wheel decodes no PNG.
        Image.open(io.BytesIO(drawn)).convert("RGB").resize(CLIP_SIZE, Image.Resampling.LANCZOS).save(made)
        frames.append(made)
    scaled = "setsar=1,format=yuv420p"
    inputs = [word for file in frames for word in ("-loop", 1, "-framerate", 5, "-t", 3, "-i", file)]
    chain = "".join(f"[{number}:v]{scaled}[v{number}];" for number in range(len(frames)))
    joined = "".join(f"[v{number}]" for number in range(len(frames))) + f"concat=n={len(frames)}[v]"
    coding = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", draft.random.randint(22, 30), "-g", 10)
    media.ffmpeg(*inputs, "-filter_complex", chain + joined, "-map", "[v]", *coding, path)


def _plain(words: str) -> str:
    apart = unicodedata.normalize("NFD", words.replace("Đ", "D").replace("đ", "d"))
    return "".join(char for char in apart if not unicodedata.combining(char))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
