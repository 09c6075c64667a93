"""Settings of the front desk: where the site listens, how sign-in is kept, and which PostgreSQL `diemcau up` runs."""

from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from sessions.errors import Conflict


class DemoInTheOpen(Conflict):
    code = "demo-in-the-open"
    vi = "Tài khoản dùng thử có mật khẩu ai cũng biết, nên không được mở ra mạng qua {host}. Hãy dùng 127.0.0.1."
    en = "Everybody knows the demo accounts' passwords, so they must not be served on {host}. Use 127.0.0.1."


class ApiSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="DIEMCAU_", extra="ignore", env_ignore_empty=True)

    host: str = Field(
        default="127.0.0.1",
        description="Address the site listens on. Anything but a loopback address refuses demo accounts.",
    )
    port: int = Field(
        default=8000,
        ge=1,
        le=65535,
        description="Port the site listens on. When it is not set and 8000 is taken, `diemcau up` chooses a free one.",
    )
    public_url: str = Field(
        default="", description="Address that people type, such as https://diemcau.example.vn; empty for host and port."
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="At least 32 random characters that sign what the site hands out. `diemcau up` makes it itself.",
    )
    login_days: int = Field(default=30, ge=1, description="Days after which a person must sign in again.")
    cookie_secure: bool | None = Field(
        default=None,
        description="Send the sign-in cookie over HTTPS only; empty means: exactly when public_url begins with https.",
    )
    postgres_bin: Path | None = Field(
        default=None,
        description="Directory with another PostgreSQL's initdb and postgres for `diemcau up`; empty for the wheel's.",
    )

    @property
    def address(self) -> str:
        """The site's address without a slash at the end. A server that listens everywhere is named as loopback."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = self.reachable_host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def reachable_host(self) -> str:
        """Where this machine itself reaches the site."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104 - Compared.

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the site. An unknown name counts as reachable by others."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def sends_secure_cookies(self) -> bool:
        return self.address.startswith("https:") if self.cookie_secure is None else self.cookie_secure


@lru_cache
def api_settings() -> ApiSettings:
    """Read once per process: settings don't change under a running server."""
    return ApiSettings()
