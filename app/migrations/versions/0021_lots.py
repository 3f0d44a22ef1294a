"""Lots: which batch the units in a bin belong to, until when they are good, and who was given them."""

from alembic import op

from app.migrations.stock_functions import APPLY_STOCK
from kernel.db.ddl import tenant_table

revision = "0021"
down_revision = "0020"

# An empty lot stands for units whose lot nobody knows, and for all units of items without lots. A lot has one expiry
# date for good: another date is a misprint or another lot. A blocked lot says why
# nobody may have it. Lots are known as long as goods lie in bins; the movement
# that takes them out names the order they left with.
TABLES = """
alter table item
  add column lot_tracked boolean not null default false,
  add column min_shelf_days bigint not null default 0 check (min_shelf_days between 0 and 3650);
create table lot (
  tenant_id text not null,
  item_id text not null,
  code text not null check (code <> '' and length(code) <= 20),
  expires_on date,
  blocked text not null default '',
  created_at timestamptz not null,
  primary key (tenant_id, item_id, code),
  foreign key (tenant_id, item_id) references item (tenant_id, id)
);
create index ix_lot_expires_on on lot (expires_on) where expires_on is not null;
alter table stock_movement add column lot text not null default '';
create index ix_stock_movement_tenant_id_item_id_lot on stock_movement (tenant_id, item_id, lot) where lot <> '';
alter table bin_stock add column lot text not null default '';
alter table bin_stock drop constraint bin_stock_pkey;
alter table bin_stock add primary key (tenant_id, item_id, location_id, lot);
alter table allocation add column lot text not null default '';
alter table allocation drop constraint allocation_pkey;
alter table allocation add primary key (tenant_id, order_id, line_id, item_id, location_id, lot);
alter table pick_task add column lot text not null default '';
alter table arrival_receipt add column lot text not null default '';
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(tenant_table("lot"))
    op.execute(APPLY_STOCK.replace("create function", "create or replace function", 1))
