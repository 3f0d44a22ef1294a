from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from app.tables import metadata

config = context.config


def run() -> None:
    """Migrate the database that `sqlalchemy.url` names, as the schema's owner."""
    url = config.get_main_option("sqlalchemy.url")
    assert url, "sqlalchemy.url is set by app.migrate"
    with create_engine(url, poolclass=NullPool).connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()


run()
