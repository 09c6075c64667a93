"""The review desk: what waits for a person to decide, the evidence drawn out, and the decisions themselves."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status
from pydantic import BaseModel

from api.deps import DbDep, LanguageDep, PageDep, Staff
from api.schemas import PROBLEMS, Explanation, Page, PartBrief, PersonRef, ReasonView, Row, SessionBrief
from archive import doubt_words, reviews, traces
from archive.group.models import ArrivalMethod
from archive.models import PromptKind, PromptState, Viewing
from archive.reviews import Case, Which
from archive.traces import Lapse, RoomTrace, Stretch, Trace
from sessions import attendance, clock, decisions, register, roles, summons
from sessions.db import Db
from sessions.decisions import Made
from sessions.errors import Language
from sessions.intervals import Interval
from sessions.models import ConferenceSession, DecisionKind, DecisionState, Evidence, Person

router = APIRouter(tags=["review"], responses=PROBLEMS)

#: So many viewings are drawn at once; most people have a handful.
_VIEWINGS = 20


class CaseRow(BaseModel):
    """One person and one conference in the queue, with what there is to look at in sentences."""

    session: SessionBrief
    person: PersonRef
    #: Nothing but somebody's word is lacking.
    ready: bool
    doubtful: bool
    short: bool
    replay_until: datetime
    changed_at: datetime
    #: Somebody decided before, and more was watched since.
    decided_before: bool
    #: One's own case is for somebody else.
    own: bool
    reasons: list[str]


class Waiting(BaseModel):
    """How much waits, for a badge: open cases (no more than a hundred are counted), decisions for a second person."""

    cases: int
    decisions: int


class DecisionView(BaseModel):
    """One decision with those who had a hand in it."""

    id: UUID
    person: PersonRef
    session: SessionBrief
    #: Null when it is about the whole conference.
    part: PartBrief | None
    kind: DecisionKind
    state: DecisionState
    reason: str
    decided_by: str
    decided_at: datetime
    seconded_by: str | None
    seconded_at: datetime | None
    second_reason: str | None
    #: Whether the reader may say yes or no to it as the second person.
    can_second: bool


class StretchView(Row):
    """Something that was played: seconds since the opening, seconds of the recording, and the rate."""

    start: float
    end: float
    at: float
    to: float
    rate: float


class LapseView(Row):
    """Seconds that were hidden or muted within a span of seconds since the opening."""

    start: float
    end: float
    seconds: float


class AskedView(BaseModel):
    """A presence question: its kind, its place in the recording, when it was asked, and what came of it."""

    kind: PromptKind | None
    at_seconds: float
    #: Seconds since the opening of the viewing.
    asked_after: float | None
    state: PromptState
    answer_seconds: float | None


class TraceView(BaseModel):
    """One viewing, drawn. Neighbouring stretches of a long one are joined."""

    id: UUID
    recording_id: UUID
    title: str
    length_seconds: float
    opened_at: datetime
    ended_at: datetime | None
    user_agent: str
    #: Set when it was watched without a link: when it began by the device's own clock.
    claimed_at: datetime | None
    #: The device on which the person went on, when that ended this viewing.
    superseded_by: str | None
    beats: int
    played: list[StretchView]
    hidden: list[LapseView]
    muted: list[LapseView]
    asked: list[AskedView]
    #: What its beats prove to have been played, in seconds of the recording.
    covered: list[Interval]
    doubts: list[str]


class ArrivalView(Row):
    at: datetime
    method: ArrivalMethod
    round: int


class RoomTraceView(BaseModel):
    """A group replay, as far as one person was in it."""

    id: UUID
    title: str
    length_seconds: float
    room: str
    proctor: str
    opened_at: datetime
    ended_at: datetime | None
    signed_at: datetime | None
    statement: str | None
    #: When the person watched, in seconds since the opening, and what of the recording they saw.
    times: list[Interval]
    covered: list[Interval]
    arrivals: list[ArrivalView]
    doubts: list[str]


class LogDoubtView(BaseModel):
    """Something about a log of watching without a link."""

    at: datetime
    number: int | None
    detail: str


class PartCase(BaseModel):
    part: PartBrief
    attended: bool
    reasons: list[ReasonView]


class CaseView(BaseModel):
    """Everything that a decision about one person and one conference rests on, but for the policy and the credit."""

    person: PersonRef
    session: SessionBrief
    credited: bool
    #: Whether the reader may decide here, and if not, why not.
    can_decide: bool
    refusal: str | None
    parts: list[PartCase]
    viewings: Page[TraceView]
    rooms: list[RoomTraceView]
    log_doubts: list[LogDoubtView]
    decisions: list[DecisionView]


class Deciding(BaseModel):
    kind: DecisionKind
    reason: Explanation
    part_id: UUID | None = None


class Declining(BaseModel):
    reason: Explanation


@router.get("/reviews")
def list_reviews(
    db: DbDep,
    person: Staff,
    language: LanguageDep,
    page: PageDep,
    session_id: UUID | None = None,
    which: Which = "all",
) -> Page[CaseRow]:
    """The open cases of the reader's own units, of one conference or of all: what only waits for a word comes first."""
    cases, total = reviews.find(db, person, session_id=session_id, which=which, offset=page.offset, limit=page.limit)
    return Page(items=[_case_row(each, person, language) for each in cases], total=total)


