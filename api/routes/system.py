"""How the system itself is doing, for whoever runs it."""

import shutil
from importlib.metadata import version

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import func, select

from api.deps import Administrator, DbDep
from ingest.models import JobStep, StepState
from sessions.models import AuditEntry
from sessions.settings import register_settings

router = APIRouter(tags=["system"])


class Queue(BaseModel):
    waiting: int
    running: int
    failed: int


class Disk(BaseModel):
    free_bytes: int
    used_bytes: int


class Seals(BaseModel):
    entries: int
    sealed: int


class System(BaseModel):
    version: str
    queue: Queue
    storage: Disk
    audit: Seals


@router.get("/system")
def read_system(db: DbDep, _person: Administrator) -> System:
    """Work in hand, disk, and how far the audit chain is sealed."""
    counts = dict(db.execute(select(JobStep.state, func.count()).group_by(JobStep.state)).all())
    disk = shutil.disk_usage(register_settings().data_dir)
    entries, sealed = db.execute(select(func.count(), func.count(AuditEntry.seal_position))).one()
    return System(
        version=version("diemcau"),
        queue=Queue(
            waiting=counts.get(StepState.WAITING, 0),
            running=counts.get(StepState.RUNNING, 0),
            failed=counts.get(StepState.FAILED, 0),
        ),
        storage=Disk(free_bytes=disk.free, used_bytes=disk.used),
        audit=Seals(entries=entries, sealed=sealed),
    )
