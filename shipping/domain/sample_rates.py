from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from shipping.domain.billed_weight import G_PER_KG, MM_PER_CM, DimRule
from shipping.domain.rates import RateCard, ServiceLevel, ZoneRates
from shipping.domain.surcharges import SurchargeRule
from shipping.domain.zones import ZoneChart

SWIFT_PARCEL = "swift_parcel"
NORTHPOST = "northpost"
CARGO_LINE = "cargo_line"

CARRIER_NAMES = {SWIFT_PARCEL: "Swift Parcel", NORTHPOST: "Northpost", CARGO_LINE: "Cargo Line"}

_FROM = date(2016, 1, 1)
_BREAKS_G = (250, 500, 1_000, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000, 20_000, 30_000)
_ABROAD = "9"


@dataclass(frozen=True, slots=True)
class _Tariff:
    """How a fictitious service is priced: minor units at zone 1, per zone step, per kg, and its days."""

    carrier: str
    service: str
    level: ServiceLevel
    base: int
    per_zone: int
    per_kg: int
    days: tuple[int, ...]
    divisor: int
    step_g: int
    max_weight_g: int
    max_side_mm: int
    fuel_bp: int
    goes_abroad: bool = True


# Days are per zone 1 to 8, then abroad.
_TARIFFS = (
    _Tariff(NORTHPOST, "economy", "economy", 690, 75, 120, (3, 4, 5, 6, 7, 8, 9, 10, 18), 6000, 100, 30_000, 1_050, 0),
    _Tariff(NORTHPOST, "tracked", "standard", 890, 95, 150, (2, 2, 3, 4, 5, 6, 6, 7, 12), 6000, 100, 30_000, 1_050, 0),
    _Tariff(
        SWIFT_PARCEL, "ground", "standard", 850, 110, 130, (1, 2, 2, 3, 4, 4, 5, 5, 9), 5000, 500, 31_500, 1_500, 600
    ),
    _Tariff(
        SWIFT_PARCEL, "express", "express", 1_650, 210, 290, (1, 1, 1, 1, 1, 2, 2, 2, 3), 5000, 500, 31_500, 1_500, 800
    ),
    _Tariff(
        CARGO_LINE,
        "freight",
        "economy",
        3_900,
        350,
        60,
        (3, 4, 5, 5, 6, 7, 8, 9, 0),
        4000,
        1000,
        1_000_000,
        4_000,
        900,
        goes_abroad=False,
    ),
    _Tariff(
        CARGO_LINE,
        "freight_priority",
        "standard",
        5_400,
        480,
        85,
        (2, 2, 3, 3, 4, 4, 5, 5, 0),
        4000,
        1000,
        1_000_000,
        4_000,
        900,
        goes_abroad=False,
    ),
)


def sample_rate_cards(currency: str) -> tuple[RateCard, ...]:
    """Build the tariffs of three fictitious carriers in a currency's minor units, in force since 2016."""
    return tuple(_card(tariff, currency) for tariff in _TARIFFS)


def sample_zone_charts(country: str) -> dict[str, ZoneChart]:
    """Build each carrier's chart for a country whose postal codes start with a region digit.

    Regions that are n apart are zone 2 + n, at most 8; equal first two digits are zone 1. Places whose code starts
    otherwise are zone 5.
    """
    home = country.upper()
    zones = {(home, home): "5"}
    for origin in range(10):
        for destination in range(10):
            zones[(f"{home}{origin}", f"{home}{destination}")] = str(min(8, 2 + abs(origin - destination)))
    for region in range(100):
        zones[(f"{home}{region:02d}", f"{home}{region:02d}")] = "1"
    return {carrier: ZoneChart(carrier, _FROM, zones) for carrier in CARRIER_NAMES}


def _card(tariff: _Tariff, currency: str) -> RateCard:
    zones = {str(step + 1): _zone(tariff, str(step + 1), step) for step in range(8)}
    if tariff.goes_abroad:
        zones[_ABROAD] = _zone(tariff, _ABROAD, 16)
    return RateCard(
        carrier=tariff.carrier,
        service=tariff.service,
        level=tariff.level,
        currency=currency.upper(),
        effective_from=_FROM,
        zones=zones,
        dim_rules=(_dim_rule(tariff),),
        surcharges=_surcharges(tariff),
        max_weight_g=tariff.max_weight_g,
        max_side_mm=tariff.max_side_mm,
    )


def _zone(tariff: _Tariff, zone: str, steps: int) -> ZoneRates:
    base = tariff.base + tariff.per_zone * steps
    # Each zone further away makes a kilogram a tenth dearer, as on ordinary parcel tariffs.
    per_kg = tariff.per_kg * (10 + steps) // 10
    breaks = tuple((limit, base + per_kg * limit // 1000) for limit in _BREAKS_G)
    days = tariff.days[8 if zone == _ABROAD else steps]
    return ZoneRates(zone, breaks, per_kg, days)


def _dim_rule(tariff: _Tariff) -> DimRule:
    # Northpost ignores size up to 20 litres, as postal parcels often do.
    above = Fraction(20_000) if tariff.carrier == NORTHPOST else Fraction(0)
    return DimRule(
        divisor=Fraction(tariff.divisor),
        mm_per_length_unit=MM_PER_CM,
        g_per_weight_unit=G_PER_KG,
        side_rounding="up",
        weight_step=Fraction(tariff.step_g, 1000),
        effective_from=_FROM,
        applies_above=above,
    )


def _surcharges(tariff: _Tariff) -> tuple[SurchargeRule, ...]:
    rules: list[SurchargeRule] = []
    if tariff.carrier == SWIFT_PARCEL:
        rules.append(SurchargeRule("residential", "residential", 120))
        rules.append(SurchargeRule("long_parcel", "longest_side_over_mm", 900, threshold=1_000))
    if tariff.carrier == CARGO_LINE:
        rules.append(SurchargeRule("tail_lift", "weight_over_g", 2_500, threshold=50_000))
    if tariff.fuel_bp:
        rules.append(SurchargeRule("fuel", "percent_of_freight", tariff.fuel_bp))
    return tuple(rules)
