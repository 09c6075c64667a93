"""Logs of video meetings over HTTP: brought in, looked through, accepted; and the three numbers of each point."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Base64Bytes, BaseModel, Field

from api.deps import DbDep, LanguageDep, PageDep, Signed, Staff
from api.schemas import PROBLEMS, Named, Page, PersonRef, Row, Title, UnitRef, Words
from archive.group import shares
from ingest import gate
from sessions import reconciliation, register, tables
from sessions.db import Db
from sessions.errors import Language
from sessions.meetings import imports, review
from sessions.meetings.review import Outcome, Shown, WhichRows
from sessions.models import (
    ConnectionPoint,
    MatchedBy,
    MeetingImport,
    Person,
    Platform,
    RowKind,
    RowState,
    SessionPoint,
)
from sessions.reconciliation import Reconciled
from sessions.settings import register_settings

router = APIRouter(tags=["meetings"], responses=PROBLEMS)

#: So many left-out rows are told of one by one.
_SHOWN_SKIPPED = 20


class NewMeetingLog(BaseModel):
    """A log as its file, in base64."""

    file_name: Title
    content: Annotated[Base64Bytes, Field(max_length=tables.MOST_BYTES)]


class SkippedRow(BaseModel):
    row: int
    reason: str


class MeetingLogView(BaseModel):
    """A log that was brought in; `counts` say how many rows each list of the page has."""

    id: UUID
    session_id: UUID
    file_name: str
    platform: Platform
    lines: int
    participants: int
    skipped: int
    skipped_rows: list[SkippedRow]
    first_at: datetime | None
    last_at: datetime | None
    imported_by: Named
    imported_at: datetime
    #: The share of a part that must be proved for an accepted row to become a check-in.
    share: float
    counts: dict[WhichRows, int]

    @classmethod
    def of(cls, db: Db, kept: MeetingImport, language: Language) -> "MeetingLogView":
        fields = ("id", "session_id", "file_name", "platform", "lines", "participants", "first_at", "last_at")
        shown: list[list[Any]] = kept.skipped[:_SHOWN_SKIPPED]
        return cls(
            **{name: getattr(kept, name) for name in (*fields, "imported_at")},
            skipped=len(kept.skipped),
            skipped_rows=[SkippedRow(row=row, reason=en if language == "en" else vi) for row, vi, en in shown],
            imported_by=Named.model_validate(db.get_one(Person, kept.imported_by)),
            share=register_settings().meeting_share,
            counts=review.counts_of(db, kept),
        )


class MeetingLogBrief(BaseModel):
    """A log in the list of a conference's."""

    id: UUID
    file_name: str
    platform: Platform
    participants: int
    imported_by: Named
    imported_at: datetime
    #: Rows by what was decided on them.
    states: dict[RowState, int]


class PointName(BaseModel):
    id: UUID
    name: str

    @classmethod
    def of(cls, point: SessionPoint, room: ConnectionPoint) -> "PointName":
        return cls(id=point.id, name=room.name)


class PresenceView(Row):
    """Seconds of one part that the log proves, and at most leaves possible."""

    part_id: UUID
    seconds: float
    most_seconds: float


class MeetingRowView(BaseModel):
    """One participant of a log with what it was matched to."""

    id: UUID
    row: int
    name: str
    email: str | None
    kind: RowKind
    state: RowState
    confidence: float
    matched_by: MatchedBy
    person: PersonRef | None
    point: PointName | None
    said_count: int | None
    presences: list[PresenceView]
    others: list[PersonRef]
    other_points: list[PointName]

    @classmethod
    def of(cls, shown: Shown) -> "MeetingRowView":
        row = shown.row
        fields = ("id", "row", "name", "email", "kind", "state", "confidence", "matched_by", "said_count")
        return cls(
            **{name: getattr(row, name) for name in fields},
            person=PersonRef.of(shown.person, shown.unit) if shown.person and shown.unit else None,
            point=PointName.of(*shown.point) if shown.point else None,
            presences=[PresenceView.model_validate(each) for each in shown.presences],
            others=[PersonRef.of(person, unit) for person, unit in shown.others],
            other_points=[PointName.of(*each) for each in shown.other_points],
        )


class RowsChosen(BaseModel):
    row_ids: Annotated[list[UUID], Field(min_length=1, max_length=review.MOST_AT_ONCE)]


class RowChoice(BaseModel):
    """Who a row is: a person of the summons, or else the room of a point."""

    person_id: UUID | None = None
    session_point_id: UUID | None = None


class RowsAccepted(BaseModel):
    """What accepting came to. `too_short` were not there long enough; `own` are left for somebody else; `left` wait."""

    accepted: int
    checked_in: int
    too_short: int
    own: int
    left: int

    @classmethod
    def of(cls, outcome: Outcome, left: int = 0) -> "RowsAccepted":
        return cls(
            accepted=outcome.accepted,
            checked_in=len(outcome.checked_in),
            too_short=outcome.too_short,
            own=outcome.own,
            left=left,
        )


class RowsRefused(BaseModel):
    refused: int


class Choices(BaseModel):
    """Whom and which rooms a row may be corrected to."""

    people: list[PersonRef]
    points: list[PointName]


class ReconciledRow(BaseModel):
    """The three numbers of a point in one part; null where nothing is known."""

    id: UUID
    name: str
    unit: UnitRef
    counted: int | None
    checked_in: int
    logged: int | None
    rooms: int
    room_seconds: float
    flagged: bool

    @classmethod
    def of(cls, found: Reconciled) -> "ReconciledRow":
        fields = ("counted", "checked_in", "logged", "rooms", "room_seconds", "flagged")
        return cls(
            id=found.point.id,
            name=found.room.name,
            unit=UnitRef.model_validate(found.unit),
            **{name: getattr(found, name) for name in fields},
        )


