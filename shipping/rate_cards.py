import hashlib
from datetime import date
from fractions import Fraction
from typing import TypeVar

import msgspec
from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from shipping.domain.rates import RateCard, cards_in_force
from shipping.domain.zones import Pairs, ZoneChart
from shipping.models.site import RateCardRow, ZoneChartRow
from shipping.site_terms import SiteTerms

# Documents are known by the hash of their text and never change, so that this process may keep what it has decoded.
_cards: dict[str, RateCard] = {}
_charts: dict[str, ZoneChart] = {}
_KEPT = 500
_LONGEST_NUMBER = 40


class _StoredChart(msgspec.Struct):
    carrier: str
    effective_from: date
    zones: list[tuple[str, str, str]]
    of_service: dict[str, list[tuple[str, str, str]]] = {}


def encode_card(card: RateCard) -> tuple[str, str]:
    """Return a rate card as a JSON document, and its digest."""
    return _with_digest(msgspec.json.encode(card, enc_hook=str))


def decode_card(document: str) -> RateCard:
    """Return the rate card that a JSON document holds.

    Raises:
        msgspec.ValidationError: it holds none.
        ValueError, ZeroDivisionError: a number of a dimensional rule is none.
    """
    return msgspec.json.decode(document, type=RateCard, dec_hook=_fraction)


def _fraction(_: type, value: object) -> Fraction:
    """Read a number such as 127/5. An exponent of nine digits would take the memory of the house."""
    if not isinstance(value, str) or len(value) > _LONGEST_NUMBER or "e" in value.lower():
        raise ValueError("a number is written as 5000, 0.5 or 127/5")
    return Fraction(value)


def encode_chart(chart: ZoneChart) -> tuple[str, str]:
    """Return a zone chart as a JSON document, and its digest."""
    of_service = {service: _rows(zones) for service, zones in sorted(chart.of_service.items())}
    stored = _StoredChart(chart.carrier, chart.effective_from, _rows(chart.zones), of_service)
    return _with_digest(msgspec.json.encode(stored))


def _rows(zones: Pairs) -> list[tuple[str, str, str]]:
    return [(origin, destination, zone) for (origin, destination), zone in sorted(zones.items())]


def cards_of(uow: UnitOfWork, terms: SiteTerms, currency: str) -> list[RateCard]:
    """Return a site's rate cards in one currency, of all dates."""
    digests = [digest for of_currency, digest in terms.cards if of_currency == currency]
    missing = [d for d in digests if d not in _cards]
    if missing:
        rows = uow.session.execute(select(RateCardRow.digest, RateCardRow.card).where(RateCardRow.digest.in_(missing)))
        _keep(_cards, {digest: decode_card(text) for digest, text in rows})
    return [_cards[digest] for digest in digests]


def levels_of(uow: UnitOfWork, terms: SiteTerms, on: date) -> dict[tuple[str, str], str]:
    """Return the service level of each carrier and service that has a rate card in force on a date."""
    currencies = dict.fromkeys(currency for currency, _ in terms.cards)
    found = (card for currency in currencies for card in cards_in_force(cards_of(uow, terms, currency), on))
    return {(card.carrier, card.service): card.level for card in found}


def charts_of(uow: UnitOfWork, terms: SiteTerms, on: date) -> dict[str, ZoneChart]:
    """Return each carrier's zone chart in force on a date."""
    digests = {carrier: digest for carrier, valid_from, digest in terms.charts if valid_from <= on}
    missing = [d for d in digests.values() if d not in _charts]
    if missing:
        statement = select(ZoneChartRow.digest, ZoneChartRow.chart).where(ZoneChartRow.digest.in_(missing))
        _keep(_charts, {digest: _decode_chart(text) for digest, text in uow.session.execute(statement)})
    return {carrier: _charts[digest] for carrier, digest in digests.items()}


T = TypeVar("T")


def _keep(kept: dict[str, T], new: dict[str, T]) -> None:
    while len(kept) > _KEPT:
        # The oldest goes first; whoever needs it again reads it again.
        del kept[next(iter(kept))]
    kept.update(new)


def _with_digest(document: bytes) -> tuple[str, str]:
    return document.decode(), hashlib.sha256(document).hexdigest()


def _decode_chart(document: str) -> ZoneChart:
    stored = msgspec.json.decode(document, type=_StoredChart)
    of_service = {service: _pairs(rows) for service, rows in stored.of_service.items()}
    return ZoneChart(stored.carrier, stored.effective_from, _pairs(stored.zones), of_service)


def _pairs(rows: list[tuple[str, str, str]]) -> Pairs:
    return {(origin, destination): zone for origin, destination, zone in rows}
