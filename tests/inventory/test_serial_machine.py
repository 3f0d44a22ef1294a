"""Any history of units with serial numbers against a model in plain dicts: no number is in two places, none is lost."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from inventory import api
from inventory.api import Demand, GivenSerial
from inventory.commands import outbound, receiving
from inventory.serials import commands, rules
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Refusal
from tests.inventory.machines import START, HouseMachine
from tests.inventory.warehouse import build, everything
from tests.plugin.examples import examples

NUMBER = st.sampled_from([f"SN-{n}" for n in range(7)])
SOME = st.lists(NUMBER, min_size=1, max_size=3, unique=True)
READ = st.lists(NUMBER, min_size=1, max_size=3)
NTH = st.integers(0, 9)
HERE = ("in_stock", "packed")


class SerialMachine(HouseMachine):
    """One merchant's cameras, tracked by serial number, in and out of one house."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        with transaction(system(), now=START) as uow:
            house = build(uow, skus=())
            camera = api.ItemDraft("A", "Camera", 900, 150, 100, 90, serial_tracked=True)
            self.item = api.create_items(uow, tenant_id=house.tenant, items=[camera])["A"]
        self.own = {"tenant_id": house.tenant, "site_id": house.site}
        self.goods = self.own | {"item_id": self.item}
        self.orders = count()
        self.states: dict[str, str] = {}
        self.packed: dict[str, list[str]] = {}
        self.shelf = 0

    def all_or_nothing(self, *acts: Callable[[UnitOfWork], object]) -> bool:
        """Do what a packer does at once; a refusal on the way leaves nothing of it."""
        with transaction(system(), now=self.now) as uow:
            before, point = self._seen(uow), uow.session.begin_nested()
            try:
                for act in acts:
                    act(uow)
            except Refusal:
                point.rollback()
                uow.forget_since(0)
                assert self._seen(uow) == before
                return False
        return True

    def _seen(self, uow: UnitOfWork) -> tuple[object, ...]:
        return everything(uow), uow.session.execute(_UNITS).all(), uow.session.execute(_STEPS).scalar_one()

    def are(self, serials: Sequence[str], *states: str) -> bool:
        return all(self.states.get(serial, "away") in states for serial in serials)

    @property
    def without_number(self) -> int:
        """Units in the house, on the shelf or packed, less the numbers that are known to be there."""
        units = self.shelf + sum(map(len, self.packed.values()))
        return units - sum(state in HERE for state in self.states.values())

    # Units come in

    @initialize(first=SOME)
    def open_the_house(self, first: list[str]) -> None:
        self.receive(first, 0)

    @rule(read=READ, more=st.sampled_from((0, 0, 0, 1)))
    def receive(self, read: list[str], more: int) -> None:
        receipt = api.Receipt(self.item, "P-1", len(read) + more, "ASN", serials=tuple(read))
        done = self.do(lambda uow: api.receive_many(uow, **self.own, receipts=[receipt]))
        assert (done is not None) == (not more and len(set(read)) == len(read) and self.are(read, "away"))
        if done:
            self.shelf += len(read)
            self.states |= dict.fromkeys(read, "in_stock")

    @rule(read=SOME)
    def restock(self, read: list[str]) -> None:
        """A unit that comes back may be one that nobody knew; one that is in the house already it cannot be."""
        goods = self.goods | {"quantity": len(read), "reference": "rma"}
        done = self.all_or_nothing(
            lambda uow: api.receive_return(uow, **goods),
            lambda uow: api.restock_return(uow, **goods, location_code="P-1", serials=read),
        )
        assert done == (not any(self.are([serial], *HERE) for serial in read))
        if done:
            self.shelf += len(read)
            self.states |= dict.fromkeys(read, "in_stock")

    @rule(read=SOME)
    def discard(self, read: list[str]) -> None:
        goods = self.goods | {"quantity": len(read), "reference": "rma"}
        assert self.all_or_nothing(
            lambda uow: api.receive_return(uow, **goods), lambda uow: api.discard_return(uow, **goods, serials=read)
        )
        self.states |= {serial: "away" for serial in read if self.are([serial], "shipped")}

    # Units go out

    @rule(chosen=SOME)
    def pack(self, chosen: list[str]) -> None:
        order = f"o{next(self.orders)}"
        line = {"order_id": order, "line_id": "l1", "location_code": "P-1"}
        given = [GivenSerial(self.item, serial, "l1", f"par_{order}") for serial in chosen]
        units = len(chosen)
        done = self.all_or_nothing(
            lambda uow: api.reserve_stock(
                uow, **self.own, order_id=order, customer_id="", demands=[Demand("l1", self.item, units)]
            ),
            lambda uow: api.pick_stock(uow, **self.goods, **line, quantity=units, tote="T"),
            lambda uow: api.pack_stock(uow, **self.own, order_id=order, lines=[(self.item, units)]),
            lambda uow: api.give_serials(uow, **self.own, order_id=order, given=given),
        )
        assert done == (units <= self.shelf and self.are(chosen, "in_stock"))
        if done:
            self.shelf -= units
            self.packed[order] = chosen
            self.states |= dict.fromkeys(chosen, "packed")

    @precondition(lambda self: any(state == "in_stock" for state in self.states.values()))
    @rule(nth=NTH, several=st.booleans())
    def pack_what_is_there(self, nth: int, *, several: bool) -> None:
        there = sorted(serial for serial, state in self.states.items() if state == "in_stock")
        start = nth % len(there)
        self.pack(there[start : start + 1 + several])

    @precondition(lambda self: self.packed)
    @rule(nth=NTH)
    def open_again(self, nth: int) -> None:
        order, serials = self._parcel(nth)
        line = {"order_id": order, "line_id": "l1", "location_code": "P-1", "quantity": len(serials)}
        assert self.all_or_nothing(
            lambda uow: api.free_serials(uow, tenant_id=self.own["tenant_id"], units=self._pairs(serials)),
            lambda uow: api.unpack_stock(uow, **self.own, order_id=order, lines=[(self.item, len(serials))]),
            lambda uow: api.put_back_stock(uow, **self.goods, **line, reason="x"),
        )
        self.shelf += len(serials)
        self.states |= dict.fromkeys(serials, "in_stock")

    @precondition(lambda self: self.packed)
    @rule(nth=NTH)
    def ship(self, nth: int) -> None:
        order, serials = self._parcel(nth)
        assert self.all_or_nothing(
            lambda uow: api.ship_stock(uow, **self.own, reference=order, lines=[(self.item, len(serials))]),
            lambda uow: api.ship_serials(uow, tenant_id=self.own["tenant_id"], units=self._pairs(serials)),
        )
        self.states |= dict.fromkeys(serials, "shipped")

    def _parcel(self, nth: int) -> tuple[str, list[str]]:
        order = sorted(self.packed)[nth % len(self.packed)]
        return order, self.packed.pop(order)

    def _pairs(self, serials: Sequence[str]) -> list[tuple[str, str]]:
        return [(self.item, serial) for serial in serials]

    # The books are corrected

    @rule(serial=NUMBER)
    def write_off(self, serial: str) -> None:
        done = self.do(lambda uow: api.write_off_serial(uow, item_id=self.item, serial=serial, reason="stolen"))
        assert (done is not None) == self.are([serial], "in_stock")
        if done:
            self.states[serial] = "away"

    @rule(delta=st.integers(-2, 2))
    def adjust(self, delta: int) -> None:
        where = self.goods | {"location_code": "P-1", "reason": "x"}
        done = self.do(lambda uow: api.adjust_stock(uow, **where, delta=delta))
        assert (done is not None) == (delta != 0 and self.shelf + delta >= 0)
        self.shelf += delta if done else 0

    @rule(read=READ)
    def register(self, read: list[str]) -> None:
        done = self.do(
            lambda uow: api.register_serials(uow, item_id=self.item, site_id=self.own["site_id"], serials=read)
        )
        fits = len(set(read)) == len(read) <= max(0, self.without_number)
        assert (done is not None) == (fits and self.are(read, "away"))
        if done:
            self.states |= dict.fromkeys(read, "in_stock")

    # What a floor does most of the day is tried most often.
    receive_more, ship_more, another_parcel, restock_more = receive, ship, pack_what_is_there, restock

    # After each step

    @invariant()
    def every_number_is_where_the_model_says(self) -> None:
        with transaction(system(), now=self.now) as uow:
            found: dict[str, str] = {}
            holders: Counter[str] = Counter()
            for serial, state, order, is_gone in uow.session.execute(_UNITS):
                found[serial] = ("shipped" if is_gone else "packed") if state == "with_order" else state
                holders[order] += state == "with_order" and not is_gone
            level = uow.session.execute(_LEVEL).scalar() or 0
            without = api.units_without_serial(uow, tenant_id=self.own["tenant_id"], item_id=self.item)
        assert found == self.states
        assert +holders == Counter({order: len(serials) for order, serials in self.packed.items()})
        assert level == self.shelf
        assert without.get(self.own["site_id"], 0) == self.without_number


