import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from fulfillment import api
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.concurrency.floor_storm import WAYS, Account, Person, drain
from tests.fulfillment import house as h
from tests.plugin.databases import FreshDatabase

NIGHTLY = int(os.environ.get("PICKSTREAM_FLOOR_STORM_STEPS", "1500"))
ZONES = ("A", "B", "C", "A", "C")
STOCK = {"A": {"A-01-01-1": 120, "B-02-03-1": 60}, "B": {"A-01-02-1": 120}, "C": {"C-03-06-2": 90, "A-01-05-1": 50}}


@pytest.mark.parametrize(
    ("people", "steps", "zones"),
    [
        pytest.param(4, 120, (), marks=[pytest.mark.thorough, pytest.mark.timeout(300)], id="small"),
        pytest.param(6, 150, ZONES, marks=[pytest.mark.thorough, pytest.mark.timeout(300)], id="pick-and-pass"),
        pytest.param(6, NIGHTLY, (), marks=[pytest.mark.slow, pytest.mark.timeout(3600)], id="nightly"),
        pytest.param(6, NIGHTLY, ZONES, marks=[pytest.mark.slow, pytest.mark.timeout(3600)], id="nightly-zones"),
    ],
)
def test_every_unit_ends_in_one_tote_carton_or_bin(
    fresh_database: FreshDatabase, people: int, steps: int, zones: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Pickers who take each other's walks, rush orders, cancellations, shorts and packing, all at once; with `zones`
    each walk is passed from one to the next, and one of the people picks in any.

    In the middle and at the end every unit that came in is in a bin, a tote or a carton, or was told to be missing, and
    the totes and cartons hold what the orders say.
    """
    seed = random.SystemRandom().randrange(1 << 30)
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, **STOCK)
        api.set_pick_and_pass(uow, site_id=house.site, on=bool(zones))
        for number, zone in enumerate(zones):
            api.choose_zone(uow, site_id=house.site, user_id=f"usr_{number}", zone=zone)
    crew = [Person(house, f"usr_{n}", random.Random(f"{seed}-{n}")) for n in range(people)]  # noqa: S311 - chances
    with ThreadPoolExecutor(people) as floor:
        total = _sum(list(floor.map(lambda person: person.work(steps, WAYS), crew)))
    _print(capsys, seed, total)
    assert total.failures == []
    _require_conservation()

    ended = drain(house, random.Random(seed))  # noqa: S311 - chances

    assert ended.failures == []
    held = _require_conservation()
    assert held["IN_TOTE"] == 0, (seed, ended.refused)
    assert total.done["walk"] > people * steps // 10
    assert bool(total.done["legs handed over"]) == bool(zones)


def _require_conservation() -> Counter[str]:
    """Hold the ledger against bins and orders, and return the units by where they are."""
    with transaction(system(), now=h.NOW) as uow:
        assert h.broken_invariants(uow) == []
        held = _held(uow)
        came = uow.session.execute(
            text("select sum(quantity) from stock_movement where from_bucket = 'EXTERNAL'")
        ).scalar_one()
        in_hand = uow.session.execute(
            text("select coalesce(sum(picked), 0), coalesce(sum(packed), 0) from order_line")
        ).one()
        backs = uow.session.execute(
            text("select coalesce(sum(quantity - done), 0) from pick_task where kind = 'put_back' and state = 'READY'")
        ).scalar_one()
    assert sum(held.values()) == came
    assert held["PACKED"] == in_hand[1]
    assert held["IN_TOTE"] == in_hand[0] + backs
    return held


def _held(uow: UnitOfWork) -> Counter[str]:
    rows = uow.session.execute(
        text(
            "select bucket, sum(units) from (select to_bucket as bucket, sum(quantity) as units from stock_movement"
            " group by 1 union all select from_bucket, -sum(quantity) from stock_movement group by 1) moved"
            " where bucket <> 'EXTERNAL' group by bucket"
        )
    )
    return Counter({bucket: int(units) for bucket, units in rows})


def _sum(accounts: list[Account]) -> Account:
    total = Account()
    for account in accounts:
        total.done.update(account.done)
        total.refused.update(account.refused)
        total.failures += account.failures
    return total


def _print(capsys: pytest.CaptureFixture[str], seed: int, total: Account) -> None:
    with capsys.disabled():
        print(f"\nseed {seed}: {dict(total.done)}\n  refused {dict(total.refused)}\n  {total.failures[:3]}")  # noqa: T201
