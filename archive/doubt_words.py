"""What is said of a doubt: one sentence for each code, for staff, with its figures behind it."""

from collections.abc import Mapping
from typing import Any, Final

from archive import doubts
from archive.group import seen
from sessions.errors import Language

_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    doubts.Doubt.ALTERED: (
        "Có nhịp xem được gửi lại với nội dung khác lần đầu.",
        "A report from the player came again with other content.",
    ),
    doubts.Doubt.BEYOND: (
        "Nhiều lần máy báo đã phát nhiều hơn thời gian cho phép.",
        "The player told several times of more than its time could hold.",
    ),
    doubts.Doubt.TOO_QUICK: (
        "Có câu hỏi được trả lời nhanh hơn một người kịp đọc.",
        "A question was answered faster than a person can read it.",
    ),
    doubts.Doubt.SAME_RHYTHM: (
        "Các câu hỏi được trả lời sau những khoảng thời gian bằng nhau.",
        "The questions were answered after the very same time each.",
    ),
    doubts.Doubt.SAME_PLACE: (
        "Các câu trả lời đều chọn cùng một vị trí, nhiều câu sai.",
        "The answers were all at one place among the choices, and many of them wrong.",
    ),
    seen.Doubt.UNCONFIRMED: (
        "Xem chung tại phòng, chỉ có lời người phụ trách, chưa có mã của chính người dự.",
        "Watched in a room on the proctor's word alone, without the person's own code.",
    ),
    seen.Doubt.ELSEWHERE: (
        "Được ghi có mặt ở phòng xem chung trong lúc đang ở nơi khác hoặc tự xem.",
        "Was recorded in a room while being elsewhere, or watching alone.",
    ),
    "log-broken": (
        "Nhật ký xem không có mạng bị đứt đoạn.",
        "The log of watching without a link has a break in it.",
    ),
    "log-rewritten": (
        "Nhật ký xem không có mạng được gửi lại với nội dung khác.",
        "The log of watching without a link came again with other content.",
    ),
    "log-signature-wrong": (
        "Nhật ký xem không do chính máy đã mượn bản ghi ký.",
        "The log was not signed by the device that the recording was lent to.",
    ),
    "log-too-late": (
        "Nhật ký xem không có mạng gửi về sau khi gói đã hết hạn.",
        "The log of watching without a link came after the lease had ended.",
    ),
    "log-unreadable": (
        "Một phần nhật ký xem không có mạng không đọc được.",
        "A part of the log of watching without a link cannot be read.",
    ),
    "longer-than-elapsed": (
        "Nhật ký kể nhiều giờ xem hơn thời gian đã trôi qua.",
        "The log tells of more time than had passed.",
    ),
    "offline-questions-failed": (
        "Khi gửi nhật ký xem không có mạng, nhiều câu hỏi không được trả lời đúng.",
        "Many questions failed when the log of watching without a link was delivered.",
    ),
    "clock-moved": (
        "Đồng hồ của máy lệch so với máy chủ.",
        "The device's clock was off.",
    ),
}

#: A code that is not known here is one of a newer release, read by an older one.
_UNKNOWN = ("Có điểm cần xem xét ({code}).", "Something to look at ({code}).")

_FIGURES: Final[dict[str, tuple[str, str]]] = {
    "beats": ("{} nhịp", "{} reports"),
    "answers": ("{} câu trả lời", "{} answers"),
    "asked": ("{} câu hỏi", "{} questions"),
    "failed": ("{} câu không đạt", "{} failed"),
    "wrong": ("{} câu sai", "{} wrong"),
    "seconds": ("{} giây", "{} seconds"),
    "times": ("{} lần", "{} times"),
    "check_ins": ("{} lần điểm danh", "{} check-ins"),
}


def codes() -> set[str]:
    """Every code that something is said of."""
    return set(_SENTENCES)


def sentence(code: str, language: Language, facts: Mapping[str, Any] | None = None) -> str:
    """What is doubtful, in the reader's language; numbers among the facts that people can read stand behind it."""
    english = language == "en"
    said = _SENTENCES.get(code, _UNKNOWN)[english].format(code=code)
    figures = [
        _FIGURES[name][english].format(_number(value, language))
        for name, value in (facts or {}).items()
        if name in _FIGURES and isinstance(value, int | float) and value
    ]
    return f"{said} ({', '.join(figures)})" if figures else said


def _number(value: float, language: Language) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return text if language == "en" else text.replace(".", ",")
