from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert

from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound
from shipping.domain.rates import RateCard, ZoneRates
from shipping.domain.zones import ZoneChart
from shipping.models.site import RateCardRow, ZoneChartRow
from shipping.rate_cards import encode_card, encode_chart
from shipping.site_terms import forget_terms, terms_of

_LARGEST: Final = 1_000_000_000
_WHOLE: Final = 10_000
_LONGEST_WAY: Final = 365
_LONGEST_NAME: Final = 40


def lay_down_rate_card(uow: UnitOfWork, *, site_id: str, card: RateCard) -> str:
    """Lay down a service's prices from a day on, and return the digest of the document that holds them.

    Parcels that leave on that day or later are priced by it; labels that were bought keep their price. A card of the
    same service, currency and day is replaced while its day is not yet over, never a past one.

    Raises:
        NotFound: there is no such site, or it does not use this service.
        Invalid: the card has no prices or rules, its breaks do not rise, or its day is over.
    """
    if terms_of(uow, site_id).service(card.carrier, card.service) is None:
        raise NotFound("The site does not use this service.", remedy="Name one of its services.", pointer="/service")
    _check(card)
    _require_future(uow, site_id, card.effective_from)
    document, digest = encode_card(card)
    key = {"site_id": site_id, "carrier": card.carrier, "service": card.service, "currency": card.currency}
    values = {"digest": digest, "card": document}
    statement = insert(RateCardRow).values(**key, valid_from=card.effective_from, **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=[*key, "valid_from"], set_=values))
    forget_terms(uow)
    uow.audit("rate_card.laid_down", subject=site_id, digest=digest, valid_from=card.effective_from.isoformat(), **key)
    return digest


def lay_down_zone_chart(uow: UnitOfWork, *, site_id: str, chart: ZoneChart) -> str:
    """Lay down a carrier's zones from a day on, and return the digest of the document that holds them.

    Raises:
        NotFound: there is no such site, or it uses no service of this carrier.
        Invalid: the chart is empty, or its day is over.
    """
    if chart.carrier not in {service.carrier for service in terms_of(uow, site_id).services}:
        raise NotFound("The site does not use this carrier.", remedy="Name one of its carriers.", pointer="/carrier")
    if not chart.zones and not chart.of_service:
        raise Invalid("The chart has no rows.", remedy="Send at least one.", pointer="/csv")
    _require_future(uow, site_id, chart.effective_from)
    document, digest = encode_chart(chart)
    key = {"site_id": site_id, "carrier": chart.carrier, "valid_from": chart.effective_from}
    values = {"digest": digest, "chart": document}
    statement = insert(ZoneChartRow).values(**key, **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
    forget_terms(uow)
    day = chart.effective_from.isoformat()
    uow.audit("zone_chart.laid_down", subject=site_id, carrier=chart.carrier, digest=digest, valid_from=day)
    return digest


def _check(card: RateCard) -> None:
    """Refuse what could not be priced by: found here, and not while a parcel waits for its label."""
    if not card.zones:
        raise Invalid("The card has no zones.", remedy="Give the prices of one zone at least.", pointer="/zones")
    if not card.dim_rules or min(rule.effective_from for rule in card.dim_rules) > card.effective_from:
        detail = "No dimensional rule is in force on the card's first day."
        raise Invalid(detail, remedy="Give the rule that holds from then on.", pointer="/dim_rules")
    for rule in card.dim_rules:
        factors = (rule.divisor, rule.mm_per_length_unit, rule.g_per_weight_unit, rule.weight_step)
        if min(factors) <= 0 or rule.applies_above < 0:
            raise Invalid("A divisor, a unit or a step is not above 0.", remedy="Correct it.", pointer="/dim_rules")
    for name, zone in card.zones.items():
        _check_zone(name, zone)
    for extra in card.surcharges:
        least = -_WHOLE if extra.kind == "percent_of_freight" else 0
        if not (least <= extra.amount <= _LARGEST and 0 <= extra.minimum_billed_g <= _LARGEST and _is_name(extra.code)):
            detail = f"The surcharge {extra.code!r} has no usable name, amount or least weight."
            raise Invalid(detail, remedy="Correct it.", pointer="/surcharges")
    if not (0 < card.max_weight_g <= _LARGEST and 0 < card.max_side_mm <= _LARGEST):
        raise Invalid("The service takes no parcel at all.", remedy="Say how heavy and long one may be.")
    if not (card.currency.isascii() and card.currency.isalpha() and card.currency.isupper()):
        raise Invalid("This is no currency.", remedy="Write EUR.", pointer="/currency")


def _check_zone(name: str, zone: ZoneRates) -> None:
    limits = [limit for limit, _ in zone.breaks]
    if not limits or limits[0] <= 0 or limits != sorted(set(limits)) or zone.zone != name or not _is_name(name):
        detail = f"The breaks of zone {name!r} are missing or do not rise, or its name is not one."
        raise Invalid(detail, remedy="Order them by weight, each once.", pointer="/zones")
    amounts = (*limits, *(price for _, price in zone.breaks), zone.per_extra_kg_minor)
    if min(amounts) < 0 or max(amounts) > _LARGEST or not 0 <= zone.transit_days <= _LONGEST_WAY:
        raise Invalid(f"Zone {name} has a price or time beyond all measure.", remedy="Correct it.", pointer="/zones")


def _is_name(words: str) -> bool:
    return 0 < len(words) <= _LONGEST_NAME and words.isprintable()


def _require_future(uow: UnitOfWork, site_id: str, day: date) -> None:
    """A price that held once is evidence for what was charged by it."""
    today = uow.now.astimezone(ZoneInfo(get_site(uow, site_id).time_zone)).date()
    if day < today:
        raise Invalid(
            "This day is over, and its parcels were priced.", remedy="Name today or a later day.",
            pointer="/effective_from",
        )  # fmt: skip
