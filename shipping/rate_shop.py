from dataclasses import dataclass
from datetime import date, datetime

from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from shipping.cut_offs import next_cut_off
from shipping.domain.rates import Parcel, Quote, QuoteRefusal, cards_in_force, choose_quote, rate_parcel
from shipping.domain.zones import Place
from shipping.rate_cards import cards_of, charts_of
from shipping.site_terms import Service, SiteTerms, terms_of
from shipping.views import QuoteView

_LEVELS = {"economy": 0, "standard": 1, "express": 2}


class NoServiceFits(Refusal):
    """No service of the site takes this parcel to its destination."""

    code = "no_service_fits"
    title = "No carrier service takes this parcel"


@dataclass(frozen=True, slots=True)
class Shop:
    """The outcome of a rate shop: the quotes cheapest first with their ship dates, the chosen one, why, and what the
    site's baseline service would have cost, in minor units.
    """

    quotes: tuple[tuple[Quote, date], ...]
    chosen: Quote
    ship_date: date
    why: str
    baseline_minor: int


def shop_parcel(
    uow: UnitOfWork, *, terms: SiteTerms, box: Parcel, origin: Place, destination: Place, currency: str, level: str,
    promised_on: date | None,
) -> Shop:  # fmt: skip
    """Quote a parcel with every service of a site, each from its own next collection on, and choose one.

    Raises:
        NoServiceFits: no service gives a price; `services` says why, service by service.
    """
    charts = charts_of(uow, terms, uow.now.date())
    quotes: list[tuple[Quote, date]] = []
    refusals: list[str] = []
    for card in cards_in_force(cards_of(uow, terms, currency), uow.now.date()):
        ship_on = _ship_date(terms.service(card.carrier, card.service), uow.now, terms.site.time_zone)
        if ship_on is None:
            continue
        answer = rate_parcel(
            box, origin, destination, card, chart=charts.get(card.carrier), ship_on=ship_on, promised_on=promised_on
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
    return _choose(quotes, terms, level)


def _ship_date(service: Service | None, now: datetime, time_zone: str) -> date | None:
    cut_off = next_cut_off(service, now=now, time_zone=time_zone) if service else None
    return cut_off.ship_date if cut_off else None


def _choose(quotes: list[tuple[Quote, date]], terms: SiteTerms, level: str) -> Shop:
    ranked = tuple(sorted(quotes, key=lambda q: (q[0].cost_minor, q[0].delivery_on, q[0].carrier, q[0].service)))
    dates = {(quote.carrier, quote.service): ship_on for quote, ship_on in ranked}
    wanted = _LEVELS.get(level, 1)
    fit = [quote for quote, _ in ranked if _LEVELS[quote.level] >= wanted]
    choice = choose_quote(fit or [quote for quote, _ in ranked])
    chosen = choice.chosen or choice.fastest
    assert chosen is not None, "there is at least one quote"
    named = {(s.carrier, s.service) for s in terms.services if s.is_baseline}
    baseline = next((q for q, _ in ranked if (q.carrier, q.service) in named), chosen)
    why = _why(chosen, fit=bool(fit), keeps=choice.chosen is not None, level=level)
    return Shop(ranked, chosen, dates[(chosen.carrier, chosen.service)], why, baseline.cost_minor)


def _why(chosen: Quote, *, fit: bool, keeps: bool, level: str) -> str:
    if not keeps:
        return f"No service arrives by the promised day; this one is the fastest, on {chosen.delivery_on}."
    if not fit:
        return f"No {level} service takes the parcel; this is the cheapest of the others."
    return f"The cheapest {level} service that keeps the promise; it arrives on {chosen.delivery_on}."


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
    site = terms.site
    shop = shop_parcel(
        uow, terms=terms, box=Parcel((length_mm, width_mm, height_mm), weight_g),
        origin=Place(site.country, site.postal_code, is_residential=False),
        destination=Place(country, postal_code, is_residential=residential), currency=currency, level=service_level,
        promised_on=promised_on,
    )  # fmt: skip
    views = [
        QuoteView(n, q.carrier, q.service, q.cost_minor, q.currency, q.delivery_on, q is shop.chosen, {})
        for n, (q, _) in enumerate(shop.quotes, start=1)
    ]
    return views, shop.why, shop.baseline_minor - shop.chosen.cost_minor
