"""Pickers say whether the bin is empty that they should have emptied."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0031"
down_revision = "0030"

# '' is a pick that nobody is asked about. `later` is asked once more at the end of the walk, and `unanswered` then.
UPGRADE = """
alter table pick_task
  add column zero_check text not null default ''
    check (zero_check in ('', 'asked', 'later', 'unanswered', 'empty', 'not_empty')),
  add column units_seen bigint not null default 0 check (units_seen >= 0),
  add check ((zero_check = 'not_empty') = (units_seen > 0));
create index ix_pick_task_zero_check on pick_task (site_id, finished_by) where zero_check in ('asked', 'later');
create table floor_setting (
  site_id text primary key references site (id),
  zero_checks boolean not null,
  changed_at timestamptz not null,
  changed_by text not null
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("floor_setting"))
