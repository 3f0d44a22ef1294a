"""What became of each order of an imported file; the rows of those that were refused, so that they can be mended."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0012"
down_revision = "0011"

WHOSE = """
alter table import_run add column merchant_id text references merchant (id);
update import_run set merchant_id = split_part(source, '/', 1)
where kind = 'shopify' and split_part(source, '/', 1) in (select id from merchant);
create index ix_import_run_last_at_id on import_run (last_at, id);
"""
RESULTS = """
create table import_result (
  tenant_id text not null references merchant (id),
  run_id text not null references import_run (id),
  line bigint not null,
  number text not null,
  outcome text not null,
  order_id text not null,
  rows jsonb not null,
  primary key (tenant_id, run_id, line)
);
create index ix_import_result_run_id_line on import_result (run_id, line);
"""


def upgrade() -> None:
    op.execute("select set_config('app.tenant', '*', true)")
    op.execute(WHOSE)
    op.execute("select set_config('app.tenant', '', true)")
    op.execute(RESULTS)
    op.execute(tenant_table("import_result"))
