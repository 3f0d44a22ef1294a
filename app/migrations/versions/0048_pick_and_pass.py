"""Walks in legs, one for each zone, handed over from picker to picker."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0048"
down_revision = "0047"

UPGRADE = """
alter table floor_setting add column pick_and_pass boolean not null default false;
alter table pick_batch add column zones jsonb not null default '[]', add column leg bigint not null default 0;
create table picker_zone (
  site_id text not null references site (id),
  user_id text not null,
  zone text not null,
  changed_at timestamptz not null,
  primary key (site_id, user_id)
);
create table batch_leg (
  batch_id text not null references pick_batch (id) on delete cascade,
  number bigint not null check (number >= 0),
  site_id text not null references site (id),
  zone text not null,
  picker text not null,
  claimed_at timestamptz not null,
  handed_over_at timestamptz,
  weight_g bigint not null,
  bends bigint not null,
  reaches bigint not null,
  lines bigint not null,
  walked_mm bigint not null,
  primary key (batch_id, number)
);
create index ix_batch_leg_site_id_claimed_at on batch_leg (site_id, claimed_at);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("picker_zone"))
    op.execute(shared_table("batch_leg"))
