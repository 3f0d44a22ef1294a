"""What was reported short at a bin, and who else relied on it."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0041"
down_revision = "0040"

UPGRADE = """
create table short_report (
  tenant_id text not null,
  id text not null,
  site_id text not null references site (id),
  order_id text not null,
  line_id text not null,
  item_id text not null,
  location_code text not null,
  expected bigint not null check (expected > 0),
  found bigint not null check (found >= 0 and found < expected),
  elsewhere bigint not null check (elsewhere >= 0),
  missing bigint not null check (missing >= 0),
  reason text not null,
  became text not null,
  touched jsonb not null,
  at timestamptz not null,
  reported_by text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id)
);
create index ix_short_report_site_id_at on short_report (site_id, at);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(tenant_table("short_report"))
