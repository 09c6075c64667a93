"""What a deck says reaches the gate, wherever it stands; and what must not be opened is refused."""

import struct
import time
import zipfile
import zlib

import pypdfium2
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ingest import deck_binary, decks, documents, unlocking
from ingest.decks import DeckKind
from ingest.markings import Source
from tests import media, office

NOTE = "Lời dặn riêng của báo cáo viên"


def said(path, filename="tep.bin"):
    return {(each.source, each.page, each.text) for each in documents.passages_of(path, filename)}


def test_reads_every_part_of_a_pptx_with_its_page(tmp_path):
    deck = office.pptx(
        tmp_path / "d",
        ["Trang thứ hai trên màn hình", "Trang không chiếu", "Trang thứ nhất"],
        notes=[(1, NOTE)],
        hidden=[2],
        order=[3, 2, 1],
        title="Tiêu đề trong thuộc tính",
        comment="Bình luận của người duyệt",
    )
    assert said(deck, "Tên tệp.pptx") == {
        (Source.NAME, None, "Tên tệp.pptx"),
        (Source.TEXT, 1, "Trang thứ nhất"),
        (Source.TEXT, 2, "Trang thứ hai trên màn hình"),
        (Source.TEXT, None, "Trang không chiếu"),
        (Source.NOTES, 2, NOTE),
        (Source.NOTES, None, "Bình luận của người duyệt"),
        (Source.PROPERTY, None, "Tiêu đề trong thuộc tính"),
    }


def test_reads_a_pptx_of_which_the_relationships_are_missing(tmp_path):
    whole = office.pptx(tmp_path / "whole", ["Một trang"], notes=[(1, NOTE)])
    with zipfile.ZipFile(whole) as package, zipfile.ZipFile(tmp_path / "d", "w") as bare:
        for name in package.namelist():
            if not name.startswith("ppt/") or not name.endswith(".rels"):
                bare.writestr(name, package.read(name))
    assert {(Source.TEXT, None, "Một trang"), (Source.NOTES, None, NOTE)} <= said(tmp_path / "d")


def test_reads_an_odp(tmp_path):
    deck = office.odp(tmp_path / "d", ["Trang một", "Trang hai"], notes=[(2, NOTE)], title="Tiêu đề")
    assert said(deck) - {(Source.NAME, None, "tep.bin")} == {
        (Source.TEXT, 1, "Trang một"),
        (Source.TEXT, 2, "Trang hai"),
        (Source.NOTES, 2, NOTE),
        (Source.PROPERTY, None, "Tiêu đề"),
    }


def test_reads_the_text_comments_and_properties_of_a_pdf(tmp_path):
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 320 180]/Annots[4 0 R]/Contents 6 0 R"
        "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        "<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(A comment)>>",
        "<</Title(A title)>>",
        "<</Length 31>>stream\nBT /F 12 Tf 9 9 Td(A page)Tj ET \nendstream",
    ]
    xmp = "%<x:xmpmeta xmlns:x='adobe:ns:meta/'><label>Hidden label</label></x:xmpmeta>\n"
    (tmp_path / "d").write_text(media.pdf_of(objects, "/Info 5 0 R", xmp))
    assert said(tmp_path / "d") == {
        (Source.NAME, None, "tep.bin"),
        (Source.TEXT, 1, "A page"),
        (Source.NOTES, 1, "A comment"),
        (Source.PROPERTY, None, "A title"),
        (Source.PROPERTY, None, "Hidden label"),
    }


def test_reads_what_is_written_into_a_picture(tmp_path):
    texts = PngInfo()
    texts.add_itxt("Comment", "Chú thích trong ảnh")
    Image.new("RGB", (40, 30)).save(tmp_path / "d", "PNG", pnginfo=texts)
    assert (Source.PROPERTY, None, "Chú thích trong ảnh") in said(tmp_path / "d")


def record(kind, content=b"", *, instance=0, container=False):
    return (
        (instance << 4 | (15 if container else 0)).to_bytes(2, "little")
        + kind.to_bytes(2, "little")
        + len(content).to_bytes(4, "little")
        + content
    )


