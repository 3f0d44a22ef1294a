"""How warm items and locations are kept, and why the goods of a walk are kept apart from others."""

from alembic import op

revision = "0044"
down_revision = "0043"

UPGRADE = """
alter table item add column temperature_class text not null default 'ambient'
  check (temperature_class in ('ambient', 'chilled', 'frozen'));
alter table location add column temperature_class text not null default 'ambient'
  check (temperature_class in ('ambient', 'chilled', 'frozen'));
alter table pick_batch add column kept_apart text;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
