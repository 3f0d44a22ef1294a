"""Questions about availability are answered many at a time."""

from alembic import op

from app.migrations.question_doors import AVAILABILITY_FOR_KEYS

revision = "0029"
down_revision = "0028"

DOORS = """
revoke execute on function availability_for_keys from public;
grant execute on function availability_for_keys to pickstream_app;
grant create on schema public to pickstream_reserve;
alter function availability_for_keys owner to pickstream_reserve;
revoke create on schema public from pickstream_reserve;
"""


def upgrade() -> None:
    op.execute(AVAILABILITY_FOR_KEYS)
    op.execute(DOORS)
