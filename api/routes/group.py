"""Group replay: a proctor opens a room, its screen plays and shows a code, people check in, the proctor signs."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel, Field

from api.deps import DbDep, PageDep, Signed
from api.routes.viewings import MOST_BEATS, BeatIn, SlideView, Source, VideoView, answer_with_file
from api.schemas import PROBLEMS, Page, PersonRef, RungView, Title, Words
from archive import catalogue, replay, ways
from archive.group import arrivals, codes, shares, showings
from archive.group.models import ArrivalMethod, MomentKind, Showing
from archive.models import Recording, Rendition, RenditionKind
from archive.settings import vault_settings
from archive.watchlog import Report
from sessions import attendance, cards, clock, register
from sessions.db import Db
from sessions.intervals import total
from sessions.models import ConnectionPoint, Person, Unit

router = APIRouter(tags=["group replay"], responses=PROBLEMS)

#: How far ahead the screen is given its codes: what a link may be gone for without anybody noticing.
_CODES_AHEAD = timedelta(seconds=60)


class Opening(BaseModel):
    recording_id: UUID
    connection_point_id: UUID


class ShowableView(BaseModel):
    """A recording that may be shown to a room."""

    recording_id: UUID
    title: str
    session_title: str
    starts_at: datetime
    duration_seconds: float


class GroupReplayRow(BaseModel):
    """One group replay in a list."""

    id: UUID
    session_id: UUID
    title: str
    room: str
    address: str
    opened_at: datetime
    ended_at: datetime | None


class CodeView(BaseModel):
    """A code, and in how many seconds the screen is to show it."""

    code: str
    in_seconds: float


class MomentView(BaseModel):
    """The newest moment; with `seconds_left` above nought everybody is being asked to check in."""

    number: int
    kind: MomentKind
    seconds_left: float


class GroupReplayView(GroupReplayRow):
    """What the proctor's screen shows. Nothing here says when the next random moment comes: nobody is to know."""

    #: Since the opening, by the server's clock: what the screen's own goes on from.
    elapsed_seconds: float
    seats: int
    present: int
    moment: MomentView
    #: Until when codes are taken; the codes of the next minute are empty once it is over.
    codes: list[CodeView]
    code_life_seconds: float
    signed_at: datetime | None
    signed_by: str | None
    statement: str | None


class RoomPlayerView(BaseModel):
    """Everything that the room's player needs; all addresses are bound to this group replay."""

    title: str
    duration_seconds: float
    beat_seconds: int
    max_rate: float
    #: The number of the next beat: a page that is loaded anew goes on from it.
    next_seq: int
    #: Where the room stopped, in seconds of the recording.
    resume_at_seconds: float
    speech: list[Source]
    video: VideoView | None
    slides: list[SlideView]


class RoomBeatsIn(BaseModel):
    """What the room's player played and was not acknowledged yet; none at all is a mere poll."""

    beats: Annotated[list[BeatIn], Field(max_length=MOST_BEATS)]


class RoomRosterRow(BaseModel):
    """One person of the summons: when they were checked in, how the last time, and whether at the newest moment."""

    person: PersonRef
    first_at: datetime | None
    last_at: datetime | None
    method: ArrivalMethod | None
    #: Whether the phone was on the room's network. Only a hint: most phones use their own link.
    same_network: bool | None
    at_newest: bool


class RoomTicks(BaseModel):
    person_ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]


class CodeTyped(BaseModel):
    code: Annotated[str, Field(min_length=1, max_length=20)]


class Signing(BaseModel):
    """What the proctor vouches for, in their own words."""

    statement: Title


class ShareView(BaseModel):
    person: PersonRef
    covered_seconds: float
    covered_ratio: float
    doubts: list[str]
    credited: bool


class MyPlace(GroupReplayRow):
    """Where somebody stands in a room: when they were checked in, and whether they are asked to again."""

    checked_in: list[datetime]
    asked: bool
    at_newest: bool
    signed: bool


