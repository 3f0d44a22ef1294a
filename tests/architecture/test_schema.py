from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

import returns
from app.tables import metadata

ROOT = Path(__file__).parents[2]


def test_models_and_migrations_describe_the_same_tables(database: Connection) -> None:
    context = MigrationContext.configure(database, opts={"compare_type": True})
    assert compare_metadata(context, metadata) == []


def test_every_package_comes_from_this_distribution() -> None:
    """`returns` also exists on PyPI: ours must be the one that is imported."""
    assert Path(returns.__file__ or "").parent == ROOT / "returns"
