"""Accounts at real carriers: whose, for which services, and what such a carrier knows of a label."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0070"
down_revision = "0069"

# An account without a merchant is the house's own: its site's people see it, merchants do not.
UPGRADE = """
create table carrier_account (
  id text primary key,
  tenant_id text references merchant (id),
  site_id text not null references site (id),
  name text not null,
  connector text not null,
  test_mode boolean not null,
  server_url text not null,
  shown jsonb not null,
  sealed text not null,
  created_at timestamptz not null,
  created_by text not null,
  changed_at timestamptz not null,
  tried_at timestamptz,
  tried_well boolean,
  tried_said text not null default '',
  closed_at timestamptz
);
create index ix_carrier_account_site_id on carrier_account (site_id);
create index ix_carrier_account_tenant_id on carrier_account (tenant_id);

create table carrier_route (
  account_id text not null references carrier_account (id),
  carrier text not null,
  service text not null,
  site_id text not null references site (id),
  tenant_id text references merchant (id),
  service_code text not null,
  primary key (account_id, carrier, service),
  constraint uq_carrier_route_site_id unique nulls not distinct (site_id, tenant_id, carrier, service)
);
create index ix_carrier_route_tenant_id on carrier_route (tenant_id);

create table carrier_label (
  tenant_id text not null,
  label_id text not null,
  account_id text not null references carrier_account (id),
  service_code text not null,
  asked_at timestamptz,
  shipment_identifier text not null default '',
  media_type text not null default '',
  document bytea,
  track_due_at timestamptz,
  primary key (tenant_id, label_id),
  foreign key (tenant_id, label_id) references label (tenant_id, id)
);
create index ix_carrier_label_account_id on carrier_label (account_id);
create index ix_carrier_label_track_due_at on carrier_label (track_due_at) where track_due_at is not null;
create index ix_carrier_label_asked_at on carrier_label (asked_at) where asked_at is not null;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    of_site = "site_id = (select current_setting('app.site', true))"
    op.execute(tenant_table("carrier_account", extra=of_site))
    # A merchant's own call may ask for a label (a return): it has to know that its site uses a real carrier, no more.
    served = """(carrier_route.tenant_id is null and exists (
        select 1 from merchant_site s where s.site_id = carrier_route.site_id
        and s.merchant_id = (select current_setting('app.tenant', true))))"""
    op.execute(tenant_table("carrier_route", extra=f"{of_site} or {served}"))
    op.execute(tenant_table("carrier_label"))
