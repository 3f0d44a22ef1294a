"""Files of orders that are too large to be imported while the sender waits: kept until the worker has taken them."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0016"
down_revision = "0015"

FILES = """
create table import_file (
  tenant_id text not null references merchant (id),
  run_id text not null references import_run (id),
  id text not null,
  name text not null,
  content bytea not null,
  position bigint not null,
  attempts bigint not null,
  claimed_until timestamptz not null,
  created_at timestamptz not null,
  primary key (tenant_id, run_id)
);
"""


def upgrade() -> None:
    op.execute(FILES)
    op.execute(tenant_table("import_file"))
