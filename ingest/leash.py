"""Leashes a program to the worker that started it, then becomes it.

`python leash.py PARENT NICE MEMORY SECONDS NETWORK COMMAND…`, where NETWORK is `network` or `offline`.

The runner starts this small script instead of passing `preexec_fn` to Popen, because running Python between fork and
exec can deadlock in a process that has threads. It imports only what it needs, so it costs some 20 ms.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # From linux/prctl.h: the signal for when the thread that started this process ends.
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # From linux/sched.h. Python has os.unshare from 3.12 on only.


def main() -> None:
    """Tie this process to its parent, lower its priority, cap its memory (bytes) and time, become the command.

    The time is the processor's, in seconds; a cap of 0 is none.
    """
    parent, nice, memory, seconds, network, *command = sys.argv[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    if network == "offline":
        leave_network(libc)  # First: becoming another user of a namespace would undo the next line.
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        sys.exit(f"prctl failed: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != int(parent):
        sys.exit("The worker died before its tool could start.")
    # A worker stands back already; nobody may come forward again.
    os.setpriority(os.PRIO_PROCESS, 0, max(int(nice), os.getpriority(os.PRIO_PROCESS, 0)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if int(memory):
        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    if int(seconds):
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))  # First a signal, then death.
    try:
        os.execv(command[0], command)  # noqa: S606 - Becoming another program without a shell is the point.
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


def leave_network(libc: ctypes.CDLL) -> None:
    """Move to a network of its own that has no way out: as root at once, else by a namespace of users.

    Where the kernel or a container forbids both, the program keeps its network, and its caller's settings must do.
    """
    if libc.unshare(CLONE_NEWNET) != 0:
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)


if __name__ == "__main__":
    main()
