"""Who exports a merchant's goods, and what customs asks of a parcel's."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0077"
down_revision = "0076"

TABLES = """
create table export_terms (
  tenant_id text primary key references merchant (id),
  eori text not null check (eori ~ '^([A-Z]{2}[A-Z0-9]{1,15})?$'),
  vat_number text not null check (vat_number ~ '^([A-Z0-9]{4,15})?$'),
  signer text not null,
  phone text not null check (phone ~ '^([+]?[0-9]{5,14})?$'),
  incoterm text not null check (incoterm in ('DAP', 'DDP')),
  version bigint not null,
  changed_at timestamptz not null,
  changed_by text not null
);
create table parcel_export (
  tenant_id text not null,
  parcel_id text not null,
  invoice_number text not null,
  goods jsonb not null,
  primary key (tenant_id, parcel_id),
  foreign key (tenant_id, parcel_id) references parcel (tenant_id, id)
);
"""
# Parcels that wait for their label already; which of them cross a border is looked at when it is bought.
ADOPT = """
insert into parcel_export (tenant_id, parcel_id, invoice_number, goods)
select p.tenant_id, p.id, o.external_id || '-' || right(p.sscc, 6),
       jsonb_agg(jsonb_build_object(
         'line_id', i.line_id, 'item_id', i.item_id, 'hs_code', coalesce(t.hs_code, ''),
         'country_of_origin', coalesce(t.country_of_origin, ''), 'unit_value_minor', l.unit_price_minor))
from parcel p
join site s on s.id = p.site_id
join sales_order o on o.tenant_id = p.tenant_id and o.id = p.reference
join parcel_item i on i.tenant_id = p.tenant_id and i.parcel_id = p.id
join order_line l on l.tenant_id = i.tenant_id and l.id = i.line_id
left join item_trade t on t.tenant_id = i.tenant_id and t.item_id = i.item_id
where p.kind = 'outbound' and p.state in ('packed', 'held', 'cleared')
  and (p.ship_to ->> 'country' <> s.country or p.ship_to ->> 'country' in ('DE', 'ES', 'IT'))
group by p.tenant_id, p.id, o.external_id, p.sscc
"""


def upgrade() -> None:
    op.execute(TABLES)
    # Rows are hidden from the schema's owner as well, unless it asks for those of all merchants.
    op.execute("select set_config('app.tenant', '*', true)")
    op.execute(ADOPT)
    op.execute("select set_config('app.tenant', '', true)")
    for table in ("export_terms", "parcel_export"):
        op.execute(tenant_table(table))
