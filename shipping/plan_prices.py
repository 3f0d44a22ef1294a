"""What parcels of any size would cost to one destination, for ranking cartons before anything is packed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from shipping.domain.carton_space import Dims
from shipping.domain.expected_cost import Risks
from shipping.domain.plan_costs import Freight
from shipping.domain.rates import Parcel
from shipping.domain.zones import Place
from shipping.freight_risks import risks_of
from shipping.goods_takers import goods_in
from shipping.rate_shop import NoServiceFits, Shop, origin_of, parcel_shop, service_key
from shipping.site_terms import SiteTerms
from shipping.views import Content

_KEY: Final = "shipping.plan_risks"


@dataclass(frozen=True, slots=True)
class Journey:
    """Where goods would go and how: a service level, or one service by its name such as "swift_parcel/ground".

    `value_minor` is what the goods are worth: with it, and a contract that says what mishaps cost, these count too.
    """

    country: str
    postal_code: str
    currency: str
    residential: bool = True
    service_level: str = "standard"
    service: str = ""
    promised_on: date | None = None
    value_minor: int | None = None


def shop_for(
    uow: UnitOfWork, terms: SiteTerms, tenant_id: str, journey: Journey, contents: Sequence[Content] = ()
) -> Callable[[Parcel], Shop]:
    """Return what shops the rates of a parcel on a journey from a site. Services that do not take the dangerous goods
    among `contents`, of which the parcels are made, give no price.

    Raises:
        Invalid: the site does not use the service that the journey names.
    """
    known = [f"{service.carrier}/{service.service}" for service in terms.services]
    if journey.service and journey.service not in known:
        told = f"The site does not use the service {journey.service}."
        raise Invalid(told, remedy=f"One of {', '.join(known)}.", pointer="/service")
    destination = Place(journey.country, journey.postal_code, is_residential=journey.residential)
    return parcel_shop(
        uow, terms=terms, origin=origin_of(terms), destination=destination, currency=journey.currency,
        level=journey.service_level, promised_on=journey.promised_on, risks=_risks(uow, terms, tenant_id, journey),
        goods=goods_in(contents),
    )  # fmt: skip


def _risks(uow: UnitOfWork, terms: SiteTerms, tenant_id: str, journey: Journey) -> Risks | None:
    """Return what the services are judged by; a merchant's terms are read once in a transaction."""
    if not tenant_id or journey.value_minor is None:
        return None
    known: dict[tuple[str, str, str], Risks | None] = uow.session.info.setdefault(_KEY, {})
    key = (tenant_id, terms.site.id, journey.currency)
    if key not in known:
        known[key] = risks_of(
            uow, tenant_id=tenant_id, site_id=terms.site.id, currency=journey.currency, value_minor=0
        )  # fmt: skip
    found = known[key]
    return replace(found, value_minor=journey.value_minor) if found else None


def freight_of(ask: Callable[[Parcel], Shop], service: str) -> Freight:
    """Return the price of a parcel of outer sides in mm and a gross weight in g; None if nobody takes it."""

    def freight(outer_mm: Dims, gross_g: int) -> int | None:
        offer = cheapest_offer(ask, service, outer_mm, gross_g)
        return offer[0] if offer else None

    return freight


def cheapest_offer(
    ask: Callable[[Parcel], Shop], service: str, outer_mm: Dims, gross_g: int
) -> tuple[int, str] | None:  # fmt: skip
    """Return what a parcel is expected to cost in minor units and the service that takes it, None when nobody does."""
    try:
        shop = ask(Parcel(outer_mm, gross_g))
    except NoServiceFits:
        return None
    if service:
        return next(((quote.cost_minor, service) for quote, _ in shop.quotes if service_key(quote) == service), None)
    key = service_key(shop.chosen)
    expected = shop.expected.get(key)
    return expected.total_minor if expected else shop.chosen.cost_minor, key
