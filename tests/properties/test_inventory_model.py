from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from inventory.api import (
    adjust_stock,
    allocate_stock,
    pack_stock,
    pick_stock,
    put_back_stock,
    release_stock,
    report_short,
    reserve_stock,
    ship_stock,
)
from inventory.invariants import INVARIANTS
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Refusal
from kernel.invariants import check
from tests.inventory.warehouse import Warehouse, buckets, build, level, stock, want
from tests.plugin.examples import examples

PLACES = ("P-1", "P-2", "BULK")
ORDERS = ("o1", "o2", "o3")


@dataclass(slots=True)
class Model:
    """What the house should know of one item, told in the simplest way."""

    on_hand: int = 0
    promised: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ORDERS, 0))
    buckets: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("IN_TOTE", "PACKED", "SHIPPED"), 0))

    @property
    def reserved(self) -> int:
        return sum(self.promised.values())

    @property
    def free(self) -> int:
        return self.on_hand - self.reserved


Step = tuple[str, str, str, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "receive",
                "reserve",
                "split",
                "release",
                "allocate",
                "pick",
                "pack",
                "ship",
                "put_back",
                "adjust",
                "short",
            )
        ),
        st.sampled_from(ORDERS),
        st.sampled_from(PLACES),
        st.integers(1, 6),
    ),
    min_size=1,
    max_size=25,
)


@pytest.mark.usefixtures("database")
@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(steps=[("short", "o1", "P-1", 1)])
@given(steps=STEPS)
def test_any_history_leaves_the_book_as_the_model_says(database: Connection, steps: list[Step]) -> None:
    with scratch(database), transaction(system()) as uow:
        house, model = build(uow), Model()
        for step in steps:
            VERBS[step[0]](uow, house, model, step)
            assert level(uow, house, "A") == (model.on_hand, model.reserved), step
            found = buckets(uow, house, "A")
            assert {b: found.get(b, 0) for b in model.buckets} == model.buckets, step
        broken = [f.invariant.name for f in (check(uow, invariant) for invariant in INVARIANTS) if f.violated]
        assert broken == []


@contextmanager
def scratch(database: Connection) -> Iterator[None]:
    """Undo what one example did: the fixture is shared by all examples."""
    point = database.begin_nested()
    yield
    point.rollback()


Verb = Callable[[UnitOfWork, Warehouse, Model, Step], None]


def receive(uow: UnitOfWork, house: Warehouse, model: Model, step: Step) -> None:
    _, _, place, units = step
    stock(uow, house, A={place: units})
    model.on_hand += units


def reserve(uow: UnitOfWork, house: Warehouse, model: Model, step: Step) -> None:
    _, order, _, units = step
    expected = units if units <= model.free else 0
    assert _reserve(uow, house, order, units, "all_or_nothing") == expected
    model.promised[order] += expected


def split(uow: UnitOfWork, house: Warehouse, model: Model, step: Step) -> None:
    _, order, _, units = step
    expected = min(units, model.free)
    assert _reserve(uow, house, order, units, "split") == expected
    model.promised[order] += expected


def _reserve(uow: UnitOfWork, house: Warehouse, order: str, units: int, policy: str) -> int:
    outcome = reserve_stock(
        uow, tenant_id=house.tenant, site_id=house.site, order_id=order, customer_id="",
        demands=want(house, ("l1", "A", units)), policy=policy,
    )  # fmt: skip
    return sum(outcome.reserved.values())


def release(uow: UnitOfWork, house: Warehouse, model: Model, step: Step) -> None:
    _, order, _, units = step
    expected = min(units, model.promised[order])
    assert release_stock(uow, tenant_id=house.tenant, order_id=order, quantity=units, reason="x") == expected
    model.promised[order] -= expected


def allocate(uow: UnitOfWork, house: Warehouse, model: Model, step: Step) -> None:
    _, order, _, _ = step
    outcome = allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id=order)
    assert sum(a.quantity for a in outcome) + sum(m.quantity for m in outcome.missing) == model.promised[order]


def pick(uow: UnitOfWork, house: Warehouse, model: Model, step: Step) -> None:
    _, order, place, units = step
    where = {"tenant_id": house.tenant, "site_id": house.site, "item_id": house.items["A"]}
    if refused(
        lambda: pick_stock(uow, **where, order_id=order, line_id="l1", location_code=place, quantity=units, tote="T")
    ):
        return
    assert units <= model.promised[order]
    model.on_hand -= units
    model.promised[order] -= units
    model.buckets["IN_TOTE"] += units


def pack(uow: UnitOfWork, house: Warehouse, model: Model, step: Step) -> None:
    _, order, _, units = step
    lines = [(house.items["A"], units)]
    no = refused(lambda: pack_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id=order, lines=lines))
    assert no == (units > model.buckets["IN_TOTE"])
    if not no:
        model.buckets["IN_TOTE"] -= units
        model.buckets["PACKED"] += units


def ship(uow: UnitOfWork, house: Warehouse, model: Model, step: Step) -> None:
    _, order, _, units = step
    lines = [(house.items["A"], units)]
    no = refused(lambda: ship_stock(uow, tenant_id=house.tenant, site_id=house.site, reference=order, lines=lines))
    assert no == (units > model.buckets["PACKED"])
    if not no:
        model.buckets["PACKED"] -= units
        model.buckets["SHIPPED"] += units


def put_back(uow: UnitOfWork, house: Warehouse, model: Model, step: Step) -> None:
    _, order, place, units = step
    where = {"tenant_id": house.tenant, "site_id": house.site, "item_id": house.items["A"]}
    no = refused(
        lambda: put_back_stock(
            uow, **where, order_id=order, line_id="l1", location_code=place, quantity=units, reason="x"
        )
    )
    assert no == (units > model.buckets["IN_TOTE"])
    if not no:
        model.buckets["IN_TOTE"] -= units
        model.on_hand += units


def adjust(uow: UnitOfWork, house: Warehouse, model: Model, step: Step) -> None:
    """Take units out of a bin; the newest promises give way, and the events say how far."""
    _, _, place, units = step
    where = {"tenant_id": house.tenant, "site_id": house.site, "item_id": house.items["A"]}
    before = len(uow.emitted)
    if refused(lambda: adjust_stock(uow, **where, location_code=place, delta=-units, reason="x")):
        return
    over = max(units - model.free, 0)
    model.on_hand -= units
    shorted = [e.data() for e in uow.emitted[before:] if type(e).__name__ == "ReservationShorted"]
    assert sum(s["quantity"] for s in shorted) == over
    for told in shorted:
        model.promised[told["reference"]] -= told["quantity"]


def short(uow: UnitOfWork, house: Warehouse, model: Model, step: Step) -> None:
    _, order, place, units = step
    where = {"tenant_id": house.tenant, "site_id": house.site, "item_id": house.items["A"]}
    held = level(uow, house, "A")[0]
    outcome = report_short(
        uow, **where, order_id=order, line_id="l1", location_code=place, expected=units, found=0, reason="missing"
    )
    lost = held - level(uow, house, "A")[0]
    assert lost == outcome.missing + sum(a.quantity for a in outcome.reallocated) <= units
    model.on_hand -= lost
    model.promised[order] -= outcome.missing


def refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except Refusal:
        return True
    return False


VERBS: dict[str, Verb] = {
    "receive": receive, "reserve": reserve, "split": split, "release": release, "allocate": allocate, "pick": pick,
    "pack": pack, "ship": ship, "put_back": put_back, "adjust": adjust, "short": short,
}  # fmt: skip
