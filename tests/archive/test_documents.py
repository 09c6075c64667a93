"""Documents by a short link: released ones only, for those concerned, with one receipt each, counted per unit."""

import base64
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from archive import catalogue, documents
from archive.document_models import DocumentReceipt
from archive.models import Deck, SlidePage
from archive.storage import storage
from sessions import clock
from sessions.errors import NotAllowed
from sessions.models import AuditEntry, Role
from tests import factories

#: One white point as WebP.
PICTURE = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")


def keep_deck(db, session, *, title="Tài liệu học tập", pages=2, released=True):
    """A deck as the workshop leaves it, with small pictures of its own."""
    deck = Deck(
        id=uuid4(),
        session_id=session.id,
        title=title,
        source_sha256=uuid4().hex,
        source_key=f"originals/{uuid4()}",
        created_at=clock.now(),
    )
    db.add(deck)
    db.flush()
    for position in range(1, pages + 1):
        name = f"{position}.webp"
        storage().put_bytes(f"{catalogue.folder_of(deck)}/{name}", PICTURE)
        db.add(
            SlidePage(
                deck_id=deck.id,
                position=position,
                picture=name,
                thumbnail=name,
                width=1280,
                height=720,
                bytes=len(PICTURE),
                text=f"Trang {position}",
                search_key=f"trang {position}",
            )
        )
    if released:
        catalogue.publish(db, deck, None)
    db.flush()
    return deck


@pytest.fixture
def session(db, cast):
    opened = factories.open_session(db, cast)
    factories.summon(db, cast, opened)
    return opened


@pytest.fixture
def document(db, session):
    keep_deck(db, session)
    (found,) = documents.of_session(db, session)
    return found


def test_a_released_deck_gets_one_short_link_that_stays(db, session, document):
    assert len(document.link.code) == 6
    assert [each.link.code for each in documents.of_session(db, session)] == [document.link.code]
    assert document.pages == 2


def test_what_is_not_released_has_no_link_and_what_is_taken_away_opens_no_more(db, cast, session, document):
    keep_deck(db, session, title="Chưa phát hành", released=False)
    assert [each.deck.title for each in documents.of_session(db, session)] == ["Tài liệu học tập"]
    catalogue.retract(db, document.deck, cast.staff)
    db.flush()
    with pytest.raises(documents.DocumentNotFound):
        documents.open_document(db, cast.member, document.link.code)
    assert documents.of_session(db, session) == []


def test_a_receipt_is_written_once_per_person_with_first_and_last_opening_and_pages(db, cast, document):
    code = document.link.code
    first, pages = documents.open_document(db, cast.member, code)
    assert (first.deck.id, [page.position for page in pages]) == (document.deck.id, [1, 2])
    documents.see_pages(db, cast.member, code, [2, 2, 7])
    # Typed in small letters, with a space in the middle.
    documents.open_document(db, cast.member, f"{code[:3].lower()} {code[3:]}")
    documents.see_pages(db, cast.member, code, [1])
    receipt = db.scalars(select(DocumentReceipt), execution_options={"populate_existing": True}).one()
    assert (receipt.times, receipt.pages, receipt.first_opened_at < receipt.last_opened_at) == (2, [1, 2], True)
    opened = select(func.count()).where(AuditEntry.action == "document.opened")
    assert db.scalar(opened) == 1


def test_only_those_whom_the_conference_concerns_open_it(db, cast, document):
    for code in (document.link.code, "AAAAAA", "", "x" * 20):
        with pytest.raises(documents.DocumentNotFound):
            documents.open_document(db, cast.stranger, code)
    assert documents.open_document(db, cast.administrator, document.link.code)


def test_receipts_are_counted_per_unit_for_its_staff_only(db, cast, document):
    code = document.link.code
    documents.open_document(db, cast.member, code)
    documents.see_pages(db, cast.member, code, [1, 2])
    documents.open_document(db, cast.releaser, code)
    rows, total = documents.receipts_by_unit(db, cast.staff, document, offset=0, limit=50)
    counted = {row.unit.name: (row.expected, row.opened, row.whole) for row in rows}
    assert (total, counted) == (2, {"Lai Châu": (3, 1, 0), "Sìn Hồ": (2, 1, 1)})
    assert documents.readers(db, document) == 2
    with pytest.raises(NotAllowed):
        documents.receipts_by_unit(db, cast.member, document, offset=0, limit=50)
    mine = factories.enrol(db, cast.commune)
    factories.entrust(db, mine, Role.STAFF, cast.commune)
    rows, _ = documents.receipts_by_unit(db, mine, document, offset=0, limit=50)
    assert [row.unit.name for row in rows] == ["Sìn Hồ"]
