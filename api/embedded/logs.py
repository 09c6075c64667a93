"""Readable logs of several programs in one terminal, and the same lines in one file each."""

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

_FILE_BYTES = 10 * 2**20
_NAME_WIDTH = 8
_TERMINAL_LINE = f"%(asctime)s %(name)-{_NAME_WIDTH}s │ %(message)s"
_FILE_LINE = "%(asctime)s %(message)s"


class Logs:
    """One log for each name: its lines go to the terminal, the name in front, and to `folder/NAME.log`.

    A file is put aside at 10 MiB and the one before it dropped. A terminal that went away takes nothing from the
    files, because each handler keeps its failures to itself.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, logging.Logger] = {}
        folder.mkdir(mode=0o700, exist_ok=True)

    def of(self, name: str) -> logging.Logger:
        if name not in self._open:
            self._open[name] = self._make(name)
        return self._open[name]

    def file_of(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def close(self) -> None:
        for log in self._open.values():
            for handler in log.handlers:
                handler.close()
        self._open.clear()

    def _make(self, name: str) -> logging.Logger:
        log = logging.Logger(name, logging.INFO)
        file = RotatingFileHandler(self.file_of(name), maxBytes=_FILE_BYTES, backupCount=1, encoding="utf-8")
        file.setFormatter(logging.Formatter(_FILE_LINE, "%Y-%m-%dT%H:%M:%S%z"))
        terminal = logging.StreamHandler(sys.stdout)
        terminal.setFormatter(logging.Formatter(_TERMINAL_LINE, "%H:%M:%S"))
        log.addHandler(file)
        log.addHandler(terminal)
        return log
