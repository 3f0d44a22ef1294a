import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from app.cli.home import require_writable
from app.engines.stack import EmbeddedStack
from app.migrate import upgrade
from kernel.db.bootstrap import bootstrap
from kernel.db.engine import engine
from kernel.errors import Invalid
from kernel.settings import settings

DATABASE = "pickstream"


@contextmanager
def engines_running() -> Iterator[None]:
    """Provide PostgreSQL and Redis for a command: those that the environment names, else the embedded ones.

    Sets DATABASE_URL, DATABASE_OWNER_URL, REDIS_URL and PICKSTREAM_SECRET_KEY for this process and its children.
    """
    home = settings().home
    os.environ.setdefault("PICKSTREAM_HOME", str(home))
    addresses = {"postgres": settings().database_url, "valkey": settings().redis_url}
    missing = {name for name, address in addresses.items() if not address}
    if missing or not settings().secret_key:
        require_writable(home)
        os.environ["PICKSTREAM_SECRET_KEY"] = settings().secret_key or _secret_key(home)
    if not missing:
        _forget_configuration()
        yield
        engine().dispose()
        return
    with EmbeddedStack(home, needs=missing) as endpoints:
        if "postgres" in missing:
            urls = bootstrap(endpoints.superuser_url, DATABASE)
            os.environ["DATABASE_URL"] = urls.app_url
            os.environ["DATABASE_OWNER_URL"] = urls.owner_url
        if "valkey" in missing:
            os.environ["REDIS_URL"] = endpoints.redis_url
        _forget_configuration()
        yield
        engine().dispose()


def migrate_if_owner() -> None:
    """Bring the schema up to date when this process knows the owner's login; production may migrate elsewhere."""
    if settings().database_owner_url:
        upgrade(settings().database_owner_url)


def owner_url() -> str:
    """Return the login of the schema's owner.

    Raises:
        Invalid: only the application's login is known here.
    """
    if not settings().database_owner_url:
        raise Invalid("DATABASE_OWNER_URL is not set.", remedy="Set it to the owner's login that `db init` printed.")
    return settings().database_owner_url


def plain_url(*, owner: bool = False) -> str:
    """Return the database's address as libpq programs (psql, pg_dump) read it."""
    url = make_url(owner_url() if owner else settings().database_url)
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _secret_key(home: Path) -> str:
    path = home / "secret.key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()


def _forget_configuration() -> None:
    if engine.cache_info().currsize:
        engine().dispose()
    settings.cache_clear()
    engine.cache_clear()
