"""On which version of the floor each walk was planned; those that wait already are planned once more."""

from alembic import op

revision = "0043"
down_revision = "0042"

UPGRADE = """
alter table pick_batch add column floor_version bigint not null default 0;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
