from collections.abc import Collection, Sequence
from datetime import date, datetime

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from shipping.domain.batch_rates import BatchQuotes, TooLarge, rate_parcels, withhold
from shipping.domain.dangerous_goods import Goods, refusal_of
from shipping.domain.rates import Parcel
from shipping.domain.zones import Place, find_zone
from shipping.rate_cards import cards_of, charts_of
from shipping.rate_shop import LEVELS, NO_GOODS, collected_services, origin_of, shop_parcel
from shipping.site_terms import terms_of
from shipping.views import ExpectedDelivery, QuoteView


def quote_parcel(
    uow: UnitOfWork, *, site_id: str, length_mm: int, width_mm: int, height_mm: int, weight_g: int, country: str,
    postal_code: str, residential: bool, currency: str, service_level: str, promised_on: date | None,
    goods: Goods = NO_GOODS,
) -> tuple[list[QuoteView], str, int]:  # fmt: skip
    """Price a parcel that does not exist yet: every quote cheapest first, why one is chosen, and what it saves against
    the site's baseline service, in minor units. Services that do not take its dangerous goods come last, with
    `refused` among their details. It records nothing.

    Raises:
        NotFound: there is no such site.
        NoServiceFits: no service gives a price.
        DangerousGoodsRefused: no service takes such goods.
    """
    terms = terms_of(uow, site_id)
    shop = shop_parcel(
        uow, terms=terms, box=Parcel((length_mm, width_mm, height_mm), weight_g),
        origin=origin_of(terms),
        destination=Place(country, postal_code, is_residential=residential), currency=currency, level=service_level,
        promised_on=promised_on, goods=goods,
    )  # fmt: skip
    offers = [(quote, "") for quote, _ in shop.quotes] + [(each.quote, each.reason) for each in shop.refused]
    views = [
        QuoteView(
            n, q.carrier, q.service, q.cost_minor, q.currency, q.delivery_on, q is shop.chosen,
            {"refused": reason} if reason else {},
        )
        for n, (q, reason) in enumerate(offers, start=1)
    ]  # fmt: skip
    return views, shop.why, shop.baseline_minor - shop.chosen.cost_minor


def quote_many(
    uow: UnitOfWork, *, site_id: str, currency: str, parcels: Sequence[tuple[Parcel, Place]], ship_on: date,
    goods: Sequence[Collection[str]] = (),
) -> BatchQuotes:  # fmt: skip
    """Price many parcels with every service of a site, by the prices and zones in force on a ship date. It asks for no
    promise and no collection: what would these parcels cost? `goods` are the kinds of dangerous goods in each.

    Raises:
        NotFound: there is no such site.
        Invalid: a parcel is too large to be priced with others.
    """
    terms = terms_of(uow, site_id)
    used = {(service.carrier, service.service) for service in terms.services}
    cards = [card for card in cards_of(uow, terms, currency) if (card.carrier, card.service) in used]
    boxes, places = [box for box, _ in parcels], [place for _, place in parcels]
    try:
        quotes = rate_parcels(
            boxes, origin_of(terms), places, cards, charts=charts_of(uow, terms, ship_on), ship_on=ship_on
        )
    except TooLarge as error:
        raise Invalid(f"It cannot be done: {error}.", remedy="Price it alone.", pointer="/parcels") from error
    withhold(quotes, goods, terms.goods_terms(quotes.cards))
    return quotes


def expect_delivery(
    uow: UnitOfWork, *, site_id: str, sides_mm: tuple[int, int, int], weight_g: int, country: str, postal_code: str,
    currency: str, service_level: str, promised_on: date, ready_at: datetime, goods: Goods = NO_GOODS,
) -> ExpectedDelivery:  # fmt: skip
    """Return the service that would take goods that are ready at an instant, and the days on which it collects and
    delivers them. It is chosen as labels are bought, with the goods' own sides instead of a carton's.

    Raises:
        NotFound: there is no such site.
        NoServiceFits: nobody takes it there.
    """
    terms = terms_of(uow, site_id)
    length, width, height = (max(1, side) for side in sides_mm)
    shop = shop_parcel(
        uow, terms=terms, box=Parcel((length, width, height), weight_g), origin=origin_of(terms),
        destination=Place(country, postal_code), currency=currency, level=service_level, promised_on=promised_on,
        ready_at=ready_at, goods=goods,
    )  # fmt: skip
    service = terms.service(shop.chosen.carrier, shop.chosen.service)
    assert service is not None, "only services of the site are quoted"
    return ExpectedDelivery(
        service.carrier, service.service, service.carrier_name, service.service_name, shop.ship_date,
        shop.chosen.delivery_on,
    )  # fmt: skip


def soonest_delivery(
    uow: UnitOfWork, *, site_id: str, country: str, postal_code: str, currency: str, service_level: str,
    ready_at: datetime, goods: Goods = NO_GOODS,
) -> date | None:  # fmt: skip
    """Return the first day on which any service that is at least as fast as asked can deliver there what is ready at an
    instant; None when no service goes there at prices in this currency, or none takes such dangerous goods.
    """
    terms = terms_of(uow, site_id)
    origin, destination = origin_of(terms), Place(country, postal_code)
    days = terms.journey_to(country, postal_code)
    found: dict[bool, list[date]] = {True: [], False: []}
    for service, card, chart, ship_on in collected_services(uow, terms, currency, ready_at):
        if refusal_of(goods, service.goods_terms):
            continue
        zone = card.zones.get(find_zone(origin, destination, chart, card.service).zone)
        if zone is not None:
            is_fit = LEVELS[card.level] >= LEVELS.get(service_level, 1)
            found[is_fit].append(days.after(ship_on, zone.transit_days))
    return min(found[True] or found[False], default=None)
