"""Documents at hand: a released deck behind a short link, for whoever the conference concerns, with a receipt.

The link opens nothing by itself: who reads is signed in and concerned, and what is read has passed the gate and been
released. A receipt is written once per person and document, and counted per unit for staff.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from archive import catalogue
from archive.document_models import DocumentLink, DocumentReceipt
from archive.models import Deck, SlidePage
from sessions import audit, clock, register, roles, summons
from sessions.codes import new_slug, plain
from sessions.db import Db
from sessions.errors import NotAllowed, NotFound
from sessions.listing import page_of
from sessions.models import ConferenceSession, Expected, Person, SessionPart, Unit

_CODE_LENGTH: Final = 6


class DocumentNotFound(NotFound):
    code = "document-not-found"
    vi = "Không có tài liệu này, hoặc tài liệu chưa phát hành cho bạn. Hãy kiểm tra lại mã hoặc hỏi người phụ trách."
    en = "There is no such document, or it has not been released for you. Check the code, or ask who is in charge."


@dataclass(frozen=True)
class Document:
    """A released deck with its short link, the conference, and the part it belongs to, if only to one."""

    link: DocumentLink
    deck: Deck
    session: ConferenceSession
    part: SessionPart | None
    pages: int


@dataclass(frozen=True)
class UnitReceipts:
    """Of one unit's summoned people: how many there are, how many opened the document, and how many read to the end."""

    unit: Unit
    expected: int
    opened: int
    whole: int


def of_session(db: Db, session: ConferenceSession) -> list[Document]:
    """The released documents of a conference, in the order of the agenda; each gets its link when first asked for."""
    unlinked = _released().where(Deck.session_id == session.id, ~exists().where(DocumentLink.deck_id == Deck.id))
    for deck in db.scalars(unlinked).all():
        _link(db, deck)
    rows = db.execute(_documents().where(Deck.session_id == session.id))
    return [Document(*row) for row in rows]


def find(db: Db, person: Person, code: str) -> Document:
    """A released document that concerns this person; raises `DocumentNotFound` for any other."""
    mine = _documents().where(DocumentLink.code == plain(code), catalogue.concerns(db, person, Deck.session_id))
    row = db.execute(mine).one_or_none()
    if row is None:
        raise DocumentNotFound
    return Document(*row)


def open_document(db: Db, person: Person, code: str) -> tuple[Document, Sequence[SlidePage]]:
    """Open a document for reading: its pages, with a receipt that is written once and then renewed."""
    document = find(db, person, code)
    now = clock.now()
    row = insert(DocumentReceipt).values(
        code=document.link.code, person_id=person.id, first_opened_at=now, last_opened_at=now, times=1, pages=[]
    )
    renewed = {"last_opened_at": now, "times": DocumentReceipt.times + 1}
    times = db.scalar(
        row.on_conflict_do_update(index_elements=["code", "person_id"], set_=renewed).returning(DocumentReceipt.times)
    )
    if times == 1:
        audit.note(db, person, "document.opened", "deck", document.deck.id, code=document.link.code)
    pages = select(SlidePage).where(SlidePage.deck_id == document.deck.id).order_by(SlidePage.position)
    return document, db.scalars(pages).all()


def see_pages(db: Db, person: Person, code: str, pages: Collection[int]) -> DocumentReceipt:
    """Note which pages were on this person's screen; pages that the document doesn't have are passed over."""
    document = find(db, person, code)
    receipt = db.get(DocumentReceipt, (document.link.code, person.id), with_for_update=True)
    if receipt is None:
        raise DocumentNotFound
    known = {page for page in pages if 1 <= page <= document.pages}
    receipt.pages = sorted(known | set(receipt.pages))
    return receipt


def page_key(db: Db, person: Person, code: str, position: int, *, small: bool) -> tuple[str, str]:
    """The storage key of one page's picture, and its file name."""
    document = find(db, person, code)
    page = db.get(SlidePage, (document.deck.id, position))
    if page is None:
        raise DocumentNotFound
    name = page.thumbnail if small else page.picture
    return f"{catalogue.folder_of(document.deck)}/{name}", name


def receipts_by_unit(
    db: Db, by: Person, document: Document, *, offset: int, limit: int
) -> tuple[list[UnitReceipts], int]:
    """How many of the summoned of each of the units that `by` is staff of have opened a document, by unit."""
    if not register.may_report(db, by, document.session):
        raise NotAllowed
    read = (DocumentReceipt.code == document.link.code) & (DocumentReceipt.person_id == Expected.person_id)
    whole = func.jsonb_array_length(DocumentReceipt.pages) >= document.pages
    rows = (
        select(
            Unit,
            func.count(Expected.person_id),
            func.count(DocumentReceipt.person_id),
            func.count(DocumentReceipt.person_id).filter(whole),
        )
        .select_from(Expected)
        .join(Unit, Unit.id == Expected.unit_id)
        .outerjoin(DocumentReceipt, read)
        .where(Expected.part_id == summons.first_part(document.session.id), Expected.exempt_reason.is_(None))
        .where(roles.within(Unit.path, roles.scopes(db, by.id, register.STAFF_ROLES)))
        .group_by(Unit.id)
        .order_by(Unit.depth, Unit.sort_key, Unit.id)
    )
    found, total = page_of(db, rows, offset, limit)
    return [UnitReceipts(*row) for row in found], total


def readers(db: Db, document: Document) -> int:
    """How many people have opened it, summoned or not."""
    opened = select(func.count()).select_from(DocumentReceipt).where(DocumentReceipt.code == document.link.code)
    return db.scalars(opened).one()


def receipt_of(db: Db, person_id: UUID, code: str) -> DocumentReceipt | None:
    """What is known of one person's reading of one document."""
    return db.get(DocumentReceipt, (code, person_id))


def _released() -> Select[Deck]:
    """Decks that were uploaded and released; pages cut from a recording's picture are part of its replay."""
    return select(Deck).where(catalogue.is_out(Deck), Deck.recording_id.is_(None))


def _documents() -> Select[DocumentLink, Deck, ConferenceSession, SessionPart, int]:
    pages = select(func.count()).where(SlidePage.deck_id == Deck.id).scalar_subquery()
    return (
        select(DocumentLink, Deck, ConferenceSession, SessionPart, pages)
        .join(Deck, Deck.id == DocumentLink.deck_id)
        .join(ConferenceSession, ConferenceSession.id == Deck.session_id)
        .outerjoin(SessionPart, SessionPart.id == Deck.part_id)
        .where(catalogue.is_out(Deck), Deck.recording_id.is_(None))
        .order_by(SessionPart.position.nulls_first(), Deck.created_at, Deck.id)
    )


def _link(db: Db, deck: Deck) -> None:
    # Of two who ask at once one makes it; a code that is taken already is drawn again at the next asking.
    row = insert(DocumentLink).values(code=new_slug(_CODE_LENGTH), deck_id=deck.id, made_at=clock.now())
    if made := db.scalar(row.on_conflict_do_nothing().returning(DocumentLink.code)):
        audit.note(db, None, "document.linked", "deck", deck.id, code=made)
