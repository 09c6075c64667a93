"""The first administrator of a new installation, from the command line: there is nobody yet who could grant it."""

import getpass
import secrets
import sys
from argparse import Namespace

from sqlalchemy import select

from api import login
from sessions import people, roles, units
from sessions.db import transaction
from sessions.models import Role, Unit, UnitKind


def add_administrator(arguments: Namespace) -> int:
    """Enrol an administrator of a topmost unit, which is made if it is not there, and print how they sign in.

    The password is asked for, or read from standard input; an empty one is replaced by one made here and printed.
    """
    password = _password()
    with transaction() as db:
        top = db.scalar(
            select(Unit).where(Unit.parent_id.is_(None), Unit.name == arguments.unit, Unit.valid_to.is_(None))
        )
        if top is None:
            kind = UnitKind(arguments.kind)
            top = units.add(db, None, name=arguments.unit, kind=kind, valid_from=arguments.since)
        person = people.enrol(db, None, arguments.name, top)
        login.open_account(db, None, person, arguments.username, password or (made := secrets.token_urlsafe(9)))
        roles.grant(db, None, person, Role.ADMINISTRATOR, top)
    sys.stdout.write(f"{arguments.username}\n" if password else f"{arguments.username} {made}\n")
    return 0


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Mật khẩu (để trống: tự tạo) / Password (empty: make one): ")
    return sys.stdin.readline().rstrip("\n")
