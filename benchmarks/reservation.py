"""Durable reservations over HTTP, as a share of what bare SQL does on the same PostgreSQL in the same minutes.

`python -m benchmarks.reservation --limit-dir PATH` prints one JSON line. The folder holds the bare SQL: `schema.sql`,
`batch2.sql`, `pgb/res_fn.sql` and `pgb/hot_fn.sql`; without it only the figures of the service are measured. It runs on
an embedded PostgreSQL of its own, or as the superuser that PICKSTREAM_BENCH_DATABASE_URL names.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from sqlalchemy import make_url, text

from app import migrate
from app.engines.binaries import find_binaries
from app.engines.stack import EmbeddedStack
from benchmarks.raw_client import CLIENTS, Load
from inventory.api import ItemDraft, LocationDraft, Receipt, create_items, create_locations, receive_many
from inventory.invariants import INVARIANTS
from kernel.access.commands import create_merchant, create_site, issue_key, serve_merchants
from kernel.actors import system
from kernel.db.bootstrap import bootstrap
from kernel.db.transactions import transaction
from kernel.invariants import check

SKUS = 10_000
PLENTY = 900_000
RACE_STOCK = 500
PGBENCH_CLIENTS = 16


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the service and the bare SQL run, and how long each round takes."""

    superuser_url: str
    app_url: str
    server: int
    port: int
    key: str
    seconds: float
    rounds: int
    limit_dir: Path | None


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as home, _superuser(Path(home)) as superuser_url:
        name = f"bench_{os.getpid()}"
        urls = bootstrap(superuser_url, name)
        migrate.upgrade(urls.owner_url)
        os.environ["DATABASE_URL"] = urls.app_url
        try:
            key = _seed()
            with _service(urls.app_url) as (server, port):
                bench = Bench(
                    superuser_url, urls.app_url, server, port, key, options.seconds, options.rounds, options.limit_dir
                )
                print(json.dumps(_measure(bench)))
        finally:
            _drop(superuser_url, name)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit-dir", type=Path)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


@contextmanager
def _superuser(home: Path) -> Iterator[str]:
    named = os.environ.get("PICKSTREAM_BENCH_DATABASE_URL")
    if named:
        yield named
        return
    home.chmod(0o755)
    with EmbeddedStack(home / "stack", durable=True) as endpoints:
        yield endpoints.superuser_url


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
    server = subprocess.Popen(command, env=environment)
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


def _measure(bench: Bench) -> dict[str, object]:
    limit = _load_limit(bench)
    figures: dict[str, list[float]] = defaultdict(list)
    loads: dict[str, list[Load]] = {"reserve": [], "hot": []}
    _drive(bench, "reserve", seconds=1.0)
    for _ in range(bench.rounds):
        for kind, script in (("reserve", "res_fn"), ("hot", "hot_fn")):
            if limit:
                figures[script].append(_pgbench(bench, limit, script))
            before = _cpu_seconds(bench)
            load = _drive(bench, kind, seconds=bench.seconds)
            figures[f"{kind}_cpu_ms"].append((_cpu_seconds(bench) - before) * 1000 / load.done)
            loads[kind].append(load)
            figures[kind].append(load.per_second)
    race = _drive(bench, "race", seconds=60.0)
    return _report(figures, loads, race)


def _report(figures: dict[str, list[float]], loads: dict[str, list[Load]], race: Load) -> dict[str, object]:
    median = {name: statistics.median(values) for name, values in figures.items() if values}
    promised, violated = _truth()
    told: dict[str, object] = {
        "reserve_ratio": _ratio(median, "reserve", "res_fn"),
        "hot_ratio": _ratio(median, "hot", "hot_fn"),
        "oversold": max(promised - RACE_STOCK, race.done - RACE_STOCK, 0),
        "undersold": max(RACE_STOCK - promised, RACE_STOCK - race.done, 0),
        "invariants_violated": violated,
        "clients": CLIENTS,
    }
    for kind, runs in loads.items():
        told[f"{kind}_per_second"] = round(median[kind])
        told[f"{kind}_p50_ms"] = round(statistics.median(run.percentile(50) for run in runs), 1)
        told[f"{kind}_p99_ms"] = round(statistics.median(run.percentile(99) for run in runs), 1)
        told[f"{kind}_cpu_ms_per_order"] = round(median[f"{kind}_cpu_ms"], 2)
        told[f"{kind}_failed"] = sum(run.failed for run in runs)
    for script in ("res_fn", "hot_fn"):
        told[f"pgbench_{script}_per_second"] = round(median[script]) if script in median else None
    return told


