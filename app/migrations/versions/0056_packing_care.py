"""How much may lie on an item in a carton, and whether it travels in its own container."""

from alembic import op

revision = "0056"
down_revision = "0055"

UPGRADE = """
alter table item
  add column max_load_g bigint check (max_load_g >= 0),
  add column own_container boolean not null default false;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
