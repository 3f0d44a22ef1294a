"""Cycle counts: what has to be counted and why, who counted what, what was booked, and the classes of items."""

from alembic import op
from sqlalchemy import text

from kernel.db.ddl import tenant_table
from kernel.ids import new_id

revision = "0019"
down_revision = "0018"

# A task is one bin and one item of one merchant: only one of them waits at a time, and every frozen bin has it.
# `expected` and `difference` are those that were booked. An entry's `expected` was read under lock as it was counted.
TABLES = """
create table count_task (
  tenant_id text not null references merchant (id),
  id text not null,
  site_id text not null references site (id),
  item_id text not null,
  location_id text not null references location (id),
  cause text not null check (cause in ('short_pick', 'zero_check', 'abc', 'requested')),
  abc text not null check (abc in ('A', 'B', 'C')),
  state text not null check (state in ('open', 'recount', 'counted', 'approved', 'cancelled')),
  note text not null,
  created_at timestamptz not null,
  created_by text not null,
  returned_by text not null,
  closed_at timestamptz,
  closed_by text not null,
  decision text not null,
  expected bigint check (expected >= 0),
  difference bigint,
  shorted jsonb not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, item_id) references item (tenant_id, id),
  check ((state in ('approved', 'cancelled')) = (closed_at is not null)),
  check ((closed_at is null) = (closed_by = '')),
  check ((state = 'approved') = (difference is not null)),
  check ((expected is null) = (difference is null)),
  check (expected + difference >= 0)
);
create unique index uq_count_task_live on count_task (tenant_id, item_id, location_id)
  where state in ('open', 'recount', 'counted');
create index ix_count_task_live on count_task (site_id, location_id) where state in ('open', 'recount', 'counted');
create index ix_count_task_site_id_closed_at on count_task (site_id, closed_at) where closed_at is not null;
create index ix_count_task_bin on count_task (tenant_id, item_id, location_id, closed_at) where state = 'approved';
create table count_entry (
  tenant_id text not null,
  task_id text not null,
  number bigint not null check (number > 0),
  expected bigint not null check (expected >= 0),
  counted bigint not null check (counted >= 0),
  counted_at timestamptz not null,
  counted_by text not null,
  withdrawn_at timestamptz,
  primary key (tenant_id, task_id, number),
  foreign key (tenant_id, task_id) references count_task (tenant_id, id)
);
create table item_class (
  tenant_id text not null,
  site_id text not null references site (id),
  item_id text not null,
  abc text not null check (abc in ('A', 'B', 'C')),
  units bigint not null check (units >= 0),
  classed_at timestamptz not null,
  primary key (tenant_id, site_id, item_id),
  foreign key (tenant_id, item_id) references item (tenant_id, id)
);
"""
FROZEN = text(
    "select b.tenant_id, l.site_id, b.item_id, b.location_id, coalesce(b.count_wanted_at, now()) as wanted_at"
    " from bin_stock b join location l on l.id = b.location_id where b.frozen"
)
WANTED = text(
    "insert into count_task (tenant_id, id, site_id, item_id, location_id, cause, abc, state, note, created_at,"
    " created_by, returned_by, closed_by, decision, shorted) values (:tenant_id, :id, :site_id, :item_id,"
    " :location_id, 'short_pick', 'C', 'open', '', :wanted_at, 'upgrade', '', '', '', '[]')"
)


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("count_task", "count_entry", "item_class"):
        op.execute(tenant_table(table))
    op.execute("select set_config('app.tenant', '*', true)")
    frozen = op.get_bind().execute(FROZEN).mappings().all()
    for row in frozen:
        op.get_bind().execute(WANTED, {**row, "id": new_id("cnt")})
    op.execute("select set_config('app.tenant', '', true)")
