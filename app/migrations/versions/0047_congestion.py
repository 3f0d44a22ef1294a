"""How far a walk may go out of the way of others, and what that costs it."""

from alembic import op

revision = "0047"
down_revision = "0046"

UPGRADE = """
alter table floor_setting add column detour_most_mm bigint check (detour_most_mm >= 0);
alter table pick_batch add column congestion_mm bigint not null default 0;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
