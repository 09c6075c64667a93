"""Readable logs of several programs in one terminal, and the same lines in one file each."""

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

_FILE_BYTES = 10 * 2**20
_NAME_WIDTH = 8
_TERMINAL_LINE = f"%(asctime)s %(name)-{_NAME_WIDTH}s │ %(message)s"
_FILE_LINE = "%(asctime)s %(message)s"


def open_log(name: str, folder: Path) -> logging.Logger:
    """A log whose lines go to the terminal, with `name` in front, and to `folder/name.log`, at most 2 x 10 MiB.

    A terminal that went away takes nothing from the file: a handler's failure stays its own.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    log = logging.Logger(name, logging.INFO)
    terminal = logging.StreamHandler(sys.stdout)
    terminal.setFormatter(logging.Formatter(_TERMINAL_LINE, "%H:%M:%S"))
    file = RotatingFileHandler(folder / f"{name}.log", maxBytes=_FILE_BYTES, backupCount=1, encoding="utf-8")
    file.setFormatter(logging.Formatter(_FILE_LINE, "%Y-%m-%dT%H:%M:%S%z"))
    log.addHandler(file)
    log.addHandler(terminal)
    return log