def _cpu_seconds(bench: Bench) -> float:
    """Return what the service and its connections to PostgreSQL have used of the processors."""
    with psycopg.connect(_dsn(bench.superuser_url)) as connection:
        name = make_url(bench.app_url).database
        backends = connection.execute("select pid from pg_stat_activity where datname = %s", (name,)).fetchall()
    used = [psutil.Process(pid).cpu_times() for pid in (bench.server, *(pid for (pid,) in backends))]
    return sum(times.user + times.system for times in used)


def _ratio(median: dict[str, float], ours: str, bare: str) -> float | None:
    return round(median[ours] / median[bare], 3) if bare in median else None


def _truth() -> tuple[int, list[str]]:
    """Return what is promised of the raced item, and the names of the invariants that are broken."""
    with transaction(system("benchmark")) as uow:
        promised = uow.session.execute(
            text("select sum(r.quantity) from reservation r join item i on i.id = r.item_id where i.sku = 'RACE'")
        ).scalar_one()
        broken = [
            found.invariant.name for found in (check(uow, invariant) for invariant in INVARIANTS) if found.violated
        ]
    return int(promised or 0), broken


def _drive(bench: Bench, kind: str, *, seconds: float) -> Load:
    """Run the clients in a process of their own, so that they do not share the service's interpreter."""
    command = [sys.executable, "-m", "benchmarks.raw_client", str(bench.port), bench.key, kind, str(seconds)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return Load.from_json(answer.stdout)


def _load_limit(bench: Bench) -> str | None:
    """Load the bare SQL into a database of its own, and return its address for pgbench; None when it cannot run."""
    if bench.limit_dir is None:
        return None
    if _program("pgbench") is None or _program("psql") is None:
        print("pgbench or psql is not on PATH: install the PostgreSQL client programs", file=sys.stderr)
        return None
    name = f"limit_{os.getpid()}"
    _drop(bench.superuser_url, name)
    with psycopg.connect(_dsn(bench.superuser_url), autocommit=True) as connection:
        connection.execute(f"create database {name}")
        connection.execute(f"alter database {name} set search_path = bench, public")
    url = _dsn(bench.superuser_url, name)
    for script in ("schema.sql", "batch2.sql"):
        path = str(bench.limit_dir / script)
        subprocess.run(
            [str(_program("psql")), "-q", "-v", "ON_ERROR_STOP=1", "-v", "ev=20", "-f", path, url],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return url


def _pgbench(bench: Bench, url: str, script: str) -> float:
    assert bench.limit_dir is not None
    path = str(bench.limit_dir / "pgb" / f"{script}.sql")
    command = [
        str(_program("pgbench")), "-n", "-M", "prepared", "-c", str(PGBENCH_CLIENTS), "-j", "2", "-T",
        str(max(1, round(bench.seconds))), "-f", path, url,
    ]  # fmt: skip
    environment = os.environ | {"PGOPTIONS": "-c synchronous_commit=on"}
    told = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    line = next(line for line in told.splitlines() if line.startswith("tps = "))
    return float(line.split()[2])


def _program(name: str) -> str | None:
    beside = find_binaries().postgres_bin / name
    return str(beside) if beside.exists() else shutil.which(name)


def _dsn(superuser_url: str, database: str | None = None) -> str:
    url = make_url(superuser_url).set(drivername="postgresql")
    return (url.set(database=database) if database else url).render_as_string(hide_password=False)


def _drop(superuser_url: str, name: str) -> None:
    with psycopg.connect(_dsn(superuser_url), autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)")


if __name__ == "__main__":
    main()
