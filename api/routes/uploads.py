"""Resumable uploads: tus 1.0 with creation, creation-with-upload, checksum, expiration and termination.

The words in the headers are the protocol's (tus.io, version 1.0.0). Bodies are read in `async` routes; everything
that blocks, also the database, runs in threads.
"""

import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated, ParamSpec, TypeVar
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response, status
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError
from starlette.background import BackgroundTask
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from api.deps import DbDep, Signed
from api.settings import api_settings
from ingest import tasks, uploads
from ingest.arrivals import CHECKSUMS, Checksum, ChecksumUnknown, UploadInterrupted
from ingest.models import Classification, Upload, UploadKind
from ingest.settings import workshop_settings
from sessions.db import Db
from sessions.errors import DomainError

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
PIECE = "application/offset+octet-stream"
WHOLE_SHA256 = "Upload-Whole-Sha256"

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class VersionUnknown(DomainError):
    status = 412
    code = "tus-version-unknown"
    vi = "Chương trình tải lên dùng phiên bản giao thức mà máy chủ không hỗ trợ. Hãy tải lại trang."
    en = "The uploading program speaks a version of the protocol that the server doesn't. Reload the page."


class NotAPiece(DomainError):
    status = 415
    code = "not-a-piece"
    vi = "Dữ liệu gửi lên phải có kiểu application/offset+octet-stream."
    en = "What is sent must be of the type application/offset+octet-stream."


class TusRoute(APIRoute):
    """Says on every answer, refusals included, which version of the protocol this is."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def say_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update({"Tus-Resumable": VERSION, "Tus-Version": VERSION})
            await send(message)

        await super().handle(scope, receive, say_version)


def demand_version(tus_resumable: Annotated[str, Header()] = "") -> None:
    """Raise `VersionUnknown` unless the client speaks the one version that is."""
    if tus_resumable != VERSION:
        raise VersionUnknown


router = APIRouter(prefix="/uploads", tags=["intake"], route_class=TusRoute)
TUS = [Depends(demand_version)]


class UploadView(BaseModel):
    """An unfinished upload of one's own, for resuming it."""

    id: UUID
    kind: UploadKind
    filename: str
    length: int
    offset: int
    #: SHA-256 of its first bytes, as many as that says, by which a page knows the same file when it is chosen again.
    head_bytes: int
    head_sha256: str
    created_at: datetime
    finished_at: datetime | None


#: In hex; compared in lower case.
HexSha256 = Annotated[str, Field(pattern="^[0-9a-fA-F]{64}$"), AfterValidator(str.lower)]
Sha256: TypeAdapter[str | None] = TypeAdapter(HexSha256 | None)


class Declaration(BaseModel):
    """`Upload-Metadata`, decoded. Without a declared classification nothing is taken."""

    session_id: UUID
    part_id: UUID | None = None
    kind: UploadKind
    filename: Annotated[str, Field(min_length=1)]
    classification: Classification
    sha256: HexSha256 | None = None


#: Lengths and offsets, as far as the database counts.
Count = TypeAdapter(Annotated[int, Field(ge=0, lt=2**63)])


@router.options("", status_code=status.HTTP_204_NO_CONTENT)
@router.options("/{upload_id}", status_code=status.HTTP_204_NO_CONTENT, include_in_schema=False)
def describe_uploads(_person: Signed) -> Response:
    """What this server can do."""
    headers = {
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(workshop_settings().upload_max_bytes),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    }
    return Response(status_code=status.HTTP_204_NO_CONTENT, headers=headers)


@router.get("")
def list_uploads(db: DbDep, person: Signed, session_id: UUID | None = None) -> list[UploadView]:
    """One's own unfinished uploads, oldest first."""
    return [_view(upload) for upload in uploads.unfinished_of(db, person, session_id)]


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=TUS)
async def create_upload(request: Request, db: DbDep, person: Signed) -> Response:
    """Declare a file; its first bytes may come along."""
    upload = await _in_thread(uploads.begin, db, person, _declared(request))
    headers = {"Location": _location(request, upload)}
    offset = 0
    if request.headers.get("content-type") == PIECE:
        offset = await _receive(request, db, upload, at=0)
        headers["Upload-Offset"] = str(offset)
    headers |= _expiry(upload, offset)
    return Response(None, status.HTTP_201_CREATED, headers, background=_call_workers(offset == upload.length))


@router.head("/{upload_id}", dependencies=TUS)
def read_offset(db: DbDep, person: Signed, upload_id: UUID) -> Response:
    """How many bytes are safely here: where to go on."""
    upload = uploads.find_own(db, person, upload_id)
    offset = uploads.offset(upload)
    just_completed = uploads.complete_stranded(upload)  # The client will take it for done now, so it has to be.
    headers = {
        "Upload-Offset": str(offset),
        "Upload-Length": str(upload.length),
        "Upload-Metadata": _metadata_of(upload),
        "Cache-Control": "no-store",
        **_expiry(upload, offset),
    }
    return Response(headers=headers, background=_call_workers(just_completed))


