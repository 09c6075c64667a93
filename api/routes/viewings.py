"""Watching: a viewing is opened, its media fetched, its beats taken, and the credit comes by itself."""

import asyncio
from base64 import b64encode
from pathlib import PurePosixPath
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request, Response, status
from fastapi.responses import FileResponse, RedirectResponse
from pydantic import BaseModel, Field

from api import beats
from api.deps import DbDep, LanguageDep, Signed, TokenDep
from api.errors import language_of
from api.pressed import Pressed
from api.schemas import ReasonView, RungView
from archive import catalogue, prompts, questions, replay, speech, watchlog, ways
from archive.axis import policy_of
from archive.models import PresencePrompt, PromptKind, Recording, Rendition, RenditionKind
from archive.settings import vault_settings
from archive.storage import storage
from archive.watchlog import Outcome, Progress
from sessions.db import Db
from sessions.errors import Language
from sessions.intervals import Interval

router = APIRouter(tags=["replay"], route_class=Pressed)

Seconds = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
Rate = Annotated[float, Field(gt=0, le=16, allow_inf_nan=False)]

#: A player that was off line for long sends in pieces of this many beats.
MOST_BEATS = 500


class Source(BaseModel):
    url: str
    media_type: str
    bytes: int
    bit_rate: int
    #: What tells how the sound is coded, in base64, and where the sound begins: who has both asks for it at once.
    head: str | None = None
    sound_at: int | None = None


class VideoView(BaseModel):
    """Where the video begins, and the sizes that it comes in, the lightest first."""

    url: str
    media_type: str
    rungs: list[RungView]


class SlideView(BaseModel):
    page: int
    at_seconds: float | None
    url: str
    thumb_url: str
    width: int
    height: int
    bytes: int
    text: str


class OpeningIn(BaseModel):
    """What a player wants to have at once. On a weak link, the text of a hundred slides is two seconds of waiting."""

    #: Without them, every slide's text is empty; `GET /viewings/{id}/texts` gives them later.
    texts: bool = True


class AgendaView(BaseModel):
    title: str
    at_seconds: float | None


class ViewingView(BaseModel):
    """Everything a player needs; all addresses are bound to this viewing."""

    id: UUID
    recording_id: UUID
    title: str
    duration_seconds: float
    beat_seconds: int
    max_rate: float
    coverage_required: float
    resume_at_seconds: float
    covered: list[Interval]
    #: Played too, and counts once a presence question is answered.
    waiting: list[Interval]
    #: Whether presence questions are asked here, and whether time with the page out of sight counts.
    prompts: bool
    hidden_counts: bool
    speech: list[Source]
    video: VideoView | None
    #: One plain file to carry away.
    download: Source | None
    #: Where the picture moves, so that slides alone show too little: `[[from, to], …]` in seconds.
    moving: list[Interval]
    slides: list[SlideView]
    agenda: list[AgendaView]


class BeatIn(BaseModel):
    seq: Annotated[int, Field(ge=0, le=10_000_000)]
    span_start: Seconds
    span_end: Seconds
    played: Annotated[list[tuple[Seconds, Seconds, Rate]], Field(max_length=500)]
    hidden_seconds: Seconds = 0.0
    muted_seconds: Seconds = 0.0


class BeatsIn(BaseModel):
    """Beats that were not acknowledged yet; none at all is a mere poll."""

    beats: Annotated[list[BeatIn], Field(max_length=MOST_BEATS)]
    #: The question that is on the screen: from now on its time runs.
    prompt_shown: UUID | None = None


class ChoiceView(BaseModel):
    """One choice: a picture by its address, or a word by its text. `label` names it to those who cannot see it."""

    id: str
    url: str | None
    text: str | None
    label: str


class PromptView(BaseModel):
    """A presence question, to be shown as soon as it comes. A code comes as a picture, and as words to be spoken."""

    id: UUID
    kind: PromptKind
    question: str
    at_seconds: float
    seconds_left: float
    choices: list[ChoiceView]
    picture_url: str | None
    spoken: str | None


