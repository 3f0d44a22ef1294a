"""What transport documents of dangerous goods say beside their classification, and whether packing waits for it."""

from alembic import op

revision = "0072"
down_revision = "0071"

UPGRADE = """
alter table item_trade
  add column subsidiary_hazards text not null default '',
  add column tunnel_code text not null default '',
  add column net_quantity bigint not null default 0 check (net_quantity >= 0),
  add column net_unit text not null default 'g' check (net_unit in ('g', 'ml')),
  add column battery_mark boolean not null default false;
alter table order_policy
  add column dangerous_facts text not null default 'optional' check (dangerous_facts in ('optional', 'required'));
"""


def upgrade() -> None:
    op.execute(UPGRADE)
