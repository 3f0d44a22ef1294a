"""Reservations find stored answers by their key, also on connections that were opened while there were none."""

from alembic import op

revision = "0035"
down_revision = "0034"

# A generic plan lasts as long as its connection, or until the table is analyzed. One that was made for an empty table
# read the whole table for every batch while it filled. Events join what was just written: hashing is right for them.
UPGRADE = """
set local role pickstream_reserve;
alter function reserve_requests set enable_seqscan = off;
alter function reserve_requests set enable_hashjoin = off;
alter function reserve_requests set enable_mergejoin = off;
reset role;
alter function append_events set enable_hashjoin = on;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
