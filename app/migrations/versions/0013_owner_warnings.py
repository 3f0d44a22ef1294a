"""When the owner of a failing webhook endpoint was warned; and old attempts are found by their age."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("alter table webhook_endpoint add column warned_at timestamptz")
    op.execute("create index ix_webhook_attempt_at on webhook_attempt (at)")
    op.execute("create index ix_message_tenant_id_subject on message (tenant_id, subject, id) where order_id = ''")
