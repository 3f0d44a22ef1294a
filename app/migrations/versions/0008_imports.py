"""What was imported: control totals, and the rows that were not as they should be."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0008"
down_revision = "0007"

TABLES = """
create table import_run (
  id text primary key,
  source text not null constraint uq_import_run_source unique,
  kind text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  totals jsonb not null
);
create table import_defect (
  run_id text not null references import_run (id),
  file text not null,
  line bigint not null,
  code text not null,
  key text not null,
  detail text not null,
  set_aside boolean not null,
  raw jsonb not null,
  primary key (run_id, file, line, code)
);
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(shared_table("import_run"))
    op.execute(shared_table("import_defect"))
