"""What the benchmarks stand on: PostgreSQL, a stocked house, the whole service, and the bare SQL beside it."""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from sqlalchemy import make_url

from app import migrate
from app.engines.binaries import find_binaries
from app.engines.stack import EmbeddedStack
from benchmarks._raw_client import SKUS, Load
from inventory.api import ItemDraft, LocationDraft, Receipt, create_items, create_locations, receive_many
from kernel.access.commands import create_merchant, create_site, issue_key, serve_merchants
from kernel.actors import system
from kernel.db.bootstrap import bootstrap
from kernel.db.engine import engine
from kernel.db.transactions import transaction
from kernel.settings import settings

PLENTY = 900_000
RACE_STOCK = 500
PGBENCH_CLIENTS = 16


@dataclass(frozen=True, slots=True)
class Stand:
    """A service that runs on a stocked house, and, where its SQL was given, the bare SQL's database beside it."""

    superuser_url: str
    app_url: str
    server: int
    port: int
    key: str
    limit_dir: Path | None
    limit_url: str | None

    def drive(self, kind: str, *, seconds: float) -> Load:
        """Run the clients in a process of their own, so that they do not share the service's interpreter."""
        command = [sys.executable, "-m", "benchmarks._raw_client", str(self.port), self.key, kind, str(seconds)]
        # They answer with hundreds of thousands of figures: more than a pipe holds while nobody reads it.
        with tempfile.TemporaryFile("w+") as answer:
            subprocess.run(command, check=True, stdout=answer)
            answer.seek(0)
            return Load.from_json(answer.read())

    def cpu_seconds(self) -> float:
        """Return what the service and its connections to PostgreSQL have used of the processors."""
        with psycopg.connect(_dsn(self.superuser_url)) as connection:
            name = make_url(self.app_url).database
            # Those of the clients only: an autovacuum worker may be gone before it is looked at.
            clients = "select pid from pg_stat_activity where datname = %s and backend_type = 'client backend'"
            backends = connection.execute(clients, (name,)).fetchall()
        used = [psutil.Process(pid).cpu_times() for pid in (self.server, *(pid for (pid,) in backends))]
        return sum(times.user + times.system for times in used)

    def pgbench(self, script: str, *, seconds: float) -> float | None:
        """Return what the bare SQL does in a second, None when it cannot run."""
        if self.limit_dir is None or self.limit_url is None:
            return None
        command = [
            str(_program("pgbench")), "-n", "-M", "prepared", "-c", str(PGBENCH_CLIENTS), "-j", "2", "-T",
            str(max(1, round(seconds))), "-f", str(self.limit_dir / "pgb" / f"{script}.sql"), self.limit_url,
        ]  # fmt: skip
        environment = os.environ | {"PGOPTIONS": "-c synchronous_commit=on"}
        told = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
        line = next(line for line in told.splitlines() if line.startswith("tps = "))
        return float(line.split()[2])


def options(about: str | None) -> argparse.Namespace:
    """Return the options that every benchmark takes."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--limit-dir", type=Path, help="the folder of the bare SQL")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


@contextmanager
def a_stand(limit_dir: Path | None) -> Iterator[Stand]:
    """Start everything, and leave nothing behind."""
    with a_postgresql() as superuser_url, a_house(superuser_url, f"bench_{os.getpid()}", limit_dir) as stand:
        yield stand


@contextmanager
def a_postgresql() -> Iterator[str]:
    """Yield the superuser's address of an embedded PostgreSQL, or the one that PICKSTREAM_BENCH_DATABASE_URL names."""
    named = os.environ.get("PICKSTREAM_BENCH_DATABASE_URL")
    if named:
        yield named
        return
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        with EmbeddedStack(Path(home) / "stack", durable=True) as endpoints:
            yield endpoints.superuser_url


@contextmanager
def a_house(superuser_url: str, name: str, limit_dir: Path | None = None) -> Iterator[Stand]:
    """Run the service on a stocked house in a database of its own, which is dropped in the end."""
    with a_database(superuser_url, name) as app_url:
        key = _seed()
        with _service(app_url) as (server, port):
            limit = _load_limit(superuser_url, limit_dir)
            yield Stand(superuser_url, app_url, server, port, key, limit_dir, limit)


