"""The physical sort: lanes with their rules, containers on them, and which parcel stands where."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0059"
down_revision = "0058"

TABLES = """
create table sort_lane (
  id text primary key,
  site_id text not null references site (id),
  code text not null check (code ~ '^[A-Z0-9][A-Z0-9-]{0,39}$'),
  carrier text not null check (carrier <> ''),
  services jsonb not null,
  routes jsonb not null,
  requires_staging boolean not null,
  loads_by_scan boolean not null,
  opened_at timestamptz not null,
  closed_at timestamptz
);
create unique index uq_sort_lane_site_id_code on sort_lane (site_id, code) where closed_at is null;
create table sort_lane_rule (
  site_id text not null references site (id),
  carrier text not null,
  service text not null,
  country text not null,
  postal_prefix text not null,
  lane_id text not null references sort_lane (id),
  primary key (site_id, carrier, service, country, postal_prefix),
  check (postal_prefix = '' or country <> '')
);
create index ix_sort_lane_rule_lane_id on sort_lane_rule (lane_id);
create table sort_container (
  id text primary key,
  site_id text not null references site (id),
  lane_id text not null references sort_lane (id),
  carrier text not null,
  kind text not null check (kind in ('pallet', 'cage', 'bag')),
  sscc text not null check (sscc ~ '^[0-9]{18}$'),
  state text not null check (state in ('open', 'closed', 'loaded')),
  opened_at timestamptz not null,
  opened_by text not null,
  closed_at timestamptz,
  loaded_at timestamptz,
  check (state <> 'closed' or closed_at is not null),
  check ((state = 'loaded') = (loaded_at is not null))
);
alter table sort_container add constraint uq_sort_container_sscc unique (sscc);
create index ix_sort_container_site_id_state on sort_container (site_id, state);
create index ix_sort_container_lane_id on sort_container (lane_id);
create table parcel_stage (
  tenant_id text not null,
  parcel_id text not null,
  site_id text not null references site (id),
  lane_id text not null references sort_lane (id),
  container_id text references sort_container (id),
  staged_at timestamptz not null,
  staged_by text not null,
  loaded_at timestamptz,
  loaded_by text not null,
  primary key (tenant_id, parcel_id),
  foreign key (tenant_id, parcel_id) references parcel (tenant_id, id),
  check ((loaded_at is null) = (loaded_by = ''))
);
create index ix_parcel_stage_lane_id on parcel_stage (lane_id);
create index ix_parcel_stage_container_id on parcel_stage (container_id) where container_id is not null;
alter table manifest_parcel
  add column lane_id text references sort_lane (id),
  add column staged_at timestamptz,
  add column staging_required boolean not null default false;
"""

OWN_SITE = """
alter table {table} enable row level security;
alter table {table} force row level security;
create policy own_site on {table}
  using ((select current_setting('app.tenant', true)) = '*'
         or site_id = (select current_setting('app.site', true)));
create policy reserved_functions on {table} to pickstream_reserve using (true);
grant select, insert, update, delete on {table} to pickstream_app;
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("sort_lane", "sort_lane_rule", "sort_container"):
        op.execute(OWN_SITE.format(table=table))
    op.execute(tenant_table("parcel_stage"))
