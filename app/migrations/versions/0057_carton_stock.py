"""How many of each carton a site has, and how that changes."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0057"
down_revision = "0056"

# Of a site and of no merchant, as the cartons themselves.
UPGRADE = """
create table carton_stock (
  site_id text not null,
  carton_code text not null,
  on_hand bigint not null check (on_hand >= 0),
  reorder_point bigint not null check (reorder_point >= 0),
  tell text not null,
  changed_at timestamptz not null,
  primary key (site_id, carton_code),
  foreign key (site_id, carton_code) references carton_type (site_id, code)
);
create table carton_movement (
  id text primary key,
  site_id text not null,
  carton_code text not null,
  kind text not null check (kind in ('received', 'counted', 'used', 'given_back', 'found')),
  quantity bigint not null,
  on_hand bigint not null check (on_hand >= 0),
  parcel_id text not null,
  note text not null,
  moved_by text not null,
  moved_at timestamptz not null,
  foreign key (site_id, carton_code) references carton_type (site_id, code)
);
create index ix_carton_movement_site_id_moved_at on carton_movement (site_id, moved_at);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("carton_stock"))
    op.execute(shared_table("carton_movement"))
