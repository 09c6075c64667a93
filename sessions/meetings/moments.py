"""Dates and times of day as meeting platforms write them, in whatever order and language.

"03/12/2026 08:00 AM" may be in March or in December. A file is written one way throughout, so a day above twelve in
any row decides for all; where no row does, the reading nearest to the conference's own day is taken.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from sessions.meetings.logs import RowUnreadable, short
from sessions.names import search_key

#: Which of the three numbers is the day, the month and the year.
_ORDERS = {"dmy": (0, 1, 2), "mdy": (1, 0, 2), "ymd": (2, 1, 0)}

_TIME = re.compile(
    r"(?<!\d)(\d{1,2})\s*[:時시点點时]\s*(\d{2})(?:\s*[:分분]\s*(\d{2}))?(?:[.,]\d+)?\s*[秒초분分]?(?!\d)"
)
#: "8h15", as Vietnamese and French write; "1h 26m" is a length.
_HOUR = re.compile(r"(?<!\d)(\d{1,2})\s?(?:h|giờ)\s?(\d{2})(?:[mp:]?(\d{2}))?(?!\w)")
_DOTTED_TIME = re.compile(r"(?<!\d)(\d{1,2})\.(\d{2})(?:\.(\d{2}))?(?![\d.])")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})(?!\d)\.?")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?[-/.]\s?(\d{4}|\d{2})(?!\d)")
_SPOKEN = re.compile(r"(?<!\d)(\d{1,2})\s*(?:thang|thg)\s*(\d{1,2})\D+(\d{4})")
_WORDED = re.compile(r"(?<!\d)(?:(\d{1,2})\D{1,5})?([^\W\d_]{3,10})\.?\s*(?:(\d{1,2})(?!\d)\D{1,5})?(\d{4})")
_OFFSET = re.compile(r"\(?\s*(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?\)?")
#: Morning and afternoon, in the words of spreadsheets and browsers.
_BEFORE_NOON = re.compile(r"(?<!\w)(?:am|a\.\s?m\.?|sa|sang|vorm\.?|πμ|π\.μ\.)(?!\w)|上午|午前|오전")
_AFTER_NOON = re.compile(r"(?<!\w)(?:pm|p\.\s?m\.?|ch|chieu|toi|nachm\.?|μμ|μ\.μ\.)(?!\w)|下午|午後|오후")
#: The first letters of the months in English, German, French, Spanish, Portuguese, Italian, Dutch and Polish.
_MONTHS = (
    "jan gen ene sty",
    "feb fev fév lut",
    "mar mär mrz maa",
    "apr avr abr kwi",
    "may mai mag mei maj",
    "jun juin giu cze",
    "jul juil lug lip",
    "aug aou aoû ago sie",
    "sep set wrz",
    "oct okt out ott paz paź",
    "nov lis",
    "dec dez dic dés déc gru",
)


@dataclass(frozen=True)
class _Seen:
    """One cell taken apart: its three numbers with the orders they allow, the time of day, and the zone if any."""

    numbers: tuple[int, int, int] | None
    orders: frozenset[str]
    at: time
    zone: tzinfo | None

    def on(self, order: str, zone: tzinfo) -> datetime:
        assert self.numbers
        day, month, year = (self.numbers[place] for place in _ORDERS[order])
        return datetime.combine(date(_whole_year(year), month, day), self.at, self.zone or zone)


@dataclass(frozen=True)
class Frame:
    """What is known of a meeting beforehand: when the conference was, and in which zone its log was written."""

    starts_at: datetime
    ends_at: datetime
    zone: tzinfo

    def distance(self, moment: datetime) -> timedelta:
        """How far from the conference; none while it was on."""
        return max(self.starts_at - moment, moment - self.ends_at, timedelta())


def is_moment(text: str) -> bool:
    """Whether a cell holds a time of day, with a date or without."""
    return _taken_apart(text) is not None


def has_date(text: str) -> bool:
    """Whether a cell names the day beside the time of day."""
    seen = _taken_apart(text)
    return bool(seen and seen.numbers)


def read(cells: Sequence[tuple[int, str]], frame: Frame) -> list[datetime]:
    """What moments these cells (row, text) of one file name. Raises `RowUnreadable` with the first that names none."""
    seen = [_demand(row, text) for row, text in cells]
    order = _order_of(cells, seen, frame)
    return [each.on(order, frame.zone) if each.numbers else _nearest(each, frame) for each in seen]


def zone_named(text: str) -> tzinfo | None:
    """The zone that a heading or a preamble names: "Join Time (UTC+07:00)", "Timezone: GMT+7"."""
    folded = _plain(text)
    found = re.search(r"(?:utc|gmt)\s*(?:([+-])\s*(\d{1,2})(?::?(\d{2}))?)?", folded)
    return _offset(*found.groups()) if found else None


def _demand(row: int, text: str) -> _Seen:
    seen = _taken_apart(text)
    if seen is None:
        raise RowUnreadable(
            row=row,
            why_vi=f"không đọc được giờ “{short(text)}”",
            why_en=f"“{short(text)}” is not a time that can be read",
        )
    return seen


def _taken_apart(text: str) -> _Seen | None:
    text = _plain(text)
    found = _TIME.search(text) or _HOUR.search(text)
    rest, numbers, orders = _without_date(text if found is None else f"{text[: found.start()]} | {text[found.end() :]}")
    if found is None:
        found = _DOTTED_TIME.search(rest)
        rest = rest if found is None else f"{rest[: found.start()]} | {rest[found.end() :]}"
    at = _time_of_day(found, rest) if found else None
    if at is None or (numbers and not orders):
        return None
    return _Seen(numbers, orders, at, _zone_in(rest.rpartition("|")[2]))


def _plain(text: str) -> str:
    """Without the marks that turn writing about, narrow spaces and full-width letters; in small letters."""
    shown = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    return re.sub(r"(?<=\d)t(?=\d)", " ", shown.lower()).strip()


def _without_date(text: str) -> tuple[str, tuple[int, int, int] | None, frozenset[str]]:
    """The text without its date, the date's numbers, and the orders in which they make a date."""
    if found := _YEAR_FIRST.search(text):
        year, month, day = map(int, found.groups())
        return _cut(text, found), (day, month, year), _possible((day, month, year), "dmy")
    if found := _NUMBERS.search(text):
        numbers = (int(found[1]), int(found[3]), int(found[4]))
        # Dots stand between day, month and year everywhere; only the Americans begin with the month, with slashes.
        orders = "dmy" if found[2] == "." else "dmy mdy" if len(found[4]) == 4 else "dmy mdy ymd"
        return _cut(text, found), numbers, _possible(numbers, orders)
    if found := _SPOKEN.search(search_key(text)):
        numbers = (int(found[1]), int(found[2]), int(found[3]))
        # Without accents the text has the same letters at the same places.
        return _cut(search_key(text), found), numbers, _possible(numbers, "dmy")
    if (found := _WORDED.search(text)) and (named := _month(found[2])) and (found[1] or found[3]):
        numbers = (int(found[1] or found[3]), named, int(found[4]))
        return _cut(text, found), numbers, _possible(numbers, "dmy")
    return text, None, frozenset()


