"""Every refusal as `application/problem+json` (RFC 9457), in the reader's language; surprises go to the log."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError, TimeoutError
from starlette.exceptions import HTTPException

from api import login
from ingest import gate
from sessions.db import transaction
from sessions.errors import DomainError, Language, NotAllowed, NotFound, NotSignedIn, Unavailable

log = logging.getLogger("api.errors")

#: What FastAPI finds wrong with a request's shape, said in words; anything else falls back to the last row.
_FIELD_SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("Chưa có thông tin này.", "This is missing."),
    "uuid_parsing": ("Mã không đúng dạng.", "This is not an identifier."),
    "datetime_from_date_parsing": ("Ngày giờ không đúng dạng.", "This is not a date and time."),
    "timezone_aware": ("Ngày giờ phải kèm múi giờ.", "A date and time needs its time zone."),
    "date_from_datetime_parsing": ("Ngày không đúng dạng.", "This is not a date."),
    "int_parsing": ("Phải là một số nguyên.", "This must be a whole number."),
    "int_from_float": ("Phải là một số nguyên.", "This must be a whole number."),
    "enum": ("Giá trị này không nằm trong các lựa chọn.", "This is not one of the choices."),
    "string_too_short": ("Chưa nhập nội dung.", "This is too short."),
    "string_too_long": ("Nội dung quá dài.", "This is too long."),
    "json_invalid": ("Nội dung gửi lên không phải JSON.", "What was sent is not JSON."),
    "": ("Giá trị không hợp lệ.", "This value is not valid."),
}


def language_of(request: Request) -> Language:
    """The reader's language: English when the browser asks for it first, Vietnamese otherwise."""
    return "en" if request.headers.get("accept-language", "").strip().lower().startswith("en") else "vi"


def problem(request: Request, error: DomainError, **more: Any) -> JSONResponse:
    """The answer to a domain error: its code, its sentence and its facts."""
    detail = error.sentence(language_of(request))
    content = {
        "type": f"urn:diemcau:{error.code}",
        "title": detail,
        "status": error.status,
        "code": error.code,
        "detail": detail,
        "facts": {name: value if isinstance(value, int | float) else str(value) for name, value in error.facts.items()},
        **more,
    }
    headers = {"Cache-Control": "no-store"}
    if "wait_seconds" in error.facts:
        headers["Retry-After"] = str(error.facts["wait_seconds"])
    return JSONResponse(content, error.status, headers, media_type="application/problem+json")


def speak_problems(app: FastAPI) -> None:
    """Teach the application to answer every failure in this one shape."""

    @app.exception_handler(DomainError)
    def refused(request: Request, error: DomainError) -> JSONResponse:
        return problem(request, error)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        marked = next((each["ctx"]["rule"] for each in error.errors() if each["type"] == "marked_words"), None)
        if marked:
            return problem(request, _marked(request, marked))
        english = language_of(request) == "en"
        errors = [
            {
                "field": ".".join(str(step) for step in each["loc"][1:]),
                "detail": _FIELD_SENTENCES.get(each["type"], _FIELD_SENTENCES[""])[english],
            }
            for each in error.errors()
        ]
        return problem(request, Malformed(), errors=errors)

    @app.exception_handler(HTTPException)
    def unknown(request: Request, error: HTTPException) -> JSONResponse:
        return problem(request, _from_http(error))

    @app.exception_handler(OperationalError)
    @app.exception_handler(TimeoutError)
    def no_database(request: Request, error: OperationalError | TimeoutError) -> JSONResponse:
        log.error("The database did not answer: %s", error)
        return problem(request, Unavailable(wait_seconds=5))

    @app.exception_handler(Exception)
    def surprised(request: Request, _error: Exception) -> JSONResponse:
        # Starlette's outermost layer logs the traceback; the person is told that it was not their doing.
        return problem(request, Surprise())


def _marked(request: Request, rule: str) -> DomainError:
    """Words that bear a marking are an incident of whoever typed them, not a slip in a form."""
    with transaction() as db:
        person = login.person_of(db, request.cookies.get(login.COOKIE))
    return gate.report_words(person.id, rule) if person else NotSignedIn()


class Malformed(DomainError):
    status = 422
    code = "malformed"
    vi = "Một số thông tin gửi lên chưa đúng. Hãy xem các ô được đánh dấu."
    en = "Some of what was sent is not right. See the marked fields."


class CrossSite(NotAllowed):
    code = "cross-site"
    vi = "Yêu cầu này đến từ một trang web khác nên bị từ chối."
    en = "This request came from another web site, so it was refused."


class MethodUnknown(DomainError):
    status = 405
    code = "method-not-allowed"
    vi = "Địa chỉ này không nhận thao tác đó."
    en = "This address does not take that method."


class Refused(DomainError):
    code = "refused"
    vi = "Yêu cầu không được chấp nhận."
    en = "The request was not accepted."


class Surprise(DomainError):
    status = 500
    code = "surprise"
    vi = "Hệ thống gặp lỗi ngoài dự kiến và đã ghi lại. Dữ liệu đã có vẫn an toàn, hãy thử lại."
    en = "Something unexpected happened and was logged. What was saved is safe; please try again."


def _from_http(error: HTTPException) -> DomainError:
    if error.status_code == 404:
        return NotFound()
    if error.status_code == 405:
        return MethodUnknown()
    refusal = Refused()
    refusal.status = error.status_code  # type: ignore[misc]  # The one place where HTTP itself chose the status.
    return refusal
