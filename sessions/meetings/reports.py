"""Attendance reports as tables: Zoom's meetings and webinars, Teams' two kinds, Google Meet's, in any language."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from sessions import tables
from sessions.meetings import columns, headings, lengths, moments
from sessions.meetings.columns import Section
from sessions.meetings.logs import Line, Log, NotAMeetingLog, RowUnreadable, Skipped, short
from sessions.meetings.moments import Frame
from sessions.models.meetings import Platform
from sessions.names import search_key
from sessions.tables import Row, Table

_NO = frozenset({"no", "khong", "nein", "non", "nao", "nie", "nee", "nej", "n"})
_YES = frozenset({"yes", "co", "ja", "oui", "si", "sim", "tak", "y"})
_NUMBERED = re.compile(r"[1-3]\. ")
_CHAT = re.compile(rb"\W*\d{1,2}:\d{2}(:\d{2})?\s+(From|T\xe1\xbb\xab|Von|De|Da)\s")


def read(data: bytes, frame: Frame) -> Log:
    """All stays that a report tells of. Raises a refusal that says what is wrong with it, and in which row."""
    if _CHAT.match(data[:200].replace(b"\0", b"")):
        raise NotAMeetingLog(
            why_vi="đây là nội dung trò chuyện (chat) của cuộc họp. Hãy tải báo cáo người tham gia",
            why_en="it is the chat of a meeting; download the report of participants",
        )
    table = tables.read(data)
    found = columns.sections(table.rows)
    if not found:
        raise NotAMeetingLog(**_what_it_is(table))
    frame = replace(frame, zone=_zone(table, found) or frame.zone)
    platform = _platform(table, found)
    lines, skipped = _of_all(_telling(found, platform), frame)
    return Log(platform, lines, skipped)


def _what_it_is(table: Table) -> dict[str, str]:
    has_names = any("name" in map(headings.field_of, row.cells) for row in table.rows[:60])
    if has_names:
        return {
            "why_vi": "có cột họ tên nhưng không có giờ vào, giờ ra hay thời lượng, nên có lẽ là một danh sách",
            "why_en": "it names people but neither when they came nor how long they stayed; it may be a roster",
        }
    return {
        "why_vi": "không tìm thấy cột họ tên cùng giờ vào, giờ ra hay thời lượng",
        "why_en": "there is no column of names beside times or lengths of stay",
    }


def _zone(table: Table, found: Sequence[Section]) -> tzinfo | None:
    """The zone that the headings of the times name, or a row of the preamble that is about it."""
    named = [section.heading(field) for section in found for field in ("joined", "left", "timestamp")]
    about = re.compile(r"zone|mui gio|fuseau|huso|fuso")
    above = [" ".join(row.cells) for row in table.rows[:12] if about.search(search_key(row.cells[0]))]
    return next((zone for text in named + above if (zone := moments.zone_named(text))), None)


def _platform(table: Table, found: Sequence[Section]) -> Platform:
    fields = {field for section in found for field in section.fields}
    if {"action", "account"} & fields or any(_NUMBERED.match(row.cells[0]) for row in table.rows[:3]):
        return Platform.TEAMS
    if "given" in fields and "name" not in fields and "attended" not in fields:
        return Platform.MEET
    said = search_key(" ".join(cell for section in found for cell in section.header.cells))
    is_zoom = re.search(r"original|ten goc|minut|phut|guest|khach|time in session", said)
    return Platform.ZOOM if is_zoom else Platform.OTHER


def _telling(found: list[Section], platform: Platform) -> list[Section]:
    """The sections to read. Teams lists everybody twice: in sum, and then every single stay; the stays say more."""
    stays = [section for section in found if {"joined", "left"} <= section.fields.keys() and section.rows]
    if platform is not Platform.TEAMS or len(stays) < 2:
        return found
    told = {stays[-1].text(row, "name") for row in stays[-1].rows}
    rest = [row for row in stays[0].rows if stays[0].text(row, "name") not in told]
    return [stays[-1], replace(stays[0], rows=rest)]


def _of_all(found: Sequence[Section], frame: Frame) -> tuple[list[Line], list[Skipped]]:
    lines: list[Line] = []
    skipped: list[Skipped] = []
    for section in found:
        if "timestamp" in section.fields and "joined" not in section.fields:
            more, left_out = _of_actions(section, frame)
        else:
            more, left_out = _of_stays(section, frame)
        lines += more
        skipped += left_out
    return lines, skipped


def _of_stays(section: Section, frame: Frame) -> tuple[list[Line], list[Skipped]]:
    kept, skipped = [], []
    for row in section.rows:
        reason = _why_not(section, row)
        if reason:
            skipped.append(reason)
        else:
            kept.append(row)
    times = _times(section, kept, frame)
    return [_line(section, row, times) for row in kept], skipped


def _why_not(section: Section, row: Row) -> Skipped | None:
    if search_key(section.text(row, "attended")) in _NO:
        return Skipped(row.number, "đăng ký nhưng không tham gia", "registered and did not come")
    if search_key(section.text(row, "waiting")) in _YES:
        return Skipped(row.number, "chỉ ở phòng chờ", "was in the waiting room only")
    has_stay = any(section.text(row, field) for field in ("joined", "left", "minutes"))
    if not _name(section, row) and not section.text(row, "email"):
        return (
            Skipped(row.number, "không có tên", "has no name") if has_stay else Skipped(row.number, "trống", "is empty")
        )
    if not has_stay and "attended" in section.fields:
        return Skipped(row.number, "không ghi giờ tham gia", "tells of no stay")
    return None


def _name(section: Section, row: Row) -> str:
    """The name as it is written; one in two columns is put family name first, as Vietnamese names are."""
    whole = section.text(row, "name")
    return whole or f"{section.text(row, 'family')} {section.text(row, 'given')}".strip()


def _times(section: Section, rows: Sequence[Row], frame: Frame) -> dict[tuple[int, str], datetime]:
    """Every time of these rows by row and field, read together: one row may tell how the dates of all are written."""
    cells = [(row, field) for row in rows for field in ("joined", "left") if section.text(row, field)]
    read_ones = moments.read([(row.number, section.text(row, field)) for row, field in cells], frame)
    return {(row.number, field): moment for (row, field), moment in zip(cells, read_ones, strict=True)}


def _line(section: Section, row: Row, times: dict[tuple[int, str], datetime]) -> Line:
    joined, left = times.get((row.number, "joined")), times.get((row.number, "left"))
    minutes = _minutes(section, row)
    if joined and left and left < joined:
        left = _day_later(section, row, joined, left)
    if joined is None and left and minutes is not None:
        joined = left - timedelta(minutes=minutes)
    if joined and left is None and minutes is not None:
        left = joined + timedelta(minutes=minutes)
    if joined is None and minutes is None:
        raise RowUnreadable(
            row=row.number,
            why_vi=f"“{short(_name(section, row))}” không có giờ vào hay thời lượng",
            why_en=f"“{short(_name(section, row))}” has neither a time of joining nor a length of stay",
        )
    email = section.text(row, "email").lower()
    name = _name(section, row) or email
    return Line(
        row.number, name, email if "@" in email else None, joined, left, minutes, section.text(row, "account") or None
    )


def _minutes(section: Section, row: Row) -> float | None:
    said = section.text(row, "minutes")
    minutes = lengths.read(said, seconds=headings.counts_seconds(section.heading("minutes"))) if said else None
    if said and minutes is None:
        raise RowUnreadable(
            row=row.number,
            why_vi=f"không đọc được thời lượng “{short(said)}”",
            why_en=f"“{short(said)}” is not a length of stay that can be read",
        )
    return minutes


def _day_later(section: Section, row: Row, joined: datetime, left: datetime) -> datetime:
    if not moments.has_date(section.text(row, "left")):
        return left + timedelta(days=1)
    raise RowUnreadable(
        row=row.number,
        why_vi=f"giờ ra {left:%H:%M} sớm hơn giờ vào {joined:%H:%M}",
        why_en=f"the time of leaving, {left:%H:%M}, is before that of joining, {joined:%H:%M}",
    )


def _of_actions(section: Section, frame: Frame) -> tuple[list[Line], list[Skipped]]:
    """Stays out of a list of single actions, Teams' older report: joined, left, joined again."""
    rows = [row for row in section.rows if _name(section, row)]
    cells = [(row.number, section.text(row, "timestamp")) for row in rows]
    at = dict(zip([row.number for row in rows], moments.read(cells, frame), strict=True))
    comings = _comings(section, rows)
    lines: list[Line] = []
    skipped: list[Skipped] = []
    names: dict[str, list[Row]] = {}
    for row in rows:
        names.setdefault(_name(section, row), []).append(row)
    for name, own in names.items():
        in_order = sorted(own, key=lambda row: at[row.number])
        for came_in, went_out in _pairs([(row, comings[row.number]) for row in in_order]):
            if came_in is None:
                assert went_out
                skipped.append(Skipped(went_out.number, "rời đi nhưng không ghi lúc vào", "left without having joined"))
            else:
                left = at[went_out.number] if went_out else None
                lines.append(Line(came_in.number, name, _email(section, came_in), at[came_in.number], left))
    return sorted(lines, key=lambda line: line.row), skipped


