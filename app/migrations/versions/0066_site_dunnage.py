"""What a site fills the empty room of its cartons with."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0066"
down_revision = "0065"

# Of a site and of no merchant, as the cartons themselves.
UPGRADE = """
create table site_dunnage (
  site_id text primary key references site (id),
  mean_g_per_l double precision not null check (mean_g_per_l between 0 and 1000),
  sd_g_per_l double precision not null check (sd_g_per_l between 0 and 1000)
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("site_dunnage"))
