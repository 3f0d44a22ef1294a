"""Arrivals: what merchants announce, and what of it came, line by line and receipt by receipt."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0017"
down_revision = "0016"

# `received` are good units in bins, `damaged` units came but cannot be sold. A line that nobody announced expects none
# and says why it was taken in. The outcome is told when the arrival closes, and always agrees with the figures.
TABLES = """
create table arrival (
  tenant_id text not null references merchant (id),
  id text not null,
  site_id text not null references site (id),
  external_id text not null check (btrim(external_id) <> ''),
  supplier text not null,
  expected_on date not null,
  state text not null check (state in ('announced', 'receiving', 'closed', 'cancelled')),
  note text not null,
  created_at timestamptz not null,
  closed_at timestamptz,
  closed_by text not null,
  primary key (tenant_id, id),
  constraint uq_arrival_tenant_id_external_id unique (tenant_id, external_id),
  check ((state in ('closed', 'cancelled')) = (closed_at is not null)),
  check ((closed_at is null) = (closed_by = ''))
);
create index ix_arrival_site_id_state_expected_on on arrival (site_id, state, expected_on);
create table arrival_line (
  tenant_id text not null,
  arrival_id text not null,
  number bigint not null check (number > 0),
  item_id text not null,
  expected bigint not null check (expected >= 0),
  received bigint not null check (received >= 0),
  damaged bigint not null check (damaged >= 0),
  reason text not null,
  outcome text not null,
  primary key (tenant_id, arrival_id, number),
  foreign key (tenant_id, arrival_id) references arrival (tenant_id, id),
  foreign key (tenant_id, item_id) references item (tenant_id, id),
  constraint uq_arrival_line_tenant_id_arrival_id_item_id unique (tenant_id, arrival_id, item_id),
  check ((expected = 0) = (reason <> '')),
  check (outcome in ('', case when received + damaged < expected then 'short'
                              when received + damaged > expected then 'over'
                              when damaged > 0 then 'damaged' else 'complete' end))
);
create index ix_arrival_line_tenant_id_item_id on arrival_line (tenant_id, item_id) where outcome = '';
create table arrival_receipt (
  tenant_id text not null,
  id text not null,
  arrival_id text not null,
  number bigint not null,
  quantity bigint not null check (quantity > 0),
  condition text not null check (condition in ('good', 'damaged')),
  location_code text not null,
  received_at timestamptz not null,
  received_by text not null,
  undone_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, arrival_id, number) references arrival_line (tenant_id, arrival_id, number),
  check ((condition = 'good') = (location_code <> ''))
);
create index ix_arrival_receipt_tenant_id_arrival_id on arrival_receipt (tenant_id, arrival_id);
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("arrival", "arrival_line", "arrival_receipt"):
        op.execute(tenant_table(table))
