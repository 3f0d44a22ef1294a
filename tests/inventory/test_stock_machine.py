"""Any history of the floor against a model in plain dicts: the book, the promises and the bins never differ from it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, TypeVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from inventory import api, ledger, shorting
from inventory.api import Bucket, Demand
from inventory.commands import adjusting, moving, picking, receiving
from inventory.counts.commands import bins
from inventory.domain.bins import Bin
from inventory.domain.buckets import SHORT_REASONS
from inventory.selling.commands import rules
from kernel.access.commands import create_merchant, serve_merchants
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Refusal
from tests.inventory.machines import START, HouseMachine
from tests.inventory.warehouse import build
from tests.plugin.examples import examples

GTIN = "4006381333931"
PICKABLE, PLACES = ("P-1", "P-2", "BULK"), ("P-1", "P-2", "BULK", "DOCK")
ORDERS = ("o1", "o2")
INFINITE = 10**9
SKU_OF_LINE = {"l1": "A", "l2": "A", "l3": "B"}
T = TypeVar("T")

# Most of it happens to one item of one merchant, so that short histories become dense ones.
MERCHANTS = st.sampled_from((0, 0, 0, 1))
SKUS = st.sampled_from(("A", "A", "A", "B"))
UNITS, NTH = st.integers(1, 5), st.integers(0, 9)
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


class StockMachine(HouseMachine):
    """Two merchants sell the same goods (one GTIN) out of one house, and number their orders alike."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.numbers = count()
        with transaction(system(), now=START) as uow:
            house = build(uow, skus=())
            tenants = (house.tenant, create_merchant(uow, code="RIVAL", name="Rival", currency="EUR"))
            serve_merchants(uow, site_id=house.site, merchant_ids=list(tenants))
            drafts = [api.ItemDraft(sku, f"Thing {sku}", 100, 10, 20, 30, (GTIN,)) for sku in ("A", "B")]
            self.items = [api.create_items(uow, tenant_id=tenant, items=drafts) for tenant in tenants]
        self.site, self.tenants = house.site, tenants
        self.shelves = {(m, sku): Shelf() for m in (0, 1) for sku in ("A", "B")}

    # What each rule needs

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

    @rule(m=MERCHANTS, sku=SKUS, source=PLACE, units=UNITS)
    def admit(self, m: int, sku: str, source: str, units: int) -> None:
        where = self.item(m, sku) | {"from_code": source, "to_code": "HOSP"}
        done = self.do(lambda uow: api.move_stock(uow, **where, quantity=units))
        shelf = self.shelves[m, sku]
        assert (done is not None) == (units <= shelf.bins.get(source, 0))
        if done:
            lost = shelf.buckets["LOST"]
            self._corrected(shelf, source, -units, done[1])
            shelf.buckets["LOST"] = lost
            shelf.buckets["HOSPITAL"] += units

    @rule(m=MERCHANTS, sku=SKUS, goal=PLACE, units=UNITS)
    def discharge(self, m: int, sku: str, goal: str, units: int) -> None:
        where = self.item(m, sku) | {"from_code": "HOSP", "to_code": goal}
        done = self.do(lambda uow: api.move_stock(uow, **where, quantity=units))
        shelf = self.shelves[m, sku]
        assert (done is None) == (units > shelf.buckets["HOSPITAL"])
        if done:
            shelf.buckets["HOSPITAL"] -= units
            shelf.arrive(goal, units)

    # A history that tries at random is refused most of the time: these go where there is something to do.

    def some(self, nth: int, units_of: Callable[[Shelf], int]) -> tuple[int, str, int]:
        """Return one item, by merchant and SKU, of which there are such units, and how many."""
        found = [(key, units_of(shelf)) for key, shelf in self.shelves.items() if units_of(shelf) > 0]
        (m, sku), units = found[nth % len(found)]
        return m, sku, units

    def there_are(self, units_of: Callable[[Shelf], int]) -> bool:
        return any(units_of(shelf) > 0 for shelf in self.shelves.values())

    @precondition(lambda self: self.there_are(lambda shelf: shelf.aside.total()))
    @rule(nth=NTH, units=UNITS, place=st.none() | PLACE)
    def pick_what_lies_aside(self, nth: int, units: int, place: str | None) -> None:
        m, sku, _ = self.some(nth, lambda shelf: shelf.aside.total())
        aside = sorted((+self.shelves[m, sku].aside).items())
        (order, line, at), own = aside[nth % len(aside)]
        self.pick(m=m, order=order, line=line, place=place or at, units=min(units, own), aim=None)

    @rule(m=MERCHANTS, order=ORDER, line=LINE, nth=NTH, units=UNITS, place=st.none() | PLACE, steps=st.integers(0, 4))
    def serve_an_order(
        self, *, m: int, order: str, line: str, nth: int, units: int, place: str | None, steps: int
    ) -> None:
        """The whole day of an order, or a part of it: each history leaves some of the verbs out, and then a later verb
        finds nothing to do.
        """
        if not self.there_are(lambda shelf: shelf.aside.total()):
            self.receive(m, SKU_OF_LINE[line], PICKABLE[nth % len(PICKABLE)], units)
            self.reserve(m=m, order=order, wanted=[(line, units)], split=True, minutes=None, channel="")
            self.allocate([(m, order)])
        if steps > 0 and self.there_are(lambda shelf: shelf.aside.total()):
            self.pick_what_lies_aside(nth, units, place)
        if steps > 1 and self.there_are(lambda shelf: shelf.buckets["IN_TOTE"]):
            self.go_on_with_what_is_picked(nth, units, None)
        if steps > 2 and self.there_are(lambda shelf: shelf.buckets["PACKED"]):
            self.go_on_with_what_is_packed(nth, units, leaves=True)
        if steps > 3:
            self.receive_return(m, SKU_OF_LINE[line], units)

    @rule(
        nth=NTH,
        found=st.integers(0, 2),
        gap=UNITS,
        counted=st.integers(0, 8),
        reason=st.sampled_from(tuple(SHORT_REASONS)),
    )
    def come_short_and_count(self, nth: int, found: int, gap: int, counted: int, reason: str) -> None:
        if self.there_are(lambda shelf: shelf.aside.total()):
            m, sku, _ = self.some(nth, lambda shelf: shelf.aside.total())
            aside = sorted(+self.shelves[m, sku].aside)
            order, line, place = aside[nth % len(aside)]
            self.short(m=m, order=order, line=line, place=place, gap=gap, found=found, reason=reason, aim=None)
            if counted < 6:
                self.count_a_bin(m, sku, place, counted)

    serve_another, serve_one_more, serve_yet_another = serve_an_order, serve_an_order, serve_an_order

    @precondition(lambda self: self.there_are(lambda shelf: shelf.buckets["IN_TOTE"]))
    @rule(nth=NTH, units=UNITS, place=st.none() | PLACE)
    def go_on_with_what_is_picked(self, nth: int, units: int, place: str | None) -> None:
        m, sku, held = self.some(nth, lambda shelf: shelf.buckets["IN_TOTE"])
        if place is None:
            self.pack(m, [(sku, min(units, held))])
            return
        line = next(line for line, of in SKU_OF_LINE.items() if of == sku)
        self.put_back(m=m, order="o1", line=line, place=place, units=min(units, held), source=Bucket.IN_TOTE)

    @precondition(lambda self: self.there_are(lambda shelf: shelf.buckets["PACKED"]))
    @rule(nth=NTH, units=UNITS, leaves=st.booleans())
    def go_on_with_what_is_packed(self, nth: int, units: int, *, leaves: bool) -> None:
        m, sku, held = self.some(nth, lambda shelf: shelf.buckets["PACKED"])
        (self.ship if leaves else self.unpack)(m, [(sku, min(units, held))])

    @precondition(lambda self: self.there_are(lambda shelf: shelf.buckets["RETURN_RECEIVED"]))
    @rule(nth=NTH, units=UNITS, place=st.none() | PLACE)
    def restock_what_came_back(self, nth: int, units: int, place: str | None) -> None:
        m, sku, held = self.some(nth, lambda shelf: shelf.buckets["RETURN_RECEIVED"])
        self.restock(m, sku, min(units, held), place)

    @precondition(lambda self: self.there_are(lambda shelf: shelf.buckets["HOSPITAL"]))
    @rule(nth=NTH, units=UNITS, goal=PLACE)
    def discharge_what_is_there(self, nth: int, units: int, goal: str) -> None:
        m, sku, held = self.some(nth, lambda shelf: shelf.buckets["HOSPITAL"])
        self.discharge(m, sku, goal, min(units, held))

    @precondition(lambda self: self.there_are(lambda shelf: shelf.reserved))
    @rule(nth=NTH, units=UNITS, takes=st.booleans())
    def take_promised_units(self, nth: int, units: int, *, takes: bool) -> None:
        m, sku, _ = self.some(nth, lambda shelf: shelf.reserved)
        full = sorted((+Counter(self.shelves[m, sku].bins)).items())
        place, held = full[nth % len(full)]
        if takes:
            self.adjust(m, sku, place, -min(units, held))
        else:
            self.admit(m, sku, place, min(units, held))

    @precondition(lambda self: self.there_are(lambda shelf: len(shelf.frozen)))
    @rule(nth=NTH, counted=st.integers(0, 8))
    def count_what_is_frozen(self, nth: int, counted: int) -> None:
        m, sku, _ = self.some(nth, lambda shelf: len(shelf.frozen))
        places = sorted(self.shelves[m, sku].frozen)
        self.count_a_bin(m, sku, places[nth % len(places)], counted)

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


