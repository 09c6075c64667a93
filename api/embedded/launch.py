"""The moment between fork and exec: a child that dies with its parent, and PostgreSQL under root.

Run as a script (`python -I -S launch.py PARENT SIGNAL WHO PROGRAM …`), because it changes the process it runs in for
good. It imports only the core of the standard library, which keeps its cost near 20 ms.
"""

import ctypes
import os
import pwd
import signal
import sys
from pathlib import Path
from typing import Final

#: Run as whoever started us.
OURSELVES: Final = "ourselves"
#: Run in a user namespace of its own, in which root's files belong to an ordinary user.
NAMESPACE: Final = "namespace"
#: Run as the system's user `nobody`.
NOBODY: Final = "nobody"

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_ORDINARY_ID = 65534

_libc = ctypes.CDLL(None, use_errno=True)


def enter_namespace() -> None:
    """Become uid 65534 in a new user namespace, still owning the caller's files. Raises OSError where forbidden."""
    uid, gid = os.getuid(), os.getgid()
    if _libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "no user namespace")
    # The kernel takes a group map from an unprivileged writer only after this.
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_ORDINARY_ID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{_ORDINARY_ID} {gid} 1")


def become_nobody() -> None:
    """Give up root for good."""
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def die_with(parent: int, death_signal: int) -> None:
    """Ask the kernel for `death_signal` when the parent dies. Comes last: a change of user clears the wish."""
    _libc.prctl(_PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:  # It died before we asked, so the signal would never come.
        sys.exit(1)


def main(arguments: list[str]) -> None:
    """Turn into the program named by `arguments`."""
    parent, death_signal, who, *program = arguments
    if who == NAMESPACE:
        enter_namespace()
    elif who == NOBODY:
        become_nobody()
    die_with(int(parent), int(death_signal))
    # Python ignores this signal for itself, and an ignored signal stays ignored across exec.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execv(program[0], program)  # noqa: S606 - No shell is wanted here.


if __name__ == "__main__":
    main(sys.argv[1:])
