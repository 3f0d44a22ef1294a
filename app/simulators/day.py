from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import takewhile

from app.simulators.bench import Bench
from app.simulators.customers import Customers
from app.simulators.day_values import SimulatedOrder
from app.simulators.desk import ServiceDesk
from app.simulators.dock import Dock
from app.simulators.floor import Floor
from app.simulators.house import SYSTEM, House
from app.simulators.road import Road
from fulfillment.api import OrderFilter, OrderState, find_orders

MORNING = time(8)
WAVES = (time(9), time(13))
PUSH_TIMES = (time(6), time(14), time(19, 30), time(23, 59))
EVENING = time(20)
PATIENCE = timedelta(days=30)

Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Simulation:
    """Days in the house, one after the other, until every order that was given to it has come to its end.

    The clock jumps: a day on which nothing is ordered, picked or scanned does not take place.
    """

    house: House
    floor: Floor
    bench: Bench
    dock: Dock
    road: Road
    customers: Customers
    desk: ServiceDesk
    progress: Progress
    waiting: list[SimulatedOrder] = field(default_factory=list)
    known: dict[str, SimulatedOrder] = field(default_factory=dict)
    parcels_wait_since: datetime | None = None
    sent_rest: set[str] = field(default_factory=set)

    def run(self, orders: list[SimulatedOrder]) -> None:
        """Take these orders through the house, oldest first."""
        self.waiting = sorted(orders, key=lambda order: (order.placed_at, order.number, order.tenant_id))
        self.known = {order.id: order for order in orders}
        for order in self.waiting:
            self.customers.decide(order)
        total = len(orders)
        while True:
            for day in self._days():
                self._live_through(day)
                self.progress(f"{day}, orders", total - len(self.waiting), total)
            self.house.settle()
            rest = self._partly_shipped() - self.sent_rest
            if not rest:
                break
            self.sent_rest |= rest
            self._queue_again(rest)
        self.house.tally.counts.update(self.house.messenger.counts)

    def _partly_shipped(self) -> set[str]:
        """Return the orders of which a part has gone, and the rest got its stock after that."""
        partly = OrderFilter(site_id=self.house.site_id, states=(OrderState.PARTIALLY_SHIPPED.value,))
        found: set[str] = set()
        cursor: str | None = None
        while True:
            page = self.house.do(SYSTEM, partial(find_orders, wanted=partly, cursor=cursor))
            found |= {order.id for order in page.items if order.id in self.known}
            cursor = page.next
            if cursor is None:
                return found

    def _days(self) -> Iterator[date]:
        day = self._date_of(self.house.now) - timedelta(days=1)
        while (following := self._next_happening()) is not None:
            day = max(day + timedelta(days=1), self._date_of(following))
            yield day

    def _next_happening(self) -> datetime | None:
        first = self.waiting[0].placed_at if self.waiting else None
        candidates = (first, self.road.next_push_at, self.customers.next_plan_at, self.parcels_wait_since)
        return min((at for at in candidates if at is not None), default=None)

    def _live_through(self, day: date) -> None:
        for at, happen in sorted(self._happenings(day), key=lambda entry: entry[0]):
            self.house.wait_until(self._at(day, at))
            happen()
        self.parcels_wait_since = self.house.now if self.dock.has_parcels() else None
        self.house.tell()

    def _happenings(self, day: date) -> Iterator[tuple[time, Callable[[], None]]]:
        yield from ((at, self._listen) for at in PUSH_TIMES)
        is_ordered = self.waiting and self._date_of(self.waiting[0].placed_at) <= day
        if not self.parcels_wait_since and not is_ordered:
            return
        collections = self.dock.collections(self._at(day, MORNING))
        if not collections:
            return
        yield MORNING, self._begin
        yield from ((at, self._work_a_wave) for at in WAVES)
        for collection in collections:
            yield collection.at.astimezone(self.house.zone).time(), partial(self._collect, collection.carrier)
        yield EVENING, self._close_floor

    def _begin(self) -> None:
        """Before the first wave: replacements come in, and the desk looks at what was flagged or waits."""
        self.floor.receive_replacements()
        self._forget(self.desk.look_at(self._due(), patience=PATIENCE))
        if self.floor.received_something:
            self.house.settle()

    def _work_a_wave(self) -> None:
        self._forget(self.customers.reach("waiting", self._due()))
        released = self.floor.release(self._due())
        on_floor = [self.known[order_id] for order_id in sorted(released)]
        self._forget(released)
        self.customers.reach("released", on_floor)
        self.floor.pick_everything(after_each=partial(self._bring_to_bench, released))
        self.customers.reach("picked", on_floor)
        self.bench.clear()
        self.customers.reach("packed", on_floor)
        if self.bench.let_go:
            # What a person lets go gets its label by an event, everything else at the scale.
            self.house.settle()
        self.dock.buy_labels()
        self.customers.reach("labelled", on_floor)
        self.floor.put_back()
        self._queue_again(self.floor.take_shorted())
        self.house.tell()

    def _bring_to_bench(self, released: set[str]) -> None:
        """Let the packers have what was picked, but for what is cancelled on its way to them."""
        waiting = self.bench.waiting()
        cancelled = self.customers.reach("picked", [self.known[i] for i in waiting if i in released])
        if orders := [i for i in waiting if i not in cancelled]:
            self.bench.pack(orders)

    def _close_floor(self) -> None:
        """Count what was frozen; who loses stock by that hears of it before the next morning."""
        if self.floor.count_bins():
            self.house.settle()

    def _collect(self, carrier: str) -> None:
        manifest = self.dock.close(carrier)
        if manifest is None:
            return
        orders = [self.known[p.reference] for p in self.dock.parcels_on(manifest) if p.reference in self.known]
        self.customers.reach("manifested", orders)
        self.dock.pull_cancelled()
        parcels = self.dock.hand_over(manifest)
        self.road.take(parcels, self.house.now)
        self.customers.reach("shipped", orders)

    def _listen(self) -> None:
        """Hear from the carriers and the customers."""
        self.customers.receive(self.road.push_until(self.house.now))
        if self.customers.next_plan_at and self.customers.next_plan_at <= self.house.now:
            # Who sends something back must have got it by the books, too.
            self.house.settle()
            self.customers.act_until(self.house.now)

    def _due(self) -> list[SimulatedOrder]:
        """Return the waiting orders that have been placed by now; the list is in order of time."""
        now = self.house.now
        return list(takewhile(lambda order: order.placed_at <= now, self.waiting))

    def _forget(self, order_ids: set[str]) -> None:
        if order_ids:
            self.waiting = [order for order in self.waiting if order.id not in order_ids]

    def _queue_again(self, order_ids: set[str]) -> None:
        """Let orders wait anew for the units that were not found."""
        waiting = {order.id for order in self.waiting}
        self.waiting += [self.known[i] for i in sorted(order_ids - waiting) if i in self.known]
        self.waiting.sort(key=lambda order: (order.placed_at, order.number, order.tenant_id))

    def _date_of(self, at: datetime) -> date:
        return at.astimezone(self.house.zone).date()

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.house.zone)
