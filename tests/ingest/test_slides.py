"""Decks: pages that can be read, with text that can be searched, and refusals that can be understood."""

import unicodedata

import pytest
from PIL import Image

from ingest import decks, pages, slides
from tests import media


def render(deck, folder):
    folder.mkdir(exist_ok=True)
    return slides.render(deck, folder, on_page=lambda done, of: None)


def test_draws_every_page_with_its_text(tmp_path):
    made = render(media.deck(tmp_path / "d.pdf"), tmp_path / "out")
    assert [page.position for page in made] == [1, 2, 3, 4, 5, 6]
    for page, sentence in zip(made, media.SENTENCES, strict=True):
        assert " ".join(sentence.split()) in " ".join(page.text.split())
        assert unicodedata.is_normalized("NFC", page.text)
        with Image.open(page.file) as picture:
            assert (picture.format, picture.size) == ("WEBP", (1280, 720))
        assert (page.width, page.height, page.bytes) == (1280, 720, page.file.stat().st_size)
        with Image.open(page.thumb_file) as thumbnail:
            assert thumbnail.size == (240, 135)
        assert page.bytes < 30_000, "A page of text must stay what a weak link can carry."
        assert page.thumb_file.stat().st_size < 4_000


@pytest.mark.parametrize(
    ("size", "drawn"),
    [
        pytest.param((180, 320), (1280, 2276), id="upright"),
        pytest.param((20, 4000), (13, 2560), id="a strip is no tower of pixels"),
        pytest.param((4000, 20), (1280, 7), id="nor is a banner"),
    ],
)
def test_keeps_pictures_within_bounds(tmp_path, size, drawn):
    width, height = size
    page, *_ = render(media.deck(tmp_path / "d.pdf", ["."], width=width, height=height), tmp_path / "out")
    assert (page.width, page.height) == pytest.approx(drawn, abs=1)


def test_tells_how_far_it_is(tmp_path):
    told = []
    (tmp_path / "out").mkdir()
    slides.render(media.deck(tmp_path / "d.pdf"), tmp_path / "out", on_page=lambda done, of: told.append((done, of)))
    assert told == sorted(told, key=lambda each: each[0])
    assert told[-1] == (6, 6)


def test_stops_when_told_to(tmp_path):
    class LeaseLost(Exception):
        pass

    def lose(done, of):
        raise LeaseLost

    (tmp_path / "out").mkdir()
    with pytest.raises(LeaseLost):
        slides.render(media.deck(tmp_path / "d.pdf", ["Trang"] * 40), tmp_path / "out", on_page=lose)
    assert len(list((tmp_path / "out").iterdir())) < 80


def zip_cut_short(path):
    path.write_bytes(b"PK\x03\x04" + bytes(2000))
    return path


def cut_deck(path):
    return media.truncated(path, media.deck(path.with_name("whole.pdf")), share=0.3)


def noise(path):
    path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    return path


def empty(path):
    path.write_bytes(b"")
    return path


@pytest.mark.parametrize(
    ("make", "error", "code"),
    [
        (media.locked_deck, decks.DeckLocked, "deck-locked"),
        (zip_cut_short, decks.DeckUnreadable, "deck-unreadable"),
        (media.text_named_mp4, decks.NotADeck, "not-a-deck"),
        (empty, decks.NotADeck, "not-a-deck"),
        (cut_deck, decks.DeckUnreadable, "deck-unreadable"),
        (noise, decks.DeckUnreadable, "deck-unreadable"),
    ],
)
def test_refuses_with_a_sentence(tmp_path, make, error, code):
    deck = make(tmp_path / "upload.pdf")
    with pytest.raises(error) as caught:
        render(deck, tmp_path / "out")
    assert (caught.value.status, caught.value.code) == (422, code)
    assert caught.value.sentence("vi") != caught.value.sentence("en")


def test_refuses_a_deck_that_is_a_library(tmp_path, monkeypatch):
    monkeypatch.setattr(slides, "MOST_PAGES", 5)
    monkeypatch.setattr(decks, "MOST_PAGES", 5)
    with pytest.raises(decks.DeckTooLong, match="6 pages, over the limit of 5"):
        render(media.deck(tmp_path / "d.pdf"), tmp_path / "out")


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        pytest.param("Quán triệt\r\nhai dòng", "Quán triệt\nhai dòng", id="lines"),
        pytest.param(unicodedata.normalize("NFD", "Nghị quyết"), "Nghị quyết", id="accents apart"),
        pytest.param("a\x00b\ufffec\ud800d", "abcd", id="what is no character"),
    ],
)
def test_tidies_text_for_search(found, kept):
    assert pages.tidy(found) == kept