def _email(section: Section, row: Row) -> str | None:
    return section.text(row, "email").lower() or None


def _comings(section: Section, rows: Sequence[Row]) -> dict[int, bool]:
    """For each row whether somebody came in. In an unknown language the word of the first row is for coming."""
    words = {row.number: section.text(row, "action") for row in rows}
    first = next(iter(words.values()), "")
    if headings.came(first) or headings.went(first):
        for number, word in words.items():
            if not headings.came(word) and not headings.went(word):
                raise RowUnreadable(
                    row=number,
                    why_vi=f"không hiểu hành động “{short(word)}”",
                    why_en=f"“{short(word)}” is no known action",
                )
        return {number: headings.came(word) for number, word in words.items()}
    return {number: word == first for number, word in words.items()}


def _pairs(actions: Sequence[tuple[Row, bool]]) -> Iterator[tuple[Row | None, Row | None]]:
    """Comings with their leavings, of one name in order of time.

    A second coming before a leaving is a second device or a lost link: the stay goes on from the first. Its late
    leaving then carries the stay on to there. A coming without any leaving is still there when the log ends.
    """
    opened: Row | None = None
    extra = 0
    last: tuple[Row, Row] | None = None
    for row, is_coming in actions:
        if is_coming:
            extra += opened is not None
            opened = opened or row
        elif opened:
            if last:
                yield last
            last, opened = (opened, row), None
        elif last and extra:
            last, extra = (last[0], row), extra - 1
        else:
            yield None, row
    if last:
        yield last
    if opened:
        yield opened, None
