import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import pytest
from sqlalchemy import text

from inventory.api import ItemDraft, Receipt, create_items, receive_many
from kernel.access.commands import create_merchant, issue_key, serve_merchants
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.concurrency.storm import PLACES, Account, Plan, Stall, buy_out, weather
from tests.inventory.warehouse import assert_invariants, build
from tests.plugin.databases import FreshDatabase

NIGHTLY = int(os.environ.get("PICKSTREAM_STORM_OPERATIONS", "200000"))
HOT, COLD, EACH = 3, 40, 30


@pytest.mark.parametrize(
    ("processes", "operations"),
    [
        pytest.param(4, 1_600, marks=[pytest.mark.thorough, pytest.mark.timeout(300)], id="small"),
        pytest.param(16, NIGHTLY, marks=[pytest.mark.slow, pytest.mark.timeout(3600)], id="nightly"),
    ],
)
def test_no_unit_is_lost_or_sold_twice_in_a_storm(
    fresh_database: FreshDatabase, processes: int, operations: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that a day does to stock, at once, from many processes; an eighth of them are shops over HTTP.

    Every answer is added up and held against the book: what was reserved is what reservations were granted, what they
    still hold is that less all that was told to be released, expired, shorted, given up or picked, and what lies in
    bins is what came less what went. At the end the hot goods are bought out, unit by unit: nobody is refused while a
    unit is free.

    Covers, of the threads that users of other systems wrote: concurrent checkouts (saleor#543, woocommerce#44273,
    nopCommerce#8085, django-shop#888), allocations lost or drifting from their counter (vendure#3508, saleor#5334,
    #9308, odoo#62139), holds that never end or end twice (woocommerce#22489, #36702), rows duplicated by simultaneous
    writers (odoo#24555), and cancellation in the middle of everything (grandnode#560, medusa#12796).
    """
    plan = open_stalls(fresh_database.app_url, processes, operations)
    total = at_once(processes, weather, plan)
    _print(capsys, processes, total)
    assert total.failures == []
    with transaction(system()) as uow:
        _require_account(uow, total)
        free = _free(uow, plan)
    assert_invariants()
    bought = at_once(processes, buy_out, plan)
    assert bought.units["reserved"] == sum(free.values())
    with transaction(system()) as uow:
        assert set(_free(uow, plan).values()) == {0}
    assert_invariants()


def open_stalls(app_url: str, processes: int, operations: int) -> Plan:
    with transaction(system()) as uow:
        house = build(uow, skus=())
        rival = create_merchant(uow, code="RIVAL", name="Rival", currency="EUR")
        serve_merchants(uow, site_id=house.site, merchant_ids=[house.tenant, rival])
        stalls = tuple(_stall(uow, house.site, tenant) for tenant in (house.tenant, rival))
    return Plan(app_url, house.site, stalls, 0, processes, operations // processes)


def _stall(uow: UnitOfWork, site: str, tenant: str) -> Stall:
    skus = [f"HOT-{n}" for n in range(HOT)] + [f"COLD-{n}" for n in range(COLD)]
    items = create_items(uow, tenant_id=tenant, items=[ItemDraft(sku, sku, 100, 10, 20, 30) for sku in skus])
    receipts = [Receipt(item, PLACES[n % 3], EACH, "ASN") for n, item in enumerate(items.values())]
    receive_many(uow, tenant_id=tenant, site_id=site, receipts=receipts)
    key = issue_key(uow, tenant_id=tenant, name="shop", scopes=["stock:write"]).secret
    hot = {sku: item for sku, item in items.items() if sku.startswith("HOT")}
    return Stall(tenant, key, hot, {sku: item for sku, item in items.items() if sku not in hot})


def at_once(processes: int, work: Callable[[Plan], Account], plan: Plan) -> Account:
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.concurrency.storm"])
    plans = [replace(plan, seed=n, shops=n % 8 == 3) for n in range(processes)]
    total = Account()
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        for account in pool.map(work, plans):
            total.add(account)
    return total


def _require_account(uow: UnitOfWork, total: Account) -> None:
    granted, held = uow.session.execute(text("select sum(granted), sum(quantity) from reservation")).one()
    on_hand, reserved = uow.session.execute(text("select sum(on_hand), sum(reserved) from stock_level")).one()
    units = total.units
    assert granted == units["reserved"]
    gone = sum(units[key] for key in ("released", "expired", "shorted", "given_up", "picked"))
    assert held == reserved == granted - gone
    came = sum(units[key] for key in ("received", "restocked", "put_back", "counted", "adjusted", "discharged"))
    assert on_hand == 2 * (HOT + COLD) * EACH + came - units["picked"] - units["short"] - units["admitted"]


def _free(uow: UnitOfWork, plan: Plan) -> dict[str, int]:
    hot = [item for stall in plan.stalls for item in stall.hot.values()]
    rows = uow.session.execute(
        text("select item_id, on_hand - reserved from stock_level where item_id = any(:items)"), {"items": hot}
    )
    return {item: int(free) for item, free in rows}


def _print(capsys: pytest.CaptureFixture[str], processes: int, total: Account) -> None:
    with transaction(system()) as uow:
        deadlocks = uow.session.execute(
            text("select deadlocks from pg_stat_database where datname = current_database()")
        ).scalar_one()
    with capsys.disabled():
        print(f"\n{processes} processes, {total.done.total() + total.refused.total()} operations")  # noqa: T201
        for name in sorted(total.done | total.refused):
            print(f"  {name:14}{total.done[name]:8} done {total.refused[name]:8} refused")  # noqa: T201
        print(f"  units: {dict(sorted(total.units.items()))}")  # noqa: T201
        print(f"  deadlocks that PostgreSQL resolved: {deadlocks}; failures: {total.failures[:5]}")  # noqa: T201
