"""Keeps several programs running as one: starts them in order, restarts what dies, stops all and leaves nothing."""

import asyncio
import signal
import time
from collections.abc import Callable, Mapping
from logging import CRITICAL, Logger

from api.embedded import processes, standing
from api.embedded.child import Child
from api.embedded.logs import Logs
from api.embedded.runstate import Run
from api.embedded.service import Service
from sessions.errors import Unavailable

#: Seconds before a dead child is started again: doubled each time, back to the first after a minute of good life.
_FIRST_DELAY, _LONGEST_DELAY, _GOOD_LIFE = 1.0, 30.0, 60.0
_SWEEP_SECONDS = 5.0
#: For a command whose lines are its answer.
_SILENCE = Logger("silence", level=CRITICAL)


class NotReady(Unavailable):
    code = "service-not-ready"
    vi = "{name} không khởi động được. Lý do ở các dòng phía trên, và trong {log}."
    en = "{name} did not start. The lines above say why, and so does {log}."


class CommandFailed(Unavailable):
    code = "command-failed"
    vi = "Bước {name} không thành công. Lý do ở các dòng phía trên, và trong {log}."
    en = "The step {name} failed. The lines above say why, and so does {log}."


class Supervisor:
    """The parent of all. Create it inside a running event loop, and await `stop` whatever happens."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._logs = Logs(run.home / "logs")
        self._services: dict[str, Service] = {}
        self._children: dict[str, Child] = {}
        self._hurry = asyncio.Event()
        # Whoever runs us may have children of its own, which are not ours to end.
        self._not_ours = processes.children()
        processes.adopt_orphans(wanted=True)
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._collect)
        self._tasks = [asyncio.create_task(self._sweep())]

    def say(self, vi: str, en: str) -> None:
        """One line of our own, between those of the children."""
        self._logs.of("diemcau").info("%s / %s", vi, en)

    async def start(self, service: Service) -> None:
        """Start a service and keep it running. Raises NotReady when it does not become ready even once."""
        begun = time.monotonic()
        child = self._spawn(service, self._logs.of(service.name))
        if service.is_ready:
            if not await _becomes_ready(service.is_ready, service.ready_seconds, child):
                await child.last_words()
                raise NotReady(**self._facts_of(service.name, child))
            seconds = time.monotonic() - begun
            self.say(f"{service.name} đã chạy sau {seconds:.1f} s", f"{service.name} is up after {seconds:.1f} s")
        self._tasks.append(asyncio.create_task(self._keep(service)))

    async def run(
        self, name: str, command: list[str], environment: Mapping[str, str], *, aloud: bool = True
    ) -> list[str]:
        """Run a command to its end and return its last 20 lines; they go to the logs too, if `aloud` or if it fails.

        Raises CommandFailed. A cancelled command is killed.
        """
        child = self._spawn(Service(name, command, environment), self._logs.of(name) if aloud else _SILENCE)
        try:
            await child.ended.wait()
        finally:
            child.send(signal.SIGKILL)
            await child.ended.wait()
            await child.last_words()
            self._end_strays()
            del self._services[name], self._children[name]
        if child.code != 0:
            for line in () if aloud else child.last_lines:
                self._logs.of(name).info("%s", line)
            raise CommandFailed(**self._facts_of(name, child))
        return list(child.last_lines)

    async def stop(self) -> None:
        """Stop the door first, then everything else, last started first, and leave no descendant behind."""
        for task in self._tasks:
            task.cancel()
        last_first = [*reversed(self._services)]
        for name in sorted(last_first, key=lambda name: not self._services[name].is_the_door):
            await self._end(self._services[name], self._children[name])
        processes.adopt_orphans(wanted=False)
        asyncio.get_running_loop().remove_signal_handler(signal.SIGCHLD)
        self._run.forget()
        self._logs.close()

    def hasten(self) -> None:
        """Give up patience: whatever still runs is told to leave at once."""
        self._hurry.set()

    def _spawn(self, service: Service, log: Logger) -> Child:
        command = standing.command(service.command, who=service.who, death_signal=service.death_signal)
        files = tuple(each.fileno() for each in service.sockets)
        child = Child(command, service.environment, log, files=files)
        self._services[service.name] = service
        self._children[service.name] = child
        self._run.record({self._children[name].pid: each.stop_signal for name, each in self._services.items()})
        return child

    def _facts_of(self, name: str, child: Child) -> dict[str, object]:
        """What an error tells of a child, with its last lines for whoever knows how to read them."""
        return {"name": name, "log": self._logs.file_of(name), "last_lines": list(child.last_lines)}

    async def _keep(self, service: Service) -> None:
        """Start it again whenever it dies, soon at first, more slowly if it keeps dying."""
        delay = _FIRST_DELAY
        while True:
            child = self._children[service.name]
            await child.ended.wait()
            self._end_strays()
            delay = _FIRST_DELAY if child.lived_seconds > _GOOD_LIFE else min(2 * delay, _LONGEST_DELAY)
            self.say(
                f"{service.name} đã dừng bất ngờ (mã {child.code}), khởi động lại sau {delay:.0f} s",
                f"{service.name} ended unexpectedly (status {child.code}), starting it again in {delay:.0f} s",
            )
            await asyncio.sleep(delay)
            try:
                self._spawn(service, self._logs.of(service.name))
            except OSError as trouble:  # No memory or no disk just now: the next round tries again.
                self.say(f"Chưa khởi động lại được: {trouble}", f"It could not be started just now: {trouble}")

    async def _end(self, service: Service, child: Child) -> None:
        """Ask, then insist, then kill; what it started itself goes with it."""
        child.send(service.stop_signal)
        await self._patience(child, service.stop_seconds)
        if not child.ended.is_set():
            child.send(service.hurry_signal)
            await self._patience(child, 5.0, hurried=False)
        child.send(signal.SIGKILL)
        await child.ended.wait()
        for each in service.sockets:
            each.close()
        await child.last_words()
        self._end_strays()
        self.say(f"{service.name} đã dừng", f"{service.name} stopped")

    async def _patience(self, child: Child, seconds: float, *, hurried: bool = True) -> None:
        """Wait for the child's end, but no longer than that, nor past a call to hurry."""
        waits = {asyncio.create_task(child.ended.wait())}
        if hurried:
            waits.add(asyncio.create_task(self._hurry.wait()))
        _, pending = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()

    def _collect(self) -> None:
        for child in self._children.values():
            child.collect()

    def _end_strays(self) -> None:
        """End what a dead child left behind, such as a worker's ffmpeg."""
        alive = {child.pid for child in self._children.values() if not child.ended.is_set()}
        processes.end_adopted(alive | self._not_ours)

    async def _sweep(self) -> None:
        """A child may lose a grandchild to us without dying itself, so look now and then."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            self._end_strays()


async def _becomes_ready(is_ready: Callable[[], bool], seconds: float, child: Child) -> bool:
    """Whether it is ready in time and still alive then."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not child.ended.is_set():
        # In a thread, since it may wait for the network; processes are only ever started in this one.
        if await asyncio.to_thread(is_ready):
            return not child.ended.is_set()
        await asyncio.sleep(0.05)
    return False
