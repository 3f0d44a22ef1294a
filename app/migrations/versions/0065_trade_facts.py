"""What customs and carriers of dangerous goods have to know of an item."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0065"
down_revision = "0064"

TABLE = """
create table item_trade (
  tenant_id text not null,
  item_id text not null,
  hs_code text not null check (hs_code ~ '^([0-9]{6,10})?$'),
  country_of_origin text not null check (country_of_origin ~ '^([A-Z]{2})?$'),
  un_number text not null check (un_number ~ '^(UN[0-9]{4})?$'),
  proper_shipping_name text not null,
  hazard_class text not null,
  packing_group text not null check (packing_group in ('', 'I', 'II', 'III')),
  limited_quantity boolean not null,
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (tenant_id, item_id),
  foreign key (tenant_id, item_id) references item (tenant_id, id),
  check ((hazard_class = '') = (un_number = ''))
);
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute(tenant_table("item_trade"))
