"""How fast a province's roster gets onto the rolls, against COPY of the very rows that it becomes."""

import io
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median

import xlsxwriter
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session as Db

from api import migrations
from api.embedded import cluster, postgres, programs
from sessions import units
from sessions.models import UnitKind
from sessions.rosters import imports
from sessions.settings import register_settings
from tests.benchmarks.row import Row
from tests.conftest import running
from tests.servers import free_ports

#: The members of a province and its communes, from public reports (DESIGN.md, section 1).
PEOPLE = 46_540
COMMUNES = 106
_TURNS = 5
_FAMILY = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Vũ",
    "Võ",
    "Phan",
    "Trương",
    "Bùi",
    "Đặng",
    "Đỗ",
    "Ngô",
    "Hồ",
    "Dương",
    "Đinh",
    "Lò",
    "Giàng",
    "Vàng",
]
_MIDDLE = [
    "Thị",
    "Văn",
    "Hữu",
    "Đức",
    "Ngọc",
    "Minh",
    "Quang",
    "Thanh",
    "Xuân",
    "Thu",
    "Hồng",
    "Kim",
    "A",
    "Quốc",
    "Gia",
    "Bảo",
    "Tuấn",
    "Thành",
    "Phương",
    "Hải",
]
_GIVEN = [
    "An",
    "Bình",
    "Chi",
    "Dũng",
    "Đào",
    "Giang",
    "Hà",
    "Hạnh",
    "Hùng",
    "Hương",
    "Khánh",
    "Lan",
    "Linh",
    "Mai",
    "Nam",
    "Ngân",
    "Oanh",
    "Phúc",
    "Quyên",
    "Sơn",
    "Tâm",
    "Ứng",
    "Vân",
    "Yến",
]
_COLUMNS = (
    "id, member_number, full_name, unit_id, position, birth_date, categories, sort_key, search_key, created_at, left_at"
)


def measure() -> Row:
    """Both write durably into the same table with the same keys and indexes, in turns; the middle of five counts."""
    roster = _roster()
    ours, copied, parts = [], [], []
    with _database() as engine, Db(engine, expire_on_commit=False) as db:
        province = _plant(db)
        for _ in range(_TURNS):
            began = time.perf_counter()
            outcome = imports.bring_in(db, None, province, roster, on_progress=_noting(parts))
            db.commit()
            ours.append(time.perf_counter() - began)
            assert (outcome.new, outcome.held) == (PEOPLE, 0), outcome.counts()
            rows = db.execute(text(f"SELECT {_COLUMNS} FROM people")).all()
            _empty(db, engine)
            copied.append(_copy(db, rows))
            _empty(db, engine)
    return Row(
        "roster-import",
        f"a roster of {PEOPLE} people as .xlsx, from its bytes to the rolls, against COPY of the same rows",
        ours=PEOPLE / median(ours),
        bound=PEOPLE / median(copied),
        unit="rows/s",
        side=">=",
        goal=0.3,
        details={
            "seconds": round(median(ours), 2),
            "copy_seconds": round(median(copied), 2),
            "xlsx_mb": round(len(roster) / 1e6, 1),
            "reading_seconds": round(median(parts), 2),
        },
    )


def _noting(parts: list[float]):
    began = time.perf_counter()

    def note(percent: int) -> None:
        if percent == 30:  # Everything up to here is the file, everything after it the database.
            parts.append(time.perf_counter() - began)

    return note


def _roster() -> bytes:
    """As an office keeps it: titles above, a day of birth as a date, a unit by its name."""
    dice = random.Random(46_540)
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page, day = book.add_worksheet("Danh sách"), book.add_format({"num_format": "dd/mm/yyyy"})
        page.merge_range("A1:G1", "ĐẢNG BỘ TỈNH: DANH SÁCH ĐẢNG VIÊN")
        page.write_row(2, 0, ["STT", "Số thẻ", "Họ và tên", "Ngày sinh", "Chức vụ", "Đơn vị", "Đối tượng"])
        for n in range(PEOPLE):
            name = f"{dice.choice(_FAMILY)} {dice.choice(_MIDDLE)} {dice.choice(_MIDDLE)} {dice.choice(_GIVEN)}"
            page.write_row(3 + n, 0, [n + 1, f"18{n:010}", name])
            page.write_datetime(3 + n, 3, date.fromordinal(dice.randrange(715_000, 731_000)), day)
            page.write_row(3 + n, 4, ["Công chức", f"Xã {n % COMMUNES + 1:03}", "Cán bộ chủ chốt"])
    return made.getvalue()


@contextmanager
def _database() -> Iterator[Engine]:
    """A PostgreSQL of its own with all migrations, gone afterwards. Commits are as durable as anywhere."""
    home = Path(tempfile.mkdtemp(prefix="diemcau-roster-"))
    made, (port,) = cluster.open_cluster(home, programs.find_postgres(None)), free_ports(1)
    before = os.environ.get("DIEMCAU_DATABASE_URL")
    with running(postgres.service(made, port)):
        os.environ["DIEMCAU_DATABASE_URL"] = postgres.url(made, port)
        register_settings.cache_clear()
        migrations.upgrade()
        engine = create_engine(postgres.url(made, port))
        try:
            yield engine
        finally:
            engine.dispose()
            os.environ.pop("DIEMCAU_DATABASE_URL")
            if before:
                os.environ["DIEMCAU_DATABASE_URL"] = before
            register_settings.cache_clear()


def _plant(db: Db):
    since = date(2025, 7, 1)
    province = units.add(db, None, name="Tỉnh", kind=UnitKind.PROVINCE, valid_from=since)
    for n in range(COMMUNES):
        units.add(db, None, name=f"Xã {n + 1:03}", kind=UnitKind.COMMUNE, valid_from=since, parent=province)
    db.commit()
    return province


def _copy(db: Db, rows) -> float:
    began = time.perf_counter()
    cursor = db.connection().connection.cursor()
    with cursor.copy(f"COPY people ({_COLUMNS}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    db.commit()
    return time.perf_counter() - began


def _empty(db: Db, engine: Engine) -> None:
    db.execute(select(1))
    db.execute(text("TRUNCATE people CASCADE"))
    db.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
