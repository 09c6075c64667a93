"""Shapes that several routes answer with. Those of one route alone stand beside that route."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from ingest import gate
from sessions.board import Room, Taking
from sessions.credit import Reason
from sessions.errors import Language
from sessions.listing import MOST_COUNTED
from sessions.models import Headcount, Moment, Person, PointState, Role, RoleGrant, Unit, UnitKind
from sessions.names import clean

Item = TypeVar("Item")


def unmarked(text: str) -> str:
    """Let a text pass the gate. The refusal names the rule and never the text; `api.errors` reports the incident."""
    rule = gate.marking_in_words(text)
    if rule:
        raise PydanticCustomError("marked_words", "bears a marking", {"rule": rule})
    return text


#: A name or a title: one line, in one Unicode form, not empty.
Title = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=300), AfterValidator(unmarked)]
#: A free remark, which may be empty.
Remark = Annotated[str, AfterValidator(clean), Field(max_length=1000), AfterValidator(unmarked)]
#: Why somebody decided as they did. The domain says how short and how long; here only that nobody sends a book.
Explanation = Annotated[str, Field(max_length=5000), AfterValidator(unmarked)]
#: Words to look for.
Words = Annotated[str, Field(max_length=200)]
#: A moment with its zone, within what both Python and PostgreSQL can add days to.
Instant = Annotated[AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 1, 1))]
#: People in one room; the register has its own sentence for a headcount outside of it.
People = Annotated[int, Field(ge=0, le=100_000)]


class Row(BaseModel):
    """Anything read off an object's attributes."""

    model_config = ConfigDict(from_attributes=True)


class Page(BaseModel, Generic[Item]):
    """One stretch of a long list, and how long the list is."""

    items: list[Item]
    total: int


class PageOfPeople(Page[Item]):
    """The same of people, of whom there may be millions."""

    #: There are more than `total`: nobody counted on.
    more_than: bool

    @classmethod
    def counted(cls, items: list[Item], total: int) -> "PageOfPeople[Item]":
        """Of a list that was counted up to one more than `MOST_COUNTED`."""
        return cls(items=items, total=min(total, MOST_COUNTED), more_than=total > MOST_COUNTED)


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


class SessionBrief(Row):
    """A conference as a name to be shown with something else."""

    id: UUID
    title: str
    starts_at: datetime


class PartBrief(Row):
    id: UUID
    title: str


class ReasonView(BaseModel):
    """Why something counts or doesn't, as a code and as a sentence in the reader's language."""

    code: str
    detail: str

    @classmethod
    def all(cls, reasons: Iterable[Reason], language: Language) -> "list[ReasonView]":
        return [cls(code=reason.code, detail=reason.sentence(language)) for reason in reasons]


class RungView(Row):
    """One size of a replay's picture with its sound, and its cost; what is not known of an old one is null."""

    name: str
    width: int | None
    height: int | None
    frame_rate: float | None
    codecs: str | None
    bytes: int
    bit_rate: int


class FieldProblem(BaseModel):
    """What is wrong with one field of what was sent."""

    field: str
    detail: str


class Problem(BaseModel):
    """Every refusal (RFC 9457, `application/problem+json`): a code for programs, a sentence for the reader."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    facts: dict[str, int | float | str]
    errors: list[FieldProblem] = []


#: What any route of the register may answer instead of what was asked for.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "Nobody is signed in"},
    403: {"model": Problem, "description": "The person may not do it"},
    404: {"model": Problem, "description": "There is no such thing, or not for this person"},
    409: {"model": Problem, "description": "It clashes with what is already there"},
    422: {"model": Problem, "description": "What was sent cannot be right"},
}


class RoleHeld(BaseModel):
    """A role that a person holds over a unit and everything below it."""

    id: UUID
    role: Role
    unit: UnitRef

    @classmethod
    def of(cls, grant: RoleGrant, unit: Unit) -> "RoleHeld":
        return cls(id=grant.id, role=grant.role, unit=UnitRef.model_validate(unit))


class ConnectionPointView(BaseModel):
    """A room, as it is registered today."""

    id: UUID
    unit: UnitRef
    name: str
    address: str
    seats: int | None
    equipment: str
    line: str
    measured_mbits: int | None
    backup_line: str
    video_address: str
    phone: str
    technician: Named | None

    @classmethod
    def of(cls, room: Room) -> "ConnectionPointView":
        return cls(
            id=room.point.id,
            unit=UnitRef.model_validate(room.unit),
            name=room.point.name,
            address=room.point.address,
            seats=room.point.seats,
            equipment=room.point.equipment,
            line=room.point.line,
            measured_mbits=room.point.measured_mbits,
            backup_line=room.point.backup_line,
            video_address=room.point.video_address,
            phone=room.point.phone,
            technician=Named.model_validate(room.technician) if room.technician else None,
        )


class HeadcountView(BaseModel):
    """What was counted at one moment of a part, by whom, when by their clock and when by ours.

    `counted_at` was put right by `clock_ahead` seconds where the device's clock was off. `corrects` are the keys of
    what it sets aside; `superseded_by` is the entry that holds in its place, and null for the one that holds.
    """

    id: UUID
    part_id: UUID
    moment: Moment
    present: int
    excused: int
    absent: int
    late: int
    reason: str | None
    recorded_by: Named
    counted_at: datetime
    clock_ahead: int | None
    received_at: datetime
    client_key: UUID
    corrects: list[UUID]
    superseded_by: UUID | None

    @classmethod
    def of(cls, headcount: Headcount, recorded_by: Person) -> "HeadcountView":
        fields = {name: getattr(headcount, name) for name in cls.model_fields if name != "recorded_by"}
        return cls(**fields, recorded_by=Named.model_validate(recorded_by))


class SessionPointView(BaseModel):
    """A room taking part in a conference, with the last thing counted there."""

    id: UUID
    session_id: UUID
    point: ConnectionPointView
    unit: UnitRef
    relay_id: UUID | None
    expected_count: int | None
    state: PointState
    state_at: datetime
    technician: Named | None
    latest: HeadcountView | None

    @classmethod
    def of(cls, taking: Taking) -> "SessionPointView":
        return cls(
            id=taking.point.id,
            session_id=taking.point.session_id,
            point=ConnectionPointView.of(taking.room),
            unit=UnitRef.model_validate(taking.unit),
            relay_id=taking.point.relay_id,
            expected_count=taking.point.expected_count,
            state=taking.point.state,
            state_at=taking.point.state_at,
            technician=Named.model_validate(taking.technician) if taking.technician else None,
            latest=HeadcountView.of(*taking.latest) if taking.latest else None,
        )
