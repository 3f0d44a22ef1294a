"""Walks of the past, replayed on a floor that could be."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0038"
down_revision = "0037"

UPGRADE = """
create table what_if (
  id text primary key,
  site_id text not null references site (id),
  state text not null check (state in ('waiting', 'computing', 'ready', 'failed')),
  floor_version bigint,
  fast_items_nearer boolean not null,
  days bigint not null check (days > 0),
  hour_cost_minor bigint not null check (hour_cost_minor >= 0),
  currency text not null,
  progress bigint not null check (progress between 0 and 100),
  note text not null,
  by_day jsonb not null,
  attempts bigint not null,
  claimed_until timestamptz,
  created_at timestamptz not null,
  created_by text not null,
  finished_at timestamptz,
  foreign key (site_id, floor_version) references floor_plan_version (site_id, version),
  check (floor_version is not null or fast_items_nearer)
);
create unique index uq_what_if_site_id_under_way on what_if (site_id) where state in ('waiting', 'computing');
create index ix_what_if_site_id_created_at on what_if (site_id, created_at);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("what_if"))
