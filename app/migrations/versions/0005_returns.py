"""Returns: what the customer asked for, what came back, and what became of each unit."""

from alembic import op

from kernel.db.ddl import append_only, tenant_table

revision = "0005"
down_revision = "0004"

TABLES = """
create table return_request (
  tenant_id text not null,
  id text not null,
  order_id text not null,
  customer_id text not null,
  site_id text not null,
  state text not null,
  note text not null,
  decision text not null,
  currency text not null,
  refund_minor bigint not null check (refund_minor >= 0),
  parcel_id text not null,
  tracking_number text not null,
  requested_at timestamptz not null,
  decided_at timestamptz,
  received_at timestamptz,
  closed_at timestamptz,
  expires_at timestamptz not null,
  version bigint not null,
  primary key (tenant_id, id)
);
create index ix_return_request_tenant_id_order_id on return_request (tenant_id, order_id);
create index ix_return_request_state_id on return_request (state, id);
create table return_line (
  tenant_id text not null,
  return_id text not null,
  line_id text not null,
  item_id text not null,
  sku text not null,
  name text not null,
  reason text not null,
  unit_price_minor bigint not null,
  announced bigint not null check (announced >= 0),
  received bigint not null check (received >= 0),
  graded bigint not null check (graded >= 0 and graded <= received),
  primary key (tenant_id, return_id, line_id),
  foreign key (tenant_id, return_id) references return_request (tenant_id, id)
);
create table inspection (
  tenant_id text not null,
  id text not null,
  return_id text not null,
  line_id text not null,
  quantity bigint not null check (quantity > 0),
  grade text not null check (grade in ('A', 'B', 'C', 'D')),
  disposition text not null,
  refund_minor bigint not null check (refund_minor >= 0),
  note text not null,
  inspected_by text not null,
  inspected_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, return_id, line_id) references return_line (tenant_id, return_id, line_id)
);
create index ix_inspection_tenant_id_return_id on inspection (tenant_id, return_id);
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("return_request", "return_line", "inspection"):
        op.execute(tenant_table(table))
    op.execute(append_only("inspection"))
