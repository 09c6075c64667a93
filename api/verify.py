"""`diemcau verify`: proves from the rows that nothing kept was changed and that coverage is what the beats say."""

import sys
from argparse import Namespace

from archive import fixity, watchlog
from archive.group import shares
from sessions import audit, tallies
from sessions.db import transaction


def run(_: Namespace) -> int:
    """Check the audit chain, the watch log and the kept files; 1 when anything is not as it must be."""
    with transaction() as db:
        chain = audit.verify(db)
        untrue = watchlog.verify(db)
        rooms = shares.verify(db)
        damaged = fixity.verify(db)
        tallied = tallies.verify(db)
    _say("nhật ký kiểm tra / audit chain", chain.sealed, [] if chain.broken is None else [f"#{chain.broken}"])
    if chain.unsealed:
        sys.stdout.write(f"    {chain.unsealed} mục chưa niêm phong / entries not sealed yet\n")
    _say("lượt xem / viewings", untrue.checked, [str(each) for each in untrue.wrong])
    _say("buổi xem chung / group replays", rooms.checked, [str(each) for each in rooms.wrong])
    _say("tệp / files", damaged.checked, damaged.wrong)
    _say("số tham gia / participation", tallied.checked, [f"{session} {unit}" for session, unit in tallied.wrong])
    faults = (untrue.wrong, rooms.wrong, damaged.wrong, tallied.wrong)
    return 1 if chain.broken is not None or any(faults) else 0


def _say(what: str, checked: int, wrong: list[str]) -> None:
    sys.stdout.write(f"{'✗' if wrong else '✓'} {what}: {checked}\n")
    for each in wrong:
        sys.stdout.write(f"    {each}\n")
