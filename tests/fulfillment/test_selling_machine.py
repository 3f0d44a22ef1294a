"""Any history of orders under rules for selling ahead, against a model in plain lists: none, backorders, preorders."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, text

from fulfillment import api
from fulfillment.commands import reserve_order
from inventory import api as inventory
from inventory.api import Oversell
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.events import Event
from tests.fulfillment import house as h
from tests.plugin.examples import examples

UNITS, SKU, NTH = st.integers(1, 4), st.sampled_from(("A", "A", "A", "B")), st.integers(0, 9)
T = TypeVar("T")
WANTED = st.dictionaries(SKU, UNITS, min_size=1)
_LINES = text(
    "select l.order_id, l.sku, l.promised, l.backordered from order_line l where l.promised + l.backordered > 0"
)


@dataclass(slots=True)
class Line:
    promised: int
    waiting: int


@dataclass(slots=True)
class Placed:
    """An order as the model knows it; it goes out complete unless it may be split."""

    number: str
    split: bool
    lines: dict[str, Line]


@dataclass(slots=True)
class Promise:
    """Units promised at once to one line."""

    order: Placed
    units: int


@dataclass(slots=True)
class Shelf:
    """What the model knows of an item: its units, to whom they are promised (oldest first), and its rule."""

    on_hand: int = 0
    promises: list[Promise] = field(default_factory=list)
    rule: Oversell = field(default_factory=Oversell)

    @property
    def free(self) -> int:
        return self.on_hand - sum(p.units for p in self.promises)


class SellingMachine(RuleBasedStateMachine):
    """A shop whose orders are refused when stock lacks, but for what its items let it sell ahead."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.point = connection.begin_nested()
        self.now: datetime = h.NOW
        with transaction(system(), now=self.now) as uow:
            self.house = h.build(uow, drawn=False)
            api.set_order_policy(uow, tenant_id=self.house.tenant, on_shortage="refuse", horizon_days=14)
        self.shelves = {"A": Shelf(), "B": Shelf()}
        self.orders: list[Placed] = []

    def teardown(self) -> None:
        with transaction(system(), now=self.now) as uow:
            broken = h.broken_invariants(uow)
        self.point.rollback()
        assert broken == []

    def do(self, act: Callable[[UnitOfWork], T], then: Callable[[], None] = lambda: None) -> T:
        """Run a command, then hand what it told to those who wait for stock, until nothing more follows."""
        self.now += timedelta(minutes=1)
        with transaction(system(), now=self.now) as uow:
            answer = act(uow)
            told: list[Event] = list(uow.emitted)
        then()
        while told:
            self.now += timedelta(minutes=1)
            with transaction(system(), now=self.now) as uow:
                h.deliver(uow, told)
                told = list(uow.emitted)
        return answer

    # What the model does

    def let_in(self, wanted: dict[str, int], *, today: date, split: bool) -> Placed | None:
        """Promise what there is, when all that lacks may be sold ahead; None when the order is refused."""
        for sku, units in wanted.items():
            shelf = self.shelves[sku]
            lacking = max(0, units - shelf.free)
            waiting = sum(order.lines[sku].waiting for order in self.orders if sku in order.lines)
            open_rule = shelf.rule.policy != "none" and (shelf.rule.until is None or today <= shelf.rule.until)
            if lacking and (not open_rule or lacking + waiting > shelf.rule.units):
                return None
        order = Placed("", split, {sku: Line(0, units) for sku, units in wanted.items()})
        for sku in wanted:
            self.give(order, sku)
        return order

    def give(self, order: Placed, sku: str) -> None:
        shelf, line = self.shelves[sku], order.lines[sku]
        units = min(line.waiting, shelf.free)
        if units:
            line.promised, line.waiting = line.promised + units, line.waiting - units
            shelf.promises.append(Promise(order, units))

    def fill(self, skus: list[str]) -> None:
        """Whoever ordered first is served first; who wants all at once is served when all is there."""
        for order in self.orders:
            lacking = {sku: line.waiting for sku, line in order.lines.items() if line.waiting}
            if not lacking.keys() & set(skus):
                continue
            if order.split or all(units <= self.shelves[sku].free for sku, units in lacking.items()):
                for sku in lacking:
                    self.give(order, sku)

    # What happens

    @initialize(a=UNITS, rule=st.integers(1, 5))
    def open_the_shop(self, a: int, rule: int) -> None:
        self.sell("A", "backorder", rule, 0)
        self.receive("A", a)

    @rule(sku=SKU, policy=st.sampled_from(("none", "backorder", "preorder")), units=st.integers(1, 6), days=UNITS)
    def sell(self, sku: str, policy: str, units: int, days: int) -> None:
        until = self.now.date() + timedelta(days=days) if policy == "preorder" else None
        found = Oversell(policy, units if policy != "none" else 0, until)
        item_id = self.house.items[sku]

        def then() -> None:
            self.shelves[sku].rule = found
            self.fill([sku])

        self.do(
            lambda uow: inventory.set_selling_rules(uow, tenant_id=self.house.tenant, item_id=item_id, oversell=found),
            then,
        )

    @rule(days=st.integers(1, 3))
    def pass_days(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(wanted=WANTED, split=st.booleans())
    def order(self, wanted: dict[str, int], *, split: bool) -> None:
        draft = h.draft(
            *wanted.items(), placed_at=self.now, promised_on=None, split_policy="split" if split else "all_or_nothing"
        )
        place = partial(api.place_orders, tenant_id=self.house.tenant, drafts=[draft])
        placed = self.let_in(wanted, today=(self.now + timedelta(minutes=1)).date(), split=split)
        (result,) = self.do(place)
        assert result.created == (placed is not None)
        if placed is None:
            assert isinstance(result.problem, inventory.InsufficientStock)
        else:
            assert result.order
            placed.number = result.order.id
            self.orders.append(placed)

    order_more, order_yet_more = order, order

    @rule(nth=NTH)
    def cancel(self, nth: int) -> None:
        if not self.orders:
            return
        gone = self.orders[nth % len(self.orders)]

        def then() -> None:
            self.orders.remove(gone)
            for shelf in self.shelves.values():
                shelf.promises = [p for p in shelf.promises if p.order is not gone]
            self.fill([sku for sku, line in gone.lines.items() if line.promised])

        self.do(lambda uow: api.cancel_order(uow, tenant_id=self.house.tenant, order_id=gone.number, reason="x"), then)

    @rule(sku=SKU, units=UNITS)
    def receive(self, sku: str, units: int) -> None:
        def then() -> None:
            self.shelves[sku].on_hand += units
            self.fill([sku])

        self.do(lambda uow: h.stock(uow, self.house, **{sku: {"A-01-01-1": units}}), then)

    @rule(sku=SKU, units=UNITS)
    def lose(self, sku: str, units: int) -> None:
        shelf = self.shelves[sku]
        units = min(units, shelf.on_hand)
        if not units:
            return
        where = {"tenant_id": self.house.tenant, "site_id": self.house.site, "item_id": self.house.items[sku]}

        def then() -> None:
            shelf.on_hand -= units
            for promise in reversed(shelf.promises):
                lost = min(promise.units, max(0, -shelf.free))
                promise.units -= lost
                promise.order.lines[sku].promised -= lost
                promise.order.lines[sku].waiting += lost
            shelf.promises = [p for p in shelf.promises if p.units]

        self.do(
            lambda uow: inventory.adjust_stock(uow, **where, location_code="A-01-01-1", delta=-units, reason="x"), then
        )

    # After each step

    @invariant()
    def the_orders_are_the_models(self) -> None:
        with transaction(system(), now=self.now) as uow:
            found = {(row.order_id, row.sku): (row.promised, row.backordered) for row in uow.session.execute(_LINES)}
            stock = {
                each.sku: each for each in inventory.availability(uow, tenant_id=self.house.tenant, skus=["A", "B"])
            }
        assert found == {
            (order.number, sku): (line.promised, line.waiting)
            for order in self.orders for sku, line in order.lines.items()
        }  # fmt: skip
        for sku, shelf in self.shelves.items():
            assert (stock[sku].on_hand, stock[sku].available) == (shelf.on_hand, shelf.free)

    @invariant()
    def no_unit_lies_free_that_a_split_order_waits_for(self) -> None:
        for order in self.orders:
            if order.split:
                assert all(not (line.waiting and self.shelves[sku].free) for sku, line in order.lines.items())


@pytest.mark.thorough
@pytest.mark.hypothesis
def test_any_history_of_selling_ahead_is_the_models(database: Connection) -> None:
    """Domain E20. vendurehq/vendure#1738 and nopCommerce#8085 (sold beyond the number), woocommerce#44273 (who ordered
    first), erpnext#50401 (what is there goes out, the rest waits).
    """
    run_state_machine_as_test(
        lambda: SellingMachine(database), settings=settings(max_examples=examples(12), stateful_step_count=30)
    )


def nobody_counts_who_waits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reserve_order, "_waiting", lambda *_: Counter())


def a_preorder_never_ends(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Oversell, "room", lambda rule, _, waiting: max(0, rule.units - waiting))


def what_is_there_is_not_promised_when_the_rest_waits(patch: pytest.MonkeyPatch) -> None:
    honest = reserve_order._reserve

    def reserve(uow: UnitOfWork, row: object, demands: object, _: str) -> inventory.ReservationOutcome:
        return honest(uow, row, demands, "all_or_nothing")  # type: ignore[arg-type]  # what the caller gave

    patch.setattr(reserve_order, "_reserve", reserve)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "plant",
    [nobody_counts_who_waits, a_preorder_never_ends, what_is_there_is_not_promised_when_the_rest_waits],
    ids=lambda plant: plant.__name__,
)
def test_the_machine_finds_every_fault_that_is_planted(
    database: Connection, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    budget = settings(
        max_examples=36, stateful_step_count=30, phases=[Phase.generate], derandomize=True, database=None,
        report_multiple_bugs=False,
    )  # fmt: skip
    with pytest.raises(AssertionError):
        run_state_machine_as_test(lambda: SellingMachine(database), settings=budget)
