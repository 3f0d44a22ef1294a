"""Walks that somebody wants planned now, by a worker."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0045"
down_revision = "0044"

UPGRADE = """
create table plan_run (
  id text primary key,
  site_id text not null references site (id),
  state text not null check (state in ('waiting', 'choosing', 'planning', 'ready', 'cancelled', 'failed')),
  release boolean not null,
  max_orders bigint not null check (max_orders > 0),
  progress bigint not null check (progress between 0 and 100),
  released bigint not null,
  queued bigint not null,
  why text not null,
  batches bigint not null,
  note text not null,
  attempts bigint not null,
  claimed_until timestamptz,
  created_at timestamptz not null,
  created_by text not null,
  finished_at timestamptz
);
create unique index uq_plan_run_site_id_under_way on plan_run (site_id)
  where state in ('waiting', 'choosing', 'planning');
create index ix_plan_run_site_id_created_at on plan_run (site_id, created_at);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("plan_run"))
