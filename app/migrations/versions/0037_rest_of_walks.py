"""When what is left of a walk was last put into another order."""

from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.execute("alter table pick_batch add column changed_at timestamptz")
