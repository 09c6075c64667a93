"""Which port each embedded server listens on: the same as last time where possible, else a free one."""

import json
import socket
from contextlib import suppress
from pathlib import Path

from api.embedded.keys import write_private
from sessions.errors import Conflict

LOOPBACK = "127.0.0.1"
#: So many connections wait for the server to take them, as in uvicorn's own default.
_WAITING = 2048


class PortTaken(Conflict):
    code = "port-taken"
    vi = "Không dùng được cổng {port}: đang bận hoặc không được phép. Hãy chọn cổng khác, hoặc bỏ trống để tự chọn."
    en = "Port {port} cannot be used: it is taken or not allowed. Choose another, or leave it out to have one chosen."


class HostUnusable(Conflict):
    code = "host-unusable"
    vi = "Không mở được cổng nào ở địa chỉ {host}: {reason}. Hãy kiểm tra DIEMCAU_HOST."
    en = "No port can be opened on the address {host}: {reason}. Check DIEMCAU_HOST."


class PortBook:
    """The ports chosen so far, kept in one small file, so that addresses stay the same from start to start."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def choose(self, name: str, usual: int, *, host: str = LOOPBACK) -> int:
        """Last time's port if it is still free, else the usual one, else any; the choice is remembered.

        Raises HostUnusable when the address is not one of this machine's.
        """
        with self.listen(name, usual, host=host) as listener:
            return int(listener.getsockname()[1])

    def listen(self, name: str, usual: int, *, host: str = LOOPBACK) -> socket.socket:
        """A socket that listens there already, so that nobody else can take the port meanwhile; as `choose`."""
        remembered = self._read()
        candidates = [remembered.get(name, usual), usual]
        listeners = (listener for port in candidates if (listener := _listen(port, host)))
        found = next(listeners, None) or _listen_anywhere(host)
        write_private(self._path, json.dumps({**remembered, name: found.getsockname()[1]}))
        return found

    def insist(self, name: str, port: int, *, host: str = LOOPBACK) -> socket.socket:
        """A socket that listens on exactly this port, because a person asked for it. Raises PortTaken."""
        listener = _listen(port, host)
        if listener is None:
            raise PortTaken(port=port)
        write_private(self._path, json.dumps({**self._read(), name: port}))
        return listener

    def _read(self) -> dict[str, int]:
        # A damaged book costs nothing but the habit.
        with suppress(OSError, ValueError, TypeError):
            return {str(name): int(port) for name, port in dict(json.loads(self._path.read_text())).items()}
        return {}


def is_free(port: int) -> bool:
    """Whether a server could listen on that port of loopback now."""
    listener = _listen(port, LOOPBACK)
    if listener:
        listener.close()
    return listener is not None


def _listen_anywhere(host: str) -> socket.socket:
    listener = _socket(host)
    try:
        listener.bind((host, 0))
        listener.listen(_WAITING)
    except OSError as refusal:
        listener.close()
        raise HostUnusable(host=host, reason=refusal.strerror) from refusal
    return listener


def _listen(port: int, host: str) -> socket.socket | None:
    """A socket that listens there, or None if it is taken. Connections winding down from before don't count."""
    listener = _socket(host)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Two sockets may share a port as long as neither listens, so only listening proves it free.
        listener.listen(_WAITING)
    except OSError:
        listener.close()
        return None
    return listener


def _socket(host: str) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
