from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from kernel.money import Money
from shipping.cut_offs import next_cut_off
from shipping.domain.dangerous_goods import Goods, named_goods, refusal_of
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
from shipping.domain.zones import Place, ZoneChart
from shipping.rate_cards import cards_of, charts_of
from shipping.site_terms import Service, SiteTerms

NO_GOODS: Final[Goods] = {}
LEVELS: Final = {"economy": 0, "standard": 1, "express": 2}
"""Service levels by how fast they are."""


class NoServiceFits(Refusal):
    """No service of the site takes this parcel to its destination."""

    code = "no_service_fits"
    title = "No carrier service takes this parcel"


class DangerousGoodsRefused(NoServiceFits):
    """Services go there, but none of them takes the dangerous goods that are inside."""

    code = "dangerous_goods_refused"
    title = "No carrier service takes these dangerous goods"


@dataclass(frozen=True, slots=True)
class RefusedQuote:
    """What a service would cost that does not take the dangerous goods inside, and why, in a sentence."""

    quote: Quote
    ship_date: date
    reason: str


@dataclass(frozen=True, slots=True)
class Shop:
    """The outcome of a rate shop: the quotes cheapest first with their ship dates, the chosen one, why, and what the
    site's baseline service would have cost, in minor units. `baseline` names that service, "" where none took the
    parcel: then nothing is said to be saved. `expected` holds what each service is expected to cost, by its key, where
    the merchant's contract says what mishaps cost. `refused` are the services that do not take the goods inside; a
    baseline among them is named, and nothing is said to be saved.
    """

    quotes: tuple[tuple[Quote, date], ...]
    chosen: Quote
    ship_date: date
    why: str
    baseline_minor: int
    baseline: str
    expected: Mapping[str, ExpectedCost] = field(default_factory=dict)
    refused: tuple[RefusedQuote, ...] = ()


def shop_parcel(
    uow: UnitOfWork, *, terms: SiteTerms, box: Parcel, origin: Place, destination: Place, currency: str, level: str,
    promised_on: date | None, ready_at: datetime | None = None, risks: Risks | None = None, goods: Goods = NO_GOODS,
) -> Shop:  # fmt: skip
    """Quote a parcel with every service of a site, each from its own next collection on, and choose one that takes its
    dangerous `goods`.

    The parcel is there now, or will be `ready_at` a later instant.

    Raises:
        DangerousGoodsRefused: those that give a price do not take the goods.
        NoServiceFits: no service gives a price; `services` says why, service by service.
    """
    shop = parcel_shop(
        uow, terms=terms, origin=origin, destination=destination, currency=currency, level=level,
        promised_on=promised_on, ready_at=ready_at, risks=risks, goods=goods,
    )  # fmt: skip
    return shop(box)


def parcel_shop(
    uow: UnitOfWork, *, terms: SiteTerms, origin: Place, destination: Place, currency: str, level: str,
    promised_on: date | None = None, ready_at: datetime | None = None, risks: Risks | None = None,
    goods: Goods = NO_GOODS,
) -> Callable[[Parcel], Shop]:  # fmt: skip
    """Return `shop_parcel` for parcels of any size to one destination: what they share is read once."""
    days = terms.journey_to(destination.country, destination.postal_code)
    collected = list(collected_services(uow, terms, currency, ready_at or uow.now))

    def shop(box: Parcel) -> Shop:
        quotes: list[tuple[Quote, date]] = []
        refused: list[RefusedQuote] = []
        refusals: list[str] = []
        for service, card, chart, ship_on in collected:
            answer = rate_parcel(
                box, origin, destination, card, chart=chart, ship_on=ship_on, promised_on=promised_on, days=days
            )
            if isinstance(answer, QuoteRefusal):
                refusals.append(f"{answer.carrier} {answer.service}: {answer.reason}")
            elif reason := refusal_of(goods, service.goods_terms):
                refused.append(RefusedQuote(answer, ship_on, reason))
            else:
                quotes.append((answer, ship_on))
        if not quotes:
            raise _nobody(goods, refused, refusals, currency)
        return _choose(quotes, refused, terms, level, _expected(quotes, risks, promised_on))

    return shop


def _nobody(goods: Goods, refused: Sequence[RefusedQuote], refusals: list[str], currency: str) -> NoServiceFits:
    if not refused:
        return NoServiceFits(
            "No service of this site takes the parcel to its destination.",
            remedy="Change the address, the carton or the site's services.", services=refusals, currency=currency,
        )  # fmt: skip
    told = [f"{each.quote.carrier} {each.quote.service}: {each.reason}" for each in refused]
    return DangerousGoodsRefused(
        f"No service of this site takes them ({named_goods(goods)}).",
        remedy="Put it aside until the lead has stated at /carrier-services which service takes them, or the merchant"
        " has corrected what is told of the goods.",
        services=[*told, *refusals], currency=currency, goods={kind: list(skus) for kind, skus in goods.items()},
    )  # fmt: skip


def collected_services(
    uow: UnitOfWork, terms: SiteTerms, currency: str, at: datetime
) -> Iterator[tuple[Service, RateCard, ZoneChart | None, date]]:
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
            yield service, card, in_force[day][1].get(card.carrier), day


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
    quotes: list[tuple[Quote, date]], refused: Sequence[RefusedQuote], terms: SiteTerms, level: str,
    expected: Mapping[str, ExpectedCost],
) -> Shop:  # fmt: skip
    ranked = tuple(sorted(quotes, key=lambda q: (q[0].cost_minor, q[0].delivery_on, q[0].carrier, q[0].service)))
    dates = {(quote.carrier, quote.service): ship_on for quote, ship_on in ranked}
    wanted = LEVELS.get(level, 1)
    fit = [quote for quote, _ in ranked if LEVELS[quote.level] >= wanted]

    def cost(quote: Quote) -> int:
        return expected[service_key(quote)].total_minor if expected else quote.cost_minor

    choice = choose_quote(fit or [quote for quote, _ in ranked], cost)
    chosen = choice.chosen or choice.fastest
    assert chosen is not None, "there is at least one quote"
    named = {(s.carrier, s.service) for s in terms.services if s.is_baseline}
    baseline = next((q for q, _ in ranked if (q.carrier, q.service) in named), None)
    refusing = next((each.quote for each in refused if (each.quote.carrier, each.quote.service) in named), None)
    stands_for = baseline or refusing
    name, price = service_key(stands_for) if stands_for else "", (baseline or chosen).cost_minor
    why = _why(chosen, fit=bool(fit), keeps=choice.chosen is not None, level=level)
    if expected and fit and choice.chosen is not None:
        why = _why_expected(chosen, expected[service_key(chosen)], level)
    if any(each.quote.cost_minor < chosen.cost_minor for each in refused):
        why = f"{why} Cheaper services do not take the dangerous goods inside."
    losing = tuple(sorted(refused, key=lambda each: (each.quote.cost_minor, service_key(each.quote))))
    return Shop(ranked, chosen, dates[(chosen.carrier, chosen.service)], why, price, name, expected, losing)


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


def origin_of(terms: SiteTerms) -> Place:
    """Return where a site's parcels start."""
    return Place(terms.site.country, terms.site.postal_code, is_residential=False)
