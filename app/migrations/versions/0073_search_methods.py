"""What found the present walks of a site's search."""

from alembic import op

revision = "0073"
down_revision = "0072"


def upgrade() -> None:
    op.execute("alter table batch_search add column methods text[] not null default '{}'")
