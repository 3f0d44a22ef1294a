"""A connection that died in the pool: who rested is asked first, who did not fails once and takes the others along."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from kernel.db import engine as pools
from tests.plugin.databases import FreshDatabase


@pytest.fixture
def pool(fresh_database: FreshDatabase) -> Iterator[Engine]:
    found = create_engine(fresh_database.engine.url, pool_size=2)
    pools.ask_the_quiet(found)
    yield found
    found.dispose()


def pids(pool: Engine) -> set[int]:
    """Use both connections at once."""
    with pool.connect() as one, pool.connect() as other:
        return {connection.execute(text("select pg_backend_pid()")).scalar_one() for connection in (one, other)}


def end(pool: Engine, processes: set[int]) -> None:
    killer = create_engine(pool.url)
    with killer.connect() as connection:
        for pid in processes:
            connection.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    killer.dispose()


def test_who_rested_is_asked_and_replaced_unnoticed(pool: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = pids(pool)
    end(pool, before)
    monkeypatch.setattr(pools, "_QUIET_SECONDS", 0.0)
    assert not pids(pool) & before


def test_who_did_not_rest_fails_once_and_takes_the_others_along(pool: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "_QUIET_SECONDS", 3_600.0)
    before = pids(pool)
    assert pids(pool) == before
    end(pool, before)
    with pytest.raises(OperationalError):
        pids(pool)
    assert not pids(pool) & before
