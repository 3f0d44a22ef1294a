"""Reaches and walked meters as limits of a person's shift."""

from alembic import op

revision = "0078"
down_revision = "0077"


def upgrade() -> None:
    op.execute(
        "alter table labor_setting add column reaches bigint check (reaches > 0),"
        " add column walked_m bigint check (walked_m > 0)"
    )
