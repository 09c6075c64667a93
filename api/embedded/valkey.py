"""The embedded Valkey as a service: the broker that carries nudges, on loopback, behind a password, append-only."""

import json
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from api.embedded import keys, programs
from api.embedded.ports import LOOPBACK
from api.embedded.service import Service

USUAL_PORT = 63790

#: The password travels in this file, because a command line is visible to every user of the machine. What must last
#: is in the append-only file, so no snapshots are written beside it.
_CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
dir {directory}
appendonly yes
save ""
daemonize no
loglevel warning
"""


@dataclass(frozen=True)
class Broker:
    """A data directory with its password, and the port it is served on."""

    directory: Path
    password: str
    port: int


def open_broker(home: Path, port: int) -> Broker:
    """The broker kept below `home`; its directory and password are made on the first call."""
    directory = home / "valkey"
    directory.mkdir(mode=0o700, exist_ok=True)
    return Broker(directory, keys.read_or_make(home / "secrets" / "valkey-password"), port)


def service(broker: Broker, environment: Mapping[str, str]) -> Service:
    """How the supervisor runs it. SIGTERM lets it write out its append-only file."""
    configuration = broker.directory / "valkey.conf"
    text = _CONFIGURATION.format(
        host=LOOPBACK,
        port=broker.port,
        password=broker.password,
        directory=json.dumps(str(broker.directory), ensure_ascii=False),
    )
    keys.write_private(configuration, text)
    return Service(
        name="valkey",
        command=[str(programs.find_valkey()), str(configuration)],
        environment=environment,
        is_ready=lambda: _answers(broker),
        death_signal=signal.SIGTERM,
    )


def url(broker: Broker) -> str:
    """Where the broker is, for Celery. It holds the password, which is URL-safe as it was made."""
    return f"redis://:{broker.password}@{LOOPBACK}:{broker.port}/0"


def is_damaged(last_words: object) -> bool:
    """Whether Valkey ended because it cannot read what it kept, as after a disk error."""
    return "append only file" in str(last_words).lower()


def set_aside(home: Path) -> Path:
    """Move a damaged queue out of the way and say where to. Messages are only nudges: no work is lost with them."""
    aside = home / "valkey" / f"damaged-{time.strftime('%Y%m%d-%H%M%S')}"
    return (home / "valkey" / "appendonlydir").rename(aside)


def _answers(broker: Broker) -> bool:
    """Whether it takes our password and has loaded what it kept."""
    try:
        with socket.create_connection((LOOPBACK, broker.port), timeout=1) as connection:
            connection.sendall(f"AUTH {broker.password}\r\nPING\r\n".encode())
            with connection.makefile("rb") as answer:
                return [answer.readline(), answer.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
    except OSError:
        return False
