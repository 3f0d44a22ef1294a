"""Slotting plans: where items would better lie, what that saves and costs, and which of it was accepted."""

from alembic import op

from kernel.db.ddl import shared_table, tenant_table

revision = "0026"
down_revision = "0025"

# A plan belongs to a site, its moves to the merchants whose goods are to be carried. A change is one item's move to an
# empty place, or two items that swap theirs; it is accepted as a whole.
TABLES = """
alter table move_task drop constraint move_task_cause_check;
alter table move_task add constraint move_task_cause_check
  check (cause in ('put_away', 'replenish', 'cross_dock', 'reslot'));
create table slotting_plan (
  id text primary key,
  site_id text not null references site (id),
  state text not null check (state in ('waiting', 'computing', 'ready', 'failed')),
  days bigint not null check (days between 1 and 365),
  most_changes bigint not null check (most_changes between 1 and 200),
  payback_days bigint not null check (payback_days between 1 and 365),
  progress bigint not null check (progress between 0 and 100),
  note text not null,
  walks bigint not null,
  walked_days bigint not null,
  before_mm bigint not null,
  after_mm bigint not null check (after_mm <= before_mm),
  attempts bigint not null,
  claimed_until timestamptz,
  created_at timestamptz not null,
  created_by text not null,
  finished_at timestamptz,
  check ((state in ('ready', 'failed')) = (finished_at is not null))
);
create unique index uq_slotting_plan_site_id_under_way on slotting_plan (site_id)
  where state in ('waiting', 'computing');
create index ix_slotting_plan_site_id_created_at on slotting_plan (site_id, created_at);
create table slotting_change (
  plan_id text not null references slotting_plan (id),
  number bigint not null check (number > 0),
  saved_mm bigint not null check (saved_mm > 0),
  move_mm bigint not null check (move_mm >= 0),
  move_seconds bigint not null check (move_seconds > 0),
  accepted_at timestamptz,
  accepted_by text not null,
  primary key (plan_id, number),
  check ((accepted_at is null) = (accepted_by = ''))
);
create table slotting_move (
  tenant_id text not null,
  plan_id text not null,
  number bigint not null,
  part bigint not null check (part in (1, 2)),
  item_id text not null,
  from_location_id text not null references location (id),
  to_location_id text not null references location (id),
  lots jsonb not null,
  units bigint not null check (units > 0),
  picks bigint not null check (picks >= 0),
  together jsonb not null,
  min_units bigint not null check (min_units >= 0),
  max_units bigint not null check (max_units > min_units),
  primary key (tenant_id, plan_id, number, part),
  foreign key (tenant_id, item_id) references item (tenant_id, id),
  foreign key (plan_id, number) references slotting_change (plan_id, number),
  check (from_location_id <> to_location_id)
);
create index ix_slotting_move_plan_id on slotting_move (plan_id);
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("slotting_plan", "slotting_change"):
        op.execute(shared_table(table))
    op.execute(tenant_table("slotting_move"))
