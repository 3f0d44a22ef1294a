import asyncio
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from app.hot.routes import close_hot_pool, hot_routes, open_hot_pool
from inventory.api import adjust_stock, allocate_stock, pick_stock, release_stock, reserve_stock
from kernel.access.commands import issue_key
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, run, transaction
from tests.inventory.warehouse import Warehouse, assert_invariants, build, level, stock, want

THREADS = 16


def at_once(work: Callable[[int], int]) -> int:
    """Run `work` in sixteen threads that start together, and return the sum of its answers."""
    barrier = threading.Barrier(THREADS)

    def started(n: int) -> int:
        barrier.wait()
        return work(n)

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(started, range(THREADS)))


def open_house(**held: dict[str, int]) -> Warehouse:
    with transaction(system()) as uow:
        house = build(uow)
        stock(uow, house, **held)
    return house


def reserve(house: Warehouse, order: str, *lines: tuple[str, str, int]) -> int:
    def work(uow: UnitOfWork) -> int:
        outcome = reserve_stock(
            uow, tenant_id=house.tenant, site_id=house.site, order_id=order, customer_id="",
            demands=want(house, *lines),
        )  # fmt: skip
        return sum(outcome.reserved.values())

    return run(system(), work)


def levels(house: Warehouse) -> list[tuple[int, int]]:
    with transaction(system()) as uow:
        return [level(uow, house, sku) for sku in ("A", "B")]


@pytest.mark.usefixtures("fresh_database")
def test_sixteen_buyers_get_exactly_the_stock() -> None:
    house = open_house(A={"P-1": 100}, B={"P-2": 1000})

    def buy(n: int) -> int:
        chance = random.Random(n)  # noqa: S311 - a seeded crowd, not a secret
        return sum(reserve(house, f"o-{n}-{k}", ("l", "A", chance.randint(1, 3))) for k in range(12))

    # Until fewer than three units are left nobody is refused, so that the last units go to somebody who wants one.
    sold = at_once(buy) + sum(reserve(house, f"last-{k}", ("l", "A", 1)) for k in range(3))
    assert sold == 100
    assert levels(house)[0] == (100, 100)
    assert_invariants()


@pytest.mark.usefixtures("fresh_database")
def test_orders_that_want_items_crosswise_do_not_deadlock_and_get_all_or_nothing() -> None:
    house = open_house(A={"P-1": 40}, B={"P-2": 60})

    def buy(n: int) -> int:
        wanted = [("l1", "A", 1), ("l2", "B", 1)]
        lines = wanted if n % 2 else wanted[::-1]
        return sum(reserve(house, f"o-{n}-{k}", *lines) for k in range(5))

    assert at_once(buy) == 80
    assert levels(house) == [(40, 40), (60, 40)]
    assert_invariants()


@pytest.mark.usefixtures("fresh_database")
def test_the_book_stays_true_while_everybody_works_on_one_item() -> None:
    house = open_house(A={"P-1": 60, "P-2": 60})

    def work(n: int) -> int:
        done = 0
        for k in range(4):
            order = f"o-{n}-{k}"
            done += reserve(house, order, ("l", "A", 2))
            run(system(), lambda uow, order=order: _go_on(uow, house, n, order))  # type: ignore[misc]  # bound now
        return done

    assert at_once(work) > 0
    assert_invariants()


def _go_on(uow: UnitOfWork, house: Warehouse, n: int, order: str) -> None:
    place = {"tenant_id": house.tenant, "site_id": house.site}
    found = allocate_stock(uow, **place, order_id=order)
    if n % 4 == 0:
        release_stock(uow, tenant_id=house.tenant, order_id=order, reason="cancel")
    elif n % 4 == 1 and len(found):
        one = next(iter(found))
        pick_stock(
            uow, **place, order_id=order, line_id="l", item_id=house.items["A"], location_code=one.location_code,
            quantity=one.quantity, tote="T",
        )  # fmt: skip
    elif n % 4 == 2:
        adjust_stock(uow, **place, item_id=house.items["A"], location_code="P-3", delta=1, reason="found")


@pytest.mark.usefixtures("fresh_database")
def test_shoppers_over_http_and_the_back_office_share_one_truth() -> None:
    house = open_house(A={"P-1": 150}, B={"P-2": 1})
    with transaction(system()) as uow:
        key = issue_key(uow, tenant_id=house.tenant, name="shop", scopes=["stock:write"]).secret
    office: list[int] = []
    clerk = threading.Thread(
        target=lambda: office.extend(reserve(house, f"office-{k}", ("l", "A", 1)) for k in range(60))
    )
    clerk.start()
    sold = asyncio.run(_shop(key))
    clerk.join()
    assert sold + sum(office) == 150
    assert levels(house)[0] == (150, 150)
    with transaction(system()) as uow:
        events = uow.session.execute(
            text("select count(*) from event where type = 'inventory.stock_reserved.v1'")
        ).scalar_one()
    assert events == 150
    assert_invariants()


async def _shop(key: str) -> int:
    app = Starlette(routes=hot_routes)
    await open_hot_pool(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test") as client:

        async def buy(n: int) -> int:
            sold = 0
            for k in range(12):
                own = f"cart-{n}-{k}"
                answer = await client.post(
                    "/v1/reservations",
                    json={"reference": own, "lines": [{"sku": "A", "quantity": 1}]},
                    headers={"authorization": f"Bearer {key}", "idempotency-key": own},
                )
                assert answer.status_code in (201, 409)
                sold += answer.status_code == 201
            return sold

        sold = sum(await asyncio.gather(*(buy(n) for n in range(16))))
    await close_hot_pool(app)
    return sold