class MyCode(BaseModel):
    """A person's own code for one conference, to be shown to a room's device, on a phone or on paper."""

    code: str
    full_name: str
    session_title: str


@router.get("/group-replays")
def list_group_replays(db: DbDep, by: Signed) -> list[GroupReplayRow]:
    """What runs or waits for a signature in the rooms that the person looks after."""
    return [_row(*each) for each in showings.unsigned_of(db, by)]


@router.post("/group-replays", status_code=status.HTTP_201_CREATED)
def open_group_replay(db: DbDep, by: Signed, request: Request, asked: Opening) -> GroupReplayView:
    """Begin a group replay in a room that the person looks after."""
    showing = showings.open_showing(
        db,
        by,
        asked.recording_id,
        asked.connection_point_id,
        address=_address(request),
        user_agent=request.headers.get("user-agent", ""),
    )
    return _view(db, showing)


@router.get("/group-replays/recordings")
def list_showable(db: DbDep, by: Signed) -> list[ShowableView]:
    """What the person may show to a room."""
    return [
        ShowableView(
            recording_id=recording.id,
            title=recording.title,
            session_title=session.title,
            starts_at=session.starts_at,
            duration_seconds=recording.duration_seconds,
        )
        for recording, session in showings.recordings_for(db, by)
    ]


@router.get("/group-replays/near")
def list_near(db: DbDep, person: Signed) -> list[GroupReplayRow]:
    """The rooms that the person may check in to now, those of their own units first."""
    return [_row(near.showing, near.recording, near.room) for near in arrivals.running_for(db, person)]


@router.get("/group-replays/{showing_id}")
def read_group_replay(db: DbDep, by: Signed, showing_id: UUID) -> GroupReplayView:
    """How the room stands, with the codes of the next minute; for who looks after it."""
    return _view(db, showings.find(db, by, showing_id))


@router.get("/group-replays/{showing_id}/player")
def read_room_player(db: DbDep, by: Signed, request: Request, showing_id: UUID) -> RoomPlayerView:
    """What the room's screen plays."""
    showing = showings.find(db, by, showing_id)
    recording = db.get_one(Recording, showing.recording_id)
    last = showings.last_beat_of(db, showing)
    media = f"{request.url.path.rsplit('/', 1)[0]}/media"
    renditions = replay.renditions_of(db, [recording.id]).get(recording.id, [])
    return RoomPlayerView(
        title=recording.title,
        duration_seconds=recording.duration_seconds,
        beat_seconds=vault_settings().beat_seconds,
        max_rate=showings.policy_of(db, showing).max_rate,
        next_seq=last.seq + 1 if last else 0,
        resume_at_seconds=min(last.played[-1][1], recording.duration_seconds) if last and last.played else 0.0,
        speech=[_source(each, media) for each in renditions if each.kind is RenditionKind.SPEECH],
        video=_video(ways.video_of(renditions), media),
        slides=[_slide(each, media) for each in replay.slides_of(db, recording)],
    )


@router.get(f"/group-replays/{{showing_id}}/media/{ways.MASTER}", response_class=Response)
def read_room_master(db: DbDep, by: Signed, showing_id: UUID, rung: str | None = None) -> Response:
    """The master playlist for the room's player."""
    recording = _running_recording(db, by, showing_id)
    written = ways.master_of(db, recording, rung)
    if written is None:
        return answer_with_file(replay.file_key(db, recording, ways.MASTER), ways.MASTER)
    return Response(written, media_type=replay.media_type(ways.MASTER), headers={"Cache-Control": "no-cache"})


@router.get("/group-replays/{showing_id}/media/{path:path}", response_class=Response)
def fetch_room_media(db: DbDep, by: Signed, showing_id: UUID, path: str) -> Response:
    """One file for the room's player, as long as the group replay runs."""
    return answer_with_file(replay.file_key(db, _running_recording(db, by, showing_id), path), path)


