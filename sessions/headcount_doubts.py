"""Numbers that cannot well be right: asked about, and taken when the technician says that they are.

A slip of the thumb makes a believable wrong number, and a full hall makes an unbelievable right one. Which of the two
it is only somebody in the room can say, so a number is neither silently taken nor refused for good.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from sessions import clock
from sessions.db import Db
from sessions.errors import Conflict, Language
from sessions.models import ConnectionPoint, Headcount, Moment, SessionPart, SessionPoint


class Doubt(StrEnum):
    ABOVE_SEATS = "above-seats"
    #: Half as many again as at the moment before, or not half as many.
    LEAP = "leap"
    #: Present, excused and absent together come to far more than are expected.
    ABOVE_EXPECTED = "above-expected"
    LATE_ABOVE_PRESENT = "late-above-present"
    #: The device's clock says that it was counted long before the part.
    LONG_BEFORE = "long-before"


_SENTENCES: dict[Doubt, tuple[str, str]] = {
    Doubt.ABOVE_SEATS: (
        "Có mặt {present} người nhưng phòng chỉ có {seats} chỗ.",
        "{present} people are present but the room has {seats} seats.",
    ),
    Doubt.LEAP: (
        "Có mặt {present} người, trong khi lần đếm trước của phần này là {earlier}.",
        "{present} people are present, where the count before in this part was {earlier}.",
    ),
    Doubt.ABOVE_EXPECTED: (
        "Có mặt và vắng cộng lại là {total} người, trong khi điểm cầu dự kiến {expected}.",
        "Present and absent come to {total} people, where {expected} are expected at the point.",
    ),
    Doubt.LATE_ABOVE_PRESENT: (
        "Đến muộn {late} người, nhiều hơn cả số có mặt ({present}).",
        "{late} people came late, more than are present ({present}).",
    ),
    Doubt.LONG_BEFORE: (
        "Đồng hồ của thiết bị ghi giờ đếm là {said}, quá sớm so với phần này.",
        "The device's clock says that it was counted at {said}, far too early for this part.",
    ),
}


class HeadcountDoubtful(Conflict):
    """Asked, not refused: sent again with the doubts answered, the same number is taken. `doubts` names them."""

    code = "headcount-doubtful"
    vi = "Nếu đúng như vậy, hãy xác nhận."
    en = "Confirm if that is right."

    def sentence(self, language: Language = "vi") -> str:
        """Everything that there is to ask about, in one go: a phone with a bad link should not be asked twice."""
        asked = [_SENTENCES[Doubt(each)][language == "en"] for each in str(self.facts["doubts"]).split()]
        return " ".join([*asked, self.en if language == "en" else self.vi]).format(**self.facts)


#: How much more than before is sudden, how much less, and by how many people it must differ in a small room: 4 in a
#: hamlet's house who become 7 are nothing to ask about.
LEAP_SHARE, FALL_SHARE, LEAP_LEAST = 1.5, 0.5, 5
#: The same for what is expected: guests and people of other units come as well.
EXPECTED_SHARE, EXPECTED_LEAST = 1.5, 10
#: Nobody counts a room so long before its part begins.
LONG_BEFORE = timedelta(hours=12)

_BEFORE = {Moment.MIDDLE: [Moment.START], Moment.END: [Moment.MIDDLE, Moment.START], Moment.START: []}


@dataclass(frozen=True)
class Counted:
    """What a headcount says: where, of which moment, when, and how many people."""

    point: SessionPoint
    part: SessionPart
    moment: Moment
    counted_at: datetime
    present: int
    excused: int
    absent: int
    late: int


def demand_answers(db: Db, counted: Counted, answered: Collection[Doubt]) -> None:
    """Raise `HeadcountDoubtful` with every doubt about these numbers that was not answered yet."""
    open_doubts = {doubt: facts for doubt, facts in _doubts(db, counted).items() if doubt not in answered}
    if open_doubts:
        facts = {name: value for each in open_doubts.values() for name, value in each.items()}
        raise HeadcountDoubtful(doubts=" ".join(open_doubts), present=counted.present, **facts)


def _doubts(db: Db, counted: Counted) -> dict[Doubt, dict[str, Any]]:
    """The doubts, each with the facts that its sentence needs beside the number present."""
    seats = db.get_one(ConnectionPoint, counted.point.connection_point_id).seats
    expected, earlier = counted.point.expected_count, _earlier(db, counted)
    total = counted.present + counted.excused + counted.absent
    doubts: dict[Doubt, dict[str, Any]] = {}
    if seats and counted.present > seats:
        doubts[Doubt.ABOVE_SEATS] = {"seats": seats}
    if earlier is not None and is_leap(earlier, counted.present):
        doubts[Doubt.LEAP] = {"earlier": earlier}
    if expected and total > expected * EXPECTED_SHARE and total - expected >= EXPECTED_LEAST:
        doubts[Doubt.ABOVE_EXPECTED] = {"total": total, "expected": expected}
    if counted.late > counted.present:
        doubts[Doubt.LATE_ABOVE_PRESENT] = {"late": counted.late}
    if counted.counted_at < counted.part.starts_at - LONG_BEFORE:
        doubts[Doubt.LONG_BEFORE] = {"said": f"{counted.counted_at.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}"}
    return doubts


def is_leap(earlier: int, present: int) -> bool:
    """Whether so many people cannot well have come, or gone, between two moments of one part."""
    rose, fell = present > earlier * LEAP_SHARE, present < earlier * FALL_SHARE
    return (rose or fell) and abs(present - earlier) >= LEAP_LEAST


def _earlier(db: Db, counted: Counted) -> int | None:
    """What holds for the nearest moment before in the same part."""
    standing = select(Headcount.moment, Headcount.present).where(
        Headcount.session_point_id == counted.point.id,
        Headcount.part_id == counted.part.id,
        Headcount.superseded_by.is_(None),
    )
    present: dict[Moment, int] = dict(db.execute(standing).all())
    return next((present[moment] for moment in _BEFORE[counted.moment] if moment in present), None)
