"""Documents at hand over HTTP: their short links, their pages, and who has opened them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, Field

from api.deps import DbDep, PageDep, Signed, Staff
from api.routes.viewings import answer_with_file
from api.schemas import PROBLEMS, Page, PartBrief, SessionBrief, UnitRef
from archive import documents
from archive.documents import Document
from sessions import register

router = APIRouter(tags=["documents"], responses=PROBLEMS)

#: As they were made, in any case; what is none is simply not found.
Code = Annotated[str, Field(max_length=20)]


class DocumentRow(BaseModel):
    """A released document; its short address is `/t/{code}`."""

    code: str
    title: str
    session: SessionBrief
    #: None when it is for the whole conference.
    part: PartBrief | None
    pages: int
    published_at: datetime
    #: When the signed-in person first opened it.
    opened_at: datetime | None


class DocumentPage(BaseModel):
    position: int
    url: str
    thumb_url: str
    width: int
    height: int
    bytes: int
    text: str


class DocumentView(DocumentRow):
    sheets: list[DocumentPage]
    #: Pages that were on the person's screen before, so that they can go on.
    seen: list[int]


class PagesSeen(BaseModel):
    pages: Annotated[list[Annotated[int, Field(ge=1, le=100_000)]], Field(max_length=2000)]


class ReceiptRow(BaseModel):
    """Of one unit's summoned people: all, those who opened the document, those who had every page on their screen."""

    unit: UnitRef
    expected: int
    opened: int
    whole: int


class Receipts(BaseModel):
    document: DocumentRow
    #: Everybody who opened it, summoned or not.
    readers: int
    units: Page[ReceiptRow]


@router.get("/sessions/{session_id}/documents")
def list_documents(db: DbDep, person: Signed, session_id: UUID) -> list[DocumentRow]:
    """The released documents of a conference with their short links."""
    session = register.see(db, person, session_id)
    return [_row(db, person.id, document) for document in documents.of_session(db, session)]


@router.post("/documents/{code}/openings")
def open_document(db: DbDep, person: Signed, code: Code) -> DocumentView:
    """Open a document for reading. A receipt is written once per person."""
    document, sheets = documents.open_document(db, person, code)
    receipt = documents.receipt_of(db, person.id, document.link.code)
    at = f"/api/v1/documents/{document.link.code}/pages"
    return DocumentView(
        **dict(_row(db, person.id, document)),
        sheets=[
            DocumentPage(
                position=page.position,
                url=f"{at}/{page.position}",
                thumb_url=f"{at}/{page.position}/small",
                width=page.width,
                height=page.height,
                bytes=page.bytes,
                text=page.text,
            )
            for page in sheets
        ],
        seen=receipt.pages if receipt else [],
    )


@router.post("/documents/{code}/seen", status_code=status.HTTP_204_NO_CONTENT)
def note_pages_seen(db: DbDep, person: Signed, code: Code, asked: PagesSeen) -> None:
    """Note which pages were on the person's screen."""
    documents.see_pages(db, person, code, asked.pages)


@router.get("/documents/{code}/pages/{position}", response_class=Response)
def fetch_document_page(db: DbDep, person: Signed, code: Code, position: int) -> Response:
    """One page as a picture."""
    return answer_with_file(*documents.page_key(db, person, code, position, small=False))


@router.get("/documents/{code}/pages/{position}/small", response_class=Response)
def fetch_document_thumbnail(db: DbDep, person: Signed, code: Code, position: int) -> Response:
    """One page as a small picture."""
    return answer_with_file(*documents.page_key(db, person, code, position, small=True))


@router.get("/documents/{code}/receipts")
def count_receipts(db: DbDep, by: Staff, page: PageDep, code: Code) -> Receipts:
    """How many of each unit have opened a document, for the units that the person is staff of."""
    document = documents.find(db, by, code)
    found, total = documents.receipts_by_unit(db, by, document, offset=page.offset, limit=page.limit)
    rows = [
        ReceiptRow(unit=UnitRef.model_validate(each.unit), expected=each.expected, opened=each.opened, whole=each.whole)
        for each in found
    ]
    return Receipts(
        document=_row(db, by.id, document),
        readers=documents.readers(db, document),
        units=Page(items=rows, total=total),
    )


def _row(db: DbDep, person_id: UUID, document: Document) -> DocumentRow:
    receipt = documents.receipt_of(db, person_id, document.link.code)
    return DocumentRow(
        code=document.link.code,
        title=document.deck.title,
        session=SessionBrief.model_validate(document.session),
        part=PartBrief.model_validate(document.part) if document.part else None,
        pages=document.pages,
        published_at=document.deck.published_at or document.deck.created_at,
        opened_at=receipt.first_opened_at if receipt else None,
    )
