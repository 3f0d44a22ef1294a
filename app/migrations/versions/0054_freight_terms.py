"""What late and lost parcels cost a merchant, and what was seen of each service: what its services are chosen by."""

from alembic import op

from kernel.db.ddl import shared_table, tenant_table

revision = "0054"
down_revision = "0053"

UPGRADE = """
create table freight_terms (
  tenant_id text primary key references merchant (id),
  currency text not null,
  late_penalty_minor bigint not null check (late_penalty_minor >= 0),
  value_share_bp bigint not null check (value_share_bp between 0 and 10000)
);
create table service_record (
  site_id text not null references site (id),
  carrier text not null,
  service text not null,
  currency text not null,
  arrivals jsonb not null,
  billed bigint not null,
  adjusted bigint not null,
  adjusted_minor bigint not null,
  claims bigint not null,
  learned_at timestamptz not null,
  primary key (site_id, carrier, service, currency)
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(tenant_table("freight_terms"))
    op.execute(shared_table("service_record"))
