from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from fulfillment.domain.promise import promise_date
from fulfillment.domain.release import HANDLING
from kernel.access.queries import SiteView
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping


def possible_day(
    uow: UnitOfWork, *, site: SiteView, at: datetime, service_level: str, country: str, postal_code: str, currency: str,
    lead_days: int = 0, goods: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> date:  # fmt: skip
    """Return the day that can be promised for goods that a site has at an instant: the one rule for orders and for
    those who ask before they order.

    It is the first cut-off that the goods make after handling, plus the transit days of the service level, all of them
    working days at both ends; where even
    the fastest service that is offered needs longer, the day on which that one delivers. `lead_days` more working days
    pass before the goods leave, because something is done to them. Services that do not take the dangerous `goods`
    among them are not offered.
    """
    cut_offs = shipping.next_cut_offs(uow, site_id=site.id, now=at)
    days = shipping.journey_days(uow, site_id=site.id, country=country, postal_code=postal_code)
    usual = promise_date(
        ready_at=at + HANDLING,
        cut_offs=[cut_off.at_utc for cut_off in cut_offs],
        service_level=service_level,
        zone=site.time_zone,
        days=days,
        lead_days=lead_days,
    )
    soonest = shipping.soonest_delivery(
        uow, site_id=site.id, country=country, postal_code=postal_code, currency=currency,
        service_level=service_level, ready_at=at + HANDLING, goods=goods,
    )  # fmt: skip
    return max(usual, days.after(soonest, lead_days) if lead_days else soonest) if soonest else usual
