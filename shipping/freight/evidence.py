from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork
from shipping.domain.freight_audit import Bought, service_key
from shipping.domain.freight_lines import InvoiceOwner
from shipping.domain.rates import Parcel, Quote, RateCard, cards_in_force, rate_parcel
from shipping.domain.zones import Place, ZoneChart
from shipping.rate_cards import cards_of, charts_of
from shipping.site_terms import SiteTerms, terms_of

# What was bought under each number, with the last reading of the scale. Carriers use their numbers again after years:
# the label that left last, but not after the invoice, is meant.
_BOUGHT: Final = text(
    """
    select distinct on (l.tracking_number) l.tracking_number, l.tenant_id, l.id as label_id, l.state, l.service,
      l.ship_date, l.price_minor, l.charged_minor, l.voided_at, l.carrier_void, p.id as parcel_id, p.site_id, p.kind,
      p.reference, p.carton_code, p.length_mm, p.width_mm, p.height_mm, p.weight_g, p.expected_g, p.ship_to,
      w.scale, w.reading_g, w.attempt, w.weighed_at, w.weighed_by,
      (select json_agg(json_build_object('source', k.source, 'device', k.device, 'reading_g', k.reading_g,
         'limit_g', k.limit_g, 'outcome', k.outcome, 'at', k.checked_at) order by k.checked_at, k.id)
       from weight_check k where k.tenant_id = p.tenant_id and k.parcel_id = p.id) as checks
    from label l
    join parcel p on p.tenant_id = l.tenant_id and p.id = l.parcel_id
    left join lateral (select * from weight_audit a where a.tenant_id = p.tenant_id and a.parcel_id = p.id
                       order by a.attempt desc limit 1) w on true
    where l.carrier = :carrier and l.tracking_number = any(:numbers)
      and (:tenant = '' or l.tenant_id = :tenant) and (:site = '' or p.site_id = :site)
    order by l.tracking_number, (l.ship_date <= coalesce(:invoice_date, l.ship_date)) desc, l.ship_date desc, l.id desc
    """
)


@dataclass(frozen=True, slots=True)
class Shipped:
    """What we know of a billed number: whose it is, whether its label was given up, its price, and all evidence.

    `bought` is None where no price can be worked out; `why` says why then.
    """

    tenant_id: str
    parcel_id: str
    reference: str
    is_voided: bool
    bought: Bought | None
    why: str
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Prices:
    terms: SiteTerms
    cards: Mapping[tuple[str, str], RateCard]
    charts: Mapping[str, ZoneChart]


def shipped_by_number(
    uow: UnitOfWork, *, owner: InvoiceOwner, carrier: str, currency: str, numbers: Sequence[str],
    invoice_date: date | None,
) -> dict[str, Shipped]:  # fmt: skip
    """Return what was shipped under each tracking number that is the owner's, priced as labels are bought."""
    values = {"carrier": carrier, "numbers": list(numbers), "tenant": owner.tenant_id, "site": owner.site_id}
    rows = uow.session.execute(_BOUGHT, values | {"invoice_date": invoice_date}).mappings().all()
    known: dict[tuple[str, date], _Prices] = {}
    found = {}
    for row in rows:
        key = row["site_id"], row["ship_date"]
        if key not in known:
            known[key] = _prices(uow, *key, currency)
        found[row["tracking_number"]] = _shipped(dict(row), carrier, currency, known[key])
    return found


def _prices(uow: UnitOfWork, site_id: str, on: date, currency: str) -> _Prices:
    terms = terms_of(uow, site_id)
    cards = {(card.carrier, card.service): card for card in cards_in_force(cards_of(uow, terms, currency), on)}
    return _Prices(terms, cards, charts_of(uow, terms, on))


