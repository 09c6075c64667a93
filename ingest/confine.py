"""Lets a program read nothing but what it is given, then becomes it: `python confine.py HOME READABLE COMMAND…`.

HOME is a folder of its own, for its settings and temporary files too. READABLE are more paths, joined by `:`; of a
folder everything below may be read. This is Landlock (Linux 5.13 and later, see landlock(7)); a kernel without it
leaves the program as it is. What the program starts is confined with it.
"""

import ctypes
import os
import struct
import sys

# From linux/landlock.h and linux/prctl.h; these numbers are the same on every processor.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
RULE_PATH_BENEATH = 1
READ_FILE = 1 << 2
PR_SET_NO_NEW_PRIVS = 38


def main() -> None:
    home, readable, *command = sys.argv[1:]
    os.environ["HOME"] = os.environ["TMPDIR"] = home
    confine(ctypes.CDLL(None, use_errno=True), [home, *readable.split(":")])
    try:
        os.execv(command[0], command)  # noqa: S606 - Becoming another program without a shell is the point.
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


def confine(libc: ctypes.CDLL, readable: list[str]) -> None:
    """Take away the right to read files, but for these paths."""
    handled = struct.pack("Q", READ_FILE)
    rules = libc.syscall(CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    if rules < 0:
        return
    for path in readable:
        if not os.path.exists(path):  # noqa: PTH110 - This starts before every presentation, and pathlib is slow to load.
            continue
        rule = struct.pack("=Qi", READ_FILE, os.open(path, os.O_PATH | os.O_CLOEXEC))
        if libc.syscall(ADD_RULE, rules, RULE_PATH_BENEATH, rule, 0) != 0:
            sys.exit(f"landlock: {os.strerror(ctypes.get_errno())}")
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.syscall(RESTRICT_SELF, rules, 0) != 0:
        sys.exit(f"landlock: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main()
