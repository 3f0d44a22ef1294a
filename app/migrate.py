from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import create_engine
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from kernel.errors import Invalid

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(owner_url: str) -> None:
    """Bring the database to the newest schema. Safe to repeat, and for several at once.

    Raises:
        Invalid: a newer release was here already.
    """
    if is_newer(owner_url):
        raise Invalid("The database is of a newer release than this program.", remedy="Start that release, or a newer.")
    command.upgrade(_config(owner_url), "head")


def is_current(url: str) -> bool:
    """Say whether the database has exactly the newest schema; the application's login may ask as well."""
    return _found(url) == _scripts().get_current_head()


def is_newer(url: str) -> bool:
    """Say whether a release that this one does not know has changed the schema."""
    found = _found(url)
    return found is not None and found not in {script.revision for script in _scripts().walk_revisions()}


def _found(url: str) -> str | None:
    """Return the schema's number; None where there is none, or one from before the application could read it."""
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        return None
    finally:
        engine.dispose()


@lru_cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(_SCRIPTS))


def _config(owner_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    return config