_UNITS = text("select serial, state, order_id, left_at is not null from serial_unit order by serial")
_STEPS = text("select count(*) from serial_step")
_LEVEL = text("select on_hand from stock_level")


@pytest.mark.thorough
@pytest.mark.hypothesis
@pytest.mark.timeout(600)
def test_any_history_of_serial_numbers_leaves_the_book_as_the_model_says(database: Connection) -> None:
    """Domain E19: serial numbers are unique, and a unit that came back can be sold again (InvenTree#6092)."""
    run_state_machine_as_test(
        lambda: SerialMachine(database), settings=settings(max_examples=examples(8), stateful_step_count=30)
    )


def a_number_is_taken_in_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "_require_new", lambda *_: None)
    patch.setattr(rules, "_TAKE_IN", text(rules._TAKE_IN.text.replace("where serial_unit.state = 'away'", "")))


def a_unit_of_another_parcel_is_packed(patch: pytest.MonkeyPatch) -> None:
    honest = commands.serial_units

    def require(uow: UnitOfWork, *, tenant_id: str, site_id: str, pairs: Any, lock: bool = False) -> Any:
        assert site_id
        return honest(uow, tenant_id=tenant_id, pairs=pairs, lock=lock)

    patch.setattr(commands, "require_serials", require)


def an_opened_parcel_keeps_its_numbers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(api, "free_serials", lambda *_, **__: None)


