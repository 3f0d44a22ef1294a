"""Parcels that are weighed again after labelling, and what their carriers tolerate."""

from alembic import op

from kernel.db.ddl import shared_table, tenant_table

revision = "0068"
down_revision = "0067"

UPGRADE = """
create table weight_check (
  tenant_id text not null,
  id text not null,
  parcel_id text not null,
  site_id text not null references site (id),
  source text not null check (source in ('scale', 'carrier')),
  device text not null check (device <> ''),
  reading_id text not null check (reading_id <> ''),
  evidence jsonb not null,
  reading_g bigint not null check (reading_g > 0),
  declared_g bigint not null check (declared_g > 0),
  sigma_g double precision not null,
  limit_g bigint not null check (limit_g > 0),
  outcome text not null check (outcome in ('agrees', 'vouched', 'stopped', 'found')),
  manifest_id text references manifest (id),
  checked_by text not null,
  checked_at timestamptz not null,
  closed_at timestamptz,
  closed_by text not null,
  role text not null,
  verdict text not null check (verdict in ('', 'released', 'given_up', 'settled')),
  reason text not null,
  proof text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, parcel_id) references parcel (tenant_id, id),
  check ((closed_at is null) = (verdict = '')),
  check (verdict = '' or outcome in ('stopped', 'found')),
  check (verdict = '' or btrim(reason) <> '')
);
alter table weight_check add constraint uq_weight_check_tenant_id_parcel_id_source_device_reading_id
  unique (tenant_id, parcel_id, source, device, reading_id);
create index ix_weight_check_site_id_checked_at on weight_check (site_id, checked_at)
  where outcome in ('stopped', 'found') and closed_at is null;
create table weight_tolerance (
  site_id text not null references site (id),
  carrier text not null check (carrier <> ''),
  grams bigint not null check (grams >= 0),
  share_bp bigint not null check (share_bp between 0 and 10000),
  primary key (site_id, carrier)
);
alter table parcel add column check_hold_id text;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(tenant_table("weight_check"))
    op.execute(shared_table("weight_tolerance"))
