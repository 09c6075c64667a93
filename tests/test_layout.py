"""The house itself: each room is this checkout's, and no committed file names a registry or one machine's paths."""

import re
import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import api
import archive
import ingest
import sessions

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("room", [sessions, archive, ingest, api], ids=lambda room: room.__name__)
def test_each_room_comes_from_this_checkout_and_from_nobody_else(room):
    assert Path(room.__file__).is_relative_to(ROOT)
    assert set(packages_distributions().get(room.__name__, ["diemcau"])) == {"diemcau"}


def committed_files():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_committed_file_names_a_registry_or_a_path_of_one_machine():
    registry = re.compile(r"https?://[a-z0-9.-]*(py" r"pi|python" r"hosted|npm" r"js|deb" r"ian)[a-z0-9.-]*[/:]")
    machine = re.compile(r"(?<![\w.$}~-])/(work|root|home/[a-z]+)/[a-z.]")
    found = []
    files = committed_files()
    assert files
    for path in files:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}: {hit.group()}" for hit in (*registry.finditer(text), *machine.finditer(text))
        ]
    assert found == []


def test_no_committed_file_is_large():
    assert [path.name for path in committed_files() if path.stat().st_size > 1_000_000] == []
