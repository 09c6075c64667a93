"""The password of a deck that waits for one."""

from fastapi import APIRouter, BackgroundTasks
from pydantic import BaseModel, Field, SecretStr

from api.deps import DbDep, LanguageDep, Technician
from api.routes.jobs import HeldDep, JobView, views
from ingest import tasks, unlocking

router = APIRouter(tags=["intake"])


class PasswordForm(BaseModel):
    #: `SecretStr` shows nothing of itself in logs and error messages.
    password: SecretStr = Field(min_length=1, max_length=255)


@router.post("/jobs/{job_id}/password")
def unlock_job(
    db: DbDep, person: Technician, language: LanguageDep, job: HeldDep, form: PasswordForm, background: BackgroundTasks
) -> JobView:
    """Open a deck that waits for its password, and go on with it. The password is used once and kept nowhere."""
    unlocking.unlock(db, person, job, form.password.get_secret_value())
    # After the answer, which a broker that is away must not hold up.
    background.add_task(tasks.nudge)
    return views(db, person, [job], language)[0]
