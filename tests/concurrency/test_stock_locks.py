"""Commands wait for each other, and never in a circle: who waits holds nothing that comes after what it waits for."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from inventory.api import (
    Demand,
    expire_reservations,
    pack_stock,
    pick_stock,
    receive_return,
    reserve_stock,
    ship_stock,
    unpack_stock,
)
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.inventory.warehouse import Warehouse, assert_invariants, build, stock, want
from tests.plugin.databases import FreshDatabase

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WAITING = text("select count(*) from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))")
LEVEL = "select 1 from stock_level where item_id = :item for update"
BUCKET = "select 1 from bucket_stock where item_id = :item and bucket = :bucket for update"


@pytest.fixture
def house(fresh_database: FreshDatabase) -> Warehouse:
    """A house where three units of A are packed, three in a tote, and three shipped."""
    with transaction(system(), now=NOW) as uow:
        house = build(uow)
        stock(uow, house, A={"P-1": 12}, B={"P-1": 12})
        place = {"tenant_id": house.tenant, "site_id": house.site}
        reserve_stock(uow, **place, order_id="o1", customer_id="", demands=want(house, ("l1", "A", 9)))
        pick_stock(
            uow, **place, order_id="o1", line_id="l1", item_id=house.items["A"], location_code="P-1", quantity=9,
            tote="T",
        )  # fmt: skip
        pack_stock(uow, **place, order_id="o1", lines=[(house.items["A"], 6)])
        ship_stock(uow, **place, reference="par_1", lines=[(house.items["A"], 3)])
    return house


@contextmanager
def made_to_wait(
    database: FreshDatabase, row: str, facts: dict[str, str], work: Callable[[UnitOfWork], object]
) -> Iterator[Connection]:
    """Hold a row until `work`, in a thread of its own, waits for it; at the end let it go on, and see that it can."""

    def command() -> None:
        with transaction(system(), now=NOW + timedelta(hours=1)) as uow:
            work(uow)

    with ThreadPoolExecutor(1) as floor, database.engine.connect() as holder:
        holder.execute(text("select set_config('app.tenant', '*', true)"))
        assert holder.execute(text(row), facts).all() == [(1,)]
        waiting: Future[None] = floor.submit(command)
        pause = threading.Event()
        while not holder.execute(WAITING).scalar_one():
            assert not waiting.done(), waiting.exception()
            pause.wait(0.01)
        yield holder
        holder.rollback()
        waiting.result()
    assert_invariants()


def test_expiry_locks_levels_in_their_order(fresh_database: FreshDatabase, house: Warehouse) -> None:
    """An order of two items of which only the later one (by key) is due: whoever reserves both must not meet it."""
    first, second = sorted(house.items.values())
    with transaction(system(), now=NOW) as uow:
        for item, minutes in ((first, 600), (second, 1)):
            reserve_stock(
                uow, tenant_id=house.tenant, site_id=house.site, order_id="o2", customer_id="",
                demands=[Demand(item, item, 2)], expires_at=NOW + timedelta(minutes=minutes),
            )  # fmt: skip
    with made_to_wait(fresh_database, LEVEL, {"item": first}, lambda uow: expire_reservations(uow, limit=10)) as holder:
        assert holder.execute(text(f"{LEVEL} skip locked"), {"item": second}).all() == [(1,)]


@pytest.mark.parametrize("command", ["pack", "unpack", "ship", "return"])
def test_buckets_are_locked_in_their_order(fresh_database: FreshDatabase, house: Warehouse, command: str) -> None:
    """Goods go from tote to parcel and back, and out and back in: those who do both at once must not meet."""
    item, place = house.items["A"], {"tenant_id": house.tenant, "site_id": house.site}
    with transaction(system(), now=NOW) as uow:
        receive_return(uow, **place, item_id=item, quantity=1, reference="rma_1")
    # The two buckets of each command, in key order.
    buckets = {
        "pack": ("IN_TOTE", "PACKED"), "unpack": ("IN_TOTE", "PACKED"), "ship": ("PACKED", "SHIPPED"),
        "return": ("RETURN_RECEIVED", "SHIPPED"),
    }[command]  # fmt: skip
    work: dict[str, Callable[[UnitOfWork], object]] = {
        "pack": lambda uow: pack_stock(uow, **place, order_id="o1", lines=[(item, 1)]),
        "unpack": lambda uow: unpack_stock(uow, **place, order_id="o1", lines=[(item, 1)]),
        "ship": lambda uow: ship_stock(uow, **place, reference="par_2", lines=[(item, 1)]),
        "return": lambda uow: receive_return(uow, **place, item_id=item, quantity=1, reference="rma_2"),
    }
    with made_to_wait(fresh_database, BUCKET, {"item": item, "bucket": buckets[0]}, work[command]) as holder:
        found = holder.execute(text(f"{BUCKET} skip locked"), {"item": item, "bucket": buckets[1]}).all()
        assert found == [(1,)]
