"""Stock: items, locations, the movement ledger, its projections, reservations and allocations."""

from alembic import op

from app.migrations.stock_doors import AVAILABILITY_FOR_KEY, DOORS, RESERVE_REQUESTS
from app.migrations.stock_functions import APPLY_STOCK, RESERVE_BATCH
from kernel.db.ddl import append_only, shared_table, tenant_table

revision = "0002"
down_revision = "0001"

TABLES = """
create table item (
  tenant_id text not null references merchant (id),
  id text not null,
  sku text not null check (sku ~ '^\\S(.{0,62}\\S)?$'),
  name text not null,
  weight_g bigint not null check (weight_g >= 0),
  length_mm bigint not null check (length_mm >= 0),
  width_mm bigint not null check (width_mm >= 0),
  height_mm bigint not null check (height_mm >= 0),
  keep_upright boolean not null,
  fragile boolean not null,
  hazmat boolean not null,
  active boolean not null,
  version bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  constraint uq_item_tenant_id_sku unique (tenant_id, sku)
);
create table item_barcode (
  tenant_id text not null,
  item_id text not null,
  code text not null check (code ~ '^[0-9]{14}$'),
  primary key (tenant_id, item_id, code),
  foreign key (tenant_id, item_id) references item (tenant_id, id)
);
create index ix_item_barcode_code on item_barcode (code);
create table location (
  id text primary key,
  site_id text not null references site (id),
  code text not null,
  kind text not null check (kind in ('pick', 'bulk', 'dock', 'pack', 'lane', 'hospital', 'returns')),
  zone text not null,
  aisle text not null,
  bay text not null,
  level text not null,
  x_mm bigint not null,
  y_mm bigint not null,
  constraint uq_location_site_id_code unique (site_id, code)
);

create table stock_movement (
  tenant_id text not null,
  id text not null,
  site_id text not null references site (id),
  item_id text not null,
  from_bucket text not null,
  from_location_id text references location (id),
  to_bucket text not null,
  to_location_id text references location (id),
  quantity bigint not null check (quantity > 0),
  reason text not null check (reason <> ''),
  reference text not null,
  container text not null,
  actor text not null,
  at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, item_id) references item (tenant_id, id),
  check ((from_bucket = 'AVAILABLE') = (from_location_id is not null)),
  check ((to_bucket = 'AVAILABLE') = (to_location_id is not null))
);
create index ix_stock_movement_tenant_id_item_id_id on stock_movement (tenant_id, item_id, id);

create table stock_level (
  tenant_id text not null,
  item_id text not null,
  site_id text not null references site (id),
  on_hand bigint not null,
  reserved bigint not null,
  primary key (tenant_id, item_id, site_id),
  foreign key (tenant_id, item_id) references item (tenant_id, id),
  check (reserved >= 0 and reserved <= on_hand)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
create table bin_stock (
  tenant_id text not null,
  item_id text not null,
  location_id text not null references location (id),
  quantity bigint not null,
  allocated bigint not null,
  frozen boolean not null,
  count_wanted_at timestamptz,
  primary key (tenant_id, item_id, location_id),
  foreign key (tenant_id, item_id) references item (tenant_id, id),
  check (allocated >= 0 and allocated <= quantity)
) with (fillfactor = 70);
create index ix_bin_stock_location_id on bin_stock (location_id);
create table bucket_stock (
  tenant_id text not null,
  item_id text not null,
  site_id text not null references site (id),
  bucket text not null check (bucket in ('IN_TOTE', 'PACKED', 'SHIPPED', 'DAMAGED', 'HOSPITAL', 'LOST',
                                         'RETURN_RECEIVED', 'QUARANTINE')),
  quantity bigint not null check (quantity >= 0),
  primary key (tenant_id, item_id, site_id, bucket),
  foreign key (tenant_id, item_id) references item (tenant_id, id)
) with (fillfactor = 70);

create table reservation (
  tenant_id text not null,
  id text not null,
  site_id text not null,
  item_id text not null,
  order_id text not null,
  customer_id text not null,
  line_id text not null,
  granted bigint not null check (granted > 0),
  quantity bigint not null check (quantity >= 0),
  hold boolean not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  primary key (tenant_id, id),
  check (quantity <= granted)
) with (fillfactor = 80);
create index ix_reservation_tenant_id_order_id on reservation (tenant_id, order_id);
create index ix_reservation_tenant_id_item_id on reservation (tenant_id, item_id) where quantity > 0;
create index ix_reservation_expires_at on reservation (expires_at) where quantity > 0 and expires_at is not null;
create table allocation (
  tenant_id text not null,
  order_id text not null,
  line_id text not null,
  item_id text not null,
  location_id text not null references location (id),
  site_id text not null references site (id),
  quantity bigint not null check (quantity >= 0),
  primary key (tenant_id, order_id, line_id, item_id, location_id),
  foreign key (tenant_id, item_id) references item (tenant_id, id)
);
create index ix_allocation_tenant_id_item_id on allocation (tenant_id, item_id);
"""

TENANT_TABLES = (
    "item", "item_barcode", "stock_movement", "stock_level", "bin_stock", "bucket_stock", "reservation", "allocation",
)  # fmt: skip


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RESERVE_BATCH)
    op.execute(APPLY_STOCK)
    for table in TENANT_TABLES:
        op.execute(tenant_table(table))
    op.execute(shared_table("location"))
    op.execute(append_only("stock_movement"))
    op.execute(RESERVE_REQUESTS)
    op.execute(AVAILABILITY_FOR_KEY)
    op.execute(DOORS)
