import fcntl
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
import redis
from sqlalchemy import Connection, Engine, create_engine

from app import migrate
from kernel.db.bootstrap import Urls, bootstrap
from kernel.db.engine import bind, engine
from kernel.settings import settings
from tests.plugin.copies import Copies
from tests.plugin.servers import Servers


@dataclass(frozen=True, slots=True)
class FreshDatabase:
    """A private database in which commits are real, and where it is."""

    app_url: str
    owner_url: str
    engine: Engine


@pytest.fixture(scope="session")
def template_database(servers: Servers) -> Urls:
    """A database with roles and newest schema that nobody connects to: the others are copies of it.

    The first worker builds it, the others wait at the file lock and read its addresses.
    """
    addresses = Path(servers.shared) / "template.json"
    with (Path(servers.shared) / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not addresses.exists():
            urls = bootstrap(servers.superuser_url, f"template_{servers.run_id}")
            migrate.upgrade(urls.owner_url)
            addresses.write_text(json.dumps(asdict(urls)))
    return Urls(**json.loads(addresses.read_text()))


@pytest.fixture(scope="session")
def copies(servers: Servers, template_database: Urls, worker_id: str) -> Iterator[Copies]:
    """This worker's copies of the template, for fixtures that need a database of their own."""
    made = Copies(servers, template_database, worker_id)
    yield made
    made.close()


@pytest.fixture(scope="session")
def worker_database(copies: Copies) -> Iterator[Engine]:
    """This worker's copy of the template; `database` is the fixture to use in tests."""
    with copies.lend() as urls:
        pool = create_engine(urls.app_url)
        yield pool
        pool.dispose()


@pytest.fixture
def database(worker_database: Engine) -> Iterator[Connection]:
    """A connection as the application role; all sessions join its outer transaction, which is rolled back afterwards.

    `kernel.db.transaction` runs as ever: its commits become savepoints. Nothing is visible to other connections, so
    that notifications, the relay and anything concurrent need `fresh_database`.
    """
    with worker_database.connect() as connection, bind(connection):
        outer = connection.begin()
        yield connection
        outer.rollback()


@pytest.fixture
def fresh_database(copies: Copies, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FreshDatabase]:
    """A private copy of the template with real commits, set as this process's (and its children's) DATABASE_URL."""
    with copies.lend() as urls:
        monkeypatch.setenv("DATABASE_URL", urls.app_url)
        monkeypatch.setenv("DATABASE_OWNER_URL", urls.owner_url)
        monkeypatch.setenv("REDIS_URL", redis_url)
        _forget_configuration()
        yield FreshDatabase(urls.app_url, urls.owner_url, engine())
        engine().dispose()
    _forget_configuration()


@pytest.fixture
def redis_url(servers: Servers, worker_id: str) -> str:
    """An emptied Redis database of this worker's own."""
    number = 1 + int(worker_id.removeprefix("gw") if worker_id.startswith("gw") else 0)
    address = _redis_address(servers.redis_url, number)
    with redis.Redis.from_url(address) as client:
        client.flushdb()
    return address


@pytest.fixture
def broker_url(redis_url: str) -> str:
    """The same Redis database as kombu writes its address."""
    if not redis_url.startswith("unix://"):
        return redis_url
    return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


def _redis_address(url: str, number: int) -> str:
    if url.startswith("unix://"):
        return f"{url.partition('?')[0]}?db={number}"
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/{number}"


def _forget_configuration() -> None:
    # A pool that is merely forgotten complains of its open connections in whatever test runs later.
    if engine.cache_info().currsize:
        engine().dispose()
    settings.cache_clear()
    engine.cache_clear()
