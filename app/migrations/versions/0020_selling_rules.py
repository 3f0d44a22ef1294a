"""Selling rules: safety stock by channel, oversell by item, kits, orders for a later day, orders out of a hold."""

from alembic import op

from app.migrations.stock_doors import AVAILABILITY_FOR_KEY, RESERVE_REQUESTS
from app.migrations.stock_functions import RESERVE_BATCH
from kernel.db.ddl import tenant_table

revision = "0020"
down_revision = "0019"

# What a channel must leave stands on the stock level too, where it is read under the lock that is taken anyway. An
# empty site or channel means all of them; `held_for` has the channels that have a figure of their own at the site.
ITEMS = """
alter table item
  add column kit boolean not null default false,
  add column oversell text not null default 'none' check (oversell in ('none', 'backorder', 'preorder')),
  add column oversell_units bigint not null default 0 check (oversell_units >= 0),
  add column oversell_until date,
  add constraint ck_item_oversell_is_whole check ((oversell = 'none') = (oversell_units = 0)
    and (oversell = 'preorder') = (oversell_until is not null));
create table safety_stock (
  tenant_id text not null,
  item_id text not null,
  site_id text not null,
  channel text not null,
  units bigint not null check (units >= 0),
  primary key (tenant_id, item_id, site_id, channel),
  foreign key (tenant_id, item_id) references item (tenant_id, id)
);
create table kit_part (
  tenant_id text not null,
  kit_id text not null,
  item_id text not null,
  quantity bigint not null check (quantity > 0),
  value_share bigint not null check (value_share > 0),
  primary key (tenant_id, kit_id, item_id),
  foreign key (tenant_id, kit_id) references item (tenant_id, id),
  foreign key (tenant_id, item_id) references item (tenant_id, id),
  check (kit_id <> item_id)
);
create index ix_kit_part_tenant_id_item_id on kit_part (tenant_id, item_id);
create table planned_demand (
  tenant_id text not null,
  order_id text not null,
  line_id text not null,
  item_id text not null,
  site_id text not null references site (id),
  quantity bigint not null check (quantity > 0),
  ship_on date not null,
  primary key (tenant_id, order_id, line_id),
  foreign key (tenant_id, item_id) references item (tenant_id, id)
);
create index ix_planned_demand_tenant_id_item_id on planned_demand (tenant_id, item_id);
alter table stock_level
  add column held_back bigint not null default 0 check (held_back >= 0),
  add column held_for jsonb;

create function safety_of(p_tenant text, p_item text, p_site text, out held_back bigint, out held_for jsonb)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(max(f.units) filter (where f.channel = ''), 0),
         jsonb_object_agg(f.channel, f.units) filter (where f.channel <> '')
  from (select distinct on (s.channel) s.channel, s.units from safety_stock s
        where s.tenant_id = p_tenant and s.item_id = p_item and s.site_id in ('', p_site)
        order by s.channel, s.site_id desc) f
$$;
-- The item's row is locked before its rules are read, so that a rule that is being written is waited for.
create function level_begins() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  perform 1 from item where tenant_id = new.tenant_id and id = new.item_id for key share;
  select s.held_back, s.held_for into new.held_back, new.held_for
  from safety_of(new.tenant_id, new.item_id, new.site_id) s;
  return new;
end $$;
create trigger level_begins before insert on stock_level for each row execute function level_begins();
"""

# A line of a kit stands in the order as its parts, each a line of its own; the kit as it was ordered is kept beside.
ORDERS = """
create table order_policy (
  tenant_id text not null references merchant (id),
  on_shortage text not null check (on_shortage in ('wait', 'refuse')),
  horizon_days bigint not null check (horizon_days between 0 and 365),
  version bigint not null,
  primary key (tenant_id)
);
create table order_kit (
  tenant_id text not null,
  id text not null,
  order_id text not null,
  number bigint not null,
  external_id text not null,
  item_id text not null,
  sku text not null,
  name text not null,
  quantity bigint not null check (quantity > 0),
  unit_price_minor bigint not null check (unit_price_minor >= 0),
  primary key (tenant_id, id),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id)
);
create index ix_order_kit_tenant_id_order_id on order_kit (tenant_id, order_id);
alter table sales_order add column ship_on date, add column hold_reference text not null default '';
alter table order_line
  add column scheduled bigint not null default 0 check (scheduled >= 0),
  add column kit_id text not null default '',
  drop constraint ck_order_line_units_add_up,
  add constraint ck_order_line_units_add_up
    check (ordered = cancelled + scheduled + backordered + promised + allocated + picked + packed + shipped);
create index ix_order_line_scheduled on order_line (tenant_id, order_id) where scheduled > 0;
"""

# The functions are in the files of the newest; a database that had the older ones gets these in their place.
FUNCTIONS = """
drop function reserve_requests, availability_for_key;
drop function reserve_batch;
"""

DOORS = """
grant select on kit_part, order_line to pickstream_reserve;
revoke execute on function reserve_requests, availability_for_key from public;
grant execute on function reserve_requests, availability_for_key to pickstream_app;
grant create on schema public to pickstream_reserve;
alter function reserve_requests owner to pickstream_reserve;
alter function availability_for_key owner to pickstream_reserve;
revoke create on schema public from pickstream_reserve;
"""


def upgrade() -> None:
    op.execute(ITEMS)
    op.execute(ORDERS)
    for table in ("safety_stock", "kit_part", "planned_demand", "order_policy", "order_kit"):
        op.execute(tenant_table(table))
    for statement in (FUNCTIONS, RESERVE_BATCH, RESERVE_REQUESTS, AVAILABILITY_FOR_KEY, DOORS):
        op.execute(statement)
