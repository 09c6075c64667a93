"""The data directory of the embedded PostgreSQL: placed, made, checked, and freed of what was left running on it."""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from api.embedded import keys, launch, processes, programs, standing
from api.embedded.processes import Process
from api.embedded.standing import Standing
from sessions.errors import Conflict, Unavailable

#: The database and its owner bear the same name.
NAME = "diemcau"
#: Its own translations would mix a third language into the logs.
ENVIRONMENT: Mapping[str, str] = MappingProxyType({"LC_ALL": "C", "PATH": os.defpath})
#: Where the user `nobody` keeps what root's own directories would hide from it.
NOBODY_HOME = Path("/var/lib/diemcau")

#: The same rules of text everywhere, independent of the machine: PostgreSQL 17 brings them along, before that the
#: system's C library may have them, and plain C always works, since no Vietnamese order relies on a collation.
_BUILTIN_LOCALE = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
_SYSTEM_LOCALE = ["--locale=C.UTF-8"]
_PLAIN_LOCALE = ["--locale=C"]


class ForeignVersion(Conflict):
    code = "foreign-version"
    vi = (
        "Thư mục dữ liệu {directory} thuộc PostgreSQL {found}, còn chương trình đang dùng là PostgreSQL {ours}. "
        "Không có gì bị thay đổi. Hãy đặt DIEMCAU_POSTGRES_BIN là thư mục chương trình PostgreSQL {found}, "
        "hoặc xuất dữ liệu bằng pg_dump {found} rồi nạp vào một thư mục dữ liệu mới."
    )
    en = (
        "The data directory {directory} belongs to PostgreSQL {found}, but the programs in use are PostgreSQL {ours}. "
        "Nothing was changed. Set DIEMCAU_POSTGRES_BIN to the programs of PostgreSQL {found}, "
        "or dump the data with pg_dump {found} and restore it into a new data directory."
    )


class ForeignFiles(Conflict):
    code = "foreign-files"
    vi = "Thư mục {directory} có sẵn tệp khác, không phải dữ liệu PostgreSQL. Hãy chọn thư mục dữ liệu khác."
    en = "The directory {directory} holds other files, not PostgreSQL's. Choose another data directory."


class NotMade(Unavailable):
    code = "cluster-not-made"
    vi = "Không tạo được dữ liệu PostgreSQL ở {directory}: {reason}"
    en = "The PostgreSQL data at {directory} could not be made: {reason}"


@dataclass(frozen=True)
class Cluster:
    """A data directory, with the programs that serve it and the standing they run in."""

    binaries: Path
    directory: Path
    who: Standing
    password: str


def open_cluster(home: Path, binaries: Path, who: Standing | None = None) -> Cluster:
    """The cluster kept below `home`, made on the first call, with nothing left running on it from before.

    `who` overrules the standing that fits the present user. Raises ForeignVersion, ForeignFiles, UnreachableForNobody
    and NotMade; a refused directory is left as it was.
    """
    who = who or standing.choose()
    directory = _place(home, who)
    binaries = programs.reachable_postgres(binaries, NOBODY_HOME, who=who)
    _refuse_foreign(directory, binaries)
    password_file = home / "secrets" / "postgres-password"
    if not (directory / "PG_VERSION").exists():
        _make(Cluster(binaries, directory, who, keys.read_or_make(password_file)))
    standing.give(directory, who=who)
    stop_orphans(directory)
    if not password_file.exists():
        _change_password(Cluster(binaries, directory, who, secrets.token_urlsafe(32)), password_file)
    return Cluster(binaries, directory, who, password_file.read_text())


def stop_orphans(directory: Path) -> None:
    """End what a killed supervisor left running on this directory, and clear away a pid file that lies.

    A process counts only if it was started as `postgres` and stands in the directory. The postmaster is stopped first
    and gracefully; its back ends leave with it. The pid file stays, for PostgreSQL reads from it whether old shared
    memory is still in use; unless it is unreadable, or its number now belongs to a stranger or to a dead postmaster
    that nobody collected yet, for PostgreSQL would take either for a living one.
    """
    recorded = _pid_in(_pid_file(directory))
    orphans = _processes_on(directory)
    processes.end({each: signal.SIGINT for each in orphans if each.pid == recorded}, patience=30)
    processes.end(dict.fromkeys(_processes_on(directory), signal.SIGQUIT))
    if recorded is None or processes.is_taken(recorded):
        (directory / "postmaster.pid").unlink(missing_ok=True)


