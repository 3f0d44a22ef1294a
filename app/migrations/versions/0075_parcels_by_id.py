"""Parcels by their id alone: who has one in hand, at the scale or on its page, does not know whose it is."""

from alembic import op

revision = "0075"
down_revision = "0074"


def upgrade() -> None:
    op.execute("create index ix_parcel_id on parcel (id)")