class ProgressView(BaseModel):
    accepted: list[int]
    covered: list[Interval]
    #: Played too, and counts once a presence question is answered.
    waiting: list[Interval]
    covered_ratio: float
    missing: list[Interval]
    credited: bool
    reasons: list[ReasonView]
    superseded: bool
    prompt: PromptView | None


class AnswerIn(BaseModel):
    """The id of a choice, or the digits of a code."""

    answer: Annotated[str, Field(min_length=1, max_length=40)]


class AnsweredView(BaseModel):
    outcome: Literal["answered", "wrong", "late"]
    message: str
    progress: ProgressView


_QUESTIONS: dict[PromptKind, tuple[str, str]] = {
    PromptKind.PICTURE: (
        "Trang chiếu nào có trên màn hình lúc {at} của bản ghi?",
        "Which slide was on the screen at {at} of the recording?",
    ),
    PromptKind.WORD: (
        "Cụm từ nào có trên trang chiếu lúc {at} của bản ghi?",
        "Which words were on the slide at {at} of the recording?",
    ),
    PromptKind.CODE: ("Hãy gõ bốn chữ số trong hình.", "Type the four digits in the picture."),
}

_LABELS: dict[PromptKind, tuple[str, str]] = {
    PromptKind.PICTURE: ("Hình {number}", "Picture {number}"),
    PromptKind.WORD: ("Cụm từ {number}", "Words {number}"),
}

_MESSAGES: dict[Outcome, tuple[str, str]] = {
    "answered": ("Đã ghi nhận câu trả lời.", "Your answer was taken."),
    "wrong": (
        "Câu trả lời chưa đúng. Một câu hỏi khác sẽ đến sau ít phút.",
        "That was not it. Another question comes in a few minutes.",
    ),
    "late": (
        "Đã quá giờ trả lời. Một câu hỏi khác sẽ đến sau ít phút.",
        "The time to answer was over. Another question comes in a few minutes.",
    ),
}


@router.post("/recordings/{recording_id}/viewings", status_code=status.HTTP_201_CREATED)
def open_viewing(
    db: DbDep, person: Signed, request: Request, recording_id: UUID, body: OpeningIn | None = None
) -> ViewingView:
    """Begin to watch here; an earlier viewing of the person ends, on whatever device it runs."""
    recording = catalogue.find_visible(db, person, recording_id)
    viewing = watchlog.open_viewing(db, person, recording, request.headers.get("user-agent", ""))
    kept = watchlog.coverage_of(db, person.id, recording.id)
    policy = policy_of(db, recording, viewing.policy_version)
    media = f"{request.url.path.rsplit('/recordings/', 1)[0]}/viewings/{viewing.id}/media"
    renditions = replay.renditions_of(db, [recording.id]).get(recording.id, [])
    download = ways.download_of(renditions)
    return ViewingView(
        id=viewing.id,
        recording_id=recording.id,
        title=recording.title,
        duration_seconds=recording.duration_seconds,
        beat_seconds=vault_settings().beat_seconds,
        max_rate=policy.max_rate,
        coverage_required=policy.coverage_required,
        resume_at_seconds=kept.resume_at_seconds if kept else 0.0,
        covered=[(start, end) for start, end in kept.covered] if kept else [],
        waiting=[(start, end) for start, end in kept.waiting] if kept else [],
        prompts=policy.prompts_required > 0,
        hidden_counts=policy.hidden_counts,
        speech=[_speech(db, recording, each, media) for each in renditions if each.kind is RenditionKind.SPEECH],
        video=_video(ways.video_of(renditions), media),
        download=_source(download, media) if download else None,
        moving=ways.moving_of(recording),
        slides=[_slide(each, media, texts=body is None or body.texts) for each in replay.slides_of(db, recording)],
        agenda=[AgendaView(title=title, at_seconds=at) for title, at in replay.agenda_of(db, recording)],
    )


