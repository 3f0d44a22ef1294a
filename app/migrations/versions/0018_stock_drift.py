"""Counters that differ from the rows they count, from when they were found until they agree again."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0018"
down_revision = "0017"

DRIFT = """
create table stock_drift (
  tenant_id text not null,
  item_id text not null,
  site_id text not null references site (id),
  counter text not null check (counter in ('on_hand', 'reserved')),
  ledger bigint not null,
  counted bigint not null,
  found_at timestamptz not null,
  primary key (tenant_id, item_id, site_id, counter),
  foreign key (tenant_id, item_id) references item (tenant_id, id)
);
"""


def upgrade() -> None:
    op.execute(DRIFT)
    op.execute(tenant_table("stock_drift"))
