"""The vault's tables of documents at hand: the short links to them, and who has opened them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from sessions.db import Base


class DocumentLink(Base):
    """The short address of one deck: what a QR code in the room says."""

    __tablename__ = "document_links"

    #: Six letters and digits that can be read aloud and typed.
    code: Mapped[str] = mapped_column(primary_key=True)
    deck_id: Mapped[UUID] = mapped_column(ForeignKey("decks.id"), unique=True)
    made_at: Mapped[datetime]


class DocumentReceipt(Base):
    """One person has opened one document: one row, however often they do."""

    __tablename__ = "document_receipts"

    code: Mapped[str] = mapped_column(ForeignKey("document_links.code"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    first_opened_at: Mapped[datetime]
    last_opened_at: Mapped[datetime]
    times: Mapped[int]
    #: Pages that were on the screen, in order, 1 for the first.
    pages: Mapped[list[Any]]
