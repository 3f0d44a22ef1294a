"""What vouches for the tare of a container that is not the site's own."""

from alembic import op

revision = "0069"
down_revision = "0068"


def upgrade() -> None:
    op.execute("alter table parcel add column tare_proof jsonb")
