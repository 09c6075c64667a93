"""Shapes that several routes answer with. Those of one route alone stand beside that route."""

from collections.abc import Iterable
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from sessions.credit import Reason
from sessions.errors import Language
from sessions.models import Person, Unit, UnitKind

Item = TypeVar("Item")


class Row(BaseModel):
    """Anything read off an object's attributes."""

    model_config = ConfigDict(from_attributes=True)


class Page(BaseModel, Generic[Item]):
    """One stretch of a long list, and how long the list is."""

    items: list[Item]
    total: int


class Named(Row):
    """A person by name only."""

    id: UUID
    full_name: str


class UnitRef(Row):
    id: UUID
    name: str
    kind: UnitKind


class PersonRef(BaseModel):
    id: UUID
    full_name: str
    member_number: str | None
    unit: UnitRef

    @classmethod
    def of(cls, person: Person, unit: Unit) -> "PersonRef":
        return cls(
            id=person.id,
            full_name=person.full_name,
            member_number=person.member_number,
            unit=UnitRef.model_validate(unit),
        )


class ReasonView(BaseModel):
    """Why something counts or doesn't, as a code and as a sentence in the reader's language."""

    code: str
    detail: str

    @classmethod
    def all(cls, reasons: Iterable[Reason], language: Language) -> "list[ReasonView]":
        return [cls(code=reason.code, detail=reason.sentence(language)) for reason in reasons]
