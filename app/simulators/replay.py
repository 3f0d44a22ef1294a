"""How an imported site comes to life: who works there, and which orders are still to go through it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from app.messengers import Messenger
from app.simulators.bench import Bench
from app.simulators.carrier_model import CarrierModel
from app.simulators.chance import Chance
from app.simulators.customers import Customers
from app.simulators.day import Progress, Simulation
from app.simulators.day_values import Mistakes, SimulatedOrder, Tally
from app.simulators.desk import ServiceDesk
from app.simulators.dock import Dock
from app.simulators.floor import Floor
from app.simulators.house import SYSTEM, House, staff_member
from app.simulators.packers import Packers
from app.simulators.road import Road
from app.simulators.staff import simulated_staff, site_by_code
from fulfillment.api import OrderFilter, find_orders
from kernel.access.queries import SiteView
from kernel.actors import Actor, Role
from kernel.db.transactions import run
from shipping.api import ParcelView, find_parcels

_FINAL = {"delivered", "returned", "cancelled", "expired"}
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Replay:
    """What came out of a simulation: everything counted, and the states in which its orders ended."""

    tally: Tally
    states: dict[str, int]
    orders: int
    from_day: date | None
    until: datetime


def replay_orders(
    *,
    site_code: str,
    day: date | None,
    seed: int,
    mistakes: Mistakes,
    progress: Progress,
    messenger: Messenger,
    packers: Packers,
) -> Replay:
    """Take a site's open orders, those placed on `day` or all of them, through the whole house to their end.

    Raises:
        NotFound: there is no such site.
    """
    site = run(SYSTEM, lambda uow: site_by_code(uow, site_code))
    zone = ZoneInfo(site.time_zone)
    staff = run(SYSTEM, lambda uow: simulated_staff(uow, site))
    orders = [
        order
        for order in _open_orders(_observer(site))
        if day is None or order.placed_at.astimezone(zone).date() == day
    ]
    under_way = list(_under_way(site.id)) if day is None else []
    first = min((order.placed_at for order in orders), default=None)
    start = (
        _midnight(first, zone)
        if first
        else max((p.handed_over_at for p in under_way if p.handed_over_at), default=None)
    )
    if start is None:
        return Replay(Tally(), {}, 0, None, datetime.now(zone))
    house = House(site.id, zone, Chance(seed), mistakes, staff, start, messenger=messenger)
    simulation = _simulation(house, packers, progress)
    for parcel in under_way:
        assert parcel.handed_over_at is not None, "it was handed over"
        simulation.road.take([parcel], parcel.handed_over_at)
    simulation.run(orders)
    states = _states(_observer(site), {order.id for order in orders})
    return Replay(house.tally, states, len(orders), start.astimezone(zone).date(), house.now)


def _simulation(house: House, packers: Packers, progress: Progress) -> Simulation:
    return Simulation(
        house, Floor(house), Bench(house, packers), Dock(house), Road(house, CarrierModel(house.chance.seed)),
        Customers(house), ServiceDesk(house), progress,
    )  # fmt: skip


def _observer(site: SiteView) -> Actor:
    """Return somebody who sees what the site serves, and no other site's orders."""
    return staff_member("simulation", Role.MANAGER, "Simulation", site.id)


def _open_orders(observer: Actor) -> Iterator[SimulatedOrder]:
    cursor: str | None = None
    while True:
        page = run(observer, partial(find_orders, wanted=OrderFilter(only_open=True), cursor=cursor, limit=_PAGE))
        for found in page.items:
            yield SimulatedOrder(found.tenant_id, found.id, found.external_id, found.placed_at, bool(found.flags))
        cursor = page.next
        if cursor is None:
            return


def _under_way(site_id: str) -> Iterator[ParcelView]:
    """Yield the parcels that carriers have: a simulation that was interrupted takes them on from there."""
    cursor: str | None = None
    while True:
        page = run(
            SYSTEM,
            partial(find_parcels, site_id=site_id, state="handed_over", cursor=cursor, limit=_PAGE),
        )
        yield from (parcel for parcel in page.items if parcel.tracking_status not in _FINAL)
        cursor = page.next
        if cursor is None:
            return


def _states(observer: Actor, order_ids: set[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    cursor: str | None = None
    while True:
        page = run(observer, partial(find_orders, wanted=OrderFilter(), cursor=cursor, limit=_PAGE))
        for found in page.items:
            if found.id in order_ids:
                counts[found.state] = counts.get(found.state, 0) + 1
        cursor = page.next
        if cursor is None:
            return dict(sorted(counts.items()))


def _midnight(at: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(at.astimezone(zone).date(), time(), tzinfo=zone) + timedelta(minutes=1)
