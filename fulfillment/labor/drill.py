"""What if orders doubled overnight: on the backlog as it is, which promises would not be kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import floor

from fulfillment.domain.promise import promise_date
from fulfillment.domain.release import RESERVE_FOR_PACKING, Candidate, CutOffTime, Pace, urgency
from fulfillment.labor.forecast import LaborForecast, collections_until, crew_of, labor_forecast
from fulfillment.queries.order_heads import order_heads
from fulfillment.releasing.outlook import MOST_QUEUED
from fulfillment.releasing.pace import measured_pace
from fulfillment.releasing.settings import release_settings
from fulfillment.releasing.waiting import open_lines, waiting_orders
from kernel.access.queries import SiteView, get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from shipping import api as shipping

MOST_TIMES, MOST_PEOPLE = 20, 2_000
_LOOKS_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PromiseAtRisk:
    """An order whose promised day would not be kept, and the day that would; None when nobody picks."""

    tenant_id: str
    order_id: str
    order_number: str
    promised_on: date
    instead: date | None


@dataclass(frozen=True, slots=True)
class Drill:
    """What became of the day if `times` as many orders came with `pickers` people: the people that would be needed by
    hour, the orders that wait, how many of them are collected in time, and the promises to change now.
    """

    times: float
    pickers: int
    needed: LaborForecast
    waiting: int
    in_time: int
    at_risk: tuple[PromiseAtRisk, ...]
    all_picked_at: datetime | None


def drill_orders(uow: UnitOfWork, *, site_id: str, times: float = 2.0, pickers: int | None = None) -> Drill:
    """Return what would be if `times` as many orders waited as do now, and came in from now on.

    The orders that wait are picked in the order of their urgency, each real one together with as many others like it,
    by `pickers` people (as many as pick now, if none is given; those who are more than picked lately are new). Nothing
    is changed.

    Raises:
        Invalid: fewer orders than there are, or more than 20 times as many, or an impossible number of people.
    """
    if not 1 <= times <= MOST_TIMES:
        raise Invalid(f"Orders may become 1 to {MOST_TIMES} times as many.", pointer="/times")
    if pickers is not None and not 0 <= pickers <= MOST_PEOPLE:
        raise Invalid(f"Give 0 to {MOST_PEOPLE} people.", pointer="/pickers")
    site = get_site(uow, site_id)
    pace = release_settings(uow, site_id).pace(measured_pace(uow, site_id=site_id))
    if pickers is not None:
        crew, _ = crew_of(uow, site_id, pace)
        pace = Pace(pickers, round(crew.rate_of(pickers)))
    waiting = sorted(waiting_orders(uow, site=site, limit=MOST_QUEUED), key=urgency)
    waiting = [each for each in waiting if not each.waits_for]
    collected = collections_until(uow, site_id, uow.now + _LOOKS_AHEAD)
    picked = list(_picked(waiting, pace, uow.now, open_lines(uow, site_id), times))
    late = [
        (each, instead)
        for each, at in zip(waiting, picked, strict=True)
        if each.promised_on
        for instead in [_arrives(uow, site, each, at, collected)]
        if instead is None or instead > each.promised_on
    ]
    return Drill(
        times, pace.pickers, labor_forecast(uow, site_id=site_id, factor=times), len(waiting),
        len(waiting) - len(late), tuple(_named(uow, late)), picked[-1] if picked else None,
    )  # fmt: skip


def _picked(
    waiting: Sequence[Candidate], pace: Pace, now: datetime, ahead: int, times: float
) -> Iterator[datetime | None]:
    """Yield when each order is picked, one after the other with what comes in like it."""
    lines = float(ahead)
    for each in waiting:
        lines += times * each.lines
        needs = pace.needs(floor(lines))
        yield now + needs if needs is not None else None


def _arrives(
    uow: UnitOfWork, site: SiteView, order: Candidate, picked: datetime | None, collected: Sequence[CutOffTime]
) -> date | None:
    """Return the day on which an order would arrive, None when nobody picks."""
    if picked is None:
        return None
    of_level = [each.at for each in collected if each.level in ("", order.service_level)]
    cut_offs = of_level or [each.at for each in collected]
    return promise_date(
        ready_at=picked + RESERVE_FOR_PACKING, cut_offs=cut_offs, service_level=order.service_level,
        zone=site.time_zone,
        days=shipping.journey_days(uow, site_id=site.id, country=order.country, postal_code=order.postal_code),
    )  # fmt: skip


def _named(uow: UnitOfWork, late: Sequence[tuple[Candidate, date | None]]) -> Iterator[PromiseAtRisk]:
    heads = order_heads(uow, [order.order_id for order, _ in late])
    for order, instead in late:
        assert order.promised_on, "only a promise can be at risk"
        number = heads[order.order_id].external_id
        yield PromiseAtRisk(order.tenant_id, order.order_id, number, order.promised_on, instead)
