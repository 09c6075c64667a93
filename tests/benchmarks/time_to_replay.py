"""How long after its upload an hour's recording can be replayed: its sound, and its pages at their rough times."""

import tempfile
import time
from pathlib import Path

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session as Db
from sqlalchemy.pool import NullPool

from archive.models import SlideCue
from ingest.models import JobStep, StepKind, StepState
from tests import media
from tests.benchmarks import inputs
from tests.benchmarks.row import Row
from tests.journeys.site import site
from tests.journeys.walk import Walk

BOUND_SECONDS = 90.0
HOUR = 3600.0


def measure() -> Row:
    with tempfile.TemporaryDirectory(prefix="diemcau-hour-") as folder, site(DIEMCAU_READ_PICTURES="true") as running:
        recording, deck = _an_hour(Path(folder))
        walk = Walk(running.address)
        walk.set_up()
        walk.register()
        pages = walk.upload(deck, "deck")
        walk.wait_until_complete([pages])
        walk.release(pages)
        job = walk.upload(recording, "recording")
        ended = time.monotonic()
        walk.staff.post(f"/jobs/{job}/release")
        walk.wait_for([job], {"published"})
        replayed = time.monotonic() - ended
        rough = _cues(running.database_url)
        _wait_until_refined(running.database_url, job)
        return Row(
            name="time-to-replay",
            what="end of the upload of an hour to sound and pages at rough times",
            ours=replayed,
            bound=BOUND_SECONDS,
            unit="s",
            side="<=",
            goal=1.0,
            details={
                "input": recording.name,
                "rough_cues": rough,
                "refined_seconds": round(time.monotonic() - ended, 1),
                "refined_cues": _cues(running.database_url),
                "steps": _steps(running.database_url, job),
            },
        )


def _an_hour(folder: Path) -> tuple[Path, Path]:
    """The shared talk over and over, with its deck; without it, one of our own making."""
    shared = inputs.REAL / "bench"
    if (shared / "m5.mp4").exists():
        source, deck, seconds = shared / "m5.mp4", shared / "deck.pdf", 300
    else:
        deck, source, seconds = media.deck(folder / "deck.pdf"), folder / "own.mp4", 60
        media.talk(source, deck, [(page, 10) for page in range(1, 7)])
    listing, hour = folder / "list.txt", folder / f"hour-of-{source.stem}.mp4"
    listing.write_text(f"file '{source}'\n" * round(HOUR / seconds))
    media.ffmpeg("-f", "concat", "-safe", 0, "-i", listing, "-c", "copy", hour)
    return hour, deck


def _cues(database: str) -> int:
    with Db(create_engine(database, poolclass=NullPool)) as db:
        return db.scalar(select(func.count()).select_from(SlideCue)) or 0


def _steps(database: str, job: str) -> dict[str, str]:
    """When each step ran, in seconds from the first one's beginning."""
    ran = select(JobStep.kind, JobStep.started_at, JobStep.finished_at).where(
        JobStep.job_id == job, JobStep.finished_at.is_not(None), JobStep.kind != StepKind.CHUNK
    )
    with Db(create_engine(database, poolclass=NullPool)) as db:
        rows = db.execute(ran.order_by(JobStep.started_at)).all()
    first = rows[0].started_at
    return {
        row.kind: f"{(row.started_at - first).total_seconds():.0f}-{(row.finished_at - first).total_seconds():.0f}"
        for row in rows
    }


def _wait_until_refined(database: str, job: str) -> None:
    refined = select(JobStep.id).where(
        JobStep.job_id == job, JobStep.kind == StepKind.REFINE, JobStep.state == StepState.DONE
    )
    engine, deadline = create_engine(database, poolclass=NullPool), time.monotonic() + 1800
    while time.monotonic() < deadline:
        with Db(engine) as db:
            if db.scalar(refined) is not None:
                return
        time.sleep(1)
    raise AssertionError("the slide times were never refined")
