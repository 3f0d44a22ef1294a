"""Any history of an item in lots against a model in plain dicts: which units of which lot lie where, and are whose."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from inventory import api, lot_rules
from inventory.api import Demand
from inventory.commands import allocating, moving, outbound, picking
from inventory.domain import bins as bin_rules
from inventory.lots import commands as lot_commands
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.inventory.machines import START, HouseMachine
from tests.inventory.warehouse import build
from tests.plugin.examples import examples

FIRST_DAY = START.date()
GOOD_UNTIL = {"OLD": FIRST_DAY + timedelta(days=7), "MID": FIRST_DAY + timedelta(days=11), "NEW": date(2027, 1, 1)}
"""What is printed on the lots; a customer is to have them for `KEPT_DAYS` more days."""
KEPT_DAYS = 3
PICKABLE, PLACES = ("P-1", "P-2", "BULK"), ("P-1", "P-1", "P-2", "BULK", "DOCK")
PLACE, LOT, UNITS = st.sampled_from(PLACES), st.sampled_from(tuple(GOOD_UNTIL)), st.integers(1, 5)
ORDER, NTH = st.sampled_from(("o1", "o2")), st.integers(0, 9)
Spot = tuple[str, str]
"""A location and a lot."""


class LotMachine(HouseMachine):
    """One merchant's yoghurt, tracked by lot, in the bins of one house."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        with transaction(system(), now=START) as uow:
            house = build(uow, skus=())
            yoghurt = api.ItemDraft("A", "Yoghurt", 150, 70, 70, 90, lot_tracked=True, min_shelf_days=KEPT_DAYS)
            self.item = api.create_items(uow, tenant_id=house.tenant, items=[yoghurt])["A"]
        self.tenant = house.tenant
        self.goods = {"tenant_id": house.tenant, "site_id": house.site, "item_id": self.item}
        self.known: set[str] = set()
        self.blocked: set[str] = set()
        self.bins: Counter[Spot] = Counter()
        self.hospital: Counter[str] = Counter()
        self.quarantine: Counter[str] = Counter()
        self.in_totes = 0
        self.promises: list[list[Any]] = []
        self.aside: Counter[tuple[str, str, str]] = Counter()
        self.picked: dict[str, set[str]] = {"o1": set(), "o2": set()}

    # What the model knows

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def free(self) -> int:
        return self.bins.total() - sum(units for _, units in self.promises)

    def promised(self, order: str) -> int:
        return sum(units for whose, units in self.promises if whose == order)

    def aside_of(self, order: str) -> int:
        return sum(units for (whose, _, _), units in self.aside.items() if whose == order)

    def loose(self, spot: Spot) -> int:
        return self.bins[spot] - sum(units for (_, *at), units in self.aside.items() if tuple(at) == spot)

    def sellable(self, lot: str) -> bool:
        return lot not in self.blocked and self.today <= GOOD_UNTIL[lot] - timedelta(days=KEPT_DAYS)

    def meant(self, place: str, lot: str | None, own: set[str]) -> str | None:
        """Return the lot that somebody means who names none: the one set aside here, or the only one."""
        lying = {each for (at, each), units in self.bins.items() if at == place and units}
        for lots in ({lot} if lot else set(), own, lying):
            if len(lots) == 1:
                return next(iter(lots))
            if lots and lots is lying:
                return None
        return "" if not lying else None

    def shorten(self) -> None:
        """Those promised last give way, until what lies in bins covers the promises."""
        over = -self.free
        for promise in reversed(self.promises):
            units = max(0, min(promise[1], over))
            promise[1] -= units
            over -= units
        self.promises = [promise for promise in self.promises if promise[1]]

    def look_aside(self) -> None:
        """Take over which bins the house has chosen: the model knows how many units, and leaves open which."""
        before = {order: self.aside_of(order) for order in self.picked}
        with transaction(system(), now=self.now) as uow:
            self.aside = Counter({(row[0], row[1], row[2]): row[3] for row in uow.session.execute(_ASIDE)})
        for order, units in before.items():
            assert self.aside_of(order) <= min(units, self.promised(order))

    def hear(self, told: list[Any]) -> None:
        """Compare who was told of lost units with whom the model took them from."""
        before = {order: self.promised(order) for order in self.picked}
        self.shorten()
        lost = Counter({order: before[order] - self.promised(order) for order in self.picked})
        heard: Counter[str] = Counter()
        for event in told:
            if isinstance(event, api.ReservationShorted):
                heard[event.reference] += event.quantity
        assert heard == +lost
        self.look_aside()

    # Goods come in, and are promised

    @initialize(stocked=st.lists(st.tuples(PLACE, LOT, UNITS), min_size=3, max_size=6))
    def open_the_house(self, stocked: list[tuple[str, str, int]]) -> None:
        for place, lot, units in stocked:
            self.receive(place, lot, units, print_is_right=True)

    @rule(place=PLACE, lot=LOT, units=UNITS, print_is_right=st.booleans() | st.just(value=True))
    def receive(self, place: str, lot: str, units: int, *, print_is_right: bool) -> None:
        """A date that differs from the one that is known of a lot is another lot, or a misreading."""
        read = GOOD_UNTIL[lot] if print_is_right else GOOD_UNTIL["NEW"] + timedelta(days=1)
        if not print_is_right and lot not in self.known:
            return
        receipt = api.Receipt(self.item, place, units, "ASN", lot, read)
        own = {name: self.goods[name] for name in ("tenant_id", "site_id")}
        done = self.do(lambda uow: api.receive_many(uow, **own, receipts=[receipt]))
        assert (done is not None) == (print_is_right and self.sellable(lot))
        if done:
            self.known.add(lot)
            self.bins[place, lot] += units

    @rule(order=ORDER, units=UNITS)
    def reserve(self, order: str, units: int) -> None:
        own = {name: self.goods[name] for name in ("tenant_id", "site_id")}
        demands = [Demand("l1", self.item, units)]
        done = self.do(lambda uow: api.reserve_stock(
            uow, **own, order_id=order, customer_id="", demands=demands, policy="split"
        ))  # fmt: skip
        granted = min(units, max(0, self.free))
        assert done
        assert done[0].reserved == ({"l1": granted} if granted else {})
        if granted:
            self.promises.append([order, granted])

    @rule(order=ORDER)
    def allocate(self, order: str) -> None:
        """First expired, first out: of which lots the units are, follows from the dates alone."""
        expected: Counter[tuple[str, str]] = Counter()
        for (whose, _, lot), units in self.aside.items():
            expected[whose, lot] += units
        wanted = self.promised(order) - self.aside_of(order)
        for lot in GOOD_UNTIL:
            units = min(wanted, sum(self.loose((place, lot)) for place in PICKABLE))
            expected[order, lot] += units
            wanted -= units
        own = {name: self.goods[name] for name in ("tenant_id", "site_id")}
        assert self.do(lambda uow: api.allocate_stock(uow, **own, order_id=order))
        with transaction(system(), now=self.now) as uow:
            self.aside = Counter({(row[0], row[1], row[2]): row[3] for row in uow.session.execute(_ASIDE)})
        found: Counter[tuple[str, str]] = Counter()
        for (whose, _, lot), units in self.aside.items():
            found[whose, lot] += units
        assert found == +expected

    @rule(order=ORDER, place=PLACE, lot=st.none() | LOT, units=UNITS)
    def pick(self, order: str, place: str, lot: str | None, units: int) -> None:
        own = {at_lot for (whose, at, at_lot), n in self.aside.items() if (whose, at) == (order, place) and n}
        meant = self.meant(place, lot, own)
        line = {"order_id": order, "line_id": "l1", "location_code": place}
        done = self.do(lambda uow: api.pick_stock(uow, **self.goods, **line, quantity=units, tote="T", lot=lot))
        mine = self.aside[order, place, meant or ""]
        fits = bool(meant) and units <= min(self.promised(order), self.loose((place, meant or "")) + mine)
        assert (done is not None) == (fits and self.today <= GOOD_UNTIL.get(meant or "", date.max))
        if not done or not meant:
            return
        self.bins[place, meant] -= units
        self.in_totes += units
        self.picked[order].add(meant)
        left = units
        for promise in [each for each in self.promises if each[0] == order]:
            taken = min(promise[1], left)
            promise[1] -= taken
            left -= taken
        self.promises = [promise for promise in self.promises if promise[1]]
        self.aside[order, place, meant] -= min(mine, units)
        total = min(self.aside_of(order), self.promised(order))
        self.look_aside()
        assert self.aside_of(order) == total

    @precondition(lambda self: +self.aside)
    @rule(nth=NTH, units=UNITS, is_named=st.booleans())
    def pick_what_lies_aside(self, nth: int, units: int, *, is_named: bool) -> None:
        known = sorted(+self.aside)
        order, place, lot = known[nth % len(known)]
        self.pick(order, place, lot if is_named else None, min(units, self.aside[order, place, lot]))

    @precondition(lambda self: self.in_totes)
    @rule(order=ORDER, place=PLACE, units=UNITS)
    def put_back(self, order: str, place: str, units: int) -> None:
        """Nobody knows which unit it is: it is taken for the picked lot that expires first."""
        if not self.picked[order]:
            return
        lot = min(self.picked[order], key=GOOD_UNTIL.__getitem__)
        line = {"order_id": order, "line_id": "l1", "location_code": place}
        done = self.do(lambda uow: api.put_back_stock(uow, **self.goods, **line, quantity=units, reason="x"))
        assert (done is not None) == (units <= self.in_totes)
        if done:
            self.in_totes -= units
            self.bins[place, lot] += units

    # Time goes by, and lots are called back

    @rule(days=st.integers(1, 2), is_looked_after=st.booleans())
    def let_days_go_by(self, days: int, *, is_looked_after: bool) -> None:
        """What is no longer good stays until somebody looks: it is on hand, and yet nobody gets it."""
        self.now += timedelta(days=days)
        if not is_looked_after:
            return
        done = self.do(lambda uow: api.expire_lots(uow, limit=100))
        assert done
        for spot in [spot for spot, units in self.bins.items() if units and not self.sellable(spot[1])]:
            self.quarantine[spot[1]] += self.bins.pop(spot)
        self.hear(done[1])

    @rule(lot=LOT)
    def call_back(self, lot: str) -> None:
        done = self.do(lambda uow: api.block_lot(
            uow, tenant_id=self.tenant, item_id=self.item, lot=lot, reason="recalled"
        ))  # fmt: skip
        assert (done is not None) == (lot in self.known)
        if done:
            gone = [spot for spot in self.bins if spot[1] == lot]
            assert done[0] == sum(self.bins[spot] for spot in gone)
            for spot in gone:
                self.quarantine[lot] += self.bins.pop(spot)
            self.blocked.add(lot)
            self.hear(done[1])

    @rule(lot=LOT)
    def let_in_again(self, lot: str) -> None:
        done = self.do(lambda uow: api.unblock_lot(uow, tenant_id=self.tenant, item_id=self.item, lot=lot))
        assert (done is not None) == (lot in self.known)
        self.blocked.discard(lot)

    # The book is corrected, and units are carried

    @rule(place=PLACE, lot=LOT, delta=st.integers(-4, 3))
    def adjust(self, place: str, lot: str, delta: int) -> None:
        where = self.goods | {"location_code": place, "reason": "x"}
        done = self.do(lambda uow: api.adjust_stock(uow, **where, delta=delta, lot=lot))
        fits = delta != 0 and lot in self.known and self.bins[place, lot] + delta >= 0
        assert (done is not None) == fits
        if done:
            self.bins[place, lot] += delta
            self.hear(done[1])

    @rule(place=PLACE, goal=st.sampled_from((*PLACES, "HOSP")), lot=st.none() | LOT, units=UNITS)
    def carry(self, place: str, goal: str, lot: str | None, units: int) -> None:
        meant = self.meant(place, lot, set())
        where = self.goods | {"from_code": place, "to_code": goal}
        done = self.do(lambda uow: api.move_stock(uow, **where, quantity=units, lot=lot))
        spot = (place, meant or "")
        assert (done is not None) == (bool(meant) and units <= (self.bins if goal == "HOSP" else self.can_go())[spot])
        if done and meant:
            self.bins[spot] -= units
            (self.hospital if goal == "HOSP" else self.bins)[meant if goal == "HOSP" else (goal, meant)] += units  # type: ignore[index]  # either kind of key
            self.hear(done[1])

    def can_go(self) -> Counter[Spot]:
        return Counter({spot: self.loose(spot) for spot in self.bins})

    @precondition(lambda self: +self.hospital)
    @rule(nth=NTH, goal=PLACE, units=UNITS)
    def discharge(self, nth: int, goal: str, units: int) -> None:
        known = sorted(+self.hospital)
        lot = known[nth % len(known)]
        where = self.goods | {"from_code": "HOSP", "to_code": goal}
        done = self.do(lambda uow: api.move_stock(uow, **where, quantity=units, lot=lot))
        assert (done is not None) == (units <= self.hospital[lot] and self.sellable(lot))
        if done:
            self.hospital[lot] -= units
            self.bins[goal, lot] += units

    # A history that tries at random is refused most of the time: these go where there is something to do.

    @rule(order=ORDER, places=st.tuples(PLACE, PLACE), lots=st.permutations(tuple(GOOD_UNTIL)), units=UNITS, nth=NTH,
          steps=st.integers(0, 3))  # fmt: skip
    def serve_an_order(
        self, *, order: str, places: tuple[str, str], lots: list[str], units: int, nth: int, steps: int
    ) -> None:
        """Goods of two lots come in, and an order gets some of them."""
        for place, lot in zip(places, lots, strict=False):
            self.receive(place, lot, units, print_is_right=True)
        self.reserve(order, units)
        self.allocate(order)
        for _ in range(steps):
            if +self.aside:
                self.pick_what_lies_aside(nth, 1 + units // 2, is_named=nth % 2 == 0)
        if steps > 1 and self.in_totes:
            self.put_back(order, places[1], 1)

    @rule(lot=st.sampled_from(("OLD", "MID")), off=st.integers(0, 1), place=PLACE, units=UNITS, picks=st.booleans())
    def come_to_the_last_day(self, *, lot: str, off: int, place: str, units: int, picks: bool) -> None:
        """What is allowed on the last day, and no more on the one after: to take in, and to pick."""
        day = GOOD_UNTIL[lot] - timedelta(days=0 if picks else KEPT_DAYS) + timedelta(days=off)
        if day <= self.today:
            return
        self.receive(place, lot, units, print_is_right=True)
        self.reserve("o1", units)
        self.allocate("o1")
        self.now += day - self.today
        if not picks:
            self.receive(place, lot, units, print_is_right=True)
        for order, at, of in sorted(+self.aside):
            if picks and of == lot:
                self.pick(order, at, lot, 1)

    @rule(lot=LOT, place=PLACE, is_good=st.booleans(), days=st.integers(1, 4))
    def come_out_of_the_hospital(self, lot: str, place: str, days: int, *, is_good: bool) -> None:
        self.receive(place, lot, 1, print_is_right=True)
        self.carry(place, "HOSP", lot, 1)
        if not is_good:
            self.call_back(lot)
        self.now += timedelta(days=days)
        if self.hospital[lot]:
            self.discharge(sorted(+self.hospital).index(lot), place, 1)

    serve_another, serve_one_more, the_last_day_again = serve_an_order, serve_an_order, come_to_the_last_day
    another_comes_out = come_out_of_the_hospital

    # After each step

    @invariant()
    def every_lot_lies_where_the_model_says(self) -> None:
        with transaction(system(), now=self.now) as uow:
            found = {(row[0], row[1]): row[2] for row in uow.session.execute(_BINS)}
            gone: dict[str, Counter[str]] = {"QUARANTINE": Counter(), "HOSPITAL": Counter()}
            for bucket, lot, units in uow.session.execute(_GONE):
                gone[bucket][lot] = units
            level = uow.session.execute(_LEVEL).one_or_none()
            aside = Counter({(row[0], row[1], row[2]): row[3] for row in uow.session.execute(_ASIDE)})
        assert found == dict(+self.bins)
        assert +gone["QUARANTINE"] == +self.quarantine
        assert +gone["HOSPITAL"] == +self.hospital
        assert tuple(level or (0, 0)) == (self.bins.total(), sum(units for _, units in self.promises))
        assert aside == +self.aside


_BINS = text(
    "select l.code, b.lot, b.quantity from bin_stock b join location l on l.id = b.location_id where b.quantity > 0"
)
_GONE = text(
    "select bucket, lot, cast(sum(units) as bigint) from ("
    " select to_bucket as bucket, lot, quantity as units from stock_movement"
    " union all select from_bucket, lot, -quantity from stock_movement) m"
    " where bucket in ('QUARANTINE', 'HOSPITAL') group by 1, 2"
)
_LEVEL = text("select on_hand, reserved from stock_level")
_ASIDE = text("select a.order_id, l.code, a.lot, a.quantity from allocation a join location l on l.id = a.location_id")


@pytest.mark.thorough
@pytest.mark.hypothesis
@pytest.mark.timeout(600)
def test_any_history_of_lots_leaves_the_book_as_the_model_says(database: Connection) -> None:
    """Domain E18: first expired first out, minimum remaining life, recalls; invariant 1 with the lot in its key."""
    run_state_machine_as_test(
        lambda: LotMachine(database), settings=settings(max_examples=examples(8), stateful_step_count=25)
    )


def the_newest_lot_goes_first(patch: pytest.MonkeyPatch) -> None:
    honest = bin_rules.choose_bins
    turned = {day: date(2026, 1, 1) + (date(2027, 1, 2) - day) for day in GOOD_UNTIL.values()}

    def choose(bins: Any, wanted: int, cases: Any = ()) -> Any:
        own = {(b.location_id, b.lot): b for b in bins}
        backwards = [replace(b, expires_on=turned.get(b.expires_on)) for b in bins]
        return [(own[b.location_id, b.lot], units) for b, units in honest(backwards, wanted, cases)]

    patch.setattr(allocating, "choose_bins", choose)


def a_carried_unit_loses_its_lot(patch: pytest.MonkeyPatch) -> None:
    honest = moving._carry

    def carry(uow: UnitOfWork, level: Any, source: Any, target: Any, *, units: int, lot: str, cause: Any) -> None:
        other = "OLD" if lot == "MID" else lot
        honest(uow, level, source, target, units=units, lot=other, cause=cause)

    patch.setattr(moving, "_carry", carry)


def what_comes_back_is_taken_for_the_newest(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbound, "picked_lot", lambda *_, **__: "NEW")


def a_lot_is_sold_to_its_last_day(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lot_rules, "last_sale_day", lambda expires_on, _: expires_on)


def a_day_too_late_is_quarantined(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        lot_commands,
        "_DUE",
        text(lot_commands._DUE.text.replace("min_shelf_days as int)", "min_shelf_days as int) + 1")),
    )


def another_date_is_taken_for_the_same_lot(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lot_rules, "_match", lambda *_: None)


def an_expired_unit_is_picked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(picking, "_require_good", lambda *_: None)


def a_recalled_lot_comes_out_of_the_hospital(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(moving, "require_sellable_lot", lambda *_: None)


FAULTS = (
    the_newest_lot_goes_first, a_carried_unit_loses_its_lot, what_comes_back_is_taken_for_the_newest,
    a_lot_is_sold_to_its_last_day, a_day_too_late_is_quarantined, another_date_is_taken_for_the_same_lot,
    an_expired_unit_is_picked, a_recalled_lot_comes_out_of_the_hospital,
)  # fmt: skip


@pytest.mark.thorough
@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__)
def test_the_machine_finds_every_fault_with_lots_that_is_planted(
    database: Connection, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    budget = settings(
        max_examples=40, stateful_step_count=25, phases=[Phase.generate], derandomize=True, database=None,
        report_multiple_bugs=False,
    )  # fmt: skip
    with pytest.raises((AssertionError, SQLAlchemyError)):
        run_state_machine_as_test(lambda: LotMachine(database), settings=budget)
