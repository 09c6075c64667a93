"""Embedded servers run by tests without the supervisor, and ways to be an ordinary user while the tests run as root."""

import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

import api
from api.embedded import postgres, standing
from api.embedded.cluster import Cluster
from api.embedded.service import Service

ROOMS = Path(api.__file__).parent.parent
PACKAGES = Path(sysconfig.get_path("purelib"))
ORDINARY_ID = 65534


@contextlib.contextmanager
def running(service: Service) -> Iterator["subprocess.Popen[bytes]"]:
    """The service, ready; stopped by its own signal when the block ends, if it still runs."""
    process = start(service)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(service.stop_signal)
        process.wait(timeout=30)


def start(service: Service) -> "subprocess.Popen[bytes]":
    assert service.is_ready
    command = standing.command(service.command, who=service.who, death_signal=service.death_signal)
    process = subprocess.Popen(command, env=dict(service.environment), start_new_session=True)
    wait_until(lambda: service.is_ready() or process.poll() is not None)
    assert process.poll() is None, f"{service.name} ended with status {process.returncode}"
    return process


def wait_until(holds: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.02)


def connect(cluster: Cluster, port: int) -> "psycopg.Connection[tuple[object, ...]]":
    """An open connection, as a program of ours would make it, outside any transaction."""
    return psycopg.connect(postgres.url(cluster, port).replace("+psycopg", ""), autocommit=True)


def only_as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: it shows what happens when diemcau is started by root")


def as_ordinary_user(words: list[str], home: Path) -> list[str]:
    """A command line that runs `python WORDS` as an ordinary user, who then owns the empty directory `home`.

    Under root that is a real other user where an interpreter can be found that it may run; else a user namespace, in
    which the program sees itself as an ordinary user. When neither is possible the test is skipped, with the reason.
    """
    if os.geteuid() != 0:
        return [sys.executable, *words]
    for wrapped in (_as_another_user(), _in_a_namespace()):
        if wrapped and subprocess.run([*wrapped, "-c", "import psycopg"], env=environment(home)).returncode == 0:
            if "setpriv" in wrapped[0]:
                os.chown(home, ORDINARY_ID, ORDINARY_ID)
            return [*wrapped, *words]
    pytest.skip("under root: no interpreter that another user may run, and no user namespaces")


def environment(home: Path) -> dict[str, str]:
    """An environment that knows our rooms and packages, and an empty home, but nothing of this machine's user."""
    return {"HOME": str(home), "PATH": os.defpath, "PYTHONPATH": f"{ROOMS}:{PACKAGES}", "LANG": "C.UTF-8"}


def _as_another_user() -> list[str]:
    setpriv = shutil.which("setpriv")
    python = shutil.which(f"python{sys.version_info.major}.{sys.version_info.minor}", path=os.defpath)
    if not setpriv or not python:
        return []
    return [setpriv, f"--reuid={ORDINARY_ID}", f"--regid={ORDINARY_ID}", "--clear-groups", python]


def _in_a_namespace() -> list[str]:
    unshare = shutil.which("unshare")
    return [unshare, "--user", "--map-user=1000", "--map-group=1000", sys.executable] if unshare else []