def test_reads_the_records_of_a_ppt():
    art = (0x80C0).to_bytes(2, "little") + (6).to_bytes(4, "little") + "MẬT".encode("utf-16-le")
    stream = (
        record(
            4080,
            record(1011)
            + record(4000, "Trang một\rDòng hai".encode("utf-16-le"))
            + record(1011)
            + record(4008, b"Two"),
            container=True,
        )
        + record(1008, record(4000, NOTE.encode("utf-16-le")), container=True)
        + record(1006, record(0xF00B, art, instance=1), container=True)
        + b"\x0f\x00\xff"  # Cut off within a header.
    )
    found = {(each.source, each.page, each.text) for each in deck_binary.texts_of(stream)}
    assert found == {
        (Source.TEXT, 1, "Trang một\nDòng hai"),
        (Source.TEXT, 2, "Two"),
        (Source.NOTES, None, NOTE),
        (Source.TEXT, None, "MẬT"),
    }


def with_entities(path):
    return office.odp(path, ["Trang"], markup='<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;&b;">]>')


def climbing(path):
    return office.pptx(path, ["Trang"], extra=[("../../etc/cron.d/x", "x")])


def bomb(path):
    with zipfile.ZipFile(office.pptx(path, ["Trang"]), "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("ppt/media/image1.png", bytes(64 * 2**20))
    return path


def bomb_that_lies(path):
    """A part that says it unpacks to a few bytes, and would unpack to 64 MB."""
    bomb(path)
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    path.write_bytes(content)
    return path


def word_document(path):
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(
            "[Content_Types].xml", "<Types>application/vnd.openxmlformats-officedocument.wordprocessingml</Types>"
        )
    return path


def huge_picture(path):
    """A PNG that says it has 20,000 x 20,000 pixels, which is all that may be read of one."""
    chunks = [b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(bytes(99))]
    framed = [struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in chunks]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(framed))
    return path


def long_pdf(path):
    kids = " ".join(["3 0 R"] * 100_000)
    pages = f"<</Type/Pages/Kids[{kids}]/Count 100000>>"
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 320 180]>>"
    path.write_text(media.pdf_of(["<</Type/Catalog/Pages 2 0 R>>", pages, page]))
    return path


def cut_pptx(path):
    return media.truncated(path, office.pptx(path.with_name("whole"), ["Trang"] * 9))


def empty(path):
    path.write_bytes(b"")
    return path


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (with_entities, decks.DeckUnsafe),
        (climbing, decks.DeckUnsafe),
        (bomb, decks.DeckTooLarge),
        (bomb_that_lies, decks.DeckUnreadable),
        (huge_picture, decks.DeckTooLarge),
        (long_pdf, decks.DeckTooLong),
        (cut_pptx, decks.DeckUnreadable),
        (word_document, decks.NotADeck),
        (empty, decks.NotADeck),
        (lambda path: office.odp(path, ["Trang"], locked=True), decks.DeckSealed),
        (lambda path: office.locked_pptx(path, "mật khẩu"), decks.DeckLocked),
        (media.locked_deck, decks.DeckLocked),
    ],
)
def test_refuses_with_a_sentence(tmp_path, make, error):
    deck, begun = make(tmp_path / "deck.pptx"), time.process_time()
    with pytest.raises(error) as caught:
        documents.passages_of(deck, "tep")
    assert caught.value.status == 422
    assert caught.value.sentence("vi") != caught.value.sentence("en")
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("make", "password"),
    [(media.locked_deck, "mat-khau"), (office.locked_pptx, "mật khẩu")],
    ids=["PDF", "PPTX"],
)
def test_opens_with_the_right_password_alone(tmp_path, make, password):
    deck = make(tmp_path / "deck", password)
    with pytest.raises(unlocking.WrongPassword):
        unlocking.write_unlocked(deck, tmp_path / "open", password.upper())
    unlocking.write_unlocked(deck, tmp_path / "open", password)
    assert decks.kind_of(tmp_path / "open") in (DeckKind.PDF, DeckKind.PPTX)
    assert documents.passages_of(tmp_path / "open", "tep")
    if make is media.locked_deck:
        assert len(pypdfium2.PdfDocument(tmp_path / "open")) == 1
