"""Watching without a link: a package is lent to a phone, fetched in pieces, and its signed log comes back."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel, Field

from api.deps import DbDep, LanguageDep, Signed
from api.errors import problem
from api.routes.viewings import AgendaView, answer_with_file
from api.schemas import PROBLEMS, ReasonView
from archive import catalogue, leases, offline, packages, replay, watchlog
from archive.axis import pairs
from archive.models import Recording
from archive.offline_models import Lease, LeaseEnd
from archive.settings import vault_settings
from sessions import attendance, clock, register
from sessions.db import Db
from sessions.intervals import Interval, gaps
from sessions.models import ConferenceSession, DeviceKey

router = APIRouter(tags=["offline"])

#: A piece of the log is small enough for a weak link: ten minutes of watching are some 8 KB.
MOST_ENTRIES = 50

#: A key or a signature in base64url.
Encoded = Annotated[str, Field(min_length=1, max_length=400, pattern="^[A-Za-z0-9_-]+=*$")]


class PieceFile(BaseModel):
    """A file by its path below the package, with the SHA-256 (hex) of each of its pieces in order."""

    path: str
    media_type: str
    bytes: int
    pieces: list[str]


class PackageSpeech(PieceFile):
    bit_rate: int


class PackageSlide(BaseModel):
    page: int
    at_seconds: float | None
    path: str
    width: int
    height: int
    bytes: int
    text: str


class PackageView(BaseModel):
    """What a phone may keep of a recording: one of the forms of speech, and every page."""

    recording_id: UUID
    title: str
    session_title: str
    starts_at: datetime
    duration_seconds: float
    piece_bytes: int
    #: Pages and the lightest speech together.
    bytes: int
    speech: list[PackageSpeech]
    pages: list[PieceFile]
    slides: list[PackageSlide]
    agenda: list[AgendaView]
    max_rate: float
    coverage_required: float
    beat_seconds: int
    version: str


class LeaseIn(BaseModel):
    """The device's public key, and its signature over `diemcau-lease-1`, the recording and the person, line by line."""

    public_key: Encoded
    proof: Encoded


class LeaseView(BaseModel):
    id: UUID
    recording_id: UUID
    title: str
    granted_at: datetime
    expires_at: datetime
    #: What the phone corrects its own clock by.
    server_time: datetime
    #: False once it expired, was given back or its recording was withdrawn: then the phone empties it.
    live: bool
    ending: LeaseEnd | None
    device: str
    #: Where the log goes on: the next entry's number, and the hash that it names as the one before it.
    next_number: int
    head_sha256: str


class LogIn(BaseModel):
    """Entries as the device wrote them, and its signature over `diemcau-log-1`, the lease and each entry's SHA-256."""

    entries: Annotated[list[Annotated[str, Field(max_length=20_000)]], Field(min_length=1, max_length=MOST_ENTRIES)]
    signature: Encoded


class LogView(BaseModel):
    next_number: int
    head_sha256: str
    covered: list[Interval]
    #: What counts once the questions about it are answered; they come in the next viewing with a link.
    waiting: list[Interval]
    covered_ratio: float
    missing: list[Interval]
    credited: bool
    reasons: list[ReasonView]


@router.get("/recordings/{recording_id}/package")
def describe_package(db: DbDep, person: Signed, recording_id: UUID) -> PackageView:
    """Everything that a phone would keep of a recording, and how large it is."""
    recording = catalogue.find_visible(db, person, recording_id)
    package = packages.describe(db, recording)
    session = db.get_one(ConferenceSession, recording.session_id)
    policy = register.policy_of(db, session.id)
    pages = [PieceFile.model_validate(file, from_attributes=True) for file in package.pages.values()]
    return PackageView(
        recording_id=recording.id,
        title=recording.title,
        session_title=session.title,
        starts_at=session.starts_at,
        duration_seconds=recording.duration_seconds,
        piece_bytes=packages.PIECE_BYTES,
        bytes=min(file.bytes for _, file in package.speech) + sum(file.bytes for file in pages),
        speech=[
            PackageSpeech(
                path=file.path,
                media_type=rendition.media_type,
                bytes=file.bytes,
                pieces=list(file.pieces),
                bit_rate=rendition.bit_rate,
            )
            for rendition, file in package.speech
        ],
        pages=pages,
        slides=[_slide(each) for each in package.slides],
        agenda=[AgendaView(title=title, at_seconds=at) for title, at in replay.agenda_of(db, recording)],
        max_rate=policy.max_rate,
        coverage_required=policy.coverage_required,
        beat_seconds=vault_settings().beat_seconds,
        version=package.version,
    )


