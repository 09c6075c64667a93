"""What Tesseract reads of pictures, with stamps at an angle, and what becomes of pictures that it cannot read."""

import os

import pytest
from PIL import Image, ImageDraw, ImageFont

from ingest import inspection, ocr, runner
from ingest.inspection import Material
from ingest.markings import Certainty, Passage, Source, search
from tests.benchmarks import gate_set

RED = (190, 20, 30)
FONT = "DejaVuSans-Bold.ttf"
needs_tesseract = pytest.mark.skipif(not ocr.is_available(), reason="Tesseract is not installed")


def slide(path, *stamps):
    """Write a slide of 1280 by 720 with a heading, and stamps: each its words, place and look."""
    page = Image.new("RGB", (1280, 720), "white")
    ImageDraw.Draw(page).text((60, 30), "Kết quả công tác quý ba", fill="navy", font=ImageFont.truetype(FONT, 40))
    for words, place, look in stamps:
        stamp = drawn(words, **look)
        page.paste(stamp, place, stamp)
    page.save(path)
    return path


def drawn(words, *, angle=0.0, letters=60, ink=RED, ground=None, frame=False):
    font = ImageFont.truetype(FONT, letters)
    width, height = (round(side) for side in font.getbbox(words)[2:])
    stamp = Image.new("RGBA", (width + 60, height + 50), ground or (255, 255, 255, 0))
    draw = ImageDraw.Draw(stamp)
    draw.text((30, 20), words, fill=ink, font=font)
    if frame:
        draw.rectangle((3, 3, width + 56, height + 46), outline=ink, width=5)
    return stamp.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)


def rules_in(picture):
    lines = tuple(ocr.read_lines(picture))
    return {hit.rule for hit in search([Passage("", Source.PICTURE, 1, lines=lines)])}


@needs_tesseract
@pytest.mark.parametrize("ink", [(233, 190, 190), (190, 190, 186), (150, 190, 190)], ids=["red", "gray", "green"])
@pytest.mark.parametrize("angle", [0, 18])
def test_reads_a_faint_stamp_under_the_words_of_a_page(tmp_path, ink, angle):
    page = Image.new("RGB", (1280, 720), (233, 241, 250))
    stamp = drawn("TUYỆT MẬT", angle=angle, letters=70, ink=ink, frame=True)
    page.paste(stamp, (300, 165), stamp)
    words = "Quán triệt nghị quyết của Trung ương tới điểm cầu", "145 điểm cầu, 11.873 đại biểu tham dự từ các xã"
    for number, line in enumerate(words):
        ImageDraw.Draw(page).text((60, 150 + 60 * number), line, "black", ImageFont.truetype("DejaVuSans.ttf", 30))
    page.save(tmp_path / "page.png")
    assert "tuyet-mat" in rules_in(tmp_path / "page.png")


@needs_tesseract
def test_takes_no_ordinary_words_for_half_a_stamp(tmp_path):
    look = {"angle": 8, "frame": True}
    stamps = ("TÀI LIỆU HỌC TẬP", (60, 150), look), ("BẢN SAO", (760, 150), look), ("HỘI NGHỊ", (60, 480), look)
    assert rules_in(slide(tmp_path / "page.png", *stamps)) == set()


@needs_tesseract
def test_reads_stamps_of_every_kind_and_says_where(tmp_path):
    picture = slide(
        tmp_path / "page.png",
        ("MẬT", (60, 150), {"angle": 24, "frame": True}),
        ("TÀI LIỆU THU HỒI", (560, 150), {"ink": "white", "ground": RED, "angle": -4, "letters": 50}),
        ("TOP SECRET", (60, 480), {"ink": (243, 205, 205), "angle": 12}),
        ("CHỈ NGƯỜI CÓ TÊN MỚI ĐƯỢC BÓC BÌ", (1180, 10), {"letters": 26, "angle": 90}),
        ("HỎA TỐC", (640, 480), {"frame": True, "angle": 10}),
    )
    lines = tuple(ocr.read_lines(picture))
    assert any("Kết quả công tác" in line.text for line in lines)
    found = {hit.rule: hit.box for hit in search([Passage("", Source.PICTURE, 1, lines=lines)])}
    corners = {rule: (box[0] > 0.5, box[1] > 0.5) for rule, box in found.items()}
    assert corners == {
        "mat": (False, False),
        "thu-hoi": (False, False),
        "top-secret": (False, True),
        "boc-bi": (True, False),
    }


@needs_tesseract
def test_reads_a_part_and_says_where_on_the_whole_picture_it_stands(tmp_path):
    stamped = ("MẬT", (900, 480), {"frame": True}), ("BẢN SAO", (60, 150), {"frame": True})
    picture = slide(tmp_path / "page.png", *stamped)
    whole, part = ocr.read_lines(picture), ocr.read_lines(picture, (0.6, 0.5, 0.4, 0.5))
    assert {line.text for line in part} == {"MẬT"}
    stamps = [line for line in whole if "MẬT" in line.text]
    assert len(stamps) == len(part)
    for here, there in zip(part, stamps, strict=True):
        assert (here.left, here.top) == pytest.approx((there.left, there.top), abs=0.03)
        assert (here.width, here.height) == pytest.approx((there.width, there.height), abs=0.03)


def test_says_so_where_tesseract_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    picture = slide(tmp_path / "page.png")
    assert not ocr.is_available()
    assert ocr.read_text(picture) is None
    with pytest.raises(ocr.NoTesseract):
        ocr.read_lines(picture)


def test_reads_running_text_in_vietnamese(tmp_path, monkeypatch):
    program = tmp_path / "tesseract"
    program.write_text('#!/bin/sh\ncase $1 in --list-langs) echo vie;; *) echo " Nghị quyết $3 $4 ";; esac\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert ocr.read_text(tmp_path / "page.webp") == "Nghị quyết -l vie"
    program.write_text("#!/bin/sh\nexit 1\n")
    assert ocr.read_text(tmp_path / "page.webp") is None
    with pytest.raises(runner.ToolFailed):
        ocr.read_lines(slide(tmp_path / "page.png"))


def test_refuses_what_is_no_picture_or_far_too_large(tmp_path):
    (tmp_path / "text.png").write_text("MẬT")
    with pytest.raises(ocr.PictureUnreadable):
        ocr.read_lines(tmp_path / "text.png")
    Image.new("1", (9000, 9000)).save(tmp_path / "large.png")
    with pytest.raises(ocr.PictureTooLarge):
        ocr.read_lines(tmp_path / "large.png")


@pytest.mark.parametrize("seed", [1001, 1002, 1003, 1004])
def test_judges_unseen_decks_by_what_they_say(tmp_path, seed):
    """A slice of the labelled set; all of it is judged, pictures too, by `make bench ONLY=gate`."""
    item = gate_set.make(seed, tmp_path)
    hits = search(inspection.said_in(Material(item.path, item.kind, item.filename)))
    assert bool(hits) == item.in_text
    if item.in_text and item.certain:
        assert Certainty.CERTAIN in {hit.certainty for hit in hits}
