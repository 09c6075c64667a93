"""The runner: what it reports, what it stops, and that nothing outlives it."""

import itertools
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from ingest import runner

SHELL = "/bin/sh"


def shell(script, **options):
    return runner.run([SHELL, "-c", script], **{"deadline_seconds": 20, **options})


def processes_named(mark):
    return [process for process in psutil.process_iter(["cmdline"]) if mark in (process.info["cmdline"] or [])]


def gone(mark, within_seconds=5):
    until = time.monotonic() + within_seconds
    while processes_named(mark) and time.monotonic() < until:
        time.sleep(0.02)
    return not processes_named(mark)


def test_returns_what_was_printed_and_what_it_cost():
    finished = shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo ra; echo loi >&2")
    assert finished.stdout == b"ra\n"
    assert finished.stderr_tail == "loi\n"
    assert 0 < finished.cpu_seconds <= finished.wall_seconds + 0.2
    assert finished.peak_memory_bytes > 0


def test_does_not_stall_when_a_program_complains_without_end():
    finished = shell("yes loi | head -c 3000000 >&2; echo xong")
    assert finished.stdout == b"xong\n"
    assert len(finished.stderr_tail) == runner.STDERR_TAIL_BYTES


def test_reports_a_failure_with_the_last_words_kept_out_of_the_sentence():
    with pytest.raises(runner.ToolFailed) as caught:
        shell("echo bi-mat >&2; exit 3")
    assert caught.value.stderr_tail == "bi-mat\n"
    assert caught.value.facts == {"tool": "sh", "exit_code": 3}
    assert "bi-mat" not in caught.value.sentence("vi")


def test_fails_clearly_when_the_program_is_missing():
    with pytest.raises(runner.ToolFailed) as caught:
        runner.run(["/nowhere/ffmpeg"], deadline_seconds=5)
    assert "/nowhere/ffmpeg" in caught.value.stderr_tail


def test_kills_at_the_deadline_and_leaves_nothing():
    started = time.monotonic()
    with pytest.raises(runner.ToolTimedOut):
        shell("sleep 61.5 & sleep 61.5", deadline_seconds=0.3)
    assert time.monotonic() - started < 5
    assert gone("61.5")


def test_what_the_heartbeat_raises_stops_the_program():
    class LeaseLost(Exception):
        pass

    def beat(share):
        if time.monotonic() - started > 0.2:
            raise LeaseLost

    started = time.monotonic()
    with pytest.raises(LeaseLost):
        shell("sleep 62.5", on_progress=beat)
    assert time.monotonic() - started < 5
    assert gone("62.5")


def test_beats_every_second_even_when_the_program_is_silent():
    beats = []
    shell("sleep 1.6", on_progress=lambda share: beats.append((time.monotonic(), share)))
    pauses = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(beats)]
    assert len(beats) >= 3
    assert max(pauses) < 1.5
    assert [share for _, share in beats] == [0.0] * (len(beats) - 1) + [1.0]


def test_progress_never_goes_back_and_ends_at_one(tmp_path):
    script = tmp_path / "ffmpeg"
    script.write_text(
        "#!/bin/sh\nfor us in N/A 2500000 1000000 7500000 99000000; do echo out_time_us=$us; sleep 0.6; done\n"
    )
    script.chmod(0o755)
    shares = []
    finished = runner.run([str(script)], media_seconds=10, deadline_seconds=20, on_progress=shares.append)
    assert finished.stdout is None
    assert shares == sorted(shares)
    assert {0.25, 0.75, 1.0} <= set(shares)


def test_holds_a_program_to_its_memory():
    grab = [sys.executable, "-c", "x = bytearray(300_000_000)"]
    runner.run(grab, deadline_seconds=20)
    with pytest.raises(runner.ToolFailed, match="exit 1") as caught:
        runner.run(grab, deadline_seconds=20, memory_bytes=200_000_000)
    assert "MemoryError" in caught.value.stderr_tail


def test_counts_endless_output_as_a_failure(monkeypatch):
    monkeypatch.setattr(runner, "STDOUT_LIMIT_BYTES", 1000)
    with pytest.raises(runner.ToolFailed):
        shell("yes | head -c 1001")


def test_keeps_our_passwords_from_the_program(monkeypatch):
    monkeypatch.setenv("DIEMCAU_DATABASE_PASSWORD", "rat-bi-mat")
    assert b"rat-bi-mat" not in shell("env").stdout


def test_killing_the_worker_kills_its_program():
    worker = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from ingest import runner; runner.run(['/bin/sleep', '63.5'], deadline_seconds=60)",
        ]
    )
    try:
        until = time.monotonic() + 10
        while not [p for p in processes_named("63.5") if p.name() == "sleep"] and time.monotonic() < until:
            time.sleep(0.02)
        assert [p for p in processes_named("63.5") if p.name() == "sleep"], "The program never started."
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    assert gone("63.5")
