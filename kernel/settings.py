from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The configuration of one process, read once from the environment.

    `DATABASE_URL` logs in as the application role (neither owner nor superuser), `DATABASE_OWNER_URL` as the owner of
    the schema (migrations only). `pickstream up` fills in all three addresses for the embedded engines.
    """

    model_config = SettingsConfigDict(env_prefix="PICKSTREAM_", extra="ignore")

    home: Path = Field(default_factory=lambda: Path.home() / ".local" / "share" / "pickstream")
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    database_owner_url: str = Field(default="", validation_alias="DATABASE_OWNER_URL")
    redis_url: str = Field(default="", validation_alias="REDIS_URL")
    secret_key: str = ""
    smtp_url: str = ""
    mail_from: str = "orders@pickstream.invalid"
    webhook_allow_hosts: tuple[str, ...] = ()
    carrier_url: str = ""
    carrier_api_key: str = ""
    carrier_webhook_secret: str = ""
    secure_cookies: bool = False
    pool_size: int = 10
    max_body_bytes: int = 1_000_000
    rate_limit: str = "12000/minute"
    keep_attempts_days: int = Field(default=30, ge=1)

    @property
    def base_url(self) -> str:
        """The address that customers and receivers see, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


@lru_cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()
