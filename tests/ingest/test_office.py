"""Presentations become pages by LibreOffice, which gets nothing but the one file it is given."""

import ctypes
import shutil
import subprocess
import sys

import pytest
from PIL import Image

from ingest import confine, decks, office, slides
from sessions.names import search_key
from tests import office as presentations

NOTE = "Lời dặn riêng của báo cáo viên"
needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


def render(deck, folder):
    folder.mkdir(exist_ok=True)
    return slides.render(deck, folder, on_page=lambda done, of: None)


def is_red_somewhere(page):
    """Whether the page shows the picture that lies outside its deck."""
    with Image.open(page.file) as picture:
        return any(red > 200 and green < 60 for _, (red, green, _) in picture.convert("RGB").getcolors(2**24))


@pytest.fixture
def secret(tmp_path):
    """A picture on the server that no deck may show."""
    Image.new("RGB", (400, 300), "red").save(tmp_path / "secret.png")
    return (tmp_path / "secret.png").as_uri()


@needs_office
@pytest.mark.timeout(240)
def test_draws_a_pptx_without_what_is_not_for_members(tmp_path, secret):
    sentences = ["Quán triệt nghị quyết", "Trang không chiếu", "Điểm cầu các xã"]
    deck = presentations.pptx(tmp_path / "upload", sentences, notes=[(1, NOTE)], hidden=[2], linked=secret)
    pages = render(deck, tmp_path / "out")
    assert [page.text.strip() for page in pages] == ["Quán triệt nghị quyết", "Điểm cầu các xã"]
    assert "diem cau" in search_key(pages[1].text)
    assert not any(is_red_somewhere(page) for page in pages), "A deck must not show files of the server."
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".webp"}, "Nothing else may stay behind."


@needs_office
@pytest.mark.timeout(240)
def test_draws_an_odp_without_its_notes(tmp_path):
    deck = presentations.odp(tmp_path / "upload", ["Trang một", "Trang hai"], notes=[(2, NOTE)])
    pages = render(deck, tmp_path / "out")
    assert [page.text.strip() for page in pages] == ["Trang một", "Trang hai"]


@pytest.mark.parametrize(
    "linked", [None, "http://127.0.0.1:9/x.png", "../../secret.png", "%2e%2e/secret.png", "/x.png"]
)
def test_refuses_an_odp_that_shows_what_lies_outside_it(tmp_path, secret, linked):
    """LibreOffice 7.4 opens pictures linked from ODP whatever its settings say; those of PPTX it leaves alone."""
    with pytest.raises(decks.DeckLinked):
        decks.kind_of(presentations.odp(tmp_path / "d", ["Trang"], linked=linked or secret))


@pytest.mark.skipif(
    ctypes.CDLL(None).syscall(confine.CREATE_RULESET, None, 0, 1) < 1, reason="This kernel has no Landlock."
)
def test_lets_a_program_read_nothing_but_what_it_is_given(tmp_path):
    (tmp_path / "home").mkdir()
    for path in ("home/own", "given", "secret"):
        (tmp_path / path).write_text(path)

    def read(path):
        readable = ":".join([*office.SYSTEM, str(tmp_path / "given")])
        command = [sys.executable, "-I", "-S", confine.__file__, tmp_path / "home", readable, shutil.which("cat")]
        return subprocess.run([*command, tmp_path / path], capture_output=True, text=True, timeout=60)

    assert [read(path).stdout for path in ("home/own", "given")] == ["home/own", "given"]
    assert read("secret").returncode != 0
    assert read("secret").stdout == ""


@needs_office
@pytest.mark.timeout(240)
def test_stops_when_told_to_and_leaves_nothing(tmp_path):
    class LeaseLost(Exception):
        pass

    def lose(done, of):
        raise LeaseLost

    (tmp_path / "out").mkdir()
    with pytest.raises(LeaseLost):
        slides.render(presentations.pptx(tmp_path / "d", ["Trang"]), tmp_path / "out", on_page=lose)
    assert not list((tmp_path / "out").iterdir())


def test_says_what_to_do_where_libreoffice_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(office.OfficeMissing) as caught:
        render(presentations.pptx(tmp_path / "d", ["Trang"]), tmp_path / "out")
    assert "LibreOffice" in caught.value.sentence("vi")
    assert "PDF" in caught.value.sentence("vi")


def test_gives_up_a_presentation_that_takes_too_long(tmp_path, monkeypatch):
    (tmp_path / "soffice").write_text("#!/bin/sh\nwhile :; do :; done\n")
    (tmp_path / "soffice").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(office, "MOST_SECONDS", 1)
    with pytest.raises(office.DeckTooHeavy):
        render(presentations.pptx(tmp_path / "d", ["Trang"]), tmp_path / "out")


def test_draws_every_page_of_a_fax(tmp_path):
    pages = [Image.new("1", (400, 300 + 10 * number), number % 2) for number in range(3)]
    pages[0].save(tmp_path / "d", "TIFF", save_all=True, append_images=pages[1:], compression="group4")
    made = render(tmp_path / "d", tmp_path / "out")
    assert [(page.width, page.height) for page in made] == [(400, 300), (400, 310), (400, 320)]


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_draws_a_photograph_the_right_way_up(tmp_path, form):
    picture = Image.new("RGB", (3200, 1800), "white")
    picture.paste("black", (0, 0, 1600, 1800))
    turned = picture.getexif()
    turned[0x0112] = 6  # Turned by a quarter: the left half belongs at the top.
    picture.save(tmp_path / "d", form, exif=turned)
    (page,) = render(tmp_path / "d", tmp_path / "out")
    with Image.open(page.file) as drawn:
        assert (drawn.size, page.text) == ((1280, 2276), "")
        assert drawn.convert("L").getpixel((640, 500)) < 60
        assert drawn.convert("L").getpixel((640, 1700)) > 200


def test_draws_what_moves_as_it_begins_and_on_paper(tmp_path):
    first, second = Image.new("RGBA", (300, 200), (0, 0, 0, 0)), Image.new("RGBA", (300, 200), "black")
    first.save(tmp_path / "d", "PNG", save_all=True, append_images=[second])
    (page,) = render(tmp_path / "d", tmp_path / "out")
    with Image.open(page.file) as drawn:
        assert drawn.convert("L").getextrema()[0] > 250


def test_refuses_a_picture_that_was_cut_off(tmp_path):
    Image.effect_noise((400, 300), 90).save(tmp_path / "whole", "JPEG")
    (tmp_path / "d").write_bytes((tmp_path / "whole").read_bytes()[:4000])
    with pytest.raises(decks.DeckUnreadable):
        render(tmp_path / "d", tmp_path / "out")