@router.post("/recordings/{recording_id}/leases", status_code=status.HTTP_201_CREATED, responses=PROBLEMS)
def grant_lease(db: DbDep, person: Signed, request: Request, recording_id: UUID, body: LeaseIn) -> LeaseView:
    """Lend the recording to this device; asked again by the same device, the lease there is goes on."""
    recording = catalogue.find_visible(db, person, recording_id)
    device = request.headers.get("user-agent", "")
    return _view(db, leases.grant(db, person, recording, body.public_key, body.proof, device))


@router.get("/leases")
def list_leases(db: DbDep, person: Signed) -> list[LeaseView]:
    """What the person's devices hold at present."""
    return [_view(db, each.lease) for each in leases.lent_to(db, person)]


@router.get("/leases/{lease_id}")
def read_lease(db: DbDep, person: Signed, lease_id: UUID) -> LeaseView:
    """How a lease stands. A phone asks at every contact, and empties what is not live any more."""
    return _view(db, leases.find_own(db, person, lease_id))


@router.post("/leases/{lease_id}/renew", responses=PROBLEMS)
def renew_lease(db: DbDep, person: Signed, lease_id: UUID) -> LeaseView:
    """Two weeks from now on."""
    return _view(db, leases.renew(db, person, leases.find_own(db, person, lease_id)))


@router.delete("/leases/{lease_id}", status_code=status.HTTP_204_NO_CONTENT)
def give_back_lease(db: DbDep, person: Signed, lease_id: UUID) -> None:
    """The device no longer holds it. What was watched before is still taken when it comes."""
    leases.give_back(db, person, leases.find_own(db, person, lease_id))


@router.get("/leases/{lease_id}/media/{path:path}", response_class=Response)
def fetch_piece(db: DbDep, person: Signed, lease_id: UUID, path: str) -> Response:
    """One file of the package, in ranges where asked; for as long as the lease lasts."""
    lease = leases.find_own(db, person, lease_id)
    return answer_with_file(leases.media_key(db, person, lease, path), path)


@router.post("/leases/{lease_id}/log", response_model=LogView, responses=PROBLEMS)
def take_log(
    db: DbDep, person: Signed, request: Request, language: LanguageDep, lease_id: UUID, body: LogIn
) -> LogView | Response:
    """Take a signed piece of the log, each entry once. What joins is kept also where the rest is refused."""
    lease = leases.find_own(db, person, lease_id)
    taken = offline.take(db, person, lease, body.entries, body.signature)
    if taken.refusal is not None:
        # Answered and not raised: the entries that joined, and the doubt about the others, are to be committed.
        return problem(request, taken.refusal, next_number=taken.next_number, head_sha256=taken.head_sha256)
    recording = db.get_one(Recording, lease.recording_id)
    kept = watchlog.coverage_of(db, person.id, recording.id)
    covered, waiting = (pairs(kept.covered), pairs(kept.waiting)) if kept else ([], [])
    verdict = attendance.standing(db, person.id, recording.session_id)
    return LogView(
        next_number=taken.next_number,
        head_sha256=taken.head_sha256,
        covered=covered,
        waiting=waiting,
        covered_ratio=watchlog.ratio(kept, recording),
        missing=gaps([*covered, *waiting], recording.duration_seconds),
        credited=verdict.credited,
        reasons=ReasonView.all(verdict.reasons, language),
    )


def _view(db: Db, lease: Lease) -> LeaseView:
    return LeaseView(
        id=lease.id,
        recording_id=lease.recording_id,
        title=db.get_one(Recording, lease.recording_id).title,
        granted_at=lease.granted_at,
        expires_at=lease.expires_at,
        server_time=clock.now(),
        live=leases.is_live(lease),
        ending=lease.ending,
        device=db.get_one(DeviceKey, lease.device_key_id).device,
        next_number=lease.next_number,
        head_sha256=lease.head_sha256,
    )


def _slide(slide: replay.Slide) -> PackageSlide:
    page = slide.page
    return PackageSlide(
        page=page.position,
        at_seconds=slide.at_seconds,
        path=slide.path,
        width=page.width,
        height=page.height,
        bytes=page.bytes,
        text=page.text,
    )
