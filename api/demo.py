"""The demo on the command line: bringing it in, showing its accounts, and keeping them from the network."""

import sys
from argparse import Namespace

from api import seed
from api.settings import ApiSettings, DemoInTheOpen, api_settings
from sessions.db import transaction


def bring_in(arguments: Namespace) -> int:
    """Make what of the demo is not there yet, and show its accounts. Raises DemoInTheOpen."""
    desk = api_settings()
    if not desk.is_loopback:
        raise DemoInTheOpen(host=desk.host)
    seed.run(arguments.scale)
    return 0 if arguments.no_logins else show_logins(arguments)


def show_logins(_: Namespace) -> int:
    """Print the demo's accounts, one a line, if this database has them; else nothing."""
    with transaction() as db:
        accounts = seed.logins_of(db) if seed.is_demo(db) else []
    for account in accounts:
        sys.stdout.write(f"{account.username:<10} {account.password:<12} {account.what}\n")
    return 0


def refuse_in_the_open(desk: ApiSettings) -> None:
    """Raise DemoInTheOpen when others than this machine could sign in with the demo's accounts."""
    if desk.is_loopback:
        return
    with transaction() as db:
        if seed.is_demo(db):
            raise DemoInTheOpen(host=desk.host)