@router.get("/viewings/{viewing_id}/texts")
def read_texts(db: DbDep, person: Signed, viewing_id: UUID) -> list[str]:
    """The text of each slide, in the order of the viewing's slides."""
    viewing = watchlog.find_own(db, person, viewing_id)
    return [each.page.text for each in replay.slides_of(db, db.get_one(Recording, viewing.recording_id))]


@router.post("/viewings/{viewing_id}/beats")
async def take_beats(token: TokenDep, request: Request, viewing_id: UUID, body: BeatsIn) -> ProgressView:
    """Take what a player has played, each beat once; a viewing that has ended still takes those of its own time.

    The answer carries the presence question that is due, until it is answered or over.
    """
    progress = await asyncio.wrap_future(beats.gathering.bring(brought(token, viewing_id, body)))
    return progress_view(progress, request.url.path.rsplit("/beats", 1)[0], language_of(request))


@router.post("/viewings/{viewing_id}/prompts/{prompt_id}/answer")
def answer_prompt(
    db: DbDep,
    person: Signed,
    language: LanguageDep,
    request: Request,
    viewing_id: UUID,
    prompt_id: UUID,
    body: AnswerIn,
) -> AnsweredView:
    """Answer a presence question, once; sent again, it gives the first outcome."""
    viewing = watchlog.find_own(db, person, viewing_id)
    outcome, progress = watchlog.answer(db, viewing, prompt_id, body.answer)
    return AnsweredView(
        outcome=outcome,
        message=_MESSAGES[outcome][language == "en"],
        progress=progress_view(progress, request.url.path.rsplit("/prompts/", 1)[0], language),
    )


@router.get("/viewings/{viewing_id}/prompts/{prompt_id}/pictures/{name}", response_class=Response)
def read_prompt_picture(db: DbDep, person: Signed, viewing_id: UUID, prompt_id: UUID, name: str) -> Response:
    """A picture of an open question: a choice by its id, or the code."""
    viewing = watchlog.find_own(db, person, viewing_id)
    picture = prompts.picture_of(db, viewing, prompt_id, name)
    return Response(picture, media_type="image/webp", headers={"Cache-Control": "private, no-store"})


@router.post("/viewings/{viewing_id}/close", status_code=status.HTTP_204_NO_CONTENT)
def close_viewing(db: DbDep, person: Signed, viewing_id: UUID) -> None:
    """Stop watching; what was watched is handed to the register."""
    watchlog.close(db, watchlog.find_own(db, person, viewing_id))


@router.get(f"/viewings/{{viewing_id}}/media/{ways.MASTER}", response_class=Response)
def read_master(db: DbDep, person: Signed, viewing_id: UUID, rung: str | None = None) -> Response:
    """The master playlist of what is complete by now; with `rung`, of that one alone."""
    viewing = watchlog.find_own(db, person, viewing_id)
    key = replay.media_key(db, viewing, ways.MASTER)
    written = ways.master_of(db, db.get_one(Recording, viewing.recording_id), rung)
    if written is None:  # From before the playlist was written anew each time: it lies there as a file.
        return answer_with_file(key, ways.MASTER)
    return Response(written, media_type=replay.media_type(ways.MASTER), headers={"Cache-Control": "no-cache"})


@router.get("/viewings/{viewing_id}/media/{path:path}", response_class=Response)
def fetch_media(db: DbDep, person: Signed, viewing_id: UUID, path: str) -> Response:
    """One file of the replay, in ranges where asked; for the person's own open viewing only."""
    viewing = watchlog.find_own(db, person, viewing_id)
    response = answer_with_file(replay.media_key(db, viewing, path), path)
    download = ways.download_of(replay.renditions_of(db, [viewing.recording_id]).get(viewing.recording_id, []))
    if download and download.entry == path:
        name = quote(f"{db.get_one(Recording, viewing.recording_id).title}{PurePosixPath(path).suffix}", safe="")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


