from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from kernel.money import Money
from shipping.cut_offs import next_cut_off
from shipping.domain.batch_rates import BatchQuotes, TooLarge, rate_parcels
from shipping.domain.expected_cost import ExpectedCost, Risks
from shipping.domain.rates import (
    Parcel,
    Quote,
    QuoteRefusal,
    RateCard,
    cards_in_force,
    choose_quote,
    rate_parcel,
)
from shipping.domain.zones import Place, ZoneChart, find_zone
from shipping.rate_cards import cards_of, charts_of
from shipping.site_terms import SiteTerms, terms_of
from shipping.views import ExpectedDelivery, QuoteView

_LEVELS = {"economy": 0, "standard": 1, "express": 2}


class NoServiceFits(Refusal):
    """No service of the site takes this parcel to its destination."""

    code = "no_service_fits"
    title = "No carrier service takes this parcel"


@dataclass(frozen=True, slots=True)
class Shop:
    """The outcome of a rate shop: the quotes cheapest first with their ship dates, the chosen one, why, and what the
    site's baseline service would have cost, in minor units. `baseline` names that service, "" where none took the
    parcel: then nothing is said to be saved. `expected` holds what each service is expected to cost, by its key, where
    the merchant's contract says what mishaps cost.
    """

    quotes: tuple[tuple[Quote, date], ...]
    chosen: Quote
    ship_date: date
    why: str
    baseline_minor: int
    baseline: str
    expected: Mapping[str, ExpectedCost] = field(default_factory=dict)


def shop_parcel(
    uow: UnitOfWork, *, terms: SiteTerms, box: Parcel, origin: Place, destination: Place, currency: str, level: str,
    promised_on: date | None, ready_at: datetime | None = None, risks: Risks | None = None,
) -> Shop:  # fmt: skip
    """Quote a parcel with every service of a site, each from its own next collection on, and choose one.

    The parcel is there now, or will be `ready_at` a later instant.

    Raises:
        NoServiceFits: no service gives a price; `services` says why, service by service.
    """
    shop = parcel_shop(
        uow, terms=terms, origin=origin, destination=destination, currency=currency, level=level,
        promised_on=promised_on, ready_at=ready_at, risks=risks,
    )  # fmt: skip
    return shop(box)


def parcel_shop(
    uow: UnitOfWork, *, terms: SiteTerms, origin: Place, destination: Place, currency: str, level: str,
    promised_on: date | None = None, ready_at: datetime | None = None, risks: Risks | None = None,
) -> Callable[[Parcel], Shop]:  # fmt: skip
    """Return `shop_parcel` for parcels of any size to one destination: what they share is read once."""
    days = terms.journey_to(destination.country, destination.postal_code)
    collected = list(_collected(uow, terms, currency, ready_at or uow.now))

    def shop(box: Parcel) -> Shop:
        quotes: list[tuple[Quote, date]] = []
        refusals: list[str] = []
        for card, chart, ship_on in collected:
            answer = rate_parcel(
                box, origin, destination, card, chart=chart, ship_on=ship_on, promised_on=promised_on, days=days
            )
            if isinstance(answer, QuoteRefusal):
                refusals.append(f"{answer.carrier} {answer.service}: {answer.reason}")
            else:
                quotes.append((answer, ship_on))
        if not quotes:
            raise NoServiceFits(
                "No service of this site takes the parcel to its destination.",
                remedy="Change the address, the carton or the site's services.", services=refusals, currency=currency,
            )  # fmt: skip
        return _choose(quotes, terms, level, _expected(quotes, risks, promised_on))

    return shop


def _collected(
    uow: UnitOfWork, terms: SiteTerms, currency: str, at: datetime
) -> Iterator[tuple[RateCard, ZoneChart | None, date]]:
    """Yield the services that collect at the site, each with its next collection day, and with the prices and zones
    that are in force on that day: a parcel that leaves after a change of prices is billed by the new ones.
    """
    cards, calendar = cards_of(uow, terms, currency), terms.calendar
    in_force: dict[date, tuple[dict[tuple[str, str], RateCard], dict[str, ZoneChart]]] = {}
    for service in terms.services:
        cut_off = next_cut_off(service, now=at, time_zone=terms.site.time_zone, calendar=calendar)
        if cut_off is None:
            continue
        day = cut_off.ship_date
        if day not in in_force:
            current = {(card.carrier, card.service): card for card in cards_in_force(cards, day)}
            in_force[day] = current, charts_of(uow, terms, day)
        card = in_force[day][0].get((service.carrier, service.service))
        if card is not None:
            yield card, in_force[day][1].get(card.carrier), day


def _expected(
    quotes: list[tuple[Quote, date]], risks: Risks | None, promised_on: date | None
) -> dict[str, ExpectedCost]:
    if risks is None:
        return {}
    return {
        service_key(q): risks.expect(
            q.carrier, q.service, q.cost_minor, (promised_on - q.delivery_on).days if promised_on else None
        )
        for q, _ in quotes
    }


