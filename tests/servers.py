"""Servers that tests run for themselves, each on free ports and in a directory of its own."""

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from api.embedded.ports import is_free
from archive.s3storage import S3Storage
from archive.storage import StorageDown

#: What the one port option of SeaweedFS stands for; each server speaks gRPC on a second port.
_PORTS = [f"{server}.port{kind}" for server in ("master", "volume", "filer", "s3", "admin") for kind in ("", ".grpc")]


@dataclass(frozen=True)
class S3Server:
    """A real S3 service, and the only key that it lets in."""

    endpoint: str
    bucket: str = "diemcau-test"
    access_key: str = "diemcau"
    secret_key: str = "only-for-tests"

    def storage(self, lent_dir: Path, **changed: str) -> S3Storage:
        """Our own storage upon it; `changed` replaces what is known of it, to see what happens then."""
        return S3Storage(
            changed.get("bucket", self.bucket),
            endpoint=changed.get("endpoint", self.endpoint),
            region="us-east-1",
            access_key=self.access_key,
            secret_key=changed.get("secret_key", self.secret_key),
            lent_dir=lent_dir,
        )


@contextlib.contextmanager
def seaweedfs() -> Iterator[S3Server]:
    """SeaweedFS from its wheel, ready for the first put (about a second); gone without a trace afterwards."""
    ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
    server = S3Server(f"http://127.0.0.1:{ports['s3.port']}")
    folder = Path(tempfile.mkdtemp(prefix="diemcau-s3-"))
    process = subprocess.Popen(
        _command(folder, server, ports), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_it_takes_a_put(server, folder, process)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=60)
        shutil.rmtree(folder)
        for port in ports.values():  # It leaves some of its sockets lying beside our folder.
            for leftover in folder.parent.glob(f"seaweedfs-*-{port}.sock"):
                leftover.unlink()


class FrontDesk:
    """Our own application in a process of its own, which a test may kill and start again at the same address."""

    def __init__(self, app: str = "api.app:create_app", **settings: str) -> None:
        """`settings` come before those that the environment holds."""
        self._app = app
        (self.port,) = free_ports(1)
        self.address = f"http://127.0.0.1:{self.port}"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve, with the settings that the environment holds now; returns once it answers."""
        command = [sys.executable, "-m", "uvicorn", "--factory", self._app, "--port", str(self.port)]
        self._process = subprocess.Popen([*command, "--log-level", "warning"], env=os.environ | self._settings)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"{self.address}/healthz", timeout=5).close()
                return
            time.sleep(0.05)
        raise TimeoutError(f"The front desk did not open; exit code {self._process.poll()}.")

    @property
    def pid(self) -> int:
        """Of the process that serves now."""
        assert self._process, "It was not started."
        return self._process.pid

    def kill(self) -> None:
        """End it as a power cut or the kernel would: without a last word (SIGKILL)."""
        if self._process:
            self._process.kill()
            self._process.wait()


@contextlib.contextmanager
def front_desk(**settings: str) -> Iterator[FrontDesk]:
    """The application, served on a free port."""
    desk = FrontDesk(**settings)
    try:
        desk.start()
        yield desk
    finally:
        desk.kill()


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on, all different.

    They lie below those from which Linux serves outgoing connections: one of these could take a port between our
    choice and the start of the server that it is meant for.
    """
    candidates = random.sample(range(20_000, 32_000), 20 * count)
    found = list(islice(filter(is_free, candidates), count))
    assert len(found) == count, f"of {len(candidates)} ports only {len(found)} are free"
    return found


def _command(folder: Path, server: S3Server, ports: dict[str, int]) -> list[str]:
    """`mini` orders its parts so that all are up within a second; `server` takes nine until its first put."""
    keys = {"accessKey": server.access_key, "secretKey": server.secret_key}
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identities = folder / "identities.json"
    identities.write_text(
        json.dumps({"identities": [{"name": "tests", "credentials": [keys], "actions": actions}]}), encoding="utf-8"
    )
    return [
        str(Path(sysconfig.get_path("scripts")) / "weed"),
        "-logtostderr=true",
        "mini",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-bucket={server.bucket}",
        f"-s3.config={identities}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-webdav=false",
        "-admin.ui=false",
        "-master.telemetry=false",  # It would report to its makers.
        "-master.volumeSizeLimitMB=64",
        "-volume.preStopSeconds=0",
        *(f"-{option}={port}" for option, port in ports.items()),
    ]


def _wait_until_it_takes_a_put(server: S3Server, folder: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(StorageDown):
            server.storage(folder).put_bytes("ready", b"")
            return
        time.sleep(0.1)
    raise TimeoutError(f"SeaweedFS did not come up; exit code {process.poll()}.")
