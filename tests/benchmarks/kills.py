"""What twenty kills of the worker during one transcode cost, and whether a byte of the result differs."""

import hashlib
import tempfile
import time
from pathlib import Path

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session as Db
from sqlalchemy.pool import NullPool

from archive.models import Recording
from ingest.models import IngestJob, JobStep, StepKind, StepState
from tests import media
from tests.benchmarks.row import Row
from tests.journeys.site import Site, site
from tests.journeys.walk import Walk

KILLS = 20
#: Long enough that every kill meets another chunk, since a step that fails five times is given up.
SECONDS = 12 * (KILLS + 6)
SETTINGS = {
    "DIEMCAU_CHUNK_SECONDS": "12",
    "DIEMCAU_WORKERS": "1",
    "DIEMCAU_LEASE_SECONDS": "3",
    "DIEMCAU_SWEEP_SECONDS": "1",
}


def measure() -> Row:
    with tempfile.TemporaryDirectory(prefix="diemcau-kills-") as folder:
        clip = media.clip(Path(folder) / "ban-ghi.mp4", seconds=SECONDS, size=(320, 180), fps=2)
        calm, _ = _transcoded(clip, kills=0)
        troubled, extra = _transcoded(clip, kills=KILLS)
    differing = sorted(name for name in calm.keys() | troubled.keys() if calm.get(name) != troubled.get(name))
    assert not differing, f"These differ from an undisturbed run: {differing}"
    return Row(
        name="kills",
        what=f"chunks encoded again after {KILLS} kills of the worker",
        ours=extra,
        bound=KILLS,
        unit="chunks",
        side="<=",
        goal=1.0,
        details={"files_compared": len(calm), "files_that_differ": 0},
    )


def _transcoded(clip: Path, *, kills: int) -> tuple[dict[str, str], int]:
    """The hash of every file made of a clip, and how many chunks were begun more than once."""
    with site(**SETTINGS) as running:
        walk = Walk(running.address)
        walk.set_up()
        walk.register()
        job = walk.upload(clip, "recording")
        for _ in range(kills):
            _kill_in_a_fresh_chunk(running, job)
        walk.wait_until_complete([job])
        walk.close()
        with Db(create_engine(running.database_url, poolclass=NullPool)) as db:
            made = db.scalars(select(Recording).join(IngestJob, IngestJob.recording_id == Recording.id)).one()
            chunks = db.scalars(select(JobStep).where(JobStep.kind == StepKind.CHUNK)).all()
            folder = running.home / "storage" / "recordings" / str(made.id)
        files = {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        return files, sum(chunk.attempts - 1 for chunk in chunks)


def _kill_in_a_fresh_chunk(running: Site, job: str) -> None:
    """Kill the worker while it encodes a chunk that was never begun before."""
    fresh = select(JobStep.id).where(
        JobStep.job_id == job,
        JobStep.kind == StepKind.CHUNK,
        JobStep.state == StepState.RUNNING,
        JobStep.attempts == 1,
    )
    engine, deadline = create_engine(running.database_url, poolclass=NullPool), time.monotonic() + 120
    while time.monotonic() < deadline:
        with Db(engine) as db:
            if db.scalar(fresh) is not None:
                running.kill("celery")
                return
        time.sleep(0.05)
    raise AssertionError("no fresh chunk was encoded any more")
