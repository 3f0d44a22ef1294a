"""Large files of floors, that a worker reads."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0052"
down_revision = "0051"

UPGRADE = """
create table floor_file (
  id text primary key,
  site_id text not null references site (id),
  state text not null check (state in ('waiting', 'reading', 'checking', 'ready', 'cancelled', 'failed')),
  name text not null,
  form text not null,
  unit text not null,
  layers text not null,
  note text not null,
  based_on bigint,
  in_force boolean not null,
  confirmed boolean not null,
  content bytea,
  version bigint,
  faults bigint not null,
  why text not null,
  attempts bigint not null,
  claimed_until timestamptz,
  created_at timestamptz not null,
  created_by text not null,
  finished_at timestamptz
);
create unique index uq_floor_file_site_id_under_way on floor_file (site_id)
  where state in ('waiting', 'reading', 'checking');
create index ix_floor_file_site_id_created_at on floor_file (site_id, created_at);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("floor_file"))
