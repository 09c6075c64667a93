import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from api import cli
from sessions.db import Db
from tests import reform
from tests.api.embedded import PACKAGES, ROOMS, environment


def diemcau(*words: str, home: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run a command the way a person does, in an empty directory, with no settings but the given ones."""
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *words],
        env={**environment(home), "PYTHONSAFEPATH": "1", **settings},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_help_names_every_command_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    for command in ("up", "serve", "worker", "migrate", "seed", "logins", "openapi"):
        assert f"\n    {command} " in shown
    assert "chạy toàn bộ hệ thống" in shown
    assert "run the whole system" in shown


def test_an_unknown_command_is_refused_with_status_2() -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["levitate"])
    assert left.value.code == 2


def test_a_refusal_is_said_in_both_languages_without_a_traceback(tmp_path: Path) -> None:
    refused = diemcau("serve", home=tmp_path, DIEMCAU_SECRET_KEY="short")
    assert refused.returncode == 2
    vietnamese, english = refused.stderr.splitlines()
    assert "ký tự ngẫu nhiên" in vietnamese
    assert "random characters" in english
    assert "short" not in refused.stderr


def test_a_database_that_is_down_is_named_without_its_password(tmp_path: Path) -> None:
    address = "postgresql+psycopg://someone:hidden@127.0.0.1:9/nowhere"
    refused = diemcau("migrate", home=tmp_path, DIEMCAU_DATABASE_URL=address)
    assert refused.returncode == 2
    assert "127.0.0.1:9/nowhere" in refused.stderr
    assert "hidden" not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_address_of_another_machine_is_named(tmp_path: Path) -> None:
    refused = diemcau("up", home=tmp_path, DIEMCAU_HOST="192.0.2.1", DIEMCAU_DATA_DIR=str(tmp_path / "data"))
    assert refused.returncode == 2
    assert "192.0.2.1" in refused.stderr
    assert "DIEMCAU_HOST" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_settings_that_cannot_be_used_are_named_without_their_values(tmp_path: Path) -> None:
    refused = diemcau("serve", home=tmp_path, DIEMCAU_PORT="eight thousand", DIEMCAU_COOKIE_SECURE="perhaps")
    assert refused.returncode == 2
    assert "DIEMCAU_PORT" in refused.stderr
    assert "DIEMCAU_COOKIE_SECURE" in refused.stderr
    assert "eight thousand" not in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.fixture
def empty_database(database: str) -> Iterator[str]:
    """The address of a second database on the same server, without any table."""
    with psycopg.connect(_plain(database), autocommit=True) as db:
        db.execute("CREATE DATABASE fresh")
        yield make_url(database).set(database="fresh").render_as_string(hide_password=False)
        db.execute("DROP DATABASE fresh")


def test_two_migrators_at_once_take_turns(empty_database: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "api.cli", "migrate"]
    settings = {**environment(tmp_path), "DIEMCAU_DATABASE_URL": empty_database}
    pair = [subprocess.Popen(command, env=settings, stderr=subprocess.PIPE, text=True) for _ in "ab"]
    said = [each.communicate(timeout=60)[1] for each in pair]

    assert [each.returncode for each in pair] == [0, 0], said
    # Only one found the tables missing; the other waited and had nothing left to do.
    assert sorted("Running upgrade" in each for each in said) == [False, True]
    with psycopg.connect(_plain(empty_database)) as db:
        assert db.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_migrate_works_from_the_built_wheel_in_an_empty_folder(empty_database: str, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOMS, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed, empty = tmp_path / "installed", tmp_path / "empty"
    zipfile.ZipFile(wheel).extractall(installed)
    empty.mkdir()

    settings = {"PYTHONPATH": f"{installed}:{PACKAGES}", "DIEMCAU_DATABASE_URL": empty_database}
    migrated = diemcau("migrate", home=empty, **settings)

    assert migrated.returncode == 0, migrated.stderr
    assert list(empty.iterdir()) == []
    with psycopg.connect(_plain(empty_database)) as db:
        assert db.execute("SELECT count(*) FROM units").fetchone() == (0,)


def test_migrate_leaves_no_limit_and_no_lock_behind(database: str, tmp_path: Path) -> None:
    assert diemcau("migrate", home=tmp_path, DIEMCAU_DATABASE_URL=database).returncode == 0
    with psycopg.connect(_plain(database)) as db:
        assert db.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,)


def test_openapi_prints_the_contract(tmp_path: Path) -> None:
    shown = diemcau("openapi", home=tmp_path)
    assert shown.returncode == 0, shown.stderr
    contract = json.loads(shown.stdout)
    assert contract["openapi"].startswith("3.")
    assert "/readyz" in contract["paths"]


def test_the_demo_is_refused_where_others_could_sign_in(tmp_path: Path) -> None:
    for words in (["seed", "--scale", "demo"], ["up", "--seed", "demo"]):
        refused = diemcau(*words, home=tmp_path, DIEMCAU_HOST="0.0.0.0", DIEMCAU_DATA_DIR=str(tmp_path / "data"))
        assert refused.returncode == 2
        assert "0.0.0.0" in refused.stderr
    assert not (tmp_path / "data").exists()


def _plain(address: str) -> str:
    """The same address for psycopg alone."""
    return address.replace("postgresql+psycopg://", "postgresql://")


def test_a_reform_is_brought_in_from_its_files_and_every_row_of_them_checked(
    db: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["import-units", *reform.written(tmp_path)]
    assert cli.main([*command, "--check"]) == 1
    assert "communes.csv: 0 / 7 dòng đúng" in capsys.readouterr().out
    assert cli.main(command) == 0
    said = capsys.readouterr().out
    assert "30/06/2025: 3 tỉnh / provinces, 4 huyện / districts, 5 xã / communes" in said
    assert "01/07/2025: 2 tỉnh / provinces, 0 huyện / districts, 5 xã / communes" in said
    assert "communes.csv: 7 / 7 dòng đúng / rows right" in said
    wrong = reform.written(tmp_path, communes=("90002,90001", "90002,90055"))
    assert cli.main(["import-units", *wrong]) == 2
    assert "communes.csv, row 4" in capsys.readouterr().err
