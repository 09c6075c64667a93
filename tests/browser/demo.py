"""What `make up` gives, on a site of the tests' own."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.seed import Login, logins
from tests.journeys.site import Site
from tests.servers import free_ports

_SEED_SECONDS = 300


@contextmanager
def running() -> Iterator[Site]:
    """A site with the whole demo, up to the published replay; gone with all its processes afterwards."""
    home = Path(tempfile.mkdtemp(prefix="diemcau-demo-"))
    opened = Site(home, free_ports(1)[0])
    try:
        start(opened)
        yield opened
    finally:
        opened.stop()
        left = opened.children("")
        shutil.rmtree(home, ignore_errors=True)
        assert left == [], f"still running after Ctrl-C: {left}"


def start(site: Site) -> None:
    """Start everything, and wait for the box with the logins: it comes when the demo is whole."""
    log = site.home / "up.log"
    with log.open("ab") as output:
        site.process = subprocess.Popen(
            site.command("up", "--seed", "demo", "--port", str(site.port)),
            env=site.environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + _SEED_SECONDS
    while "╰" not in log.read_text():  # The foot of the box.
        assert site.process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


def account(role: str) -> Login:
    """How one signs in to the demo in this role."""
    return next(one for one in logins() if one.role == role)
