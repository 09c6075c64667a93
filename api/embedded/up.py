"""`diemcau up`: the whole system on this machine, in one terminal.

PostgreSQL and Valkey start first (unless settings name servers that run elsewhere), the schema is brought up to date,
then come the site and its workers. A signal stops them the other way round.
"""

import asyncio
import http.client
import os
import signal
import socket
import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import api
from api.embedded import cluster, keys, postgres, programs, runstate, valkey
from api.embedded.ports import PortBook, is_free
from api.embedded.runstate import Run
from api.embedded.service import Service
from api.embedded.supervisor import NotReady, Supervisor
from api.settings import ApiSettings, DemoInTheOpen, api_settings
from ingest import binaries
from ingest.settings import workshop_settings
from sessions.errors import Conflict, Invalid
from sessions.settings import register_settings

Environment = dict[str, str]

#: The directory from which this very code was loaded.
_ROOMS = str(Path(api.__file__).parent.parent)
#: So many ports may be snatched from under a server before that is somebody's doing.
_PORTS_TRIED = 5


class NoPort(Conflict):
    code = "no-port"
    vi = "Đã thử {tried} cổng và cổng nào cũng bị chương trình khác chiếm ngay. Hãy chạy lại sau ít phút."
    en = "{tried} ports were tried and another program took each at once. Try again in some minutes."


class OnlyLinux(Invalid):
    code = "only-linux"
    vi = (
        "`diemcau up` chỉ chạy trên Linux. Trên hệ khác hãy dùng máy chủ PostgreSQL và Redis riêng với `diemcau serve`."
    )
    en = "`diemcau up` runs on Linux only. Elsewhere use servers of your own with `diemcau serve`."


def run(arguments: Namespace) -> int:
    """Run until a signal says stop. `arguments` bring `port` (or None) and `seed` (a scale, or None)."""
    if sys.platform != "linux":
        raise OnlyLinux
    if arguments.seed and not api_settings().is_loopback:
        raise DemoInTheOpen(host=api_settings().host)
    binaries.find()
    with runstate.claim(register_settings().data_dir.resolve()) as claimed:
        asyncio.run(_supervise(claimed, arguments))
    return 0


async def _supervise(claimed: Run, arguments: Namespace) -> None:
    supervisor = Supervisor(claimed)
    life = asyncio.create_task(_live(supervisor, claimed, arguments))
    _listen_for_signals(life, supervisor)
    try:
        # Cancelled is how a signal ends it; anything else that ends it is an error to be told.
        with suppress(asyncio.CancelledError):
            await life
    finally:
        await supervisor.stop()


def _listen_for_signals(life: asyncio.Task[None], supervisor: Supervisor) -> None:
    """The first signal stops everything in order, a second Ctrl-C or SIGTERM hastens it."""

    def heed(number: signal.Signals) -> None:
        if not life.done() and not life.cancelling():
            supervisor.say("Đang dừng…", "Stopping… (once more to hasten)")
            life.cancel()
        elif number != signal.SIGHUP:  # A closing terminal sends this one twice.
            supervisor.hasten()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
            continue  # Started under nohup, which is a wish to outlive the terminal.
        asyncio.get_running_loop().add_signal_handler(number, heed, number)


async def _live(supervisor: Supervisor, claimed: Run, arguments: Namespace) -> None:
    """Bring everything up in order, say where it is, and stay."""
    if count := runstate.stop_leftovers(claimed.home):
        supervisor.say(f"Đã dừng {count} tiến trình của lần chạy trước", f"Stopped {count} processes of an earlier run")
    ports = PortBook(claimed.home / "ports.json")
    desk, door = _open_door(ports, arguments.port)
    claimed.announce(desk.address)
    environment = _environment(claimed, desk)
    environment["DIEMCAU_DATABASE_URL"] = await _database(supervisor, claimed.home, ports)
    environment["DIEMCAU_BROKER_URL"] = await _broker(supervisor, claimed, ports)
    shared = ("DIEMCAU_DATABASE_URL", "DIEMCAU_BROKER_URL", "DIEMCAU_PUBLIC_URL")
    claimed.share({name: environment[name] for name in shared})
    await supervisor.run("migrate", _diemcau("migrate"), environment)
    await supervisor.start(_site(desk, door, environment))
    supervisor.say(f"Trang web: {desk.address}", f"the site is at {desk.address}")
    # Only now, so that it does not compete with the site for the processor while people wait for the first page.
    await supervisor.start(Service("worker", _diemcau("worker"), environment))
    if arguments.seed:
        await supervisor.run("seed", _diemcau("seed", "--scale", arguments.seed, "--no-logins"), environment)
    logins = await supervisor.run("logins", _diemcau("logins"), environment, aloud=False)
    print(_framed([f"Điểm Cầu: {desk.address}", *logins, "Ctrl-C: dừng / stop"]), flush=True)
    await asyncio.Event().wait()


