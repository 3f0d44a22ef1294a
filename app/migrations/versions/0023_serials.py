"""Serial numbers: which unit came when, which order and parcel got it, and what became of it."""

from alembic import op

from kernel.db.ddl import append_only, tenant_table

revision = "0023"
down_revision = "0022"

# A unit is in stock at a site, with an order (`left_at` says since when it is out of the house), or away: written off,
# discarded, or received by mistake. Stock itself stays counted in units; `serial_start` keeps how many units of an item
# had no known serial when it began to be tracked, corrected by what had moved before, so that units and serials can be
# held against each other ever after.
TABLES = """
alter table item add column serial_tracked boolean not null default false;
create table serial_unit (
  tenant_id text not null,
  item_id text not null,
  serial text not null check (serial <> '' and length(serial) <= 20),
  state text not null check (state in ('in_stock', 'with_order', 'away')),
  site_id text not null references site (id),
  location_code text not null default '',
  lot text not null default '',
  order_id text not null default '',
  line_id text not null default '',
  parcel_id text not null default '',
  left_at timestamptz,
  received_at timestamptz not null,
  primary key (tenant_id, item_id, serial),
  foreign key (tenant_id, item_id) references item (tenant_id, id),
  check ((state = 'with_order') = (order_id <> '')),
  check (state = 'with_order' or left_at is null)
);
create index ix_serial_unit_serial on serial_unit (serial);
create index ix_serial_unit_tenant_id_order_id on serial_unit (tenant_id, order_id) where order_id <> '';
create table serial_step (
  tenant_id text not null,
  id text not null,
  item_id text not null,
  serial text not null,
  kind text not null,
  site_id text not null references site (id),
  reference text not null,
  parcel_id text not null,
  note text not null,
  actor text not null,
  at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, item_id, serial) references serial_unit (tenant_id, item_id, serial)
);
create index ix_serial_step_tenant_id_item_id_serial on serial_step (tenant_id, item_id, serial);
create table serial_start (
  tenant_id text not null,
  item_id text not null,
  site_id text not null references site (id),
  units bigint not null,
  primary key (tenant_id, item_id, site_id),
  foreign key (tenant_id, item_id) references item (tenant_id, id)
);
alter table arrival_receipt add column serials jsonb not null default '[]';
alter table pack_session add column serials jsonb not null default '{}';
alter table inspection
  add column serials jsonb not null default '[]',
  add column is_swap boolean not null default false;
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("serial_unit", "serial_step", "serial_start"):
        op.execute(tenant_table(table))
    op.execute(append_only("serial_step"))
