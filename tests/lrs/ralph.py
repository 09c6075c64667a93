"""Ralph, started for a test: it keeps statements in a file, and validates them by its own models of the profile.

Its package asks for an older FastAPI than ours, so it lives in an environment beside ours (`make test` makes it from
tests/lrs/requirements.lock) and only ever runs as another program.
"""

import base64
import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import free_ports

PYTHON = Path(sys.prefix) / "lrs" / "bin" / "python"
USERNAME, PASSWORD = "diemcau", "chi-de-kiem-thu"
#: A hash costs as much as its maker wants: 4 is the least that bcrypt allows.
_HASH = "import bcrypt, sys; print(bcrypt.hashpw(sys.argv[1].encode(), bcrypt.gensalt(4)).decode())"
#: The server. Its file backend would write one batch and refuse every later one, since it creates the file anew each
#: time; it knows how to append, and only has to be told.
_SERVE = (
    "import sys, uvicorn\n"
    "from ralph.backends.data.base import BaseOperationType\n"
    "from ralph.backends.lrs.fs import FSLRSBackend\n"
    "FSLRSBackend.default_operation_type = BaseOperationType.APPEND\n"
    "uvicorn.run('ralph.api:app', port=int(sys.argv[1]), log_level='warning')"
)
#: Every statement by the models of Ralph for any statement at all, strict about what the specification forbids.
_ANY = (
    "import json, sys\n"
    "from ralph.models.xapi.base.statements import BaseXapiStatement\n"
    "print(sum(bool(BaseXapiStatement(**json.loads(line))) for line in sys.stdin))"
)


def demand_installed() -> None:
    """Skip where the environment was never made."""
    if not PYTHON.exists():
        pytest.skip("the environment of the learning record store is missing: run `make test` once")


class Ralph:
    """The store at a fixed address; it can be stopped and started, and keeps what it has."""

    def __init__(self, home: Path) -> None:
        (self._port,) = free_ports(1)
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        self.endpoint = f"http://127.0.0.1:{self._port}/xAPI"
        hashed = subprocess.run([PYTHON, "-c", _HASH, PASSWORD], check=True, capture_output=True, text=True).stdout
        user = {
            "agent": {"mbox": "mailto:lrs@example.vn"},
            "scopes": ["all"],
            "username": USERNAME,
            "hash": hashed.strip(),
        }
        (home / "auth.json").write_text(json.dumps([user]), encoding="utf-8")

    def start(self) -> None:
        command = [str(PYTHON), "-c", _SERVE, str(self._port)]
        self._process = subprocess.Popen(command, env=self._environment(), cwd=self._home)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"http://127.0.0.1:{self._port}/__lbheartbeat__", timeout=5).close()
                return
            time.sleep(0.1)
        raise TimeoutError(f"Ralph did not come up; exit code {self._process.poll()}.")

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(timeout=60)
            self._process = None

    def forget(self) -> None:
        """Empty it."""
        (self._home / "store" / "fs_lrs.jsonl").unlink(missing_ok=True)

    def statements(self) -> list[dict]:
        """All it holds, by its own HTTP interface, page by page; oldest first."""
        found, query = [], "?limit=100"
        while query:
            page = self._get(f"{self.endpoint}/statements{query}")
            found += page["statements"]
            query = f"?{urllib.parse.urlsplit(page['more']).query}" if page.get("more") else ""
        return found

    def post(self, statements: list[dict]) -> int:
        """Somebody else tells it something; gives the HTTP status."""
        request = self._request(f"{self.endpoint}/statements", json.dumps(statements).encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code

    def _get(self, address: str) -> dict:
        with urllib.request.urlopen(self._request(address), timeout=60) as response:
            return json.load(response)

    def _request(self, address: str, body: bytes | None = None) -> urllib.request.Request:
        account = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {account}", "Content-Type": "application/json"}
        return urllib.request.Request(address, body, {**headers, "X-Experience-API-Version": "1.0.3"})

    def _environment(self) -> dict[str, str]:
        return {
            **plain_environment(self._home),
            "RALPH_AUTH_FILE": str(self._home / "auth.json"),
            "RALPH_RUNSERVER_BACKEND": "fs",
            "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(self._home / "store"),
        }


@contextlib.contextmanager
def running(home: Path) -> Iterator[Ralph]:
    """Ralph with an empty store, ready for the first statement; gone afterwards."""
    demand_installed()
    store = Ralph(home)
    try:
        store.start()
        yield store
    finally:
        store.stop()


def validate(lines: str, home: Path) -> list[dict]:
    """The statements (one per line) as Ralph's own validator reads them; it stops at the first that it finds wrong."""
    command = [PYTHON, "-m", "ralph", "validate", "-f", "xapi", "--fail-on-unknown"]
    passed = subprocess.run(command, input=lines, env=plain_environment(home), capture_output=True, text=True)
    assert passed.returncode == 0, passed.stderr
    return [json.loads(line) for line in passed.stdout.splitlines()]


def count_sound(lines: str, home: Path) -> int:
    """How many of the statements are sound xAPI, whatever profile they follow."""
    passed = subprocess.run(
        [PYTHON, "-c", _ANY], input=lines, env=plain_environment(home), capture_output=True, text=True
    )
    assert passed.returncode == 0, passed.stderr
    return int(passed.stdout)


def plain_environment(home: Path) -> dict[str, str]:
    """Nothing of our own environment: its settings, its packages and its proxies are not Ralph's business."""
    return {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONUTF8": "1"}
