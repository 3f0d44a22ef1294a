"""Carriers' invoices, line by line against what the house weighed; files of them wait for the worker as others do."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0053"
down_revision = "0052"

INVOICES = """
create table freight_invoice (
  id text primary key,
  tenant_id text references merchant (id),
  site_id text references site (id),
  carrier text not null,
  number text not null,
  invoice_date date,
  currency text not null,
  digest text not null,
  file text not null,
  run_id text not null,
  state text not null check (state in ('reading', 'ready')),
  taken_at timestamptz not null,
  taken_by text not null,
  check ((tenant_id is null) <> (site_id is null))
);
create unique index uq_freight_invoice_number
  on freight_invoice (coalesce(tenant_id, ''), coalesce(site_id, ''), carrier, number);
create index ix_freight_invoice_taken_at on freight_invoice (taken_at, id);
create table freight_line (
  invoice_id text not null references freight_invoice (id),
  line bigint not null,
  tenant_id text references merchant (id),
  site_id text references site (id),
  carrier text not null,
  tracking_number text not null,
  service text not null,
  weight text not null,
  zone text not null,
  base_minor bigint,
  surcharges jsonb not null,
  billed_minor bigint not null,
  expected_minor bigint,
  disputed_minor bigint not null,
  cause text not null,
  findings jsonb not null,
  evidence jsonb not null,
  raw jsonb not null,
  merchant_id text not null,
  parcel_id text not null,
  reference text not null,
  decision text not null check (decision in ('', 'dispute', 'accept')),
  note text not null,
  decided_at timestamptz,
  decided_by text not null,
  primary key (invoice_id, line)
);
create index ix_freight_line_carrier_tracking_number on freight_line (carrier, tracking_number)
  where tracking_number <> '';
create index ix_label_carrier_tracking_number on label (carrier, tracking_number) where tracking_number <> '';
"""
# A file belongs to a merchant or to a site, and says more than its name where its kind needs it.
FILES = """
alter table import_file drop constraint import_file_pkey;
alter table import_file add primary key (run_id);
alter table import_file alter column tenant_id drop not null;
alter table import_file add column site_id text references site (id);
alter table import_file add column kind text not null default 'shopify';
alter table import_file alter column kind drop default;
alter table import_file add column terms jsonb not null default '{}';
alter table import_file alter column terms drop default;
drop policy tenant_isolation on import_file;
drop policy reserved_functions on import_file;
"""


def upgrade() -> None:
    op.execute(INVOICES)
    op.execute(FILES)
    for table in ("freight_invoice", "freight_line", "import_file"):
        of_the_site = f"({table}.tenant_id is null and {table}.site_id = (select current_setting('app.site', true)))"
        op.execute(tenant_table(table, extra=of_the_site))