@router.post("/group-replays/{showing_id}/beats")
def take_room_beats(db: DbDep, by: Signed, request: Request, showing_id: UUID, body: RoomBeatsIn) -> GroupReplayView:
    """Take what the room's player has played, each beat once, and say whether everybody is to check in now."""
    showing = showings.find(db, by, showing_id)
    reports = [Report(**beat.model_dump()) for beat in body.beats]
    showings.record(db, showing, reports, address=_address(request))
    return _view(db, showing)


@router.get("/group-replays/{showing_id}/roster")
def list_room_roster(db: DbDep, by: Signed, page: PageDep, showing_id: UUID, q: Words = "") -> Page[RoomRosterRow]:
    """Who is here, then who was summoned of the room's own units."""
    showing = showings.find(db, by, showing_id)
    newest = showings.moments_of(db, showing)[-1].number
    found, count = arrivals.roster_of(db, showing, q=q, offset=page.offset, limit=page.limit)
    return Page(items=[_roster_row(line, newest) for line in found], total=count)


@router.post("/group-replays/{showing_id}/ticks")
def tick_in_room(db: DbDep, by: Signed, showing_id: UUID, asked: RoomTicks) -> GroupReplayView:
    """Check people in on the proctor's word; staff look at what rests on nothing else."""
    showing = showings.find(db, by, showing_id)
    arrivals.by_roster(db, by, showing, asked.person_ids)
    return _view(db, showing)


@router.post("/group-replays/{showing_id}/cards")
def check_in_card(db: DbDep, by: Signed, showing_id: UUID, asked: CodeTyped) -> PersonRef:
    """Check in whoever shows their own code to the room's device; answers who it is, to compare with the face."""
    arrival = arrivals.by_card(db, by, showings.find(db, by, showing_id), asked.code)
    person = db.get_one(Person, arrival.person_id)
    return PersonRef.of(person, db.get_one(Unit, person.unit_id))


@router.post("/group-replays/{showing_id}/end")
def end_group_replay(db: DbDep, by: Signed, showing_id: UUID) -> GroupReplayView:
    """Ask everybody to check in for the last time."""
    showing = showings.find(db, by, showing_id)
    showings.end(db, by, showing)
    return _view(db, showing)


@router.post("/group-replays/{showing_id}/sign")
def sign_group_replay(db: DbDep, by: Signed, showing_id: UUID, asked: Signing) -> list[ShareView]:
    """Vouch for the group replay: everybody gets what they saw."""
    showing = showings.find(db, by, showing_id)
    shares.sign(db, by, showing, asked.statement)
    return _shares(db, showing)


@router.get("/group-replays/{showing_id}/shares")
def list_shares(db: DbDep, by: Signed, showing_id: UUID) -> list[ShareView]:
    """What everybody got; nothing before it is signed."""
    return _shares(db, showings.find(db, by, showing_id))


@router.get("/group-replays/{showing_id}/mine")
def read_my_place(db: DbDep, person: Signed, showing_id: UUID) -> MyPlace:
    """Where the signed-in person stands in a room."""
    return _place(db, person, arrivals.find_running(db, person, showing_id))


@router.post("/group-replays/{showing_id}/check-ins")
def check_in_to_room(db: DbDep, person: Signed, request: Request, showing_id: UUID, asked: CodeTyped) -> MyPlace:
    """Check oneself in with the code that the room shows now."""
    near = arrivals.find_running(db, person, showing_id)
    arrivals.by_phone(db, person, near.showing, asked.code, address=_address(request))
    return _place(db, person, near)


@router.get("/sessions/{session_id}/my-code")
def read_my_code(db: DbDep, person: Signed, session_id: UUID) -> MyCode:
    """The person's own code for rooms whose device scans people, the same whenever it is asked for."""
    session = register.see(db, person, session_id)
    code = cards.card_of(db, person, session.id).code
    return MyCode(code=code, full_name=person.full_name, session_title=session.title)


def _row(showing: Showing, recording: Recording, room: ConnectionPoint) -> GroupReplayRow:
    return GroupReplayRow(
        id=showing.id,
        session_id=recording.session_id,
        title=recording.title,
        room=room.name,
        address=room.address,
        opened_at=showing.opened_at,
        ended_at=showing.ended_at,
    )


