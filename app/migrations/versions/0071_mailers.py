"""Bags beside cartons, and which items may go into one."""

from alembic import op

revision = "0071"
down_revision = "0070"

UPGRADE = """
alter table carton_type
  add column kind text not null default 'carton' check (kind in ('carton', 'mailer'));
alter table item
  add column mailer_ok boolean not null default false;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
