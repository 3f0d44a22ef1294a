import json
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from kernel.errors import FieldError, Invalid

_POSTGRESQL = ("postgresql+psycopg", "postgresql", "postgres")
_REDIS = ("redis://", "rediss://", "unix://")


class Settings(BaseSettings):
    """The configuration of one process, read once from the environment.

    `DATABASE_URL` logs in as the application role (neither owner nor superuser), `DATABASE_OWNER_URL` as the owner of
    the schema (migrations only). `pickstream up` fills in all three addresses for the embedded engines.
    """

    model_config = SettingsConfigDict(env_prefix="PICKSTREAM_", extra="ignore")

    home: Path = Field(default_factory=lambda: Path.home() / ".local" / "share" / "pickstream")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65_535)
    public_url: str = ""
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    database_owner_url: str = Field(default="", validation_alias="DATABASE_OWNER_URL")
    redis_url: str = Field(default="", validation_alias="REDIS_URL")
    secret_key: str = ""
    smtp_url: str = ""
    mail_from: str = "orders@pickstream.invalid"
    webhook_allow_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    carrier_url: str = ""
    carrier_api_key: str = ""
    carrier_webhook_secret: str = ""
    secure_cookies: bool = False
    pool_size: int = 10
    max_body_bytes: int = 1_000_000
    rate_limit: str = "12000/minute"
    keep_attempts_days: int = Field(default=30, ge=1)
    keep_keys_hours: int = Field(default=72, ge=24)
    keep_inbox_days: int = Field(default=30, ge=7)
    keep_promises_days: int = Field(default=90, ge=30)
    keep_photos_days: int = Field(default=400, ge=30)

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _postgresql(cls, url: str) -> str:
        """Take the address of a PostgreSQL database as others write it, too."""
        scheme, _, rest = url.partition("://")
        if url and (scheme not in _POSTGRESQL or not rest):
            raise ValueError("Write postgresql://USER:PASSWORD@HOST/DATABASE.")
        return f"{_POSTGRESQL[0]}://{rest}" if url else ""

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, url: str) -> str:
        if url and not url.startswith(_REDIS):
            raise ValueError("Write redis://HOST:6379/0, rediss://HOST:6379/0 or unix:///PATH/TO/SOCKET.")
        return url

    @field_validator("webhook_allow_hosts", mode="before")
    @classmethod
    def _hosts(cls, hosts: str | tuple[str, ...]) -> tuple[str, ...]:
        """Take a list as a person writes it, or as JSON."""
        if isinstance(hosts, tuple):
            return hosts
        try:
            named = json.loads(hosts) if hosts.startswith("[") else hosts.split(",")
        except json.JSONDecodeError as error:
            raise ValueError("Write HOST:PORT,HOST:PORT.") from error
        return tuple(str(host).strip() for host in named if str(host).strip())

    @property
    def base_url(self) -> str:
        """The address that customers and receivers see, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")


@lru_cache
def settings() -> Settings:
    """Return the settings of this process.

    Raises:
        Invalid: names every variable of the environment that cannot be right.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = tuple(_fault(detail) for detail in error.errors())
        raise Invalid("The environment is not as it should be.", errors=faults) from error


def _fault(detail: ErrorDetails) -> FieldError:
    name = str(detail["loc"][0])
    variable = name if name.isupper() else f"PICKSTREAM_{name.upper()}"
    return FieldError(variable, detail["type"], detail["msg"].removeprefix("Value error, "))