def what_came_back_stays_shipped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbound, "restock_serials", lambda *_, **__: None)


def what_is_in_the_house_is_discarded(patch: pytest.MonkeyPatch) -> None:
    def discard(uow: UnitOfWork, *, tenant_id: str, item_id: str, serials: Any, reference: str) -> None:
        pairs = [(item_id, serial) for serial in serials]
        commands._change(uow, tenant_id, pairs, kind="discarded", state="away", reference=reference)

    patch.setattr(outbound, "discard_serials", discard)


def a_delivery_needs_no_numbers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(receiving, "check_receipts", lambda *_: None)


FAULTS = (
    a_number_is_taken_in_twice, a_unit_of_another_parcel_is_packed, an_opened_parcel_keeps_its_numbers,
    what_came_back_stays_shipped, what_is_in_the_house_is_discarded, a_delivery_needs_no_numbers,
)  # fmt: skip


@pytest.mark.thorough
@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__)
def test_the_machine_finds_every_fault_with_serial_numbers_that_is_planted(
    database: Connection, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    budget = settings(
        max_examples=30, stateful_step_count=30, phases=[Phase.generate], derandomize=True, database=None,
        report_multiple_bugs=False,
    )  # fmt: skip
    with pytest.raises((AssertionError, SQLAlchemyError)):
        run_state_machine_as_test(lambda: SerialMachine(database), settings=budget)
