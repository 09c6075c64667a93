"""What the supervisor needs to know of a child: how it starts, when it is ready, and how it stops."""

import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.embedded import launch
from api.embedded.standing import Standing


@dataclass(frozen=True)
class Service:
    """One child that runs until it is told to stop."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    #: Asked until it says yes; without it, the service counts as ready once it runs.
    is_ready: Callable[[], bool] | None = None
    #: Asks it to finish what it is doing and leave.
    stop_signal: signal.Signals = signal.SIGTERM
    #: Makes it leave at once, for a second Ctrl-C or when it takes longer than `stop_seconds`.
    hurry_signal: signal.Signals = signal.SIGKILL
    stop_seconds: float = 10.0
    #: Whether it stops before all others, no matter when it was started: nobody should meet half a system.
    is_the_door: bool = False
    #: It listens on these, which stay open while it is started again, so that nobody is refused meanwhile.
    sockets: tuple[socket.socket, ...] = ()
    #: What the kernel sends it when the supervisor is killed.
    death_signal: signal.Signals = signal.SIGKILL
    ready_seconds: float = 60.0
    who: Standing = launch.OURSELVES
