import contextlib
import os
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.engines.lock import HomeLock
from app.engines.stack import EmbeddedStack

PREFIX = "pickstream-tests-"
ABANDONED_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Servers:
    """The PostgreSQL and Redis of one test run, shared by its workers, and a folder for what they tell each other."""

    shared: str
    superuser_url: str
    redis_url: str

    @property
    def superuser_dsn(self) -> str:
        return self.superuser_url.replace("postgresql+psycopg://", "postgresql://", 1)

    @property
    def run_id(self) -> str:
        return Path(self.shared).name.removeprefix(PREFIX).lower()


_servers = pytest.StashKey[Servers]()
_stack = pytest.StashKey[EmbeddedStack]()


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Servers:
    """The servers of this run: one throw-away embedded stack, or those that the environment names."""
    return _servers_of(pytestconfig)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    # The controller owns the engines: they die with the thread that forked them, and workers come and go.
    node.workerinput["pickstream_servers"] = asdict(_servers_of(node.config))


def pytest_unconfigure(config: pytest.Config) -> None:
    found = config.stash.get(_servers, None)
    if found is None or hasattr(config, "workerinput"):
        return
    stack = config.stash.get(_stack, None)
    if stack is None:
        _drop_databases(found)
    else:
        stack.stop()
    shutil.rmtree(found.shared)


def _servers_of(config: pytest.Config) -> Servers:
    if hasattr(config, "workerinput"):
        return Servers(**config.workerinput["pickstream_servers"])
    if _servers not in config.stash:
        config.stash[_servers] = _start(config)
    return config.stash[_servers]


def _start(config: pytest.Config) -> Servers:
    _remove_abandoned()
    shared = Path(tempfile.mkdtemp(prefix=PREFIX))
    shared.chmod(0o755)
    superuser_url = os.environ.get("PICKSTREAM_TEST_DATABASE_URL", "")
    redis_url = os.environ.get("PICKSTREAM_TEST_REDIS_URL", "")
    if not (superuser_url and redis_url):
        stack = config.stash[_stack] = EmbeddedStack(shared / "home", durable=False)
        endpoints = stack.start()
        superuser_url, redis_url = superuser_url or endpoints.superuser_url, redis_url or endpoints.redis_url
    return Servers(str(shared), superuser_url, redis_url)


def _remove_abandoned() -> None:
    """Clear what killed runs left behind; a lock that can be taken proves that nobody uses the folder."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # Another run may clear the same folder at the same time.
        with contextlib.suppress(FileNotFoundError):
            _remove_if_abandoned(folder)


def _remove_if_abandoned(folder: Path) -> None:
    found = folder.stat()
    if found.st_uid != os.getuid() or time.time() - found.st_mtime < ABANDONED_SECONDS:
        return
    (folder / "home").mkdir(exist_ok=True)
    with HomeLock(folder / "home" / ".lock") as lock:
        if lock.acquire():
            shutil.rmtree(folder)


def _drop_databases(servers: Servers) -> None:
    with psycopg.connect(servers.superuser_dsn, autocommit=True) as connection:
        ours = connection.execute("select datname from pg_database where datname like %s", (f"%{servers.run_id}%",))
        for (name,) in ours.fetchall():
            connection.execute(psycopg.sql.SQL("drop database {} with (force)").format(psycopg.sql.Identifier(name)))
