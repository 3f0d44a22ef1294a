from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.tables import metadata
from kernel.db.bootstrap import APP

config = context.config


def run() -> None:
    """Migrate the database that `sqlalchemy.url` names, as the schema's owner; who comes second waits for the first."""
    url = config.get_main_option("sqlalchemy.url")
    assert url, "sqlalchemy.url is set by app.migrate"
    with create_engine(url, poolclass=NullPool).connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, compare_type=True)
        with context.begin_transaction():
            connection.execute(text("select pg_advisory_xact_lock(hashtext('pickstream migrations'))"))
            context.run_migrations()
            # A process that serves must be able to say that it stands on an older schema than its own.
            connection.execute(text(f"grant select on alembic_version to {APP}"))


run()
