"""Settings of the register: where the database is, and what a credit asks for unless a conference says otherwise."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class RegisterSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="DIEMCAU_", extra="ignore")

    database_url: str = Field(
        default="postgresql+psycopg://diemcau@127.0.0.1:5432/diemcau",
        description="PostgreSQL 15 or newer, as a SQLAlchemy URL with the psycopg driver. `diemcau up` sets it itself.",
    )
    database_pool: int = Field(default=10, ge=1, description="Connections that one process keeps open.")
    data_dir: Path = Field(
        default=Path(".diemcau"),
        description="Everything kept on this machine: quarantine, work files, local storage, and the embedded servers.",
    )
    credit_coverage: float = Field(
        default=0.9, gt=0, le=1, description="Share of a recording that must have been played for a replay credit."
    )
    credit_prompts: float = Field(
        default=0.75, ge=0, le=1, description="Share of the presence questions to be answered in time."
    )
    credit_max_rate: float = Field(default=1.5, ge=1, le=2, description="Fastest playing speed that still counts.")
    credit_replay_days: int = Field(
        default=30, ge=1, description="Days after the end of a conference in which a replay still counts."
    )
    meeting_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="Share of a part that a meeting log must prove for an accepted row to become a check-in.",
    )


@lru_cache
def register_settings() -> RegisterSettings:
    """Read once per process: settings don't change under a running server."""
    return RegisterSettings()