def _view(db: Db, showing: Showing) -> GroupReplayView:
    recording = db.get_one(Recording, showing.recording_id)
    room = db.get_one(ConnectionPoint, showing.connection_point_id)
    newest, now = showings.moments_of(db, showing)[-1], clock.now()
    left = max(0.0, (newest.closes_at - now).total_seconds())
    running = showing.signed_at is None and (showing.ended_at is None or left > 0)
    shown = codes.ahead(showing.secret, showing.opened_at, now, _CODES_AHEAD) if running else ()
    return GroupReplayView(
        **dict(_row(showing, recording, room)),
        elapsed_seconds=showings.since(showing, now),
        seats=showing.seats,
        present=arrivals.present_in(db, showing),
        moment=MomentView(number=newest.number, kind=newest.kind, seconds_left=left),
        codes=[CodeView(code=each.code, in_seconds=each.in_seconds) for each in shown],
        code_life_seconds=codes.LIFE.total_seconds(),
        signed_at=showing.signed_at,
        signed_by=db.get_one(Person, showing.signed_by).full_name if showing.signed_by else None,
        statement=showing.statement,
    )


def _place(db: Db, person: Person, near: arrivals.Near) -> MyPlace:
    newest = showings.moments_of(db, near.showing)[-1]
    mine = arrivals.arrivals_of(db, near.showing, person.id)
    at_newest = any(each.round == newest.number for each in mine)
    return MyPlace(
        **dict(_row(near.showing, near.recording, near.room)),
        checked_in=[each.at for each in mine],
        asked=not at_newest and clock.now() <= newest.closes_at and near.showing.signed_at is None,
        at_newest=at_newest,
        signed=near.showing.signed_at is not None,
    )


def _roster_row(line: arrivals.Line, newest: int) -> RoomRosterRow:
    return RoomRosterRow(
        person=PersonRef.of(line.person, line.unit),
        first_at=line.first_at,
        last_at=line.last_at,
        method=line.newest.method if line.newest else None,
        same_network=line.newest.same_network if line.newest else None,
        at_newest=line.last_round == newest,
    )


def _shares(db: Db, showing: Showing) -> list[ShareView]:
    recording = db.get_one(Recording, showing.recording_id)
    found = []
    for share in shares.shares_of(db, showing):
        person = db.get_one(Person, share.person_id)
        seconds = total((start, end) for start, end in share.covered)
        found.append(
            ShareView(
                person=PersonRef.of(person, db.get_one(Unit, person.unit_id)),
                covered_seconds=seconds,
                covered_ratio=min(1.0, seconds / recording.duration_seconds),
                doubts=[doubt["code"] for doubt in share.doubts],
                credited=attendance.standing(db, person.id, recording.session_id).credited,
            )
        )
    return found


def _running_recording(db: Db, by: Person, showing_id: UUID) -> Recording:
    showing = showings.find(db, by, showing_id)
    recording = db.get_one(Recording, showing.recording_id)
    if recording.retracted_at is not None:
        raise catalogue.RecordingNotFound
    if showing.ended_at is not None:
        raise showings.ShowingEnded
    return recording


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _source(rendition: Rendition, media: str) -> Source:
    columns = {name: getattr(rendition, name) for name in ("media_type", "bytes", "bit_rate")}
    return Source(url=f"{media}/{rendition.entry}", **columns)


def _video(video: ways.Video | None, media: str) -> VideoView | None:
    if video is None:
        return None
    rungs = [RungView.model_validate(rung) for rung in video.rungs]
    return VideoView(url=f"{media}/{video.entry}", media_type=video.media_type, rungs=rungs)


def _slide(slide: replay.Slide, media: str) -> SlideView:
    columns = {name: getattr(slide.page, name) for name in ("width", "height", "bytes", "text")}
    return SlideView(
        page=slide.page.position,
        at_seconds=slide.at_seconds,
        url=f"{media}/{slide.path}",
        thumb_url=f"{media}/{slide.thumbnail_path}",
        **columns,
    )
