"""What a site says of single days of its calendar: that it is closed, or that it works on a holiday."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0042"
down_revision = "0041"

UPGRADE = """
create table site_day (
  site_id text not null references site (id),
  day date not null,
  works boolean not null,
  reason text not null check (reason <> ''),
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (site_id, day)
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("site_day"))
