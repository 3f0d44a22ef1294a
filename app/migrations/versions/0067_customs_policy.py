"""Whether a merchant's orders wait at packing for what customs asks about their goods."""

from alembic import op

revision = "0067"
down_revision = "0066"


def upgrade() -> None:
    op.execute(
        "alter table order_policy add column customs_facts text not null default 'optional'"
        " check (customs_facts in ('optional', 'required'))"
    )
