"""A whole site of its own for a journey: `diemcau up` in a directory that vanishes, on ports of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from api.embedded import runstate
from tests.servers import free_ports

ADMINISTRATOR, PASSWORD = "quantri", "mat-khau-quan-tri"


@dataclass
class Site:
    """One `diemcau up`. `settings` are extra environment variables, for every process of it."""

    home: Path
    port: int
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __post_init__(self) -> None:
        # The usual ports would be snatched by another test's site while this one's server was killed and is down.
        postgres, valkey = free_ports(2)
        (self.home / "ports.json").write_text(json.dumps({"postgres": postgres, "valkey": valkey}))

    def start(self, patience: float = 180) -> float:
        """Start everything and wait until it answers; the seconds that took."""
        begun = time.monotonic()
        with (self.home / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command("up", "--port", str(self.port)),
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while not self.is_ready():
            assert self.process.poll() is None, (self.home / "up.log").read_text()
            assert time.monotonic() - begun < patience, (self.home / "up.log").read_text()
            time.sleep(0.1)
        return time.monotonic() - begun

    def is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.address}/readyz", timeout=2).status_code == 200
        except httpx2.HTTPError:
            return False

    def stop(self) -> None:
        """Ctrl-C, and wait until it is gone."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)

    def found(self) -> None:
        """Give the empty site its first administrator, as the person who runs it would."""
        words = self.command("administrator", ADMINISTRATOR, "--name", "Vàng A Trị", "--unit", "Tỉnh Thử Nghiệm")
        entering = subprocess.run(words, env=self.environment, input=f"{PASSWORD}\n", capture_output=True, text=True)
        assert entering.returncode == 0, entering.stderr

    @property
    def database_url(self) -> str:
        """The database that this site runs."""
        return runstate.servers_of(self.home)["DIEMCAU_DATABASE_URL"]

    def children(self, word: str) -> list[int]:
        """Process ids of this site's processes whose command line has this word."""
        mine = str(self.home).encode()
        found = []
        for folder in Path("/proc").iterdir():
            try:
                if (
                    folder.name.isdigit()
                    and mine in (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
                ):
                    words = (folder / "cmdline").read_bytes().decode().replace("\0", " ")
                    if word in words:
                        found.append(int(folder.name))
            except OSError:
                continue
        return found

    def kill(self, word: str = "") -> None:
        """kill -9 of every process of this site whose command line has this word; of all of them without one."""
        for pid in self.children(word):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if word or not self.process:
            return
        self.process.wait(timeout=10)
        deadline = time.monotonic() + 10
        while left := self.children(""):  # One may have been starting another when it was killed.
            assert time.monotonic() < deadline, f"still running after kill -9: {left}"
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)

    @staticmethod
    def command(*words: str) -> list[str]:
        return [sys.executable, "-m", "api.cli", *words]

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DIEMCAU_")}
        # Reading pictures takes most of the time of a short transcode; what it finds has tests of its own.
        return kept | {"DIEMCAU_DATA_DIR": str(self.home), "DIEMCAU_READ_PICTURES": "false"} | self.settings


@contextmanager
def site(**settings: str) -> Iterator[Site]:
    """A site that runs, with one administrator and nothing else; gone with all its processes afterwards."""
    home = Path(tempfile.mkdtemp(prefix="diemcau-site-"))
    opened = Site(home, free_ports(1)[0], settings)
    try:
        opened.start()
        opened.found()
        yield opened
    finally:
        opened.stop()
        left = opened.children("")
        shutil.rmtree(home, ignore_errors=True)
        assert left == [], f"still running after Ctrl-C: {left}"
