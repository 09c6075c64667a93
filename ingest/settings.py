"""Settings of the workshop: how much it takes in, and how hard it works."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class WorkshopSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="DIEMCAU_", extra="ignore")

    broker_url: str = Field(
        default="redis://127.0.0.1:6379/0",
        description="Valkey, Redis (redis://…) or RabbitMQ (amqp://…); carries nudges only. `diemcau up` sets it.",
    )
    upload_max_bytes: int = Field(default=20 * 2**30, ge=1, description="Largest file that may be uploaded, in bytes.")
    upload_days: int = Field(default=7, ge=1, description="Days after which an unfinished upload is thrown away.")
    disk_reserve_bytes: int = Field(
        default=2 * 2**30, ge=0, description="Free disk that an upload may never eat into, in bytes."
    )
    workers: int = Field(default=2, ge=1, description="Pieces of work done at once by one worker process pool.")
    lease_seconds: int = Field(
        default=30, ge=2, description="How long a worker may be silent before its piece of work is given to another."
    )
    chunk_seconds: int = Field(
        default=120, ge=12, description="Length of a piece of video that one task encodes, in seconds."
    )
    step_attempts: int = Field(
        default=5, ge=1, description="How often a piece of work may be begun before it is given up as failed."
    )
    sweep_seconds: int = Field(
        default=5, ge=1, description="How often forgotten work is nudged and expired leases are taken back."
    )
    read_pictures: bool = Field(
        default=True,
        description="Whether Tesseract, where there is one, reads the pictures of every file for the gate: a second or"
        " two for each. If not, whoever releases has to look at each.",
    )
    watch_dir: Path | None = Field(
        default=None, description="Folder from which files at rest are taken in by themselves; empty watches none."
    )
    watch_by: str = Field(
        default="", description="User name of whoever set up the watched folder or bucket: it counts as the uploader."
    )
    watch_declared: Literal["", "not-classified"] = Field(
        default="",
        description="The level that this person declares for all that is laid down there. Nothing is taken until it is"
        " not-classified.",
    )
    watch_rest_seconds: int = Field(
        default=30, ge=1, description="How long a file must not have changed before it is taken from a watched place."
    )
    watch_seconds: int = Field(default=15, ge=1, description="How often the watched places are looked at.")

    @field_validator("watch_dir", mode="before")
    @classmethod
    def _empty_is_none(cls, given: object) -> object:
        return given or None


@lru_cache
def workshop_settings() -> WorkshopSettings:
    """Read once per process: settings don't change under a running server."""
    return WorkshopSettings()