def _choose(
    quotes: list[tuple[Quote, date]], terms: SiteTerms, level: str, expected: Mapping[str, ExpectedCost]
) -> Shop:
    ranked = tuple(sorted(quotes, key=lambda q: (q[0].cost_minor, q[0].delivery_on, q[0].carrier, q[0].service)))
    dates = {(quote.carrier, quote.service): ship_on for quote, ship_on in ranked}
    wanted = _LEVELS.get(level, 1)
    fit = [quote for quote, _ in ranked if _LEVELS[quote.level] >= wanted]

    def cost(quote: Quote) -> int:
        return expected[service_key(quote)].total_minor if expected else quote.cost_minor

    choice = choose_quote(fit or [quote for quote, _ in ranked], cost)
    chosen = choice.chosen or choice.fastest
    assert chosen is not None, "there is at least one quote"
    named = {(s.carrier, s.service) for s in terms.services if s.is_baseline}
    baseline = next((q for q, _ in ranked if (q.carrier, q.service) in named), None)
    name, price = (service_key(baseline), baseline.cost_minor) if baseline else ("", chosen.cost_minor)
    why = _why(chosen, fit=bool(fit), keeps=choice.chosen is not None, level=level)
    if expected and fit and choice.chosen is not None:
        why = _why_expected(chosen, expected[service_key(chosen)], level)
    return Shop(ranked, chosen, dates[(chosen.carrier, chosen.service)], why, price, name, expected)


def service_key(quote: Quote) -> str:
    """Return a carrier and its service in one word, as a baseline is named."""
    return f"{quote.carrier}/{quote.service}"


def _why(chosen: Quote, *, fit: bool, keeps: bool, level: str) -> str:
    if not keeps:
        return f"No service arrives by the promised day; this one is the fastest, on {chosen.delivery_on}."
    if not fit:
        return f"No {level} service takes the parcel; this is the cheapest of the others."
    return f"The cheapest {level} service that keeps the promise; it arrives on {chosen.delivery_on}."


def _why_expected(chosen: Quote, cost: ExpectedCost, level: str) -> str:
    currency, on_top = chosen.currency, cost.total_minor - cost.price_minor
    words = f"The {level} service that keeps the promise at the least expected cost"
    parts = f"{Money(cost.price_minor, currency)} and {Money(on_top, currency)} for mishaps"
    return f"{words}, {parts}; it arrives on {chosen.delivery_on}."


def quote_parcel(
    uow: UnitOfWork, *, site_id: str, length_mm: int, width_mm: int, height_mm: int, weight_g: int, country: str,
    postal_code: str, residential: bool, currency: str, service_level: str, promised_on: date | None,
) -> tuple[list[QuoteView], str, int]:  # fmt: skip
    """Price a parcel that does not exist yet: every quote cheapest first, why one is chosen, and what it saves against
    the site's baseline service, in minor units. It records nothing.

    Raises:
        NotFound: there is no such site.
        NoServiceFits: no service gives a price.
    """
    terms = terms_of(uow, site_id)
    shop = shop_parcel(
        uow, terms=terms, box=Parcel((length_mm, width_mm, height_mm), weight_g),
        origin=origin_of(terms),
        destination=Place(country, postal_code, is_residential=residential), currency=currency, level=service_level,
        promised_on=promised_on,
    )  # fmt: skip
    views = [
        QuoteView(n, q.carrier, q.service, q.cost_minor, q.currency, q.delivery_on, q is shop.chosen, {})
        for n, (q, _) in enumerate(shop.quotes, start=1)
    ]
    return views, shop.why, shop.baseline_minor - shop.chosen.cost_minor


def quote_many(
    uow: UnitOfWork, *, site_id: str, currency: str, parcels: Sequence[tuple[Parcel, Place]], ship_on: date
) -> BatchQuotes:
    """Price many parcels with every service of a site, by the prices and zones in force on a ship date. It asks for no
    promise and no collection: what would these parcels cost?

    Raises:
        NotFound: there is no such site.
        Invalid: a parcel is too large to be priced with others.
    """
    terms = terms_of(uow, site_id)
    used = {(service.carrier, service.service) for service in terms.services}
    cards = [card for card in cards_of(uow, terms, currency) if (card.carrier, card.service) in used]
    boxes, places = [box for box, _ in parcels], [place for _, place in parcels]
    try:
        return rate_parcels(
            boxes, origin_of(terms), places, cards, charts=charts_of(uow, terms, ship_on), ship_on=ship_on
        )
    except TooLarge as error:
        raise Invalid(f"It cannot be done: {error}.", remedy="Price it alone.", pointer="/parcels") from error


def expect_delivery(
    uow: UnitOfWork, *, site_id: str, sides_mm: tuple[int, int, int], weight_g: int, country: str, postal_code: str,
    currency: str, service_level: str, promised_on: date, ready_at: datetime,
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
        ready_at=ready_at,
    )  # fmt: skip
    service = terms.service(shop.chosen.carrier, shop.chosen.service)
    assert service is not None, "only services of the site are quoted"
    return ExpectedDelivery(
        service.carrier, service.service, service.carrier_name, service.service_name, shop.ship_date,
        shop.chosen.delivery_on,
    )  # fmt: skip


def soonest_delivery(
    uow: UnitOfWork, *, site_id: str, country: str, postal_code: str, currency: str, service_level: str,
    ready_at: datetime,
) -> date | None:  # fmt: skip
    """Return the first day on which any service that is at least as fast as asked can deliver there what is ready at an
    instant; None when no service goes there at prices in this currency.
    """
    terms = terms_of(uow, site_id)
    origin, destination = origin_of(terms), Place(country, postal_code)
    days = terms.journey_to(country, postal_code)
    found: dict[bool, list[date]] = {True: [], False: []}
    for card, chart, ship_on in _collected(uow, terms, currency, ready_at):
        zone = card.zones.get(find_zone(origin, destination, chart, card.service).zone)
        if zone is not None:
            is_fit = _LEVELS[card.level] >= _LEVELS.get(service_level, 1)
            found[is_fit].append(days.after(ship_on, zone.transit_days))
    return min(found[True] or found[False], default=None)


def origin_of(terms: SiteTerms) -> Place:
    """Return where a site's parcels start."""
    return Place(terms.site.country, terms.site.postal_code, is_residential=False)
