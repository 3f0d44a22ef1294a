"""License plates: units of one merchant that are carried together, and which plates of an arrival are announced."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0028"
down_revision = "0027"

# A plate is open from when it is known until its last unit is gone or it is broken up; its SSCC is free again then.
TABLES = """
create sequence plate_serial_reference as bigint no cycle;
grant usage on sequence plate_serial_reference to pickstream_app;
create table plate (
  tenant_id text not null references merchant (id),
  id text not null,
  site_id text not null references site (id),
  sscc text not null check (sscc ~ '^[0-9]{18}$'),
  own boolean not null,
  location_id text references location (id),
  parent_id text,
  arrival_id text not null,
  state text not null check (state in ('open', 'empty', 'broken')),
  created_at timestamptz not null,
  created_by text not null,
  closed_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, parent_id) references plate (tenant_id, id),
  check (parent_id <> id),
  check (parent_id is null or state = 'open'),
  check ((state = 'open') = (closed_at is null))
);
create unique index uq_plate_sscc_open on plate (sscc) where state = 'open';
create index ix_plate_location_id_open on plate (location_id) where state = 'open';
create index ix_plate_tenant_id_parent_id on plate (tenant_id, parent_id);
create index ix_plate_site_id_created_at on plate (site_id, created_at);
create index ix_plate_sscc on plate (sscc);
create table plate_content (
  tenant_id text not null,
  plate_id text not null,
  item_id text not null,
  lot text not null,
  quantity bigint not null check (quantity > 0),
  primary key (tenant_id, plate_id, item_id, lot),
  foreign key (tenant_id, plate_id) references plate (tenant_id, id),
  foreign key (tenant_id, item_id) references item (tenant_id, id)
);
create table plate_serial (
  tenant_id text not null,
  item_id text not null,
  serial text not null,
  plate_id text not null,
  primary key (tenant_id, item_id, serial),
  foreign key (tenant_id, plate_id) references plate (tenant_id, id),
  foreign key (tenant_id, item_id, serial) references serial_unit (tenant_id, item_id, serial)
);
create index ix_plate_serial_tenant_id_plate_id on plate_serial (tenant_id, plate_id);
create table arrival_plate (
  tenant_id text not null,
  arrival_id text not null,
  sscc text not null check (sscc ~ '^[0-9]{18}$'),
  number bigint not null check (number > 0),
  item_id text not null,
  quantity bigint not null check (quantity > 0),
  lot text not null,
  expires_on date,
  primary key (tenant_id, arrival_id, sscc, number),
  foreign key (tenant_id, arrival_id) references arrival (tenant_id, id),
  foreign key (tenant_id, item_id) references item (tenant_id, id)
);
"""

# Whatever takes units from a bin - a pick, a count, a loss, a transfer - takes loose ones first. Beyond those the plate
# that has been here longest loses them: so no path of the program can forget what lies on plates. One without units
# ends.
YIELD = """
create function yield_plates() returns trigger language plpgsql as $$
declare
  v_excess bigint;
  v_held record;
begin
  select coalesce(sum(c.quantity), 0) - new.quantity into v_excess
  from plate p join plate_content c on c.tenant_id = p.tenant_id and c.plate_id = p.id
  where p.location_id = new.location_id and p.state = 'open' and p.tenant_id = new.tenant_id
    and c.item_id = new.item_id and c.lot = new.lot;
  if v_excess <= 0 then
    return null;
  end if;
  for v_held in
    select c.plate_id, c.quantity
    from plate p join plate_content c on c.tenant_id = p.tenant_id and c.plate_id = p.id
    where p.location_id = new.location_id and p.state = 'open' and p.tenant_id = new.tenant_id
      and c.item_id = new.item_id and c.lot = new.lot
    order by p.created_at, p.id
  loop
    if v_held.quantity > v_excess then
      update plate_content set quantity = quantity - v_excess
      where tenant_id = new.tenant_id and plate_id = v_held.plate_id and item_id = new.item_id and lot = new.lot;
      return null;
    end if;
    delete from plate_content
    where tenant_id = new.tenant_id and plate_id = v_held.plate_id and item_id = new.item_id and lot = new.lot;
    update plate p set state = 'empty', closed_at = now(), parent_id = null
    where p.tenant_id = new.tenant_id and p.id = v_held.plate_id
      and not exists (select 1 from plate_content c where c.tenant_id = p.tenant_id and c.plate_id = p.id)
      and not exists (select 1 from plate k where k.tenant_id = p.tenant_id and k.parent_id = p.id);
    v_excess := v_excess - v_held.quantity;
    exit when v_excess = 0;
  end loop;
  return null;
end $$;
create trigger yield_plates after update of quantity on bin_stock for each row
  when (new.quantity < old.quantity) execute function yield_plates();
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("plate", "plate_content", "plate_serial", "arrival_plate"):
        op.execute(tenant_table(table))
    op.execute(YIELD)