def status(directory: Path) -> str:
    """What the living postmaster says of itself: "starting", "ready", "stopping"; empty if none is alive."""
    lines = _pid_file(directory)  # Read once: a starting postmaster replaces the file of a dead one.
    recorded = _pid_in(lines)
    alive = any(process.pid == recorded for process in _processes_on(directory))
    return lines[7].strip() if alive and len(lines) > 7 else ""


def _place(home: Path, who: Standing) -> Path:
    """Where the data lies: below `home`, or for `nobody` behind a link, because `home` is closed to others."""
    directory = home / "postgres"
    if who == launch.NOBODY and not directory.exists():
        hidden = NOBODY_HOME / secrets.token_hex(8)
        NOBODY_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
        hidden.mkdir(mode=0o700)
        standing.give(hidden, who=who)
        directory.unlink(missing_ok=True)
        directory.symlink_to(hidden / "postgres")
    if not standing.can_reach(directory.resolve().parent, who=who):
        raise programs.UnreachableForNobody(path=directory.resolve())
    return directory.resolve()


def _refuse_foreign(directory: Path, binaries: Path) -> None:
    if not directory.exists() or not any(directory.iterdir()):
        return
    try:
        found = (directory / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise ForeignFiles(directory=directory) from None
    ours = programs.postgres_version(binaries)
    if found != str(ours):
        raise ForeignVersion(directory=directory, found=found, ours=ours)


def _make(cluster: Cluster) -> None:
    """Make the data directory as a whole or not at all: it takes its name only once it is complete."""
    fresh = cluster.directory.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    password_file = cluster.directory.with_name("postgres-password.new")
    keys.write_private(password_file, cluster.password)
    standing.give(password_file, who=cluster.who)
    try:
        _initialise(cluster, fresh, password_file)
        _say_alone(cluster, fresh, f"CREATE DATABASE {NAME}")
    finally:
        password_file.unlink()
    fresh.rename(cluster.directory)


def _initialise(cluster: Cluster, fresh: Path, password_file: Path) -> None:
    """Run initdb, with the best locale these programs and this machine have."""
    has_builtin = programs.postgres_version(cluster.binaries) >= 17
    locales = [_BUILTIN_LOCALE] if has_builtin else [_SYSTEM_LOCALE, _PLAIN_LOCALE]
    fixed = ["-D", str(fresh), "-U", NAME, f"--pwfile={password_file}", "-E", "UTF8", "--auth=scram-sha-256"]
    for locale in locales:
        made = _run(cluster, ["initdb", *fixed, *locale])
        if made.returncode == 0:
            return
        shutil.rmtree(fresh, ignore_errors=True)
    raise NotMade(directory=cluster.directory, reason=made.stderr.strip())


def _change_password(cluster: Cluster, password_file: Path) -> None:
    """Give the owner a new password, after the file with the old one was lost."""
    _say_alone(cluster, cluster.directory, f"ALTER ROLE {NAME} PASSWORD '{cluster.password}'")
    keys.write_private(password_file, cluster.password)


def _say_alone(cluster: Cluster, directory: Path, statement: str) -> None:
    """Run one statement while no server runs, which needs no password."""
    done = _run(cluster, ["postgres", "--single", "-D", str(directory), "postgres"], statement)
    # In this mode a failed statement is only printed; the exit status stays 0.
    if done.returncode != 0 or "ERROR:" in done.stderr:
        raise NotMade(directory=cluster.directory, reason=done.stderr.strip())


def _run(cluster: Cluster, words: list[str], statement: str = "") -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs to its end; in its own session, so that Ctrl-C reaches only us."""
    program = [str(cluster.binaries / words[0]), *words[1:]]
    return subprocess.run(
        standing.command(program, who=cluster.who, death_signal=signal.SIGKILL),
        env=dict(ENVIRONMENT),
        input=statement,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )


def _processes_on(directory: Path) -> list[Process]:
    return [
        process
        for process in processes.everyone()
        if processes.working_directory(process) == directory and _is_postgres(process)
    ]


def _is_postgres(process: Process) -> bool:
    """A postmaster keeps its command line, while a back end shows "postgres: what it does"."""
    words = processes.command_line(process)
    return bool(words) and Path(words[0].split(":")[0]).name == "postgres"


def _pid_in(lines: list[str]) -> int | None:
    """Whom the pid file names; None if there is no file, or nothing readable in it."""
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def _pid_file(directory: Path) -> list[str]:
    try:
        return (directory / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
