"""What all tests share: a real PostgreSQL, a real Valkey, the application, and a cast of people.

Each is started once per run from the wheels that `diemcau up` uses, and only when a test asks for it. After every
test that touched it the database is emptied, so no test sees another's rows.
"""

import gc
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import migrations
from api.app import create_app
from api.embedded import cluster, postgres, programs, standing, valkey
from api.embedded.service import Service
from api.settings import api_settings
from archive.settings import vault_settings
from archive.storage import storage
from ingest.settings import workshop_settings
from sessions.db import Base, Db, engine
from sessions.settings import register_settings
from tests.cast import Cast
from tests.servers import free_ports

_CACHED = (register_settings, vault_settings, workshop_settings, api_settings, storage, engine)
#: How the files that take longest are called; the first two differ in what they wait for.
_LONGEST_FIRST = ("tests/browser/test_pages", "tests/journeys/", "tests/browser/", "tests/ingest/", "tests/api/", "")


def pytest_configure() -> None:
    # Before any module reads a setting: nothing of a test may land in the directory of a real installation.
    os.environ["DIEMCAU_DATA_DIR"] = tempfile.mkdtemp(prefix="diemcau-tests-")
    os.environ["DIEMCAU_BROKER_URL"] = "redis://127.0.0.1:9/0"  # A closed port, until a test starts a broker.


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that at the end no process waits for another's long file."""
    items.sort(key=lambda item: next(i for i, begin in enumerate(_LONGEST_FIRST) if item.nodeid.startswith(begin)))


def pytest_collection_finish() -> None:
    """What was read in by now stays to the end, so it is not gone through for garbage again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Whatever CI did not run is a failure of it, for nobody reads what was skipped there."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        report.outcome, report.longrepr = "failed", f"Not run: {report.longrepr[2]}"
    return report


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each failure at the very end, where those who see only the end of a long log find it."""
    for kind in ("failed", "error"):
        for report in terminalreporter.getreports(kind):
            crash = getattr(report.longrepr, "reprcrash", None)
            why = (crash.message if crash else str(report.longrepr)).strip() or "?"
            terminalreporter.write_line(f"{kind.upper()} {report.nodeid}: {why.splitlines()[0][:200]}")


def pytest_unconfigure() -> None:
    shutil.rmtree(os.environ["DIEMCAU_DATA_DIR"], ignore_errors=True)


@pytest.fixture(scope="session")
def home() -> Path:
    """The data directory of this run."""
    return Path(os.environ["DIEMCAU_DATA_DIR"])


@contextmanager
def running(service: Service) -> Iterator[subprocess.Popen[bytes]]:
    """One of our own services as a child of the test, from ready to gone."""
    command = standing.command(service.command, who=service.who, death_signal=service.death_signal)
    process = subprocess.Popen(
        command, env=dict(service.environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + service.ready_seconds
        while service.is_ready and not service.is_ready():
            assert process.poll() is None, f"{service.name} ended at once"
            assert time.monotonic() < deadline, f"{service.name} did not become ready"
            time.sleep(0.02)
        yield process
    finally:
        process.send_signal(service.stop_signal)
        process.wait(timeout=60)


@pytest.fixture(scope="session")
def database(home: Path) -> Iterator[str]:
    """The address of a PostgreSQL that holds all migrations and no rows."""
    made = cluster.open_cluster(home, programs.find_postgres(None))
    (port,) = free_ports(1)
    with running(postgres.service(made, port)):
        os.environ["DIEMCAU_DATABASE_URL"] = postgres.url(made, port)
        for each in _CACHED:
            each.cache_clear()
        migrations.upgrade()
        yield postgres.url(made, port)
        engine().dispose()


@pytest.fixture(scope="session")
def broker(home: Path) -> Iterator[str]:
    """The address of a Valkey behind a password."""
    (port,) = free_ports(1)
    opened = valkey.open_broker(home, port)
    with running(valkey.service(opened, dict(os.environ))):
        yield valkey.url(opened)


@pytest.fixture
def db(database: str) -> Iterator[Db]:
    """A handle on an empty database. A test commits what others (a client, a worker) have to see."""
    with Db(engine(), expire_on_commit=False) as opened:
        yield opened
        opened.rollback()
    # A few rows are deleted in a hundredth of the time that truncating all tables takes.
    emptying = "; ".join(f"DELETE FROM {table.name}" for table in reversed(Base.metadata.sorted_tables))
    with engine().begin() as connection:
        connection.exec_driver_sql(emptying)


@pytest.fixture
def cast(db: Db) -> Cast:
    """A technician, a member, staff, a releaser, an administrator and a stranger, committed."""
    return Cast.enter(db)


@pytest.fixture(scope="session")
def application() -> FastAPI:
    """One for all tests: working out every route anew takes a third of a second."""
    return create_app()


@pytest.fixture
def client(db: Db, application: FastAPI) -> Iterator[TestClient]:
    """The application in this process, on the same database. Errors of ours come back as answers, not as exceptions."""
    application.middleware_stack = None  # So that what its layers remember begins anew.
    with TestClient(application, base_url="http://testserver", raise_server_exceptions=False) as opened:
        yield opened
