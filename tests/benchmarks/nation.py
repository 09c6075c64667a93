"""The nation seed in a PostgreSQL of its own, made once and kept between runs: 31,000 points, 5.6 million people.

It lies in `.diemcau-bench` of the checkout, or in BENCH_HOME, and takes about 12 GB.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.embedded import cluster, postgres, programs, standing
from api.seed.nation import SIZES
from sessions.db import engine
from sessions.settings import register_settings
from tests.servers import free_ports

HOME = Path(os.environ.get("BENCH_HOME", Path(__file__).parent.parent.parent / ".diemcau-bench"))
SIZE = SIZES["nation"]


@contextmanager
def nation() -> Iterator[str]:
    """The address of the database, served with the settings that `diemcau up` uses; seeded first where it is not."""
    HOME.mkdir(parents=True, exist_ok=True)
    made = cluster.open_cluster(HOME, programs.find_postgres(None))
    (port,) = free_ports(1)
    service = postgres.service(made, port)
    command = standing.command(service.command, who=service.who, death_signal=service.death_signal)
    with (HOME / "postgres.log").open("ab") as log:
        server = subprocess.Popen(command, env=dict(service.environment), stdout=log, stderr=log)
    try:
        while not service.is_ready or not service.is_ready():
            assert server.poll() is None, (HOME / "postgres.log").read_text()
            time.sleep(0.1)
        yield _seeded(postgres.url(made, port))
    finally:
        server.send_signal(service.stop_signal)
        server.wait(timeout=120)


def _seeded(url: str) -> str:
    os.environ["DIEMCAU_DATABASE_URL"] = url
    for each in (register_settings, engine):
        each.cache_clear()
    for words in (["migrate"], ["seed", "--scale", "nation"]):
        begun = time.monotonic()
        subprocess.run([sys.executable, "-m", "api.cli", *words], env=dict(os.environ), check=True)
        print(f"{' '.join(words)}: {time.monotonic() - begun:.0f} s", flush=True)
    return url


if __name__ == "__main__":
    with nation() as address:
        print(address, flush=True)
        if sys.argv[1:] == ["serve"]:
            sys.stdin.read()
