"""Nothing is set aside in a bin that does not exist."""

from alembic import op

revision = "0030"
down_revision = "0029"

# The counters of a bin follow from its shares by update: a share of a bin that is not there would have changed none.
# A bin has its item and its location: its shares need not be held against those as well.
TABLES = """
alter table allocation drop constraint allocation_tenant_id_item_id_fkey;
alter table allocation drop constraint allocation_location_id_fkey;
alter table allocation add foreign key (tenant_id, item_id, location_id, lot)
  references bin_stock (tenant_id, item_id, location_id, lot);
"""


def upgrade() -> None:
    op.execute(TABLES)
