"""Settings of the vault: where what is kept lies, and how a player reports."""

from functools import lru_cache
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class VaultSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="DIEMCAU_", extra="ignore")

    storage: Literal["local", "s3"] = Field(
        default="local", description="Where originals and renditions are kept: this machine's data directory, or S3."
    )
    s3_endpoint: str | None = Field(default=None, description="Address of the S3 service; empty for Amazon's.")
    s3_bucket: str = Field(default="diemcau", description="Bucket that holds everything the vault keeps.")
    s3_region: str = Field(default="us-east-1", description="Region of the bucket.")
    s3_access_key: str = Field(default="", description="Access key of the S3 service.")
    s3_secret_key: SecretStr = Field(default=SecretStr(""), description="Secret key of the S3 service.")
    watch_s3_bucket: str = Field(
        default="", description="Bucket in which others lay down files to be taken in; empty watches none."
    )
    watch_s3_prefix: str = Field(
        default="diemcau",
        min_length=1,
        pattern=r"^[^/].*[^/]$|^[^/]$",
        description="What the keys of the watched bucket begin with, without a slash at the end.",
    )
    watch_s3_endpoint: str | None = Field(
        default=None, description="Address of the watched bucket's S3 service; empty for Amazon's."
    )
    watch_s3_region: str = Field(default="us-east-1", description="Region of the watched bucket.")
    watch_s3_access_key: str = Field(default="", description="Access key of the watched bucket's S3 service.")
    watch_s3_secret_key: SecretStr = Field(
        default=SecretStr(""), description="Secret key of the watched bucket's S3 service."
    )
    media_link_seconds: int = Field(
        default=900, ge=60, description="How long a signed S3 link to a piece of media lives; the player renews it."
    )
    beat_seconds: int = Field(
        default=15, ge=5, le=120, description="How often a player sends what it has played, in seconds."
    )
    #: The front desk's setting too: statements name people and recordings by the address of the site.
    public_url: str = Field(
        default="", description="Address that people type, such as https://diemcau.example.vn; empty for host and port."
    )
    lrs_endpoint: str = Field(
        default="",
        pattern=r"^(https?://[^\s/?#]+(/[^\s?#]*)?)?$",
        description="Learning record store that replays are told to in xAPI, such as https://lrs.example.vn/xAPI: the"
        " address before /statements. Empty sends nothing.",
    )
    lrs_username: str = Field(default="", description="User name at the learning record store.")
    lrs_password: SecretStr = Field(default=SecretStr(""), description="Password at the learning record store.")


@lru_cache
def vault_settings() -> VaultSettings:
    """Read once per process: settings don't change under a running server."""
    return VaultSettings()
