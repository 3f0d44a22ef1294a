"""Orders at the bench belong to a packer for a while: until when, unless they scan on."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("alter table pack_session add column lease_until timestamptz")
