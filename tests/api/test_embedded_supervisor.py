import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from api.embedded import processes, runstate
from api.embedded.service import Service
from api.embedded.supervisor import CommandFailed, NotReady, Supervisor
from tests.api.embedded import environment, wait_until

Walk = Callable[[Supervisor], Awaitable[None]]


def supervise(home: Path, walk: Walk) -> str:
    """Walk with a supervisor, stop it, and return all that it and its children logged."""

    async def live() -> None:
        with runstate.claim(home) as run:
            supervisor = Supervisor(run)
            try:
                await walk(supervisor)
            finally:
                await supervisor.stop()

    before = processes.children()
    asyncio.run(live())
    assert processes.children() == before
    return "".join(path.read_text() for path in sorted((home / "logs").glob("*.log")))


def shell(name: str, script: str, **facts: object) -> Service:
    return Service(name, ["/bin/sh", "-c", script], {"PATH": os.defpath}, **facts)  # type: ignore[arg-type]


def diary(name: str, book: Path, **facts: object) -> Service:
    """A service that writes down when it is up and when it is told to stop."""
    script = f"trap 'echo {name} down >> {book}; exit 0' TERM; echo {name} up >> {book}; while :; do sleep 0.02; done"
    return shell(name, script, is_ready=lambda: book.exists() and f"{name} up" in book.read_text(), **facts)


async def hold(condition: Callable[[], object]) -> None:
    await asyncio.to_thread(wait_until, condition)


def test_starts_in_order_and_stops_the_other_way_round_but_the_door_first(tmp_path: Path) -> None:
    book = tmp_path / "book"

    async def walk(supervisor: Supervisor) -> None:
        for name in ("first", "second", "door", "last"):
            await supervisor.start(diary(name, book, is_the_door=name == "door"))

    supervise(tmp_path, walk)
    ups, downs = book.read_text().splitlines()[:4], book.read_text().splitlines()[4:]
    assert ups == ["first up", "second up", "door up", "last up"]
    assert downs == ["door down", "last down", "second down", "first down"]
    assert not (tmp_path / "run.json").exists()


def test_starts_a_child_again_that_died_and_says_so(tmp_path: Path) -> None:
    book = tmp_path / "book"

    async def walk(supervisor: Supervisor) -> None:
        await supervisor.start(shell("mortal", f"echo $$ >> {book}; exec sleep 60", is_ready=book.exists))
        os.kill(int(book.read_text()), signal.SIGKILL)
        await hold(lambda: len(book.read_text().splitlines()) == 2)

    log = supervise(tmp_path, walk)
    assert "mortal ended unexpectedly (status -9), starting it again in 2 s" in log


def test_leaves_no_grandchild_even_one_that_hid_and_ignores_requests(tmp_path: Path) -> None:
    book = tmp_path / "book"
    hidden = f"setsid sh -c 'trap \"\" TERM INT HUP; echo $$ > {book}; sleep 61 & while :; do sleep 1; done' & sleep 60"

    async def walk(supervisor: Supervisor) -> None:
        await supervisor.start(shell("parent", hidden, is_ready=lambda: book.exists() and book.read_text()))

    supervise(tmp_path, walk)
    assert processes.find(int(book.read_text())) is None


def test_ends_what_a_dead_child_left_before_starting_it_again(tmp_path: Path) -> None:
    book = tmp_path / "book"
    script = f"setsid sleep 60 & echo $$ $! >> {book}; wait"

    async def walk(supervisor: Supervisor) -> None:
        await supervisor.start(shell("worker", script, is_ready=lambda: book.exists() and book.read_text()))
        worker, tool = map(int, book.read_text().split())
        os.kill(worker, signal.SIGKILL)
        await hold(lambda: len(book.read_text().splitlines()) == 2)
        assert processes.find(tool) is None

    supervise(tmp_path, walk)


def test_gives_up_on_a_service_that_never_becomes_ready(tmp_path: Path) -> None:
    async def walk(supervisor: Supervisor) -> None:
        service = shell("mute", "echo no luck today; sleep 60", is_ready=lambda: False, ready_seconds=0.5)
        with pytest.raises(NotReady) as refused:
            await supervisor.start(service)
        assert refused.value.facts["last_lines"] == ["no luck today"]
        assert str(tmp_path / "logs" / "mute.log") in refused.value.sentence("vi")

    supervise(tmp_path, walk)


def test_a_second_request_hastens_a_slow_stop(tmp_path: Path) -> None:
    async def walk(supervisor: Supervisor) -> None:
        for name in ("slow", "slower"):
            book = tmp_path / name
            script = f"trap '' TERM; touch {book}; while :; do sleep 0.1; done"
            await supervisor.start(shell(name, script, is_ready=book.exists, stop_seconds=60))
        asyncio.get_running_loop().call_later(0.5, supervisor.hasten)

    begun = time.monotonic()
    supervise(tmp_path, walk)
    assert 0.5 < time.monotonic() - begun < 10


def test_a_command_gives_back_its_lines_or_its_failure(tmp_path: Path) -> None:
    async def walk(supervisor: Supervisor) -> None:
        assert await supervisor.run("ask", ["/bin/echo", "xin chào"], {}, aloud=False) == ["xin chào"]
        with pytest.raises(CommandFailed) as refused:
            await supervisor.run("fail", ["/bin/sh", "-c", "echo the reason; exit 3"], {}, aloud=False)
        assert refused.value.facts["last_lines"] == ["the reason"]

    log = supervise(tmp_path, walk)
    assert "xin chào" not in log
    assert "the reason" in log


def test_a_cancelled_command_is_killed(tmp_path: Path) -> None:
    async def walk(supervisor: Supervisor) -> None:
        command = asyncio.create_task(supervisor.run("long", ["/bin/sleep", "60"], {}))
        await asyncio.sleep(0.2)
        command.cancel()
        with pytest.raises(asyncio.CancelledError):
            await command
        assert processes.children() == before

    before = processes.children()
    supervise(tmp_path, walk)


def test_an_endless_line_and_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    async def walk(supervisor: Supervisor) -> None:
        script = "head -c 1000000 /dev/zero | tr '\\0' x; printf '\\377\\n'; echo after"
        assert (await supervisor.run("noisy", ["/bin/sh", "-c", script], {"PATH": os.defpath}))[-1] == "after"

    supervise(tmp_path, walk)


def test_children_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _SUPERVISE_A_SLEEPER, str(tmp_path)], env=environment(tmp_path)
    ) as parent:
        wait_until(lambda: (tmp_path / "book").exists() and (tmp_path / "book").read_text().strip())
        child = processes.find(int((tmp_path / "book").read_text()))
        assert child
        parent.kill()
    wait_until(lambda: not processes.is_running(child), 5)


_SUPERVISE_A_SLEEPER = """
import asyncio, sys
from pathlib import Path
from api.embedded import runstate
from api.embedded.service import Service
from api.embedded.supervisor import Supervisor

async def live(home):
    with runstate.claim(home) as run:
        supervisor = Supervisor(run)
        await supervisor.start(Service("sleeper", ["/bin/sh", "-c", f"echo $$ > {home}/book; exec sleep 60"], {}))
        await asyncio.sleep(60)

asyncio.run(live(Path(sys.argv[1])))
"""
