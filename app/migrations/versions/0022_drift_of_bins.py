"""Bins and buckets are held against the ledger as well, and a difference says since when it can be there."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0022"
down_revision = "0021"

# `place` is the bin (and lot) or the bucket that differs; `agreed_at` the last look at which nothing did, so that what
# was moved between the two looks is where to search.
UPGRADE = """
delete from stock_drift;
alter table stock_drift
  add column place text not null,
  add column agreed_at timestamptz,
  drop constraint stock_drift_counter_check,
  add check (counter in ('on_hand', 'reserved', 'bin', 'bucket')),
  drop constraint stock_drift_pkey,
  add primary key (tenant_id, item_id, site_id, counter, place);
create table drift_turn (
  turns bigint not null,
  turn bigint not null,
  checked_at timestamptz not null,
  primary key (turns, turn)
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("drift_turn"))