def _open_door(ports: PortBook, wish: int | None) -> tuple[ApiSettings, socket.socket]:
    """The site's settings with the port it really gets, and the socket that listens there from now on.

    Raises PortTaken for a wished-for port that is not free.
    """
    desk = api_settings()
    if wish or "port" in desk.model_fields_set:
        door = ports.insist("site", wish or desk.port, host=desk.host)
    else:
        door = ports.listen("site", desk.port, host=desk.host)
    return desk.model_copy(update={"port": door.getsockname()[1]}), door


def _environment(claimed: Run, desk: ApiSettings) -> Environment:
    """What every child of ours is told. The servers' addresses are added as they come up."""
    key = desk.secret_key.get_secret_value() or keys.read_or_make(claimed.home / "secrets" / "secret-key")
    return {
        **os.environ,
        runstate.MARK_VARIABLE: claimed.mark,
        "DIEMCAU_DATA_DIR": str(claimed.home),
        "DIEMCAU_SECRET_KEY": key,
        "DIEMCAU_HOST": desk.host,
        "DIEMCAU_PORT": str(desk.port),
        "DIEMCAU_PUBLIC_URL": desk.address,
        # Our rooms first, and not what happens to bear their names where the command was typed.
        "PYTHONPATH": os.pathsep.join(filter(None, [_ROOMS, os.environ.get("PYTHONPATH")])),
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        # One heap per thread would let a process with forty threads keep memory that it no longer uses.
        "MALLOC_ARENA_MAX": "2",
    }


async def _database(supervisor: Supervisor, home: Path, ports: PortBook) -> str:
    """The address of the database: the one that a setting names, else our own, started now."""
    settings = register_settings()
    if "database_url" in settings.model_fields_set:
        return settings.database_url
    ours = cluster.open_cluster(home, programs.find_postgres(api_settings().postgres_bin))
    port = await _start_on_a_port(
        supervisor, lambda: ports.choose("postgres", postgres.USUAL_PORT), lambda port: postgres.service(ours, port)
    )
    return postgres.url(ours, port)


async def _broker(supervisor: Supervisor, claimed: Run, ports: PortBook) -> str:
    """The address of the broker: the one that a setting names, else our own, started now."""
    settings = workshop_settings()
    if "broker_url" in settings.model_fields_set:
        return settings.broker_url

    def on(port: int) -> Service:
        return valkey.service(valkey.open_broker(claimed.home, port), {runstate.MARK_VARIABLE: claimed.mark})

    def choose() -> int:
        return ports.choose("valkey", valkey.USUAL_PORT)

    try:
        port = await _start_on_a_port(supervisor, choose, on)
    except NotReady as refusal:
        if not valkey.is_damaged(refusal.facts["last_lines"]):
            raise
        aside = valkey.set_aside(claimed.home)
        supervisor.say(f"Hàng đợi hỏng, đã cất ở {aside}", f"The queue was damaged and is kept at {aside}")
        port = await _start_on_a_port(supervisor, choose, on)
    return valkey.url(valkey.open_broker(claimed.home, port))


async def _start_on_a_port(supervisor: Supervisor, choose: Callable[[], int], service: Callable[[int], Service]) -> int:
    """Start a server on a free port and say on which. Another program may be quicker: then the next one is tried."""
    for _ in range(_PORTS_TRIED):
        port = choose()
        try:
            await supervisor.start(service(port))
        except NotReady:
            if is_free(port):  # So the port was not its trouble.
                raise
        else:
            return port
    raise NoPort(tried=_PORTS_TRIED)


def _site(desk: ApiSettings, door: socket.socket, environment: Environment) -> Service:
    return Service(
        "api",
        _diemcau("serve", "--socket", str(door.fileno())),
        environment,
        is_ready=lambda: _is_healthy(desk),
        is_the_door=True,
        sockets=(door,),
    )


def _is_healthy(desk: ApiSettings) -> bool:
    """Whether the site says that it and what it needs are there."""
    connection = http.client.HTTPConnection(desk.reachable_host, desk.port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _diemcau(*words: str) -> list[str]:
    return [sys.executable, "-m", "api.cli", *words]


def _framed(lines: list[str]) -> str:
    """A box that stands out between log lines."""
    width = max(len(line) for line in lines)
    body = [f"│ {line:<{width}} │" for line in lines]
    return "\n".join([f"╭{'─' * (width + 2)}╮", *body, f"╰{'─' * (width + 2)}╯"])
