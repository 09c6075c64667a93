"""`diemcau ingest` and `diemcau watch`: material that lies on this machine, through the same gate as an upload."""

import sys
import time
from argparse import Namespace
from pathlib import Path

from api.login import username_key
from ingest import intake
from ingest.importing import bringing
from ingest.importing.bringing import Result
from ingest.importing.package import Remark
from ingest.intake import Purpose
from ingest.models import Classification, UploadKind
from ingest.watching import watch
from sessions.db import transaction
from sessions.errors import DomainError, Invalid
from sessions.models import Person

#: How often a long copy is told of where nobody sees a line drawn anew.
_TELL_SECONDS = 10.0
_WORDS = {
    UploadKind.RECORDING.value: "bản ghi / recording",
    UploadKind.DECK.value: "trang chiếu / slides",
    "attendance": "điểm danh / attendance",
    "transcript": "lời thoại / transcript",
    "chat": "trò chuyện / chat",
}


class NotDeclared(Invalid):
    code = "not-declared"
    vi = "Hãy khai mức độ mật: thêm --not-classified nếu không có tệp nào là tài liệu mật."
    en = "Declare the level: add --not-classified when none of the files is classified."


def run(arguments: Namespace) -> int:
    """Take files and folders in. 0 when all is in or was in already, 1 when something was refused."""
    if not arguments.not_classified:
        raise NotDeclared
    with transaction() as db:
        by = intake.person_called(db, username_key(arguments.by))
    purpose = Purpose(arguments.session, arguments.part, Classification.NOT_CLASSIFIED)
    bringing.demand_allowed(by, purpose)
    kind = UploadKind(arguments.kind) if arguments.kind else None
    wholly_in = [_take(by, purpose, path, kind, with_chat=arguments.with_chat) for path in arguments.paths]
    return 0 if all(wholly_in) else 1


def look_once(_: Namespace) -> int:
    """Take what is at rest in the watched places now; 1 when something was refused."""
    told = list(watch())
    for each in told:
        sys.stdout.write(str(each).encode(errors="replace").decode() + "\n")
    return 1 if any(each.is_failed for each in told) else 0


def _take(by: Person, purpose: Purpose, path: Path, kind: UploadKind | None, *, with_chat: bool) -> bool:
    """Take what is at one path, tell of every file, and say whether all of it is in."""
    line = _Line()
    results: list[Result] = []
    try:
        for result in bringing.bring(
            by, purpose, path, kind=kind, with_chat=with_chat, on_progress=line.show, on_remark=_remark
        ):
            line.end()
            results.append(result)
            _tell(result)
    except DomainError as refusal:
        line.end()
        _refuse(path.name, refusal)
        return False
    return not any(result.is_refused for result in results)


def _tell(result: Result) -> None:
    if result.is_refused:
        assert result.refusal
        _refuse(result.name, result.refusal)
        return
    state = "đã có từ trước / held already" if result.is_held_already else "đã nhận / taken"
    sys.stdout.write(f"{state}: {result.name} [{_WORDS[result.kind]}]{f' {result.job_id}' if result.job_id else ''}\n")
    sys.stdout.flush()


def _remark(remark: Remark) -> None:
    sys.stderr.write(f"! {remark.vi} / {remark.en}\n")


def _refuse(name: str, refusal: DomainError) -> None:
    sys.stderr.write(f"không nhận / refused: {name}\n  {refusal.sentence('vi')}\n  {refusal.sentence('en')}\n")


class _Line:
    """How far a copy is: a line that is drawn anew, or one every ten seconds where nobody watches."""

    def __init__(self) -> None:
        self._drawn = False
        self._told = time.monotonic()

    def show(self, name: str, done: int, of: int) -> None:
        text = f"{name[:60]}: {done / 1e6:.0f}/{of / 1e6:.0f} MB ({done / of:.0%})"
        if sys.stderr.isatty():
            self._drawn = True
            sys.stderr.write(f"\r{text:<100}")
        elif time.monotonic() - self._told > _TELL_SECONDS:
            self._told = time.monotonic()
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def end(self) -> None:
        if self._drawn:
            sys.stderr.write(f"\r{'':<100}\r")
            self._drawn = False
