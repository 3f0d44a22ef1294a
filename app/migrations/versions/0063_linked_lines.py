"""Which lines of an order share a carton, and whether the parts of a kit do."""

from alembic import op

revision = "0063"
down_revision = "0062"

UPGRADE = """
alter table order_line add column pack_with text not null default '';
alter table item add column pack_together boolean not null default false;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
