import gc
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from kernel.db.engine import bind
from kernel.settings import settings

_COLLECT_AFTER = 50_000


@contextmanager
def in_haste() -> Iterator[None]:
    """Let this process do hundreds of thousands of short transactions one after the other.

    Its connection is not asked whether it is alive before each of them, and keeps every statement prepared: planning
    costs more than running them (measured: 0.3 ms against 0.05 ms). Garbage is looked for less often.
    """
    engine = create_engine(settings().database_url, pool_size=2)
    event.listen(engine, "connect", _keep_statements)
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)
    try:
        with bind(engine):
            yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        engine.dispose()


def _keep_statements(connection: psycopg.Connection, _: ConnectionPoolEntry) -> None:
    connection.prepared_max = None
    connection.prepare_threshold = 2