def _shipped(row: dict[str, Any], carrier: str, currency: str, prices: _Prices) -> Shipped:
    evidence, on = _evidence(row, prices), row["ship_date"]
    card = prices.cards.get((carrier, row["service"]))
    bought, why = None, f"No prices in {currency} were in force for {row['service']} on {on}."
    if card is not None:
        box = Parcel((row["length_mm"], row["width_mm"], row["height_mm"]), row["weight_g"] or row["expected_g"])
        origin, destination = _ends(row, prices.terms)
        chart = prices.charts.get(carrier)
        quote = rate_parcel(box, origin, destination, card, chart=chart, ship_on=on)
        if isinstance(quote, Quote):
            bought = Bought(quote, card, box, destination, on, *_service_names(carrier, row["service"], prices))
            evidence |= _price_evidence(quote, card, chart, on)
        else:
            why = quote.reason
    is_voided = row["state"] != "purchased" or row["voided_at"] is not None
    return Shipped(row["tenant_id"], row["parcel_id"], row["reference"], is_voided, bought, why, evidence)


def _ends(row: dict[str, Any], terms: SiteTerms) -> tuple[Place, Place]:
    """Return both ends of the journey, as the label was priced: a company's address is none to live at."""
    here = Place(terms.site.country, terms.site.postal_code, is_residential=False)
    to = row["ship_to"]
    is_return = row["kind"] == "return"
    there = Place(to["country"], to["postal_code"], is_residential=not is_return and not to["company"])
    return (there, here) if is_return else (here, there)


def _service_names(carrier: str, service: str, prices: _Prices) -> tuple[frozenset[str], frozenset[str]]:
    names: dict[str, set[str]] = {each: {each} for of, each in prices.cards if of == carrier}
    for each in prices.terms.services:
        if each.carrier == carrier:
            names.setdefault(each.service, {each.service}).add(each.service_name)
    spelled = {code: {service_key(word) for word in words} for code, words in names.items()}
    prefixes = {service_key(carrier)} | {service_key(s.carrier_name) for s in prices.terms.services
                                         if s.carrier == carrier}  # fmt: skip
    full = {code: words | {prefix + word for prefix in prefixes for word in words} for code, words in spelled.items()}
    mine = full.get(service, {service_key(service)})
    others = set().union(*(words for code, words in full.items() if code != service)) - mine
    return frozenset(mine), frozenset(others)


def _evidence(row: dict[str, Any], prices: _Prices) -> dict[str, Any]:
    weighing: dict[str, Any] = {}
    if row["reading_g"] is not None:
        weighing = {
            "scale": row["scale"], "reading_g": row["reading_g"], "attempt": row["attempt"],
            "at": row["weighed_at"].isoformat(), "by": row["weighed_by"],
        }  # fmt: skip
    checks = {"checks": row["checks"]} if row["checks"] else {}
    return {
        "site": prices.terms.site.code, "label_id": row["label_id"], "service": row["service"],
        "ship_date": row["ship_date"].isoformat(), "quoted_minor": row["price_minor"],
        "charged_minor": row["charged_minor"], "carton": row["carton_code"],
        "sides_mm": [row["length_mm"], row["width_mm"], row["height_mm"]], "weight_g": row["weight_g"],
        "weighing": weighing, **checks,
        "voided_at": row["voided_at"].isoformat() if row["voided_at"] else "",
        "carrier_void": row["carrier_void"],
        "to": f"{row['ship_to']['country']} {row['ship_to']['postal_code']}".strip(),
        "from": f"{prices.terms.site.country} {prices.terms.site.postal_code}".strip(),
    }  # fmt: skip


def _price_evidence(quote: Quote, card: RateCard, chart: ZoneChart | None, on: date) -> dict[str, Any]:
    rule = max((each for each in card.dim_rules if each.effective_from <= on), key=lambda each: each.effective_from)
    return {
        "zone": quote.zone.zone, "zone_by": quote.zone.source,
        "chart_from": chart.effective_from.isoformat() if chart else "", "card_from": card.effective_from.isoformat(),
        "billed_g": quote.billed.billed_g, "basis": quote.billed.basis, "divisor": str(rule.divisor),
        "freight_minor": quote.freight_minor, "surcharges": [list(each) for each in quote.surcharges],
        "price_minor": quote.cost_minor,
    }  # fmt: skip
