from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(owner_url: str) -> None:
    """Bring the database to the newest schema. Safe to repeat."""
    command.upgrade(_config(owner_url), "head")


def is_current(owner_url: str) -> bool:
    """Say whether the database has the newest schema."""
    head = ScriptDirectory.from_config(_config(owner_url)).get_current_head()
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return found == head


def _config(owner_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    return config
