"""What reservations and availability cost once there is history, as a multiple of what they cost with little.

`python -m benchmarks.growth --orders 1e4,1e6` prints one JSON line. Each size is a house of its own on one PostgreSQL,
loaded with COPY: an order has three lines that were promised and picked, and is told in three events. The two services
are measured in turns.
"""

import argparse
import json
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import islice

import psycopg
from psycopg import sql

from benchmarks._raw_client import SKUS
from benchmarks._stand import Stand, a_house, a_postgresql, superuser_dsn

LINES, EVENTS = 3, 3
_START = datetime(2025, 1, 1, tzinfo=UTC)
_KINDS = ("reserve", "atp20")
_BODY = json.dumps({"specversion": "1.0", "data": {"note": "x" * 220}})
_Rows = Iterator[tuple[object, ...]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", default="1e4,1e6", help="sizes of the history, the small one first")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    sizes = [int(float(size)) for size in chosen.orders.split(",")]
    with ExitStack() as stack:
        postgresql = stack.enter_context(a_postgresql())
        stands, loaded = [], []
        for size in sizes:
            stand = stack.enter_context(a_house(postgresql, f"grown_{size}_{os.getpid()}"))
            before = time.monotonic()
            _load(stand, size)
            loaded.append(round(time.monotonic() - before, 1))
            stands.append(stand)
        print(json.dumps({"orders": sizes, "load_s": loaded, **_measure(stands, chosen.seconds, chosen.rounds)}))


def _measure(stands: list[Stand], seconds: float, rounds: int) -> dict[str, object]:
    figures: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
    for stand in stands:
        for kind in _KINDS:
            stand.drive(kind, seconds=1.0)
    for _ in range(rounds):
        for kind in _KINDS:
            for size, stand in enumerate(stands):
                before = stand.cpu_seconds()
                load = stand.drive(kind, seconds=seconds)
                cpu = (stand.cpu_seconds() - before) * 1000 / load.done
                figures[kind, size].append((1 / load.per_second, cpu))
    told: dict[str, object] = {}
    for kind, name in zip(_KINDS, ("reserve", "availability"), strict=True):
        costs = [
            [statistics.median(each[which] for each in figures[kind, size]) for which in range(2)]
            for size in range(len(stands))
        ]
        told[f"{name}_growth"] = round(costs[-1][0] / costs[0][0], 3)
        told[f"{name}_cpu_growth"] = round(costs[-1][1] / costs[0][1], 3)
        told[f"{name}_per_second"] = [round(1 / cost[0]) for cost in costs]
        told[f"{name}_cpu_ms"] = [round(cost[1], 3) for cost in costs]
    return told


def _load(stand: Stand, orders: int) -> None:
    with psycopg.connect(superuser_dsn(stand), autocommit=True) as connection:
        tenant, site, place = connection.execute(
            "select m.id, s.id, l.id from merchant m, site s, location l limit 1"
        ).fetchone() or ("", "", "")
        items = [row[0] for row in connection.execute("select id from item where sku like 'SKU-%' order by sku")]
        for table, columns, rows in (
            ("reservation", _RESERVATION, _reservations(orders, tenant, site, items)),
            ("stock_movement", _MOVEMENT, _movements(orders, tenant, site, place, items)),
            ("stream", ("tenant_id", "id", "head"), _streams(orders, tenant)),
            ("event", _EVENT, _events(orders, tenant)),
            ("event_feed", _FEED, _feed(orders, tenant)),
        ):
            _copy(connection, table, columns, rows)
        connection.execute("vacuum analyze")


def _copy(connection: psycopg.Connection, table: str, columns: tuple[str, ...], rows: _Rows) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        while lines := "".join("\t".join(map(str, row)) + "\n" for row in islice(rows, 20_000)):
            copy.write(lines)


_RESERVATION = (
    "tenant_id", "id", "site_id", "item_id", "order_id", "customer_id", "line_id", "granted", "quantity", "hold",
    "created_at",
)  # fmt: skip
_MOVEMENT = (
    "tenant_id", "id", "site_id", "item_id", "from_bucket", "from_location_id", "to_bucket", "quantity", "reason",
    "reference", "container", "actor", "at",
)  # fmt: skip
_EVENT = (
    "tenant_id", "stream", "seq", "id", "type", "audience", "occurred_at", "recorded_at", "order_id", "customer_id",
    "actor", "summary", "body",
)  # fmt: skip
_FEED = ("pos", "event_id", "tenant_id", "stream", "type")


def _reservations(orders: int, tenant: str, site: str, items: list[str]) -> _Rows:
    for n in range(orders):
        at = _START + timedelta(seconds=n)
        for line in range(LINES):
            item = items[(n * 7 + line) % SKUS]
            yield (
                tenant,
                f"rsv_{n:014}{line}",
                site,
                item,
                f"ord_{n:015}",
                f"cus_{n % 5000}",
                f"l{line}",
                1,
                0,
                "f",
                at,
            )


def _movements(orders: int, tenant: str, site: str, place: str, items: list[str]) -> _Rows:
    for n in range(orders):
        at, order = _START + timedelta(seconds=n), f"ord_{n:015}"
        for line in range(LINES):
            item = items[(n * 7 + line) % SKUS]
            yield (
                tenant, f"mov_{n:014}{line}", site, item, "AVAILABLE", place, "IN_TOTE", 1, "pick", order, "", "load",
                at,
            )  # fmt: skip


def _streams(orders: int, tenant: str) -> _Rows:
    return ((tenant, f"ord_{n:015}", EVENTS) for n in range(orders))


def _events(orders: int, tenant: str) -> _Rows:
    for n in range(orders):
        at, order = _START + timedelta(seconds=n), f"ord_{n:015}"
        for seq in range(1, EVENTS + 1):
            yield (
                tenant, order, seq, f"evt_{n:014}{seq:02}", "fulfillment.order_picked.v1", "staff", at, at, order,
                f"cus_{n % 5000}", "load", "It was picked.", _BODY,
            )  # fmt: skip


def _feed(orders: int, tenant: str) -> _Rows:
    pos = 1_000_000
    for n in range(orders):
        for seq in range(1, EVENTS + 1):
            pos += 1
            yield pos, f"evt_{n:014}{seq:02}", tenant, f"ord_{n:015}", "fulfillment.order_picked.v1"


if __name__ == "__main__":
    main()
