"""Reservations and events with fewer looks at the same rows: what there is enough of is taken at once."""

from alembic import op

from app.migrations.event_functions import APPEND_EVENTS
from app.migrations.stock_doors import RESERVE_REQUESTS
from app.migrations.stock_functions import RESERVE_BATCH, RESERVE_ONE_BY_ONE

revision = "0027"
down_revision = "0026"

# The functions are in the files of the newest; a database that had the older ones gets these in their place.
FUNCTIONS = """
drop function reserve_requests;
drop function reserve_batch;
"""

DOORS = """
revoke execute on function reserve_requests from public;
grant execute on function reserve_requests to pickstream_app;
grant create on schema public to pickstream_reserve;
alter function reserve_requests owner to pickstream_reserve;
revoke create on schema public from pickstream_reserve;
"""


def upgrade() -> None:
    for statement in (FUNCTIONS, APPEND_EVENTS, RESERVE_ONE_BY_ONE, RESERVE_BATCH, RESERVE_REQUESTS, DOORS):
        op.execute(statement)
