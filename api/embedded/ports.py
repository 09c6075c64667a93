"""Which port each embedded server listens on: the same as last time where possible, else a free one."""

import json
import socket
from contextlib import suppress
from pathlib import Path

from api.embedded.keys import write_private
from sessions.errors import Conflict

LOOPBACK = "127.0.0.1"


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
        remembered = self._read()
        candidates = [remembered.get(name, usual), usual]
        port = next((port for port in candidates if is_free(port, host=host)), None) or _any_free(host)
        write_private(self._path, json.dumps({**remembered, name: port}))
        return port

    def insist(self, name: str, port: int, *, host: str = LOOPBACK) -> int:
        """Exactly this port, because a person asked for it. Raises PortTaken."""
        if not is_free(port, host=host):
            raise PortTaken(port=port)
        write_private(self._path, json.dumps({**self._read(), name: port}))
        return port

    def _read(self) -> dict[str, int]:
        # A damaged book costs nothing but the habit.
        with suppress(OSError, ValueError, TypeError):
            return {str(name): int(port) for name, port in dict(json.loads(self._path.read_text())).items()}
        return {}


def is_free(port: int, *, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now. Connections still winding down from before don't count."""
    with _socket(host) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            # Two sockets may share a port as long as neither listens, so only listening proves it free.
            probe.listen(1)
        except OSError:
            return False
    return True


def _any_free(host: str) -> int:
    with _socket(host) as probe:
        try:
            probe.bind((host, 0))
        except OSError as refusal:
            raise HostUnusable(host=host, reason=refusal.strerror) from refusal
        return int(probe.getsockname()[1])


def _socket(host: str) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
