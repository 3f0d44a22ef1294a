import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from app import migrate
from app.engines.spawn import wait_until
from app.engines.stack import EmbeddedStack
from kernel.actors import system
from kernel.db.bootstrap import bootstrap
from kernel.db.engine import engine
from kernel.db.transactions import transaction
from kernel.settings import settings
from tests.concurrency.storm import weather
from tests.concurrency.test_stock_storm import at_once, open_stalls
from tests.inventory.warehouse import assert_invariants

OPERATIONS = int(os.environ.get("PICKSTREAM_STORM_OPERATIONS", "200000")) // 4
PROCESSES, KILLS = 16, 4
MOST_AN_ORDER = 9
"""Units that one order of the storm reserves at most."""


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_what_was_answered_survives_a_killed_database(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL is killed again and again in the middle of a storm. Nothing that a caller was told is lost, and what
    nobody was told is there whole or not at all.
    """
    with _a_database(home, monkeypatch) as (stack, app_url):
        plan = replace(open_stalls(app_url, PROCESSES, OPERATIONS), endures=True)
        with ThreadPoolExecutor(1) as aside:
            storm = aside.submit(at_once, PROCESSES, weather, plan)
            for n in range(1, KILLS + 1):
                _wait_for(app_url, n * OPERATIONS // (4 * KILLS), lambda: not storm.done())
                os.kill(stack.pids["postgres"], signal.SIGKILL)
                assert wait_until(lambda: stack.revive() == ["postgres"], seconds=60)
            total = storm.result()
        assert total.failures == []
        assert total.units["unknown"] > 0
        with transaction(system()) as uow:
            granted = uow.session.execute(text("select sum(granted) from reservation")).scalar_one()
        told = total.units["reserved"]
        assert told <= granted <= told + MOST_AN_ORDER * total.units["unknown"]
        assert_invariants()


@contextmanager
def _a_database(home: Path, patch: pytest.MonkeyPatch) -> Iterator[tuple[EmbeddedStack, str]]:
    stack = EmbeddedStack(home, durable=True)
    endpoints = stack.start()
    try:
        urls = bootstrap(endpoints.superuser_url, "storm")
        migrate.upgrade(urls.owner_url)
        patch.setenv("DATABASE_URL", urls.app_url)
        settings.cache_clear()
        engine.cache_clear()
        yield stack, urls.app_url
    finally:
        engine().dispose()
        settings.cache_clear()
        engine.cache_clear()
        stack.stop()


def _wait_for(app_url: str, movements: int, is_running: Callable[[], bool]) -> None:
    """Wait until the storm is so far that this many movements are in the ledger."""
    url = make_url(app_url).set(drivername="postgresql").render_as_string(hide_password=False)
    while is_running():
        with psycopg.connect(url) as connection:
            connection.execute("select set_config('app.tenant', '*', true)")
            row = connection.execute("select count(*) from stock_movement").fetchone()
        if row and row[0] >= movements:
            return
        time.sleep(0.1)
    raise AssertionError("the storm was over before the database was killed")