def answer_with_file(key: str, path: str) -> Response:
    """A kept file from wherever it lies, in ranges where asked."""
    kind = replay.media_type(path)
    if path.endswith(".m3u8"):
        # A playlist names its segments relative to itself, so it has to come from here even when they do not.
        return Response(b"".join(storage().open(key)), media_type=kind)
    if link := storage().url(key, vault_settings().media_link_seconds):
        return RedirectResponse(link, headers={"Cache-Control": "private, max-age=60"})
    with storage().local_path(key) as file:  # A local object lies where it lies, also after this block.
        return FileResponse(file, media_type=kind, headers={"Cache-Control": "private, max-age=86400"})


def brought(token: str, viewing_id: UUID, body: BeatsIn) -> beats.Brought:
    """What a request brings; `token` is its cookie."""
    return beats.Brought(token, viewing_id, [watchlog.Report(**vars(beat)) for beat in body.beats], body.prompt_shown)


def progress_view(progress: Progress, viewing: str, language: Language) -> ProgressView:
    """Where a person stands, as it is answered; `viewing` is the address of the viewing."""
    return ProgressView(
        accepted=progress.accepted,
        covered=progress.covered,
        waiting=progress.waiting,
        covered_ratio=progress.covered_ratio,
        missing=progress.missing,
        credited=progress.verdict.credited,
        reasons=ReasonView.all(progress.verdict.reasons, language),
        superseded=progress.superseded,
        prompt=_prompt(progress.prompt, viewing, language) if progress.prompt else None,
    )


def _prompt(prompt: PresencePrompt, viewing: str, language: Language) -> PromptView:
    assert prompt.kind is not None
    assert prompt.answer is not None
    pictures = f"{viewing}/prompts/{prompt.id}/pictures"
    english, is_code = language == "en", prompt.kind is PromptKind.CODE
    minutes, seconds = divmod(int(prompt.at_seconds), 60)
    return PromptView(
        id=prompt.id,
        kind=prompt.kind,
        question=_QUESTIONS[prompt.kind][english].format(at=f"{minutes}:{seconds:02}"),
        at_seconds=prompt.at_seconds,
        seconds_left=prompts.seconds_left(prompt),
        choices=[
            ChoiceView(
                id=choice["id"],
                url=f"{pictures}/{choice['id']}" if choice["path"] else None,
                text=choice["text"],
                label=_LABELS[prompt.kind][english].format(number=number),
            )
            for number, choice in enumerate(prompt.choices, 1)
        ],
        picture_url=f"{pictures}/code" if is_code else None,
        spoken=questions.spoken(prompt.answer, language) if is_code else None,
    )


def _source(rendition: Rendition, media: str) -> Source:
    return Source(
        url=f"{media}/{rendition.entry}",
        media_type=rendition.media_type,
        bytes=rendition.bytes,
        bit_rate=rendition.bit_rate,
    )


def _speech(db: Db, recording: Recording, rendition: Rendition, media: str) -> Source:
    source = _source(rendition, media)
    if begins := speech.beginning_of(replay.file_key(db, recording, rendition.entry)):
        source.head, source.sound_at = b64encode(begins.head).decode(), begins.sound_at
    return source


def _video(video: ways.Video | None, media: str) -> VideoView | None:
    if video is None:
        return None
    rungs = [RungView.model_validate(rung) for rung in video.rungs]
    return VideoView(url=f"{media}/{video.entry}", media_type=video.media_type, rungs=rungs)


def _slide(slide: replay.Slide, media: str, *, texts: bool) -> SlideView:
    page = slide.page
    return SlideView(
        page=page.position,
        at_seconds=slide.at_seconds,
        url=f"{media}/{slide.path}",
        thumb_url=f"{media}/{slide.thumbnail_path}",
        width=page.width,
        height=page.height,
        bytes=page.bytes,
        text=page.text if texts else "",
    )
