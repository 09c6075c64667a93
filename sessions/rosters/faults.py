"""What can be the matter with a row of a roster, and how it is said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sessions.errors import Language


class Fault(StrEnum):
    """Rows with one of these are held back: nothing of them is taken over until the file is corrected."""

    NAME_MISSING = "name-missing"
    NAME_GARBLED = "name-garbled"
    NAME_UNFIT = "name-unfit"
    NUMBER_SPOILT = "number-spoilt"
    NUMBER_UNFIT = "number-unfit"
    NUMBER_TWICE = "number-twice"
    UNIT_UNKNOWN = "unit-unknown"
    UNIT_AMBIGUOUS = "unit-ambiguous"
    NAMESAKE = "namesake"
    PERSON_AMBIGUOUS = "person-ambiguous"
    ELSEWHERE = "elsewhere"
    NAME_DIFFERS = "name-differs"
    # The last ones hold nothing back: the row is taken over, and somebody should look whether rightly so.
    BY_NAME = "by-name"
    NUMBER_ADOPTED = "number-adopted"
    BIRTH_UNREAD = "birth-unread"


#: What a row is taken over with.
NOTES = frozenset({Fault.BY_NAME, Fault.NUMBER_ADOPTED, Fault.BIRTH_UNREAD})

_SENTENCES: dict[Fault, tuple[str, str]] = {
    Fault.NAME_MISSING: ("Thiếu họ tên.", "The name is missing."),
    Fault.NAME_GARBLED: (
        "Họ tên “{name}” bị mất dấu tiếng Việt (có dấu ?). Hãy xuất lại tệp thành .xlsx.",
        "The name “{name}” has lost its accents (there is a ?). Export the file again as .xlsx.",
    ),
    Fault.NAME_UNFIT: ("“{name}” không phải họ tên người.", "“{name}” is not a person's name."),
    Fault.NUMBER_SPOILT: (
        "Số thẻ đã bị Excel đổi thành “{number}”. Hãy đặt cột này ở dạng văn bản và nhập lại số.",
        "Excel turned the member number into “{number}”. Make the column text and enter the number again.",
    ),
    Fault.NUMBER_UNFIT: ("Số thẻ dài quá 40 ký tự.", "The member number is longer than 40 characters."),
    Fault.NUMBER_TWICE: (
        "Số thẻ {number} đã có ở dòng {first}. Mỗi số chỉ của một người.",
        "The member number {number} is already in row {first}. Each belongs to one person.",
    ),
    Fault.UNIT_UNKNOWN: (
        "Không có đơn vị “{unit}” trong phạm vi này. {nearest}",
        "There is no unit “{unit}” here. {nearest}",
    ),
    Fault.UNIT_AMBIGUOUS: (
        "Có nhiều đơn vị tên “{unit}”: {units}. Hãy ghi thêm đơn vị cấp trên.",
        "Several units are called “{unit}”: {units}. Add the unit above.",
    ),
    Fault.NAMESAKE: (
        "Trùng họ tên và đơn vị với dòng {first}. Nếu là hai người, hãy ghi số thẻ hoặc ngày sinh.",
        "Same name and unit as row {first}. If these are two people, give their numbers or dates of birth.",
    ),
    Fault.PERSON_AMBIGUOUS: (
        "Đơn vị này có {count} người tên “{name}”. Hãy ghi số thẻ hoặc ngày sinh.",
        "This unit has {count} people called “{name}”. Give the number or the date of birth.",
    ),
    Fault.ELSEWHERE: (
        "Số thẻ này là của người thuộc đơn vị ngoài phạm vi của bạn. Hãy nhờ cấp trên chuyển đơn vị.",
        "This number belongs to somebody of a unit outside yours. Ask the level above to move them.",
    ),
    Fault.NAME_DIFFERS: (
        "Số thẻ {number} đang là của “{known}”, không phải “{name}”. Hãy kiểm tra lại số thẻ.",
        "The number {number} belongs to “{known}”, not “{name}”. Check the number.",
    ),
    Fault.BY_NAME: (
        "Không có số thẻ: coi là “{known}” đã có trong đơn vị. Hãy kiểm tra.",
        "No number: taken for “{known}”, who is on the rolls of the unit. Please check.",
    ),
    Fault.NUMBER_ADOPTED: (
        "“{known}” trong đơn vị chưa có số thẻ: ghi thêm số {number}. Hãy kiểm tra.",
        "“{known}” of the unit had no number: {number} is added. Please check.",
    ),
    Fault.BIRTH_UNREAD: (
        "Không đọc được ngày sinh “{birth}”; phần còn lại vẫn được nhập.",
        "The date of birth “{birth}” can't be read; the rest is taken over.",
    ),
}
_NEAREST = {"vi": ("Có phải: {units}?", "Hãy thêm đơn vị trước."), "en": ("Is it {units}?", "Add the unit first.")}


@dataclass(frozen=True)
class Finding:
    """One thing about one row of the file, by the row's number as a spreadsheet shows it."""

    row: int
    fault: Fault
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def holds_back(self) -> bool:
        return self.fault not in NOTES

    def sentence(self, language: Language) -> str:
        """What is the matter, and what to do about it."""
        facts = dict(self.facts)
        if self.fault is Fault.UNIT_UNKNOWN:
            like, none = _NEAREST[language]
            units = ", ".join(f"“{each}”" for each in facts.get("units", []))
            facts["nearest"] = like.format(units=units) if units else none
        return _SENTENCES[self.fault][language == "en"].format(**facts)

    def kept(self) -> dict[str, Any]:
        """As plain values, for a column of JSON."""
        return {"row": self.row, "fault": self.fault.value, "facts": dict(self.facts)}

    @classmethod
    def recalled(cls, kept: Mapping[str, Any]) -> "Finding":
        """What `kept` gave, as a finding again."""
        return cls(kept["row"], Fault(kept["fault"]), kept["facts"])