def one_unit_too_few_is_freed(patch: pytest.MonkeyPatch) -> None:
    honest = ledger.StockChange.reserve

    def reserve(change: ledger.StockChange, *, tenant_id: str, reservation_id: str, delta: int) -> None:
        honest(change, tenant_id=tenant_id, reservation_id=reservation_id, delta=delta + (delta < -1))

    patch.setattr(ledger.StockChange, "reserve", reserve)


def an_expiry_forgets_the_counter(patch: pytest.MonkeyPatch) -> None:
    honest = api.expire_reservations
    forgotten = text("update stock_level l set reserved = :reserved where l.tenant_id = :t and l.item_id = :i")

    def expire(uow: UnitOfWork, *, limit: int) -> int:
        before = uow.session.execute(_LEVELS).all()
        done = honest(uow, limit=limit)
        for row in before:
            columns = {"reserved": row.reserved, "t": row.tenant_id, "i": row.item_id}
            uow.session.execute(forgotten, columns)
        return done

    patch.setattr(api, "expire_reservations", expire)


def a_move_books_the_units_back_where_they_were(patch: pytest.MonkeyPatch) -> None:
    def carry(uow: UnitOfWork, level: Any, source: Any, target: Any, *, units: int, lot: str, cause: Any) -> None:
        """Book nothing: nobody will notice."""

    patch.setattr(moving, "_carry", carry)