@router.get("/reviews/count")
def count_reviews(db: DbDep, person: Staff) -> Waiting:
    """How much waits in the reader's own units."""
    return Waiting(cases=reviews.count(db, person), decisions=decisions.count_waiting(db, person))


@router.get("/decisions")
def list_waiting_decisions(
    db: DbDep, person: Staff, page: PageDep, session_id: UUID | None = None
) -> Page[DecisionView]:
    """Decisions that wait for a second person, the oldest first."""
    rows, total = decisions.waiting(db, person, session_id=session_id, offset=page.offset, limit=page.limit)
    return Page(items=[_decision(made, person, may=True) for made in rows], total=total)


@router.get("/sessions/{session_id}/reviews/{person_id}")
def read_review(
    db: DbDep,
    person: Staff,
    language: LanguageDep,
    session_id: UUID,
    person_id: UUID,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> CaseView:
    """One person's viewings of a conference, drawn, and what was decided about them."""
    session = register.see(db, person, session_id)
    summoned, unit = summons.summoned(db, session, person_id)
    if not register.may_report(db, person, session, unit):
        raise roles.OutsideScope
    drawn, total = traces.draw(db, person_id, session.id, offset=offset, limit=_VIEWINGS)
    own = summoned.id == person.id
    return CaseView(
        person=PersonRef.of(summoned, unit),
        session=SessionBrief.model_validate(session),
        credited=attendance.credit_of(db, person_id, session.id) is not None,
        can_decide=not own,
        refusal=decisions.OwnCase().sentence(language) if own else None,
        parts=_parts(db, summoned, session, language),
        viewings=Page(items=[_trace(each, language) for each in drawn], total=total),
        rooms=[_room(each, language) for each in traces.rooms(db, person_id, session.id)],
        log_doubts=[
            LogDoubtView(at=each.at, number=each.number, detail=doubt_words.sentence(each.code, language, each.facts))
            for each in traces.log_doubts(db, person_id, session.id)
        ],
        decisions=[_decision(made, person, may=not own) for made in decisions.history(db, session, person_id)],
    )


@router.post("/sessions/{session_id}/reviews/{person_id}/decisions", status_code=status.HTTP_201_CREATED)
def decide(db: DbDep, person: Staff, session_id: UUID, person_id: UUID, body: Deciding) -> DecisionView:
    """Grant, refuse or waive a person's credit for a conference, or for one part of it, with a reason they are told."""
    session = register.see(db, person, session_id)
    made = decisions.decide(db, person, session, person_id, body.kind, body.reason, part_id=body.part_id)
    return _decision(decisions.read(db, made), person, may=True)


@router.post("/decisions/{decision_id}/confirm")
def confirm_decision(db: DbDep, person: Staff, decision_id: UUID) -> DecisionView:
    """Say yes to somebody else's decision that waits for a second person."""
    made = decisions.confirm(db, person, decisions.find(db, person, decision_id))
    return _decision(decisions.read(db, made), person, may=True)


@router.post("/decisions/{decision_id}/decline")
def decline_decision(db: DbDep, person: Staff, decision_id: UUID, body: Declining) -> DecisionView:
    """Say no to somebody else's decision that waits for a second person, with a reason."""
    made = decisions.decline(db, person, decisions.find(db, person, decision_id), body.reason)
    return _decision(decisions.read(db, made), person, may=True)


def _case_row(case: Case, reader: Person, language: Language) -> CaseRow:
    return CaseRow(
        session=SessionBrief.model_validate(case.session),
        person=PersonRef.of(case.person, case.unit),
        ready=case.ready,
        doubtful=case.doubtful,
        short=case.short,
        replay_until=case.replay_until,
        changed_at=case.changed_at,
        decided_before=case.decided_before,
        own=case.person.id == reader.id,
        reasons=_said_of(case, language),
    )


_SHORT: dict[Language, str] = {
    "vi": "{title}: đã xem {percent}%, trả lời {answered}/{asked} câu hỏi; xem lần cuối {at}, hạn {until}.",
    "en": "{title}: watched {percent}%, answered {answered} of {asked} questions; last watched {at}, due {until}.",
}


def _said_of(case: Case, language: Language) -> list[str]:
    """Every doubt once, then what is lacking of each part that fell just short."""
    codes = {code for piece in case.pieces for code in piece.evidence.doubts} | set(case.log_doubts)
    said = [doubt_words.sentence(code, language) for code in sorted(codes)]
    if case.short and not case.ready:
        said += [_shortfall(piece.part_title, piece.evidence, case.replay_until, language) for piece in case.pieces]
    return said


def _shortfall(title: str, evidence: Evidence, until: datetime, language: Language) -> str:
    share = evidence.covered_seconds / evidence.length_seconds if evidence.length_seconds else 0.0
    return _SHORT[language].format(
        title=title,
        percent=int(100 * min(1.0, share)),
        answered=evidence.prompts_answered,
        asked=evidence.prompts_asked,
        at=_day(evidence.last_watched_at),
        until=_day(until),
    )


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(clock.VIETNAM):%d/%m/%Y}"


