from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from kernel.settings import settings

_bound: list[Connection | Engine] = []


@lru_cache
def engine() -> Engine:
    """Return this process's pool of connections, as the application role."""
    url = settings().database_url
    if not url:
        raise RuntimeError("DATABASE_URL is not set; `pickstream up` sets it for the embedded engines")
    return create_engine(url, pool_size=settings().pool_size, max_overflow=5, pool_pre_ping=True, pool_recycle=1800)


def new_session() -> Session:
    """Open a session on the pool, or on what `bind` put in its place."""
    if not _bound:
        return _factory()(bind=engine())
    target = _bound[-1]
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


@lru_cache
def _factory() -> sessionmaker[Session]:
    return sessionmaker(expire_on_commit=False)
