"""Carts of a site's own, walks that are improved until somebody claims them, and how far that is."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0034"
down_revision = "0033"

# `planned_mm` is what the walks were before they were improved, `loads` how many carts an order too big for one fills.
UPGRADE = """
alter table floor_setting
  add column cart_totes bigint not null default 12 check (cart_totes between 1 and 100),
  add column tote_volume_mm3 bigint not null default 48000000 check (tote_volume_mm3 > 0),
  add column cart_weight_g bigint not null default 150000 check (cart_weight_g > 0),
  add column cart_items bigint not null default 1000000 check (cart_items > 0);
alter table pick_batch
  add column planned_mm bigint not null default 0 check (planned_mm >= 0),
  add column loads bigint not null default 1 check (loads >= 1);
update pick_batch set planned_mm = length_mm;
create table batch_search (
  site_id text primary key references site (id),
  state text not null check (state in ('improving', 'settled', 'stopped')),
  subject text not null,
  orders bigint not null,
  batches bigint not null,
  rounds bigint not null,
  quiet_rounds bigint not null,
  cpu_ms bigint not null,
  seed bigint not null,
  claimed_until timestamptz,
  changed_at timestamptz not null,
  changed_by text not null
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("batch_search"))
