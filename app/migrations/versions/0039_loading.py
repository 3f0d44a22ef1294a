"""Heavy goods first, fragile ones last, and what that costs each walk."""

from alembic import op

revision = "0039"
down_revision = "0038"

UPGRADE = """
alter table floor_setting
  add column heavy_first_g bigint check (heavy_first_g > 0),
  add column fragile_last boolean not null default false;
alter table pick_batch add column loading_mm bigint not null default 0;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
