"""Leashes a program to the worker that started it, then becomes it: `python leash.py PARENT NICE MEMORY COMMAND…`.

The runner starts this small script instead of passing `preexec_fn` to Popen, because running Python between fork and
exec can deadlock in a process that has threads. It imports only what it needs, so it costs some 20 ms.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # From linux/prctl.h: the signal for when the thread that started this process ends.


def main() -> None:
    """Tie this process to its parent, lower its priority, cap its memory (bytes, 0 for no cap), become the command."""
    parent, nice, memory, *command = sys.argv[1:]
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        sys.exit(f"prctl failed: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != int(parent):
        sys.exit("The worker died before its tool could start.")
    os.nice(int(nice))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if int(memory):
        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    try:
        os.execv(command[0], command)  # noqa: S606 - Becoming another program without a shell is the point.
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
