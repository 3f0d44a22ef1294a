import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from kernel.settings import settings

_QUIET_SECONDS = 1.0
"""A connection that rested for longer is asked whether it is alive; to ask before each transaction costs a twentieth of
a request. One that died since fails once, and takes all its kind out of the pool.
"""
_bound: list[Connection | Engine] = []


@lru_cache
def engine() -> Engine:
    """Return this process's pool of connections, as the application role."""
    url = settings().database_url
    if not url:
        raise RuntimeError("DATABASE_URL is not set; `pickstream up` sets it for the embedded engines")
    pool = create_engine(url, pool_size=settings().pool_size, max_overflow=5, pool_recycle=1800)
    ask_the_quiet(pool)
    return pool


def ask_the_quiet(pool: Engine) -> None:
    """Have connections that rested in a pool asked whether they are alive before they are used again."""

    def ask(connection: DBAPIConnection, entry: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - entry.info.get("rests_since", time.monotonic()) < _QUIET_SECONDS:
            return
        try:
            pool.dialect.do_ping(connection)
        except pool.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    def rest(_: object, entry: ConnectionPoolEntry) -> None:
        entry.info["rests_since"] = time.monotonic()

    event.listen(pool, "checkout", ask)
    event.listen(pool, "checkin", rest)


def new_session(*, in_transactions: bool = True) -> Session:
    """Open a session on the pool, or on what `bind` put in its place; of one that is not `in_transactions` each
    statement commits by itself, unless a bound connection is in a transaction already.
    """
    target = _bound[-1] if _bound else engine()
    if not in_transactions and isinstance(target, Engine):
        target = _committing(target)
    if not _bound:
        return _factory()(bind=target)
    mode = "create_savepoint" if isinstance(target, Connection) else "conditional_savepoint"
    return _factory()(bind=target, join_transaction_mode=mode)


@contextmanager
def bind(target: Connection | Engine) -> Iterator[None]:
    """Let every session of this process use `target` for a while: a connection's outer transaction, or another pool."""
    _bound.append(target)
    try:
        yield
    finally:
        _bound.pop()


@lru_cache(maxsize=2)
def _committing(pool: Engine) -> Engine:
    return pool.execution_options(isolation_level="AUTOCOMMIT")


@lru_cache
def _factory() -> sessionmaker[Session]:
    return sessionmaker(expire_on_commit=False)