def _parts(db: Db, person: Person, session: ConferenceSession, language: Language) -> list[PartCase]:
    titles = {part.id: part for part in register.parts_of(db, session.id)}
    return [
        PartCase(
            part=PartBrief.model_validate(titles[part.part_id]),
            attended=part.attended,
            reasons=ReasonView.all(part.reasons, language),
        )
        for part in attendance.standing(db, person.id, session.id).parts
    ]


def _trace(trace: Trace, language: Language) -> TraceView:
    viewing, next_one = trace.viewing, trace.superseded_by
    return TraceView(
        id=viewing.id,
        recording_id=viewing.recording_id,
        title=trace.recording.title,
        length_seconds=trace.recording.duration_seconds,
        opened_at=viewing.opened_at,
        ended_at=viewing.ended_at,
        user_agent=viewing.user_agent,
        claimed_at=trace.claimed_at,
        superseded_by=next_one.user_agent if next_one else None,
        beats=trace.beats,
        played=_stretches(trace.played),
        hidden=_lapses(trace.hidden),
        muted=_lapses(trace.muted),
        asked=_asked(trace),
        covered=[(start, end) for start, end in viewing.covered],
        doubts=_doubts(viewing.doubts, language),
    )


def _stretches(drawn: list[Stretch]) -> list[StretchView]:
    return [StretchView.model_validate(each) for each in drawn]


def _lapses(drawn: list[Lapse]) -> list[LapseView]:
    return [LapseView.model_validate(each) for each in drawn]


def _asked(trace: Trace) -> list[AskedView]:
    return [
        AskedView(
            kind=prompt.kind,
            at_seconds=prompt.at_seconds,
            asked_after=_after(trace.viewing, prompt.shown_at or prompt.sent_at),
            state=prompt.state,
            answer_seconds=prompt.answer_seconds,
        )
        for prompt in trace.asked
    ]


def _after(viewing: Viewing, moment: datetime | None) -> float | None:
    return round((moment - viewing.opened_at).total_seconds(), 1) if moment else None


def _room(trace: RoomTrace, language: Language) -> RoomTraceView:
    showing = trace.showing
    return RoomTraceView(
        id=showing.id,
        title=trace.recording.title,
        length_seconds=trace.recording.duration_seconds,
        room=trace.room.name,
        proctor=trace.proctor.full_name,
        opened_at=showing.opened_at,
        ended_at=showing.ended_at,
        signed_at=showing.signed_at,
        statement=showing.statement,
        times=[(start, end) for start, end in trace.share.times],
        covered=[(start, end) for start, end in trace.share.covered],
        arrivals=[ArrivalView.model_validate(each) for each in trace.arrivals],
        doubts=_doubts(trace.share.doubts, language),
    )


def _doubts(found: list[dict[str, object]], language: Language) -> list[str]:
    return [doubt_words.sentence(str(each["code"]), language, each) for each in found]


def _decision(made: Made, reader: Person, *, may: bool) -> DecisionView:
    decision = made.decision
    waits = decision.state is DecisionState.WAITING
    return DecisionView(
        id=decision.id,
        person=PersonRef.of(made.person, made.unit),
        session=SessionBrief.model_validate(made.session),
        part=PartBrief.model_validate(made.part) if made.part else None,
        kind=decision.kind,
        state=decision.state,
        reason=decision.reason,
        decided_by=made.decided_by.full_name,
        decided_at=decision.decided_at,
        seconded_by=made.seconded_by.full_name if made.seconded_by else None,
        seconded_at=decision.seconded_at,
        second_reason=decision.second_reason,
        can_second=may and waits and reader.id not in (decision.decided_by, decision.person_id),
    )
