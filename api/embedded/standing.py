"""As whom a child runs. PostgreSQL refuses to be root, so under root it needs another standing."""

import os
import pwd
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Literal

from api.embedded import launch

Standing = Literal["ourselves", "namespace", "nobody"]


def choose() -> Standing:
    """Ourselves if we are an ordinary user; else a user namespace, or `nobody` where namespaces are forbidden.

    A namespace is preferred because its process still owns root's files, and so works below a home of mode 0700.
    """
    if os.geteuid() != 0:
        return launch.OURSELVES
    return launch.NAMESPACE if _namespaces_are_allowed() else launch.NOBODY


def command(program: list[str], *, who: Standing, death_signal: signal.Signals) -> list[str]:
    """The command line that runs `program` in that standing, and ends it when this process dies."""
    shim = [sys.executable, "-I", "-S", launch.__file__]
    return [*shim, str(os.getpid()), str(int(death_signal)), who, *program]


def owner(who: Standing) -> tuple[int, int]:
    """The user and group, as seen from here, that must own the files of a child in that standing."""
    if who == launch.NOBODY:
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid
    return os.geteuid(), os.getegid()


def can_reach(path: Path, *, who: Standing) -> bool:
    """Whether a child in that standing may walk down to `path`. Access lists beyond the mode are not read."""
    if who != launch.NOBODY:
        return True
    uid, _ = owner(who)
    return all(_lets_in(folder, uid) for folder in (path, *path.parents) if folder.exists())


def give(tree: Path, *, who: Standing) -> None:
    """Hand a file or a whole tree of ours to the owner that the standing asks for; links inside are not followed."""
    uid, gid = owner(who)
    if tree.stat().st_uid == uid:
        return
    for path in (*tree.rglob("*"), tree):  # The top comes last, so that an interrupted change is taken up again.
        os.chown(path, uid, gid, follow_symlinks=False)


def _lets_in(path: Path, uid: int) -> bool:
    facts = path.stat()
    needed = stat.S_IXUSR if facts.st_uid == uid else stat.S_IXOTH
    return bool(facts.st_mode & needed)


def _namespaces_are_allowed() -> bool:
    """Try it: kernels, containers and security modules forbid it in too many ways to ask about each."""
    trial = command(["/bin/true"], who=launch.NAMESPACE, death_signal=signal.SIGKILL)
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0
