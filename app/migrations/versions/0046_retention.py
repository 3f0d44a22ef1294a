"""Find by age what is not kept for ever, at next to no cost for those who write it."""

from alembic import op

revision = "0046"
down_revision = "0045"

# A summary of each range of pages, not an entry for each row: rows come in the order of time.
UPGRADE = """
create index ix_idempotency_key_created_at on idempotency_key using brin (created_at);
create index ix_inbox_received_at on inbox using brin (received_at);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
