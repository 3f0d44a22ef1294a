"""Which dangerous goods carrier services take, and how the goods in parcels travel."""

from alembic import op

revision = "0079"
down_revision = "0078"

# What a service was used for until now it goes on to take: it is "not stated", which a page names until it is decided.
SERVICES = """
alter table carrier_service
  add column dangerous_goods text not null default 'not_stated'
    check (dangerous_goods in ('not_stated', 'none', 'excepted', 'limited_quantities', 'fully_regulated')),
  add column mode text not null default '' check (mode in ('', 'ground', 'air')),
  add check ((dangerous_goods = 'not_stated') = (mode = ''));
alter table parcel_item
  add column dangerous_goods text not null default ''
    check (dangerous_goods in ('', 'excepted', 'excepted_on_ground', 'limited_quantities', 'fully_regulated'));
"""
# Parcels that have no label yet are told how their goods travel, as those that are packed from now on.
WAITING = """
update parcel_item c set dangerous_goods = case
    when coalesce(t.un_number, '') = '' then 'fully_regulated'
    when t.battery_mark and t.un_number in ('UN3090', 'UN3480', 'UN3551') then 'excepted_on_ground'
    when t.battery_mark then 'excepted'
    when t.limited_quantity then 'limited_quantities'
    else 'fully_regulated' end
  from parcel p, item i left join item_trade t on t.tenant_id = i.tenant_id and t.item_id = i.id
  where p.tenant_id = c.tenant_id and p.id = c.parcel_id and p.state in ('packed', 'held', 'cleared')
    and i.tenant_id = c.tenant_id and i.id = c.item_id and i.hazmat
"""


def upgrade() -> None:
    op.execute(SERVICES)
    op.execute("select set_config('app.tenant', '*', true)")
    op.execute(WAITING)
    op.execute("select set_config('app.tenant', '', true)")
