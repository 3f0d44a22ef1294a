"""Reservations find stored answers by their key, also when a plan was made for a table that vacuum knew to be empty."""

from alembic import op

revision = "0080"
down_revision = "0079"

# For a table of no pages the cheapest plan was to keep all of its rows at hand and to compare each with each request:
# what was right for none took most of the time once there were thousands.
UPGRADE = """
set local role pickstream_reserve;
alter function reserve_requests set enable_material = off;
reset role;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
