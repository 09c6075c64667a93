"""What is wrong with the rows of a reform's files, or worth a look, in sentences that name the file and the row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sessions.errors import Invalid, Language

#: More faults than this are counted, not told one by one.
_TOLD = 20

_SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("thiếu {column}", "{column} is missing"),
    "twice": ("mã {code} đã có ở dòng {first}", "the code {code} stands in row {first} already"),
    "differs": (
        "mã {code} ở dòng {first} là “{before}”, ở đây là “{now}”",
        "the code {code} is “{before}” in row {first}, and “{now}” here",
    ),
    "unknown-old": (
        "mã cũ {code} không có trong tệp đơn vị trước",
        "the old code {code} is not among the units before",
    ),
    "unknown-new": ("mã mới {code} không có trong tệp đơn vị sau", "the new code {code} is not among the units after"),
    "kind": ("“{value}” không phải whole hay split", "“{value}” is neither whole nor split"),
    "default": ("“{value}” không phải 0 hay 1", "“{value}” is neither 0 nor 1"),
    "no-heir": ("“{name}” (mã {code}) không có đơn vị kế thừa", "“{name}” (code {code}) is followed by nobody"),
    "mains": (
        "mã cũ {code} phải có đúng một dòng default=1, đang có {count}",
        "the old code {code} needs exactly one row with default=1, and has {count}",
    ),
    "whole": ("mã cũ {code} là whole nhưng có {count} dòng", "the old code {code} is whole, but has {count} rows"),
    "island": ("không rõ đơn vị cũ nào thành mã mới {code}", "it is not clear which old unit became {code}"),
    "taken": (
        "mã {code} trong hệ thống đang là “{name}”, khác với tệp",
        "the code {code} is “{name}” in the system, other than in the file",
    ),
    "planned": (
        "“{name}” (mã {code}) trong hệ thống đã được ghi là kết thúc vào ngày khác",
        "“{name}” (code {code}) ends on another day in the system",
    ),
    "read-as": (
        "mã mới {code} không có trong tệp đơn vị sau; hiểu là {name} (mã {now})",
        "the new code {code} is not among the units after; taken for {name} (code {now})",
    ),
    "from-nobody": ("không dòng nào dẫn đến {name} (mã {code})", "no row leads to {name} (code {code})"),
}


@dataclass(frozen=True)
class Remark:
    """Something about one row of one file, as a code of `_SENTENCES` and what fills it."""

    file: str
    row: int
    code: str
    facts: Mapping[str, object]

    def sentence(self, language: Language = "vi") -> str:
        """Where it is and what is the matter, in the reader's language."""
        vi, en = _SENTENCES[self.code]
        said = (en if language == "en" else vi).format(**self.facts)
        return f"{self.file}, {'row' if language == 'en' else 'dòng'} {self.row}: {said}"


class UnitFilesWrong(Invalid):
    code = "unit-files-wrong"
    vi = "Có {count} chỗ sai, chưa nhập gì. Hãy sửa rồi nhập lại:"
    en = "There are {count} faults, and nothing was imported. Correct them and import again:"

    def __init__(self, faults: Sequence[Remark]) -> None:
        super().__init__(count=len(faults))
        self.faults = list(faults)

    def sentence(self, language: Language = "vi") -> str:
        told = [fault.sentence(language) for fault in self.faults[:_TOLD]]
        more = ["…"] if len(self.faults) > _TOLD else []
        return "\n".join([super().sentence(language), *told, *more])