class Reconciliation(Page[ReconciledRow]):
    flagged: int
    tolerance: float


@router.post(
    "/sessions/{session_id}/meeting-logs",
    status_code=201,
    responses={200: {"model": MeetingLogView, "description": "These very bytes were brought in before"}},
)
def bring_meeting_log(
    db: DbDep, by: Staff, language: LanguageDep, response: Response, session_id: UUID, asked: NewMeetingLog
) -> MeetingLogView:
    """Read a log of Zoom, Teams, Meet or BigBlueButton, and match its names; nobody is checked in by that."""
    session = register.see(db, by, session_id)
    kept, is_new = imports.take(db, by, session, asked.content, asked.file_name)
    if is_new:
        _demand_unmarked(db, by, kept)
    else:
        response.status_code = 200
    return MeetingLogView.of(db, kept, language)


def _demand_unmarked(db: Db, by: Person, kept: MeetingImport) -> None:
    """Names are free text, and pass the gate like any other."""
    if rule := gate.marking_in_words("\n".join(review.names_of(db, kept))):
        raise gate.report_words(by.id, rule)


@router.get("/sessions/{session_id}/meeting-logs")
def list_meeting_logs(db: DbDep, by: Staff, session_id: UUID) -> list[MeetingLogBrief]:
    """The logs of a conference, the newest first."""
    session = register.see(db, by, session_id)
    return [
        MeetingLogBrief(
            **{name: getattr(kept, name) for name in ("id", "file_name", "platform", "participants", "imported_at")},
            imported_by=Named.model_validate(who),
            states={state: counts.get(state, 0) for state in RowState},
        )
        for kept, who, counts in imports.of_session(db, by, session)
    ]


@router.get("/meeting-logs/{import_id}")
def read_meeting_log(db: DbDep, by: Staff, language: LanguageDep, import_id: UUID) -> MeetingLogView:
    """One log, and how many rows wait for what."""
    kept, _ = imports.see(db, by, import_id)
    return MeetingLogView.of(db, kept, language)


@router.get("/meeting-logs/{import_id}/rows")
def list_meeting_rows(
    db: DbDep, by: Staff, page: PageDep, import_id: UUID, which: WhichRows = WhichRows.ALL, q: Words = ""
) -> Page[MeetingRowView]:
    """The rows of a log, the surest first."""
    kept, _ = imports.see(db, by, import_id)
    rows, total = review.rows_of(db, kept, which, q, page.offset, page.limit)
    return Page(items=[MeetingRowView.of(row) for row in rows], total=total)


@router.post("/meeting-logs/{import_id}/accept")
def accept_meeting_rows(db: DbDep, by: Staff, import_id: UUID, asked: RowsChosen) -> RowsAccepted:
    """Take rows over; people who were there long enough are checked in."""
    kept, _ = imports.see(db, by, import_id)
    return RowsAccepted.of(_settled(db, review.accept(db, by, kept, asked.row_ids)))


@router.post("/meeting-logs/{import_id}/accept-sure")
def accept_sure_rows(db: DbDep, by: Staff, import_id: UUID) -> RowsAccepted:
    """Take over the next rows that rest on a very name, number or address; `left` says how many more there are."""
    kept, _ = imports.see(db, by, import_id)
    outcome, left = review.accept_sure(db, by, kept)
    return RowsAccepted.of(_settled(db, outcome), left)


@router.post("/meeting-logs/{import_id}/refuse")
def refuse_meeting_rows(db: DbDep, by: Staff, import_id: UUID, asked: RowsChosen) -> RowsRefused:
    """Set rows aside."""
    kept, _ = imports.see(db, by, import_id)
    return RowsRefused(refused=review.refuse(db, by, kept, asked.row_ids))


@router.post("/meeting-logs/{import_id}/rows/{row_id}")
def correct_meeting_row(db: DbDep, by: Staff, import_id: UUID, row_id: UUID, asked: RowChoice) -> MeetingRowView:
    """Say by hand who a row is."""
    kept, _ = imports.see(db, by, import_id)
    row = review.correct(db, by, kept, row_id, person_id=asked.person_id, session_point_id=asked.session_point_id)
    return MeetingRowView.of(review.show(db, row))


@router.get("/meeting-logs/{import_id}/choices")
def find_choices(db: DbDep, by: Staff, import_id: UUID, q: Words) -> Choices:
    """People of the summons and points of the conference with these words in their names."""
    _, session = imports.see(db, by, import_id)
    return Choices(
        people=[PersonRef.of(person, unit) for person, unit in review.people_like(db, session, q)],
        points=[PointName.of(*each) for each in review.points_like(db, session, q)],
    )


@router.get("/sessions/{session_id}/reconciliation")
def reconcile(
    db: DbDep, by: Signed, page: PageDep, session_id: UUID, part_id: UUID | None = None, only_flagged: bool = False
) -> Reconciliation:
    """Headcount, check-ins and meeting logs of every point side by side, those furthest apart first."""
    session = register.see(db, by, session_id)
    part = register.part_of(db, session.id, part_id) if part_id else register.parts_of(db, session.id)[0]
    rows, total, flagged = reconciliation.points_of(
        db, by, session, part, only_flagged=only_flagged, offset=page.offset, limit=page.limit
    )
    return Reconciliation(
        items=[ReconciledRow.of(row) for row in rows], total=total, flagged=flagged, tolerance=reconciliation.TOLERANCE
    )


def _settled(db: Db, outcome: Outcome) -> Outcome:
    """Nobody was in two places: what a room that replays had shown them at that time no longer counts for them."""
    shares.settle_again(db, outcome.checked_in)
    return outcome
