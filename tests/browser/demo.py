"""What `make up` gives, on a site of the tests' own."""

import fcntl
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


def made_once(shared: Path) -> Path:
    """The data directory of the whole demo, up to the published replay, made by the first who asks for it.

    `shared` is a folder that all processes of one test run have in common. Making it takes half a minute of both cores.
    """
    whole = shared / "demo"
    with (shared / "demo.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not whole.exists():
            with _site(shared / "demo-begun") as made:
                start(made)
            made.home.rename(whole)
    return whole


@contextmanager
def running(whole: Path) -> Iterator[Site]:
    """A site on a copy of this data directory; gone with all its processes afterwards."""
    home = Path(tempfile.mkdtemp(prefix="diemcau-demo-"))
    try:
        if not (whole / "postgres").is_symlink():  # What belongs to `nobody` lies elsewhere, so that is made anew.
            shutil.copytree(whole, home, dirs_exist_ok=True)
        with _site(home) as opened:
            start(opened)
            yield opened
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _site(home: Path) -> Iterator[Site]:
    home.mkdir(exist_ok=True)
    (home / "up.log").unlink(missing_ok=True)
    opened = Site(home, free_ports(1)[0])
    try:
        yield opened
    finally:
        opened.stop()
        left = opened.children("")
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
    # Who releases also sees incidents; that is their second role.
    return next(one for one in logins() if role in (one.role, "security" if one.username == "phathanh" else None))
