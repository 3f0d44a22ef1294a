"""Floors are fed at their own pace: how each site wants it, and what an order was told."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0032"
down_revision = "0031"

UPGRADE = """
create table release_setting (
  site_id text primary key references site (id),
  mode text not null check (mode in ('stream', 'waves', 'by_hand')),
  keep_busy_minutes bigint not null check (keep_busy_minutes >= 0),
  slack_minutes bigint not null check (slack_minutes >= 0),
  wave_times text[] not null check (mode <> 'waves' or cardinality(wave_times) > 0),
  pickers bigint check (pickers >= 0),
  lines_per_hour bigint check (lines_per_hour > 0),
  last_wave_at timestamptz not null,
  changed_at timestamptz not null,
  changed_by text not null
);
alter table sales_order
  add column starts_at timestamptz,
  add column rushed_at timestamptz,
  add column pulled_back_at timestamptz;
alter table pick_batch add column rushed boolean not null default false;
create index ix_pick_task_site_id_finished_at on pick_task (site_id, finished_at) where finished_at is not null;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("release_setting"))
