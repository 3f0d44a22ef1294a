"""Parcels that the dock pulls off a closed manifest, and the units for whose cancellation it has to look."""

from alembic import op

from kernel.db.ddl import append_only, tenant_table

revision = "0015"
down_revision = "0014"

CARVE_OUT = """
create table manifest_carve_out (
  tenant_id text not null,
  parcel_id text not null,
  manifest_id text not null references manifest (id),
  reason text not null check (btrim(reason) <> ''),
  pulled_at timestamptz not null,
  pulled_by text not null,
  primary key (tenant_id, parcel_id),
  foreign key (tenant_id, parcel_id) references manifest_parcel (tenant_id, parcel_id)
);
create index ix_manifest_carve_out_manifest_id on manifest_carve_out (manifest_id);
"""

# An order that was asked for before this had all its listed units in mind.
WISH = """
alter table sales_order add column intercept jsonb not null default '{}';
update sales_order o set intercept = jsonb_build_object('reason', 'cancelled', 'units', l.units)
from (select tenant_id, order_id, jsonb_object_agg(id, packed) as units from order_line where packed > 0
      group by tenant_id, order_id) l
where o.intercept_requested_at is not null and l.tenant_id = o.tenant_id and l.order_id = o.id;
update sales_order set intercept_requested_at = null where intercept_requested_at is not null and intercept = '{}';
create index ix_sales_order_site_id_intercept on sales_order (site_id) where intercept_requested_at is not null;
"""


def upgrade() -> None:
    op.execute(CARVE_OUT)
    op.execute(tenant_table("manifest_carve_out"))
    op.execute(append_only("manifest_carve_out"))
    op.execute(WISH)
