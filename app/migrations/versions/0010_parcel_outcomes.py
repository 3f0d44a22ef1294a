"""What was decided for customers whose parcels were lost or came back."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0010"
down_revision = "0009"

TABLE = """
create table parcel_outcome (
  tenant_id text not null,
  parcel_id text not null,
  order_id text not null,
  decision text not null check (decision in ('send_again', 'refund')),
  reason text not null,
  refund_minor bigint not null check (refund_minor >= 0),
  replacement_id text not null,
  decided_at timestamptz not null,
  decided_by text not null,
  found_at timestamptz,
  primary key (tenant_id, parcel_id),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id),
  foreign key (tenant_id, parcel_id) references order_parcel (tenant_id, parcel_id),
  check ((decision = 'send_again') = (replacement_id <> '')),
  check (decision = 'refund' or refund_minor = 0)
);
create index ix_parcel_outcome_tenant_id_order_id on parcel_outcome (tenant_id, order_id);
create index ix_parcel_outcome_tenant_id_replacement_id on parcel_outcome (tenant_id, replacement_id)
  where replacement_id <> '';
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute(tenant_table("parcel_outcome"))