@router.patch("/{upload_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=TUS)
async def append_to_upload(request: Request, db: DbDep, person: Signed, upload_id: UUID) -> Response:
    """Send more bytes. The last one begins the work on the file."""
    upload = await _in_thread(uploads.find_own, db, person, upload_id)
    if request.headers.get("content-type") != PIECE:
        raise NotAPiece
    at = _count(request, "Upload-Offset")
    offset = await _receive(request, db, upload, at)
    headers = {"Upload-Offset": str(offset), **_expiry(upload, offset)}
    return Response(None, status.HTTP_204_NO_CONTENT, headers, background=_call_workers(offset == upload.length))


@router.post("/{upload_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=TUS, include_in_schema=False)
async def append_by_post(
    request: Request, db: DbDep, person: Signed, upload_id: UUID, x_http_method_override: Annotated[str, Header()] = ""
) -> Response:
    """The same for networks whose proxies let only GET and POST through, as the protocol has it."""
    if x_http_method_override == "PATCH":
        return await append_to_upload(request, db, person, upload_id)
    if x_http_method_override not in _OVERRIDES:
        raise HTTPException(status.HTTP_405_METHOD_NOT_ALLOWED)
    return await _in_thread(_OVERRIDES[x_http_method_override], db, person, upload_id)


@router.delete("/{upload_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=TUS)
def terminate_upload(db: DbDep, person: Signed, upload_id: UUID) -> Response:
    """Give up an unfinished upload; what arrived is destroyed."""
    uploads.terminate(db, uploads.find_own(db, person, upload_id))
    return Response(status_code=status.HTTP_204_NO_CONTENT)


_OVERRIDES = {"HEAD": read_offset, "DELETE": terminate_upload}


async def _receive(request: Request, db: Db, upload: Upload, at: int) -> int:
    """Take the body, and give the new offset."""
    checksum, whole_sha256 = _checksum(request.headers.get("upload-checksum")), _whole_sha256(request)
    announced = int(request.headers.get("content-length", 0))
    # The request's own transaction ends here: a body may take hours, and connections are few.
    await _in_thread(db.commit)
    return await uploads.append(
        upload, at, _body(request), announced=announced, checksum=checksum, whole_sha256=whole_sha256
    )


def _call_workers(has_work: bool) -> BackgroundTask | None:
    """Told once the client has its answer: a broker that is slow or away is none of its business."""
    return BackgroundTask(tasks.nudge) if has_work else None


async def _body(request: Request) -> AsyncIterator[bytes]:
    try:
        async for piece in request.stream():
            yield piece
    except ClientDisconnect:
        raise UploadInterrupted from None


def _declared(request: Request) -> uploads.Declared:
    length = _count(request, "Upload-Length")
    try:
        said = Declaration.model_validate(_metadata(request.headers.get("upload-metadata", "")))
    except ValidationError as error:
        raise _malformed("Upload-Metadata", error) from None
    return uploads.Declared(**said.model_dump(), length=length)


def _count(request: Request, header: str) -> int:
    try:
        return Count.validate_python(request.headers.get(header, ""))
    except ValidationError as error:
        raise _malformed(header, error) from None


def _malformed(header: str, error: ValidationError) -> RequestValidationError:
    """As FastAPI would say of a body: which field is wrong, and why."""
    return RequestValidationError([{**each, "loc": ("header", *(each["loc"] or (header,)))} for each in error.errors()])


def _metadata(header: str) -> dict[str, str]:
    """Keys with their values in Base64; a key without a value counts as not sent."""
    pairs = (pair.strip().partition(" ") for pair in header.split(","))
    return {key: _text(value.strip()) for key, _, value in pairs if key and value.strip()}


def _text(value: str) -> str:
    """The text in a Base64 value; empty, and so refused by the field it is for, when there is none."""
    try:
        return base64.b64decode(value, validate=True).decode()
    except ValueError:  # Not Base64, or not UTF-8 inside it.
        return ""


def _metadata_of(upload: Upload) -> str:
    said = {
        "session_id": upload.session_id,
        "part_id": upload.part_id,
        "kind": upload.kind,
        "filename": upload.filename,
        "classification": Classification.NOT_CLASSIFIED,
        "sha256": upload.declared_sha256,
    }
    return ",".join(f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in said.items() if value)


def _checksum(header: str | None) -> Checksum | None:
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except ValueError:
        digest = b""
    if algorithm not in CHECKSUMS or len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise ChecksumUnknown(known=", ".join(CHECKSUMS))
    return Checksum(algorithm, digest)


def _whole_sha256(request: Request) -> str | None:
    """What a sender has found out about its file while it was sending: a header of ours, on any piece."""
    try:
        return Sha256.validate_python(request.headers.get(WHOLE_SHA256))
    except ValidationError as error:
        raise _malformed(WHOLE_SHA256, error) from None


def _location(request: Request, upload: Upload) -> str:
    """Absolute, since some clients take no other, and as the site is called from outside where that was set."""
    own = request.url_for("read_offset", upload_id=upload.id)
    return api_settings().address + own.path if api_settings().public_url else str(own)


def _view(upload: Upload) -> UploadView:
    head_bytes, head_sha256 = uploads.head(upload)
    said = {"offset": uploads.offset(upload), "head_bytes": head_bytes, "head_sha256": head_sha256}
    return UploadView.model_validate(vars(upload) | said)


def _expiry(upload: Upload, offset: int) -> dict[str, str]:
    """Until when an upload that is not whole yet waits for its next byte."""
    if offset == upload.length:
        return {}
    return {"Upload-Expires": format_datetime(upload.expires_at.astimezone(UTC), usegmt=True)}


async def _in_thread(call: Callable[Arguments, Answer], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
    return await to_thread.run_sync(lambda: call(*args, **kwargs))
