"""What the domain says when it cannot do as asked: a code for programs, a status for HTTP, a sentence for people.

    DomainError
    ├── Invalid        422  what was sent cannot be right
    ├── NotSignedIn    401  nobody is signed in
    ├── NotAllowed     403  this person may not do it
    ├── NotFound       404  there is no such thing, or not for this person
    ├── Conflict       409  it clashes with what is already there
    ├── TooMany        429  asked too often
    └── Unavailable    503  a part of the system is down; trying again later helps

Each room subclasses these in the module of the noun concerned.
"""

from typing import ClassVar, Literal

Language = Literal["vi", "en"]


class DomainError(Exception):
    """A refusal that a person can act on. `facts` fill the sentence's `{placeholders}` and travel in the answer."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "error"
    vi: ClassVar[str] = "Không thực hiện được."
    en: ClassVar[str] = "That could not be done."

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts

    def sentence(self, language: Language = "vi") -> str:
        """Say what happened and what to do, in the reader's language."""
        return (self.en if language == "en" else self.vi).format(**self.facts)

    def __str__(self) -> str:
        return self.sentence("en")


class Invalid(DomainError):
    status = 422
    code = "invalid"
    vi = "Dữ liệu gửi lên không hợp lệ."
    en = "What was sent is not valid."


class NotSignedIn(DomainError):
    status = 401
    code = "not-signed-in"
    vi = "Bạn chưa đăng nhập, hoặc phiên đăng nhập đã hết hạn. Hãy đăng nhập lại."
    en = "You are not signed in, or the sign-in has expired. Please sign in again."


class NotAllowed(DomainError):
    status = 403
    code = "not-allowed"
    vi = "Tài khoản của bạn không có quyền làm việc này."
    en = "Your account may not do this."


class NotFound(DomainError):
    status = 404
    code = "not-found"
    vi = "Không tìm thấy, hoặc bạn không có quyền xem."
    en = "There is no such thing here, or you may not see it."


class Conflict(DomainError):
    status = 409
    code = "conflict"
    vi = "Thao tác này mâu thuẫn với dữ liệu đang có."
    en = "This clashes with what is already there."


class TooMany(DomainError):
    status = 429
    code = "too-many"
    vi = "Bạn thử quá nhiều lần. Hãy chờ {wait_seconds} giây rồi thử lại."
    en = "Too many tries. Wait {wait_seconds} seconds and try again."


class Unavailable(DomainError):
    status = 503
    code = "unavailable"
    vi = "Một phần hệ thống đang tạm ngừng. Dữ liệu đã có vẫn an toàn, hãy thử lại sau ít phút."
    en = "A part of the system is down. What was saved is safe; try again in a few minutes."
