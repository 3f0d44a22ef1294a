"""Hubs to which parcels can ride on pallets, and plans of what should."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0060"
down_revision = "0059"

# Of a site and of no merchant: a pallet carries parcels of all of them. A plan names parcels by their numbers only.
UPGRADE = """
create table injection_hub (
  site_id text not null references site (id),
  code text not null,
  name text not null,
  country text not null,
  postal_code text not null,
  currency text not null,
  fixed_minor bigint not null check (fixed_minor >= 0),
  pallet_minor bigint not null check (pallet_minor >= 0),
  max_volume_mm3 bigint not null check (max_volume_mm3 > 0),
  max_weight_g bigint not null check (max_weight_g > 0),
  transit_days bigint not null check (transit_days >= 0),
  carrier text not null,
  service text not null,
  changed_at timestamptz not null,
  primary key (site_id, code)
);
create table consolidation_plan (
  id text primary key,
  site_id text not null references site (id),
  state text not null check (state in ('waiting', 'computing', 'ready', 'cancelled', 'failed')),
  source text not null check (source in ('site', 'file')),
  ship_on date not null,
  currency text not null,
  asked jsonb not null,
  progress bigint not null check (progress between 0 and 100),
  note text not null,
  parcels bigint not null,
  baseline_minor bigint not null,
  saved_minor bigint not null,
  bound_minor bigint not null,
  loads jsonb not null,
  lines jsonb not null,
  attempts bigint not null,
  claimed_until timestamptz,
  created_at timestamptz not null,
  created_by text not null,
  finished_at timestamptz
);
create unique index uq_consolidation_plan_site_id_under_way on consolidation_plan (site_id)
  where state in ('waiting', 'computing');
create index ix_consolidation_plan_site_id_created_at on consolidation_plan (site_id, created_at);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("injection_hub"))
    op.execute(shared_table("consolidation_plan"))
