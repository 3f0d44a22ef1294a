"""Move tasks: units to be carried from one location to another, the pick faces' rules, and what a location can bear."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0024"
down_revision = "0023"

# A limit of 0 is one that nobody knows. A task without a target waits for a place to become free. What was carried
# stands in its steps, each one movement of the ledger or two: one undone was carried back.
TABLES = """
alter table location
  add column max_weight_g bigint not null default 0 check (max_weight_g >= 0),
  add column max_volume_mm3 bigint not null default 0 check (max_volume_mm3 >= 0),
  add column hazmat_ok boolean not null default false;
create table forward_pick (
  tenant_id text not null,
  item_id text not null,
  location_id text not null references location (id),
  min_units bigint not null check (min_units >= 0),
  max_units bigint not null check (max_units > min_units),
  updated_at timestamptz not null,
  updated_by text not null,
  primary key (tenant_id, item_id, location_id),
  foreign key (tenant_id, item_id) references item (tenant_id, id)
);
create index ix_forward_pick_location_id on forward_pick (location_id);
create table move_task (
  tenant_id text not null references merchant (id),
  id text not null,
  site_id text not null references site (id),
  item_id text not null,
  lot text not null,
  from_location_id text not null references location (id),
  to_location_id text references location (id),
  quantity bigint not null check (quantity > 0),
  moved bigint not null check (moved between 0 and quantity),
  cause text not null check (cause in ('put_away', 'replenish', 'cross_dock')),
  urgent boolean not null,
  why text not null,
  state text not null check (state in ('open', 'claimed', 'done', 'cancelled')),
  created_at timestamptz not null,
  claimed_at timestamptz,
  claimed_by text not null,
  closed_at timestamptz,
  closed_by text not null,
  note text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, item_id) references item (tenant_id, id),
  check (from_location_id <> to_location_id),
  check ((state = 'done') = (moved = quantity and state <> 'cancelled')),
  check ((state = 'claimed') = (claimed_at is not null)),
  check ((claimed_at is null) = (claimed_by = '')),
  check ((state in ('done', 'cancelled')) = (closed_at is not null)),
  check ((closed_at is null) = (closed_by = ''))
);
create index ix_move_task_live on move_task (site_id, from_location_id) where state in ('open', 'claimed');
create index ix_move_task_item on move_task (tenant_id, item_id) where state in ('open', 'claimed');
create index ix_move_task_site_id_closed_at on move_task (site_id, closed_at) where closed_at is not null;
create index ix_move_task_cancelled on move_task (closed_at) where state = 'cancelled';
create table move_step (
  tenant_id text not null,
  task_id text not null,
  number bigint not null check (number > 0),
  to_location_id text not null references location (id),
  quantity bigint not null check (quantity > 0),
  reason text not null,
  done_at timestamptz not null,
  done_by text not null,
  undone_at timestamptz,
  primary key (tenant_id, task_id, number),
  foreign key (tenant_id, task_id) references move_task (tenant_id, id)
);
create index ix_move_step_done_by_done_at on move_step (done_by, done_at);
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("forward_pick", "move_task", "move_step"):
        op.execute(tenant_table(table))
