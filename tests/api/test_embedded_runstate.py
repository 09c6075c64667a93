import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.embedded import processes, runstate
from tests.api.embedded import only_as_root, wait_until


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def leave_behind(home: Path, *pids: int) -> str:
    """What a supervisor killed with -9 leaves: its record, and a lock that the kernel has let go of."""
    with runstate.claim(home) as run:
        run.record(dict.fromkeys(pids, signal.SIGTERM))
        return run.mark


def test_a_second_supervisor_is_told_where_the_first_is(tmp_path: Path) -> None:
    with runstate.claim(tmp_path) as run:
        run.announce("http://127.0.0.1:8017")
        with pytest.raises(runstate.AlreadyRunning) as refused, runstate.claim(tmp_path):
            pass
    for language in ("vi", "en"):
        assert "http://127.0.0.1:8017" in refused.value.sentence(language)
        assert str(os.getpid()) in refused.value.sentence(language)
    with runstate.claim(tmp_path):
        pass


def test_children_of_a_killed_supervisor_are_stopped(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    leave_behind(tmp_path, sleeper.pid)
    assert runstate.stop_leftovers(tmp_path) == 1
    assert sleeper.wait(timeout=1) == -signal.SIGTERM


def test_what_ignores_the_request_is_killed_with_all_that_bear_the_mark(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 0.2)
    mark = leave_behind(tmp_path)
    stubborn = ["setsid", "sh", "-c", "trap '' TERM; sleep 60 & while :; do sleep 1; done"]
    with subprocess.Popen(stubborn, env={"PATH": os.defpath, runstate.MARK_VARIABLE: mark}):
        wait_until(lambda: len(processes.carrying(runstate.MARK_VARIABLE, mark)) >= 2)
        assert runstate.stop_leftovers(tmp_path) >= 2
        assert processes.carrying(runstate.MARK_VARIABLE, mark) == []


@pytest.mark.parametrize("changed", ["started", "boot"])
def test_a_stranger_with_a_recorded_number_is_left_alone(
    tmp_path: Path, sleeper: "subprocess.Popen[bytes]", changed: str
) -> None:
    leave_behind(tmp_path, sleeper.pid)
    record = json.loads((tmp_path / "run.json").read_text())
    if changed == "started":
        record["children"][0]["started"] -= 1
    else:
        record["boot"] = "another"
    (tmp_path / "run.json").write_text(json.dumps(record))

    assert runstate.stop_leftovers(tmp_path) == 0
    assert sleeper.poll() is None


def test_the_data_directory_of_another_account_is_refused(tmp_path: Path) -> None:
    only_as_root()
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(runstate.NotOurDirectory) as refused, runstate.claim(tmp_path):
        pass
    assert "nobody" in refused.value.sentence("vi")
    assert list(tmp_path.iterdir()) == []


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(runstate.NoDirectory) as refused, runstate.claim(tmp_path / "file" / "data"):
        pass
    assert str(tmp_path / "file" / "data") in refused.value.sentence("en")
