"""The demo: Lai Châu before and after July 2025, two hundred people, three conferences and one real recording.

Everything is made by the same functions that the front desk calls. Each stage is one transaction and looks first
whether it was done, so a second run does nothing, and one that was cut off goes on where it stopped.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from api.seed import cast, coming, conferences, lai_chau, march_2021, nation, replay, training, tree
from api.seed.cast import Login, is_demo, logins
from api.seed.lai_chau import Province
from ingest.models import UploadKind
from sessions.db import Db, transaction
from sessions.errors import Invalid
from sessions.models import Unit

__all__ = ["Login", "is_demo", "logins", "logins_of", "run"]


class ScaleUnknown(Invalid):
    code = "scale-unknown"
    vi = "Không có bộ dữ liệu mẫu cỡ “{scale}”; chỉ có demo, province, nation."
    en = "There is no sample data of the scale “{scale}”; only demo, province, nation."


class DemoPartsMissing(Invalid):
    code = "demo-parts-missing"
    vi = "Thiếu thành phần để dựng bản ghi minh họa ({reason}). Hãy cài: pip install 'diemcau[demo]'."
    en = "What makes the demo's recording is not installed ({reason}). Install it: pip install 'diemcau[demo]'."


@dataclass(frozen=True)
class _Stage:
    """`is_done` is asked first; what `do` does, it does whole or not at all."""

    vi: str
    en: str
    is_done: Callable[[Db], bool]
    do: Callable[[], None]


def run(scale: str = "demo") -> None:
    """Bring in the demo, or a larger sample, and say what is being done; the demo's last step is a published replay.

    The database must have its schema; workers may run or not. Raises `ScaleUnknown`, `DemoPartsMissing`, `SeedStuck`
    and, for the larger ones, `nation.NotEmpty`.
    """
    if scale in nation.SIZES:
        nation.seed(nation.SIZES[scale])
        return
    if scale != "demo":
        raise ScaleUnknown(scale=scale)
    stages = _stages(lai_chau.province())
    for number, stage in enumerate(stages, start=1):
        _go_through(stage, f"[{number}/{len(stages)}]")


def logins_of(db: Db) -> list[Login]:
    """The accounts whose passwords are no secret that this database has, whatever sample they came with."""
    return [played.login for played in (*cast.CAST, *nation.cast.CAST) if cast.find(db, played)]


def _go_through(stage: _Stage, place: str) -> None:
    with transaction() as db:
        if stage.is_done(db):
            print(f"{place} {stage.vi}: đã có / {stage.en}: there already", flush=True)
            return
    print(f"{place} {stage.vi}… / {stage.en}…", flush=True)
    started = time.monotonic()
    stage.do()
    print(f"{place} xong / done, {time.monotonic() - started:.1f} s".replace(".", ","), flush=True)


def _stages(facts: Province) -> list[_Stage]:
    def province(db: Db) -> Unit:
        found = tree.find_province(db, facts)
        assert found is not None, "the tree is planted first"
        return found

    def plant() -> None:
        with transaction() as db:
            cast.enrol_office(db, tree.plant(db, facts))

    def look_back() -> None:
        with transaction() as db:
            march_2021.record(db, cast.get(db, cast.STAFF), province(db))

    def reform() -> None:
        with transaction() as db:
            tree.reform(db, facts, province(db))
            cast.enrol_everybody(db, province(db), facts.changed_on)

    def train() -> None:
        with transaction() as db:
            training.record(db, cast.get(db, cast.STAFF), province(db))

    def invite() -> None:
        with transaction() as db:
            coming.prepare(db, cast.get(db, cast.STAFF), province(db))

    return [
        _Stage(
            "Tỉnh Lai Châu trước 7/2025: 8 huyện, thành phố, 106 xã",
            "Lai Châu before July 2025: 8 districts, 106 communes",
            lambda db: tree.find_province(db, facts) is not None,
            plant,
        ),
        _Stage(
            "Hội nghị tháng 3/2021: 145 điểm cầu, 11.873 đại biểu",
            "The conference of March 2021: 145 points, 11,873 attendees",
            lambda db: conferences.find(db, march_2021.TITLE) is not None,
            look_back,
        ),
        _Stage(
            "Sắp xếp đơn vị từ 01/7/2025: 38 xã, phường, 200 người",
            "The reform of July 2025: 38 communes, 200 people",
            lambda db: tree.is_reformed(db, facts),
            reform,
        ),
        _Stage(
            "Buổi tập huấn vừa qua",
            "The training a few days ago",
            lambda db: conferences.find(db, training.TITLE) is not None,
            train,
        ),
        _Stage(
            "Hội nghị tuần tới",
            "The conference of next week",
            lambda db: conferences.find(db, coming.TITLE) is not None,
            invite,
        ),
        _Stage(
            "Bản ghi và tài liệu của buổi tập huấn: dựng, tải lên, mã hóa, phát hành",
            "The training's recording and deck: made, uploaded, encoded, released",
            replay.is_done,
            _replay,
        ),
    ]


def _replay() -> None:
    replay.upload(_make_talk)
    replay.release()
    replay.work()


def _make_talk(folder: Path) -> dict[UploadKind, Path]:
    try:
        # Loaded only here: the demo's own extra need not be installed where nothing is seeded.
        talk = import_module("api.seed.talk")
    except ImportError as missing:
        raise DemoPartsMissing(reason=missing.name or str(missing)) from missing
    made = talk.make(folder)
    return {UploadKind.DECK: made.deck, UploadKind.RECORDING: made.recording}
