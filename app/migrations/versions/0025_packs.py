"""Barcodes of inners and cases: how many base units one of them holds."""

from alembic import op

revision = "0025"
down_revision = "0024"

UPGRADE = "alter table item_barcode add column units bigint not null default 1 check (units between 1 and 100000)"


def upgrade() -> None:
    op.execute(UPGRADE)