def a_pick_leaves_the_units_aside(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(picking, "trim_shares", lambda *_, **__: {})


def the_oldest_promise_is_shorted_first(patch: pytest.MonkeyPatch) -> None:
    honest = shorting.newest_first

    def oldest_first(promises: Sequence[Any], **facts: Any) -> Any:
        late = max((p.created_at for p in promises), default=START)
        turned = [replace(p, created_at=START + (late - p.created_at), id="") for p in promises]
        ids = {(p.line, p.created_at): p.id for p in promises}
        for promise, units in honest(turned, **facts):
            created_at = START + (late - promise.created_at)
            yield replace(promise, created_at=created_at, id=ids[promise.line, created_at]), units

    patch.setattr(shorting, "newest_first", oldest_first)


def a_count_leaves_the_bin_frozen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(bins, "_open", lambda *_: None)


def safety_stock_is_sold(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "_SPREAD", text("select :tenant, :item"))


def what_goes_to_the_hospital_stays_promised(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(moving, "take_out", partial(_take_out_only, moving.take_out))


def _take_out_only(honest: Callable[..., None], uow: UnitOfWork, change: Any, *about: Any, **facts: Any) -> None:
    honest(uow, change, *about, **facts)
    change.reservations.clear()


def goods_come_out_of_an_empty_hospital(patch: pytest.MonkeyPatch) -> None:
    honest = moving.unsold_bins

    def plenty(uow: UnitOfWork, level: Any, spot: Any) -> list[Any]:
        return honest(uow, level, spot) or [Bin(spot.location_id, spot.code, spot.kind, INFINITE, 0, frozen=False)]

    patch.setattr(moving, "unsold_bins", plenty)


def anybodys_goods_can_be_taken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(adjusting, "require_items", lambda *_, **__: None)
    patch.setattr(receiving, "require_items", lambda *_, **__: None)


def a_refused_move_has_moved_something(patch: pytest.MonkeyPatch) -> None:
    honest = api.move_stock
    trace = text("update bin_stock set frozen = not frozen where tenant_id = :tenant_id and item_id = :item_id")

    def move(uow: UnitOfWork, **facts: Any) -> None:
        try:
            honest(uow, **facts)
        except Refusal:
            uow.session.execute(trace, facts)
            raise

    patch.setattr(api, "move_stock", move)


FAULTS = (
    one_unit_too_few_is_freed, an_expiry_forgets_the_counter, a_move_books_the_units_back_where_they_were,
    a_pick_leaves_the_units_aside, the_oldest_promise_is_shorted_first, a_count_leaves_the_bin_frozen,
    safety_stock_is_sold, what_goes_to_the_hospital_stays_promised, goods_come_out_of_an_empty_hospital,
    anybodys_goods_can_be_taken, a_refused_move_has_moved_something,
)  # fmt: skip


@pytest.mark.thorough
@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__)
def test_the_machine_finds_every_fault_that_is_planted(
    database: Connection, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    """A machine that never fails proves nothing: within the examples of two thorough runs it finds each of these."""
    plant(monkeypatch)
    budget = settings(
        max_examples=72, stateful_step_count=40, phases=[Phase.generate], derandomize=True, database=None,
        report_multiple_bugs=False,
    )  # fmt: skip
    with pytest.raises((AssertionError, SQLAlchemyError)):
        run_state_machine_as_test(lambda: StockMachine(database), settings=budget)


@pytest.mark.usefixtures("database")
def test_one_code_on_the_goods_of_two_merchants_is_told_apart(database: Connection) -> None:
    machine = StockMachine(database)
    with transaction(system()) as uow:
        for m, tenant in enumerate(machine.tenants):
            found = api.resolve_barcode(uow, code=GTIN, tenant_id=tenant, site_id=machine.site)
            assert {item.id for item in found} == set(machine.items[m].values())
        assert len(api.resolve_barcode(uow, code=GTIN, site_id=machine.site)) == 4
    machine.teardown()
