"""Any history of the floor against a model in plain dicts: the book, the promises and the bins never differ from it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, text

from inventory import api
from inventory.api import INVARIANTS, Bucket, Demand
from inventory.domain.buckets import SHORT_REASONS
from kernel.access.commands import create_merchant, serve_merchants
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Refusal
from tests.inventory.warehouse import build, everything
from tests.plugin.examples import examples

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GTIN = "4006381333931"
PICKABLE, PLACES = ("P-1", "P-2", "BULK"), ("P-1", "P-2", "BULK", "DOCK")
ORDERS = ("o1", "o2")
INFINITE = 10**9
SKU_OF_LINE = {"l1": "A", "l2": "A", "l3": "B"}
T = TypeVar("T")

# Most of it happens to one item of one merchant, so that short histories become dense ones.
MERCHANTS = st.sampled_from((0, 0, 0, 1))
SKUS = st.sampled_from(("A", "A", "A", "B"))
UNITS = st.integers(1, 5)
PLACE = st.sampled_from(PLACES)
ORDER = st.sampled_from(ORDERS)
LINE = st.sampled_from(("l1", "l1", *SKU_OF_LINE))
WANTED = st.lists(st.tuples(LINE, UNITS), min_size=1, max_size=3, unique_by=lambda wanted: wanted[0])
AIM = st.one_of(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.none())
CHANNEL = st.sampled_from(("", "", "web", "market"))
KEPT = st.dictionaries(st.tuples(st.sampled_from(("", "market")), st.booleans()), st.integers(0, 4), max_size=3)
PARTS = st.lists(st.tuples(SKUS, UNITS), min_size=1, max_size=2)


@dataclass(slots=True)
class Promise:
    """Units promised to a line, in the order in which they were promised."""

    order: str
    line: str
    units: int
    expires: datetime | None
    nth: int


@dataclass(slots=True)
class Shelf:
    """All that the house should know of one item of one merchant, told in the simplest way."""

    bins: dict[str, int] = field(default_factory=dict)
    frozen: set[str] = field(default_factory=set)
    buckets: Counter[str] = field(default_factory=Counter)
    promises: list[Promise] = field(default_factory=list)
    aside: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    kept: dict[tuple[str, bool], int] = field(default_factory=dict)

    def sellable(self, channel: str) -> int:
        """What is free and not kept from a channel: its own rule before every channel's, the site's before all sites'.

        Less than nothing when more is kept than is free.
        """
        rules = [(channel, True), (channel, False), ("", True), ("", False)]
        return self.free - next((self.kept[rule] for rule in rules if rule in self.kept), 0)

    @property
    def on_hand(self) -> int:
        return sum(self.bins.values())

    @property
    def reserved(self) -> int:
        return sum(p.units for p in self.promises)

    @property
    def free(self) -> int:
        return self.on_hand - self.reserved

    def promised(self, order: str, line: str) -> int:
        return sum(p.units for p in self.promises if (p.order, p.line) == (order, line))

    def aside_for(self) -> Counter[tuple[str, str]]:
        """What lies aside for each line, in whatever bins."""
        totals: Counter[tuple[str, str]] = Counter()
        for (order, line, _), units in self.aside.items():
            totals[order, line] += units
        return totals

    def loose(self, place: str) -> int:
        """Units of a bin that lie aside for nobody."""
        return self.bins.get(place, 0) - sum(units for (_, _, at), units in self.aside.items() if at == place)

    def on_offer(self) -> int:
        """Units that could be set aside: in open bins where somebody picks."""
        return sum(self.loose(place) for place in PICKABLE if place not in self.frozen)

    def arrive(self, place: str, units: int) -> None:
        self.bins[place] = self.bins.get(place, 0) + units

    def take_promises(self, wanted: int, chosen: Sequence[Promise], kept: Counter[tuple[str, str]]) -> Counter[str]:
        """Take promised units in the given order, but not what is `kept` for a line; return the units by order."""
        taken: Counter[str] = Counter()
        for promise in chosen:
            spare = self.promised(promise.order, promise.line) - kept[promise.order, promise.line]
            units = max(0, min(promise.units, wanted, spare))
            promise.units -= units
            wanted -= units
            taken[promise.order] += units
        assert wanted <= 0, "the model has fewer promises than had to give way"
        self.promises = [p for p in self.promises if p.units]
        return +taken


class StockMachine(RuleBasedStateMachine):
    """Two merchants sell the same goods (one GTIN) out of one house, and number their orders alike."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.numbers = count()
        self.point = connection.begin_nested()
        self.now = START
        with transaction(system(), now=START) as uow:
            house = build(uow, skus=())
            tenants = (house.tenant, create_merchant(uow, code="RIVAL", name="Rival", currency="EUR"))
            serve_merchants(uow, site_id=house.site, merchant_ids=list(tenants))
            drafts = [api.ItemDraft(sku, f"Thing {sku}", 100, 10, 20, 30, (GTIN,)) for sku in ("A", "B")]
            self.items = [api.create_items(uow, tenant_id=tenant, items=drafts) for tenant in tenants]
        self.site, self.tenants = house.site, tenants
        self.shelves = {(m, sku): Shelf() for m in (0, 1) for sku in ("A", "B")}

    def teardown(self) -> None:
        self.point.rollback()

    # What each rule needs

    def do(self, act: Callable[[UnitOfWork], T]) -> tuple[T, list[Any]] | None:
        """Run a command in a transaction of its own; return its answer and what it told, or None when it refused.

        What a refused command leaves behind is looked for before its transaction is rolled back.
        """
        self.now += timedelta(seconds=1)
        with transaction(system(), now=self.now) as uow:
            point = uow.session.begin_nested()
            try:
                return act(uow), list(uow.emitted)
            except Refusal:
                left = everything(uow)
                point.rollback()
                assert left == everything(uow)
                assert uow.emitted == ()
        return None

    def of(self, m: int) -> dict[str, str]:
        return {"tenant_id": self.tenants[m], "site_id": self.site}

    def item(self, m: int, sku: str) -> dict[str, str]:
        return self.of(m) | {"item_id": self.items[m][sku]}

    def line(self, m: int, order: str, line: str) -> tuple[dict[str, str], Shelf]:
        sku = SKU_OF_LINE[line]
        return self.item(m, sku) | {"order_id": order, "line_id": line}, self.shelves[m, sku]

    def aimed(self, m: int, aim: int | None) -> tuple[str, str, str] | None:
        """Most pickers go where units lie aside for a line: return one such line and its bin."""
        known = sorted(key for sku in ("A", "B") for key in +self.shelves[m, sku].aside)
        return known[aim % len(known)] if known and aim is not None else None

    def look_aside(self) -> None:
        """Take over which bins the house has chosen: the model knows how many units, and leaves open which."""
        with transaction(system(), now=self.now) as uow:
            found = self._aside(uow)
        for key, shelf in self.shelves.items():
            shelf.aside = found[key]

    def _aside(self, uow: UnitOfWork) -> dict[tuple[int, str], Counter[tuple[str, str, str]]]:
        found: dict[tuple[int, str], Counter[tuple[str, str, str]]] = {key: Counter() for key in self.shelves}
        for tenant, item, order, line, place, units in uow.session.execute(_ASIDE):
            found[self._key(tenant, item)][order, line, place] += units
        return found

    def _key(self, tenant: str, item: str) -> tuple[int, str]:
        m = self.tenants.index(tenant)
        return m, next(sku for sku, own in self.items[m].items() if own == item)

    # Goods come in

    @initialize(stocked=st.lists(st.tuples(MERCHANTS, SKUS, PLACE, UNITS), min_size=4, max_size=10))
    def open_the_house(self, stocked: list[tuple[int, str, str, int]]) -> None:
        for m, sku, place, units in stocked:
            self.receive(m, sku, place, units)

    @rule(m=MERCHANTS, sku=SKUS, place=PLACE, units=UNITS)
    def receive(self, m: int, sku: str, place: str, units: int) -> None:
        where = self.item(m, sku) | {"location_code": place, "reference": "ASN"}
        assert self.do(lambda uow: api.receive_stock(uow, **where, quantity=units))
        self.shelves[m, sku].arrive(place, units)

    @rule(m=MERCHANTS, sku=SKUS, units=UNITS)
    def receive_return(self, m: int, sku: str, units: int) -> None:
        assert self.do(lambda uow: api.receive_return(uow, **self.item(m, sku), quantity=units, reference="rma"))
        buckets = self.shelves[m, sku].buckets
        buckets["SHIPPED"] -= min(units, buckets["SHIPPED"])
        buckets["RETURN_RECEIVED"] += units

    @rule(m=MERCHANTS, sku=SKUS, units=UNITS, place=st.none() | PLACE)
    def restock(self, m: int, sku: str, units: int, place: str | None) -> None:
        where = self.item(m, sku) | {"reference": "rma"}
        done = self.do(lambda uow: api.restock_return(uow, **where, quantity=units, location_code=place))
        shelf = self.shelves[m, sku]
        assert (done is None) == (units > shelf.buckets["RETURN_RECEIVED"])
        if done:
            shelf.buckets["RETURN_RECEIVED"] -= units
            shelf.arrive(done[0], units)

    @rule(m=MERCHANTS, sku=SKUS, units=UNITS, bucket=st.sampled_from((Bucket.DAMAGED, Bucket.EXTERNAL)))
    def discard(self, m: int, sku: str, units: int, bucket: Bucket) -> None:
        where = self.item(m, sku) | {"reference": "rma"}
        done = self.do(lambda uow: api.discard_return(uow, **where, quantity=units, bucket=bucket))
        self._shifted(m, [(sku, units)], "RETURN_RECEIVED", bucket.value, accepted=done is not None)

    # Promises

    @rule(m=MERCHANTS, sku=SKUS, kept=KEPT)
    def keep(self, m: int, sku: str, kept: dict[tuple[str, bool], int]) -> None:
        rules = [api.SafetyStock(units, channel, self.site if here else "") for (channel, here), units in kept.items()]
        own = {"tenant_id": self.tenants[m], "item_id": self.items[m][sku]}
        assert self.do(lambda uow: api.set_selling_rules(uow, **own, safety_stock=rules))
        self.shelves[m, sku].kept = kept

    @rule(
        m=MERCHANTS, order=ORDER, wanted=WANTED, split=st.booleans(), minutes=st.none() | st.integers(1, 3),
        channel=CHANNEL,
    )  # fmt: skip
    def reserve(
        self, *, m: int, order: str, wanted: list[tuple[str, int]], split: bool, minutes: int | None, channel: str
    ) -> None:
        expires = self.now + timedelta(minutes=minutes) if minutes else None
        demands = [Demand(line, self.items[m][SKU_OF_LINE[line]], units) for line, units in wanted]
        done = self.do(
            lambda uow: api.reserve_stock(
                uow,
                **self.of(m),
                order_id=order,
                customer_id="",
                demands=demands,
                expires_at=expires,
                channel=channel,
                policy="split" if split else "all_or_nothing",
            )
        )
        left = {sku: max(0, self.shelves[m, sku].sellable(channel)) for sku in ("A", "B")}
        granted, short = {}, {}
        for line, units in wanted:
            sku = SKU_OF_LINE[line]
            granted[line] = min(units, left[sku])
            short[line] = units - granted[line]
            left[sku] -= granted[line]
        if any(short.values()) and not split:
            granted = {}
        granted = {line: units for line, units in granted.items() if units}
        assert done
        assert done[0].reserved == granted
        assert done[0].short == {line: units for line, units in short.items() if units}
        assert [type(event).__name__ for event in done[1]] == ["StockReserved"] * bool(granted)
        for line, units in granted.items():
            self.shelves[m, SKU_OF_LINE[line]].promises.append(Promise(order, line, units, expires, next(self.numbers)))

    @rule(m=MERCHANTS, order=ORDER, line=st.none() | LINE, units=st.none() | UNITS)
    def release(self, m: int, order: str, line: str | None, units: int | None) -> None:
        own = {"tenant_id": self.tenants[m], "order_id": order, "line_id": line, "reason": "x"}
        done = self.do(lambda uow: api.release_stock(uow, **own, quantity=units))
        shelves = [self.shelves[m, sku] for sku in ("A", "B")]
        promises = [(p, shelf) for shelf in shelves for p in shelf.promises]
        chosen = [(p, shelf) for p, shelf in promises if p.order == order and line in (None, p.line)]
        freed = min(sum(p.units for p, _ in chosen), INFINITE if units is None else units)
        left = freed
        for promise, shelf in sorted(chosen, key=lambda each: each[0].nth, reverse=True):
            left -= shelf.take_promises(min(left, promise.units), [promise], Counter()).total()
        assert done
        assert done[0] == freed
        self._trimmed()

    @rule(minutes=st.integers(1, 2))
    def expire(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        done = self.do(lambda uow: api.expire_reservations(uow, limit=100))
        assert done
        lost = set()
        for (m, _), shelf in self.shelves.items():
            due = [p for p in shelf.promises if p.expires and p.expires <= self.now]
            lost |= {(m, p.order) for p in due}
            shelf.promises = [p for p in shelf.promises if p not in due]
        assert done[0] == len(lost) == len(done[1])
        self._trimmed()

    def _trimmed(self) -> None:
        """Lines keep what lay aside for them, up to what they are still promised."""
        before = {key: shelf.aside_for() for key, shelf in self.shelves.items()}
        self.look_aside()
        for key, shelf in self.shelves.items():
            assert shelf.aside_for() == +Counter({
                line: min(units, shelf.promised(*line)) for line, units in before[key].items()
            })  # fmt: skip

    # The floor

    @rule(waiting=st.lists(st.tuples(MERCHANTS, ORDER), min_size=1, max_size=4, unique=True))
    def allocate(self, waiting: list[tuple[int, str]]) -> None:
        orders = [(self.tenants[m], order) for m, order in waiting]
        done = self.do(lambda uow: api.allocate_orders(uow, site_id=self.site, order_ids=orders))
        assert done
        outcome, _ = done
        self.look_aside()
        found: Counter[tuple[str, str, str, str, int]] = Counter()
        lacking: Counter[tuple[str, str]] = Counter()
        for one in outcome.allocations:
            found[one.tenant_id, one.order_id, one.line_id, one.location_code, one.quantity] += 1
        for gap in outcome.missing:
            lacking[gap.order_id, gap.line_id] += gap.quantity
        expected: Counter[tuple[str, str, str, str, int]] = Counter()
        for (m, _), shelf in self.shelves.items():
            mine = {order for merchant, order in waiting if merchant == m}
            for (order, line, place), units in shelf.aside.items():
                if order in mine:
                    expected[self.tenants[m], order, line, place, units] += 1
            waits = sum(p.units for p in shelf.promises if p.order in mine) - sum(
                units for (order, _, _), units in shelf.aside.items() if order in mine
            )
            assert waits == 0 or shelf.on_offer() == 0, "a unit was on offer, and somebody got none"
        assert found == expected
        assert lacking.total() == sum(
            p.units for (m, _), shelf in self.shelves.items() for p in shelf.promises if (m, p.order) in waiting
        ) - sum(one.quantity for one in outcome.allocations)

    @rule(m=MERCHANTS, order=ORDER)
    def deallocate(self, m: int, order: str) -> None:
        done = self.do(lambda uow: api.deallocate_stock(uow, tenant_id=self.tenants[m], order_id=order))
        freed = 0
        for sku in ("A", "B"):
            aside = self.shelves[m, sku].aside
            for key in [key for key in aside if key[0] == order]:
                freed += aside.pop(key)
        assert done
        assert done[0] == freed

    @rule(m=MERCHANTS, order=ORDER, line=LINE, place=PLACE, units=UNITS, aim=AIM)
    def pick(self, *, m: int, order: str, line: str, place: str, units: int, aim: int | None) -> None:
        order, line, place = self.aimed(m, aim) or (order, line, place)
        where, shelf = self.line(m, order, line)
        own = shelf.aside[order, line, place]
        fits = units <= min(shelf.promised(order, line), shelf.loose(place) + own)
        before = shelf.aside_for()
        done = self.do(lambda uow: api.pick_stock(uow, **where, location_code=place, quantity=units, tote="T"))
        assert (done is not None) == fits
        if not done:
            return
        chosen = [p for p in shelf.promises if (p.order, p.line) == (order, line)]
        shelf.take_promises(units, chosen, Counter())
        shelf.bins[place] -= units
        shelf.buckets["IN_TOTE"] += units
        before[order, line] = min(before[order, line] - min(own, units), shelf.promised(order, line))
        self.look_aside()
        assert shelf.aside_for() == +before

    @rule(m=MERCHANTS, order=ORDER, line=LINE, place=PLACE, gap=UNITS, found=st.integers(0, 2),
          reason=st.sampled_from((*SHORT_REASONS, "fell apart")), aim=AIM)  # fmt: skip
    def short(
        self, *, m: int, order: str, line: str, place: str, gap: int, found: int, reason: str, aim: int | None
    ) -> None:
        order, line, place = self.aimed(m, aim) or (order, line, place)
        where, shelf = self.line(m, order, line)
        lost = min(gap, shelf.aside[order, line, place])
        before, free = shelf.aside_for(), shelf.free
        done = self.do(
            lambda uow: api.report_short(
                uow, **where, location_code=place, expected=found + gap, found=found, reason=reason
            )
        )
        assert done
        if place in shelf.bins:
            shelf.frozen.add(place)
            shelf.bins[place] -= lost
        elsewhere = min(lost, shelf.on_offer())
        missing = lost - elsewhere
        assert (sum(a.quantity for a in done[0].reallocated), done[0].missing) == (elsewhere, missing)
        shelf.buckets[SHORT_REASONS.get(reason, Bucket.HOSPITAL).value] += lost
        newest = [p for p in reversed(shelf.promises) if (p.order, p.line) == (order, line)]
        shelf.take_promises(missing, newest, Counter())
        kept = +before
        kept[order, line] -= missing
        self._shorted(shelf, max(0, elsewhere - free), kept, done[1])
        self.look_aside()
        assert shelf.aside_for() == +kept

    @rule(m=MERCHANTS, order=ORDER, line=LINE, place=PLACE, units=UNITS,
          source=st.sampled_from((Bucket.IN_TOTE, Bucket.PACKED)))  # fmt: skip
    def put_back(self, *, m: int, order: str, line: str, place: str, units: int, source: Bucket) -> None:
        where, shelf = self.line(m, order, line)
        done = self.do(
            lambda uow: api.put_back_stock(uow, **where, location_code=place, quantity=units, reason="x", source=source)
        )
        assert (done is None) == (units > shelf.buckets[source.value])
        if done:
            shelf.buckets[source.value] -= units
            shelf.arrive(place, units)

    @rule(m=MERCHANTS, parts=PARTS)
    def pack(self, m: int, parts: list[tuple[str, int]]) -> None:
        done = self.do(lambda uow: api.pack_stock(uow, **self.of(m), order_id="o1", lines=self._lines(m, parts)))
        self._shifted(m, parts, "IN_TOTE", "PACKED", accepted=done is not None)

    @rule(m=MERCHANTS, parts=PARTS)
    def unpack(self, m: int, parts: list[tuple[str, int]]) -> None:
        done = self.do(lambda uow: api.unpack_stock(uow, **self.of(m), order_id="o1", lines=self._lines(m, parts)))
        self._shifted(m, parts, "PACKED", "IN_TOTE", accepted=done is not None)

    @rule(m=MERCHANTS, parts=PARTS)
    def ship(self, m: int, parts: list[tuple[str, int]]) -> None:
        done = self.do(lambda uow: api.ship_stock(uow, **self.of(m), reference="par", lines=self._lines(m, parts)))
        self._shifted(m, parts, "PACKED", "SHIPPED", accepted=done is not None)

    def _lines(self, m: int, parts: list[tuple[str, int]]) -> list[tuple[str, int]]:
        return [(self.items[m][sku], units) for sku, units in parts]

    def _shifted(self, m: int, parts: list[tuple[str, int]], source: str, target: str, *, accepted: bool) -> None:
        totals: Counter[str] = Counter()
        for sku, units in parts:
            totals[sku] += units
        fits = all(units <= self.shelves[m, sku].buckets[source] for sku, units in totals.items())
        assert accepted == fits
        if accepted:
            for sku, units in totals.items():
                self.shelves[m, sku].buckets[source] -= units
                self.shelves[m, sku].buckets[target] += units * (target != "EXTERNAL")

    # What a floor does most of the day is tried most often.
    reserve_more, reserve_yet_more = reserve, reserve
    allocate_more, pick_more, short_again, short_once_more = allocate, pick, short, short

    # The book is corrected

    @rule(m=MERCHANTS, sku=SKUS, place=PLACE, delta=st.integers(-6, 4))
    def adjust(self, m: int, sku: str, place: str, delta: int) -> None:
        where = self.item(m, sku) | {"location_code": place, "reason": "x"}
        done = self.do(lambda uow: api.adjust_stock(uow, **where, delta=delta))
        shelf = self.shelves[m, sku]
        assert (done is not None) == (delta != 0 and shelf.bins.get(place, 0) + delta >= 0)
        if done:
            self._corrected(shelf, place, delta, done[1])

    @rule(m=MERCHANTS, sku=SKUS, place=PLACE, counted=st.integers(0, 8))
    def count_a_bin(self, m: int, sku: str, place: str, counted: int) -> None:
        where = self.item(m, sku) | {"location_code": place}
        done = self.do(lambda uow: api.count_bin(uow, **where, counted=counted))
        shelf = self.shelves[m, sku]
        delta = counted - shelf.bins.get(place, 0)
        assert done
        assert done[0] == delta
        shelf.frozen.discard(place)
        if delta:
            self._corrected(shelf, place, delta, done[1])

    def _corrected(self, shelf: Shelf, place: str, delta: int, told: list[Any]) -> None:
        """Found units come back from LOST; gone ones go there, and the newest promises give way to the bins."""
        free, before = shelf.free, shelf.aside_for()
        shelf.arrive(place, delta)
        shelf.buckets["LOST"] = max(0, shelf.buckets["LOST"] - delta)
        self._shorted(shelf, max(0, -delta - free), Counter(), told)
        self.look_aside()
        for line, units in shelf.aside_for().items():
            assert units <= min(before[line], shelf.promised(*line))

    def _shorted(self, shelf: Shelf, over: int, kept: Counter[tuple[str, str]], told: list[Any]) -> None:
        """Those promised last give way, by as much as is lacking, and hear of it."""
        heard: Counter[str] = Counter()
        for event in told:
            if isinstance(event, api.ReservationShorted):
                heard[event.reference] += event.quantity
        assert heard == shelf.take_promises(over, list(reversed(shelf.promises)), kept)

    @rule(m=MERCHANTS, sku=SKUS, source=PLACE, goal=PLACE, units=UNITS)
    def move(self, m: int, sku: str, source: str, goal: str, units: int) -> None:
        where = self.item(m, sku) | {"from_code": source, "to_code": goal}
        done = self.do(lambda uow: api.move_stock(uow, **where, quantity=units))
        shelf = self.shelves[m, sku]
        assert (done is None) == (units > shelf.loose(source))
        if done:
            shelf.bins[source] -= units
            shelf.arrive(goal, units)

    # Nothing crosses from one merchant to the other

    @rule(m=MERCHANTS, sku=SKUS, place=PLACE, order=ORDER, verb=st.sampled_from(range(12)))
    def reach_for_the_rivals_goods(self, m: int, sku: str, place: str, order: str, verb: int) -> None:
        item = self.items[1 - m][sku]
        own: dict[str, Any] = self.of(m)
        line = {"order_id": order, "line_id": "l1", "item_id": item, "location_code": place}
        attempts: list[Callable[[UnitOfWork], object]] = [
            lambda uow: api.receive_stock(uow, **own, item_id=item, location_code=place, quantity=1, reference=""),
            lambda uow: api.adjust_stock(uow, **own, item_id=item, location_code=place, delta=1, reason="x"),
            lambda uow: api.adjust_stock(uow, **own, item_id=item, location_code=place, delta=-1, reason="x"),
            lambda uow: api.count_bin(uow, **own, item_id=item, location_code=place, counted=0),
            lambda uow: api.move_stock(uow, **own, item_id=item, from_code=place, to_code="P-3", quantity=1),
            lambda uow: api.pick_stock(uow, **own, **line, quantity=1, tote="T"),
            lambda uow: api.put_back_stock(uow, **own, **line, quantity=1, reason="x"),
            lambda uow: api.pack_stock(uow, **own, order_id=order, lines=[(item, 1)]),
            lambda uow: api.ship_stock(uow, **own, reference="par", lines=[(item, 1)]),
            lambda uow: api.receive_return(uow, **own, item_id=item, quantity=1, reference="rma"),
            lambda uow: api.restock_return(uow, **own, item_id=item, quantity=1, reference="rma"),
            lambda uow: api.discard_return(uow, **own, item_id=item, quantity=1, reference="rma"),
        ]
        assert self.do(attempts[verb]) is None

    @rule(m=MERCHANTS, sku=SKUS, order=ORDER)
    def order_the_rivals_goods(self, m: int, sku: str, order: str) -> None:
        demands = [Demand("l1", self.items[1 - m][sku], 1)]
        done = self.do(
            lambda uow: api.reserve_stock(uow, **self.of(m), order_id=order, customer_id="", demands=demands)
        )
        assert done
        assert (done[0].reserved, done[0].short, done[1]) == ({}, {"l1": 1}, [])

    # After each step

    @invariant()
    def the_book_is_the_models(self) -> None:
        with transaction(system(), now=self.now) as uow:
            levels = dict.fromkeys(self.shelves, (0, 0))
            for tenant, item, on_hand, reserved in uow.session.execute(_LEVELS):
                levels[self._key(tenant, item)] = (on_hand, reserved)
            assert levels == {key: (shelf.on_hand, shelf.reserved) for key, shelf in self.shelves.items()}
            assert self._places(uow) == {
                key: (shelf.bins, shelf.frozen, +shelf.buckets) for key, shelf in self.shelves.items()
            }
            assert self._promises(uow) == {
                key: [(p.order, p.line, p.units, p.expires) for p in shelf.promises]
                for key, shelf in self.shelves.items()
            }
            assert self._aside(uow) == {key: +shelf.aside for key, shelf in self.shelves.items()}

    def _places(self, uow: UnitOfWork) -> dict[tuple[int, str], tuple[dict[str, int], set[str], Counter[str]]]:
        found: dict[tuple[int, str], tuple[dict[str, int], set[str], Counter[str]]] = {
            key: ({}, set(), Counter()) for key in self.shelves
        }
        for tenant, item, place, units, frozen in uow.session.execute(_BINS):
            bins, closed, _ = found[self._key(tenant, item)]
            bins[place] = units
            closed.update([place] * frozen)
        for tenant, item, bucket, units in uow.session.execute(_BUCKETS):
            found[self._key(tenant, item)][2][bucket] = units
        return found

    def _promises(self, uow: UnitOfWork) -> dict[tuple[int, str], list[tuple[str, str, int, datetime | None]]]:
        found: dict[tuple[int, str], list[tuple[str, str, int, datetime | None]]] = {key: [] for key in self.shelves}
        for tenant, item, *promise in uow.session.execute(_PROMISES):
            found[self._key(tenant, item)].append(tuple(promise))
        return found

    @invariant()
    def what_can_be_sold_is_what_nobody_was_promised(self) -> None:
        with transaction(system(), now=self.now) as uow:
            for m, tenant in enumerate(self.tenants):
                for channel in ("", "market"):
                    for found in api.availability(uow, tenant_id=tenant, skus=["A", "B"], channel=channel):
                        shelf = self.shelves[m, found.sku]
                        assert found.item_id == self.items[m][found.sku]
                        assert found.available == max(0, shelf.sellable(channel))
                        assert found.available + found.held_back == found.on_hand - found.reserved == shelf.free

    @invariant()
    def the_books_of_the_house_balance(self) -> None:
        with transaction(system(), now=self.now) as uow:
            assert uow.session.execute(_BROKEN).all() == []


_LEVELS = text("select tenant_id, item_id, on_hand, reserved from stock_level")
_BINS = text(
    "select b.tenant_id, b.item_id, l.code, b.quantity, b.frozen from bin_stock b join location l on l.id = location_id"
)
_BUCKETS = text("select tenant_id, item_id, bucket, quantity from bucket_stock where quantity > 0")
_PROMISES = text(
    "select tenant_id, item_id, order_id, line_id, quantity, expires_at from reservation where quantity > 0"
    " order by created_at, id"
)
_ASIDE = text(
    "select a.tenant_id, a.item_id, a.order_id, a.line_id, l.code, a.quantity"
    " from allocation a join location l on l.id = a.location_id"
)
_BROKEN = text(
    " union all ".join(
        f"select '{each.name}' as name, to_jsonb(v) as example from ({each.violations}) v"  # noqa: S608 - constants
        for each in INVARIANTS
    )
)


@pytest.mark.thorough
@pytest.mark.hypothesis
@pytest.mark.timeout(600)
def test_any_history_of_two_merchants_leaves_the_book_as_the_model_says(database: Connection) -> None:
    """Covers, of the threads that users of other systems wrote: rows and counters that drift apart (odoo#62139,
    saleor#9308), lines of one item that each look at the same units (vendure#3508), unreserving (odoo#62139,
    medusa#11703, woocommerce#36702), restocking twice (woocommerce#22489), one's own reservation in the way of one's
    own pick (medusa#6500), a unit that another order has set aside (erpnext#41092), over-picking (erpnext#42128),
    partial picks (erpnext#52851, InvenTree#4734), allocations that outlive the shipment (InvenTree#2741), picks from
    where nobody picks (erpnext#37581), and goods of another owner with the same code.
    """
    run_state_machine_as_test(
        lambda: StockMachine(database), settings=settings(max_examples=examples(12), stateful_step_count=40)
    )


@pytest.mark.usefixtures("database")
def test_one_code_on_the_goods_of_two_merchants_is_told_apart(database: Connection) -> None:
    machine = StockMachine(database)
    with transaction(system()) as uow:
        for m, tenant in enumerate(machine.tenants):
            found = api.resolve_barcode(uow, code=GTIN, tenant_id=tenant, site_id=machine.site)
            assert {item.id for item in found} == set(machine.items[m].values())
        assert len(api.resolve_barcode(uow, code=GTIN, site_id=machine.site)) == 4
    machine.teardown()