@contextmanager
def a_database(superuser_url: str, name: str) -> Iterator[str]:
    """Make a database with our tables the one that this process and its children work on; yield its address for the
    application. It is dropped in the end.
    """
    urls = bootstrap(superuser_url, name)
    migrate.upgrade(urls.owner_url)
    os.environ["DATABASE_URL"] = urls.app_url
    settings.cache_clear()
    engine.cache_clear()
    try:
        yield urls.app_url
    finally:
        engine().dispose()
        _drop(superuser_url, name)


def superuser_dsn(stand: Stand) -> str:
    """Return the superuser's address of a stand's own database."""
    return _dsn(stand.superuser_url, make_url(stand.app_url).database)


def _seed() -> str:
    with transaction(system("benchmark")) as uow:
        site = create_site(uow, code="main", name="Main", time_zone="UTC", country="DE", company_prefix="4012345")
        tenant = create_merchant(uow, code="bench", name="Bench", currency="EUR")
        serve_merchants(uow, site_id=site, merchant_ids=[tenant])
        create_locations(uow, site_id=site, locations=[LocationDraft("P-1")])
        drafts = [ItemDraft(f"SKU-{n}", f"Thing {n}", 100, 10, 10, 10) for n in range(1, SKUS + 1)]
        drafts += [ItemDraft("HOT", "Hot thing", 100, 10, 10, 10), ItemDraft("RACE", "Last thing", 100, 10, 10, 10)]
        items = create_items(uow, tenant_id=tenant, items=drafts)
        stock = {sku: RACE_STOCK if sku == "RACE" else PLENTY for sku in items}
        receipts = [Receipt(items[sku], "P-1", units, "seed") for sku, units in stock.items()]
        receive_many(uow, tenant_id=tenant, site_id=site, receipts=receipts)
        return issue_key(uow, tenant_id=tenant, name="bench", scopes=["stock:write", "stock:read"]).secret


@contextmanager
def _service(app_url: str) -> Iterator[tuple[int, int]]:
    """Run the whole application; yield its process id and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": app_url, "PICKSTREAM_SECRET_KEY": "benchmark", "REDIS_URL": "",
        "PICKSTREAM_RATE_LIMIT": "100000/second",
    }  # fmt: skip
    command = [
        sys.executable, "-m", "uvicorn", "--factory", "app.main:create_app", "--port", str(port),
        "--log-level", "warning", "--no-access-log",
    ]  # fmt: skip
    # The one line of figures is all that a benchmark prints: what the service logs goes beside it.
    server = subprocess.Popen(command, env=environment, stdout=sys.stderr)
    try:
        _wait_for(port)
        yield server.pid, port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the service did not start")


def _load_limit(superuser_url: str, limit_dir: Path | None) -> str | None:
    """Load the bare SQL into a database of its own, and return its address for pgbench; None when it cannot run."""
    if limit_dir is None:
        print("no --limit-dir: only the service is measured", file=sys.stderr)
        return None
    if _program("pgbench") is None or _program("psql") is None:
        print("pgbench or psql is not on PATH: install the PostgreSQL client programs", file=sys.stderr)
        return None
    name = f"limit_{os.getpid()}"
    _drop(superuser_url, name)
    with psycopg.connect(_dsn(superuser_url), autocommit=True) as connection:
        connection.execute(f"create database {name}")
        connection.execute(f"alter database {name} set search_path = bench, public")
    url = _dsn(superuser_url, name)
    for script in ("schema.sql", "batch2.sql"):
        subprocess.run(
            [str(_program("psql")), "-q", "-v", "ON_ERROR_STOP=1", "-v", "ev=20", "-f", str(limit_dir / script), url],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return url


def _program(name: str) -> str | None:
    beside = find_binaries().postgres_bin / name
    return str(beside) if beside.exists() else shutil.which(name)


def _dsn(superuser_url: str, database: str | None = None) -> str:
    url = make_url(superuser_url).set(drivername="postgresql")
    return (url.set(database=database) if database else url).render_as_string(hide_password=False)


def _drop(superuser_url: str, name: str) -> None:
    with psycopg.connect(_dsn(superuser_url), autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)")
