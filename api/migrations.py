"""Brings the database's schema up to date with the code."""

import logging
from argparse import Namespace
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

import api
from sessions.errors import Unavailable
from sessions.settings import register_settings


class DatabaseUnreachable(Unavailable):
    code = "database-unreachable"
    vi = "Không kết nối được cơ sở dữ liệu {url}: {reason}"
    en = "The database {url} cannot be reached: {reason}"


def run(_: Namespace) -> int:
    """Apply every migration that the database has not had yet. Raises DatabaseUnreachable."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    upgrade()
    return 0


def upgrade() -> None:
    """The same without a word. Two processes may call it at once: one waits until the other is done."""
    try:
        command.upgrade(configuration(), "head")
    except OperationalError as refusal:
        address = make_url(register_settings().database_url).render_as_string(hide_password=True)
        raise DatabaseUnreachable(url=address, reason=str(refusal.orig).strip()) from refusal


def configuration() -> Config:
    """Alembic's configuration: within the package in a wheel, beside the rooms in a checkout."""
    package = Path(api.__file__).parent
    packed, beside = package / "deploy" / "alembic.ini", package.parent / "deploy" / "alembic.ini"
    found = Config(packed if packed.exists() else beside)
    # It serves the bare `alembic` command. Here the rooms are importable already, and within a wheel the line would
    # put the inside of this package on the path.
    found.remove_main_option("prepend_sys_path")
    return found
