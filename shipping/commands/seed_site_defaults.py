from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kernel.access.models import Merchant, MerchantSite
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from shipping.domain.dangerous_goods import AIR, EXCEPTED, GROUND, LIMITED, REGULATED
from shipping.domain.sample_rates import (
    CARGO_LINE,
    CARRIER_NAMES,
    NORTHPOST,
    SWIFT_PARCEL,
    sample_rate_cards,
    sample_zone_charts,
)
from shipping.models.site import CarrierServiceRow, CartonRow, RateCardRow, ScaleRow, ZoneChartRow
from shipping.rate_cards import encode_card, encode_chart
from shipping.site_terms import forget_terms

DEFAULT_CURRENCIES = ("EUR", "GBP", "USD")
# Code, name, inner sides in mm, tare and its spread in g, most gross weight in g, cost in minor units.
_CARTONS = (
    ("MLR", "Padded mailer", (240, 160, 30), 40, 1.2, 2_000, 18),
    ("S4", "Small box", (200, 150, 100), 85, 2.5, 5_000, 32),
    ("S6", "Flat box", (300, 220, 90), 130, 3.9, 10_000, 41),
    ("M8", "Medium box", (330, 250, 180), 210, 6.3, 15_000, 58),
    ("M12", "Large box", (400, 300, 250), 340, 10.2, 22_000, 84),
    ("L20", "Extra large box", (500, 400, 300), 560, 16.8, 30_000, 131),
    ("L30", "Double-wall box", (600, 400, 400), 820, 24.6, 30_000, 175),
    ("XL", "Pallet box", (780, 580, 550), 2_600, 78.0, 60_000, 620),
)
_WALL_MM = 6
_WEEK = [0, 1, 2, 3, 4]
_WITH_SATURDAY = [0, 1, 2, 3, 4, 5]
# Carrier, service, name, cut-off in the site's local time, collection days, baseline, dangerous goods that it takes,
# and whether it flies.
_SERVICES = (
    (NORTHPOST, "economy", "Economy", "16:30", _WITH_SATURDAY, False, EXCEPTED, GROUND),
    (NORTHPOST, "tracked", "Tracked", "16:30", _WITH_SATURDAY, False, EXCEPTED, GROUND),
    (SWIFT_PARCEL, "ground", "Ground", "17:30", _WEEK, True, LIMITED, GROUND),
    (SWIFT_PARCEL, "express", "Express", "18:30", _WITH_SATURDAY, False, EXCEPTED, AIR),
    (CARGO_LINE, "freight", "Freight", "15:00", _WEEK, False, REGULATED, GROUND),
    (CARGO_LINE, "freight_priority", "Priority freight", "15:00", _WEEK, False, REGULATED, GROUND),
)


def seed_site_defaults(uow: UnitOfWork, *, site_id: str, currencies: Sequence[str] = DEFAULT_CURRENCIES) -> None:
    """Give a site the sample set: cartons, three fictitious carriers with cut-offs, prices and zones, and a scale.

    Prices are laid down in `currencies` and in those of the merchants that the site serves. What a site has already is
    left as it is, so that repeating it is safe.
    """
    site = get_site(uow, site_id)
    served = select(Merchant.currency).join(MerchantSite, MerchantSite.merchant_id == Merchant.id)
    wanted = {*currencies, *uow.session.scalars(served.where(MerchantSite.site_id == site_id))}
    _add(uow, CartonRow, [_carton(site_id, carton) for carton in _CARTONS])
    _add(uow, CarrierServiceRow, [_service(site_id, service) for service in _SERVICES])
    _add(uow, RateCardRow, [row for currency in sorted(wanted) for row in _cards(site_id, currency)])
    _add(uow, ZoneChartRow, _charts(site_id, site.country))
    calibrated_until = uow.now.date() + timedelta(days=365)
    scale = {"code": "PACK-1", "name": "Packing bench scale", "sd_g": 2.5, "interval_g": 5, "max_g": 60_000}
    _add(uow, ScaleRow, [{"site_id": site_id, "calibrated_until": calibrated_until, **scale}])
    forget_terms(uow)


def _add(uow: UnitOfWork, model: type[Any], rows: list[dict[str, Any]]) -> None:
    uow.session.execute(insert(model).on_conflict_do_nothing(), rows)


def _carton(site_id: str, carton: tuple[Any, ...]) -> dict[str, Any]:
    code, name, (length, width, height), tare_g, tare_sd_g, max_weight_g, cost_minor = carton
    return {
        "site_id": site_id, "code": code, "name": name, "inner_length_mm": length, "inner_width_mm": width,
        "inner_height_mm": height, "outer_length_mm": length + _WALL_MM, "outer_width_mm": width + _WALL_MM,
        "outer_height_mm": height + _WALL_MM, "tare_g": tare_g, "tare_sd_g": tare_sd_g,
        "max_weight_g": max_weight_g, "cost_minor": cost_minor,
    }  # fmt: skip


def _service(site_id: str, row: tuple[Any, ...]) -> dict[str, Any]:
    carrier, service, name, cut_off, weekdays, is_baseline, dangerous_goods, mode = row
    return {
        "site_id": site_id, "carrier": carrier, "service": service, "carrier_name": CARRIER_NAMES[carrier],
        "service_name": name, "cut_off": cut_off, "weekdays": weekdays, "gateway": "http", "enabled": True,
        "is_baseline": is_baseline, "dangerous_goods": dangerous_goods, "mode": mode,
    }  # fmt: skip


def _cards(site_id: str, currency: str) -> list[dict[str, Any]]:
    rows = []
    for card in sample_rate_cards(currency):
        document, digest = encode_card(card)
        key = {"site_id": site_id, "carrier": card.carrier, "service": card.service, "currency": currency}
        rows.append({**key, "valid_from": card.effective_from, "digest": digest, "card": document})
    return rows


def _charts(site_id: str, country: str) -> list[dict[str, Any]]:
    rows = []
    for chart in sample_zone_charts(country).values():
        document, digest = encode_chart(chart)
        key = {"site_id": site_id, "carrier": chart.carrier, "valid_from": chart.effective_from}
        rows.append({**key, "digest": digest, "chart": document})
    return rows
