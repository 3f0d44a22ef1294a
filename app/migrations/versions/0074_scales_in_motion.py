"""Which scales weigh parcels on their way, and are none to pack at."""

from alembic import op

revision = "0074"
down_revision = "0073"


def upgrade() -> None:
    op.execute("alter table scale add column in_motion boolean not null default false")