def _cut(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _possible(numbers: tuple[int, int, int], orders: str) -> frozenset[str]:
    return frozenset(order for order in orders.split() if _is_day(*(numbers[place] for place in _ORDERS[order])))


def _is_day(day: int, month: int, year: int) -> bool:
    try:
        return 1990 < date(_whole_year(year), month, day).year < 2200
    except ValueError:
        return False


def _whole_year(year: int) -> int:
    return year + 2000 if year < 100 else year


def _month(word: str) -> int | None:
    begins = (place for place, heads in enumerate(_MONTHS, 1) if any(word.startswith(head) for head in heads.split()))
    return next(begins, None)


def _time_of_day(found: re.Match[str], rest: str) -> time | None:
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    said = f"{rest} {search_key(rest)}"
    if hour <= 12 and _AFTER_NOON.search(said):
        hour = hour % 12 + 12
    elif hour == 12 and _BEFORE_NOON.search(said):
        hour = 0
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def _zone_in(text: str) -> tzinfo | None:
    """The zone behind a time of day: "Z", "+07:00", "GMT+7"."""
    folded = text.strip(" ,;")
    if re.search(r"(?<!\w)(?:z|utc|gmt)\)?$", folded):
        return UTC
    if re.search(r"(?<!\w)ict$", folded):
        return timezone(timedelta(hours=7))
    found = _OFFSET.search(folded)
    return _offset(*found.groups()) if found else None


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> tzinfo | None:
    if not sign or not hours:
        return UTC
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(ahead if sign == "+" else -ahead) if ahead <= timedelta(hours=14) else None


def _order_of(cells: Sequence[tuple[int, str]], seen: Sequence[_Seen], frame: Frame) -> str:
    left = set(_ORDERS)
    dated = [(row, text, each) for (row, text), each in zip(cells, seen, strict=True) if each.numbers]
    for row, text, each in dated:
        if not left & each.orders:
            raise RowUnreadable(
                row=row,
                why_vi=f"ngày “{short(text)}” viết theo thứ tự khác với các dòng trên",
                why_en=f"the date “{short(text)}” is written in another order than those above it",
            )
        left &= each.orders
    if not dated:
        return "dmy"
    # Where several orders remain, the log is taken to be of this conference; day before month when that is equal.
    return min((order for order in _ORDERS if order in left), key=lambda order: _distance(order, dated[0][2], frame))


def _distance(order: str, seen: _Seen, frame: Frame) -> timedelta:
    return frame.distance(seen.on(order, frame.zone))


def _nearest(seen: _Seen, frame: Frame) -> datetime:
    """A time without a date: on the day that brings it nearest to the conference."""
    zone = seen.zone or frame.zone
    first = frame.starts_at.astimezone(zone).date()
    days = [first + timedelta(days=step) for step in range(-1, (frame.ends_at - frame.starts_at).days + 3)]
    return min((datetime.combine(day, seen.at, zone) for day in days), key=frame.distance)
