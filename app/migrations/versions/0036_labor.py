"""What walks ask of people, and what a site asks of them at most."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0036"
down_revision = "0035"

UPGRADE = """
alter table pick_batch
  add column weight_g bigint not null default 0,
  add column bends bigint not null default 0,
  add column reaches bigint not null default 0,
  add column lines bigint not null default 0;
create index ix_pick_batch_site_id_claimed_at on pick_batch (site_id, claimed_at);
create table labor_setting (
  site_id text primary key references site (id),
  weight_g bigint check (weight_g > 0),
  bends bigint check (bends > 0),
  reach_level bigint not null check (reach_level > 0),
  changed_at timestamptz not null,
  changed_by text not null
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("labor_setting"))
