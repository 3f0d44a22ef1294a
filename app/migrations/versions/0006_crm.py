"""The customer's timeline, and the notes that staff add to it."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0006"
down_revision = "0005"

TABLES = """
create table timeline_entry (
  tenant_id text not null,
  event_id text not null,
  pos bigint not null,
  customer_id text not null,
  order_id text not null,
  kind text not null,
  type text not null,
  audience text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  actor text not null,
  summary text not null,
  primary key (tenant_id, event_id)
);
create index ix_timeline_entry_tenant_id_customer_id_occurred_at_pos
  on timeline_entry (tenant_id, customer_id, occurred_at, pos);
create index ix_timeline_entry_tenant_id_order_id_occurred_at_pos
  on timeline_entry (tenant_id, order_id, occurred_at, pos);
create table customer_note (
  tenant_id text not null,
  id text not null,
  customer_id text not null,
  order_id text not null,
  author text not null,
  written_at timestamptz not null,
  body text not null,
  primary key (tenant_id, id)
);
create index ix_customer_note_tenant_id_customer_id on customer_note (tenant_id, customer_id);
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(tenant_table("timeline_entry"))
    op.execute(tenant_table("customer_note"))
