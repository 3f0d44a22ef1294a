"""How exact zones and billed weights are, and how long it takes to price many parcels with many services.

`python -m benchmarks.rating --data DIR` prints one JSON line. DIR holds `usps_zone_chart_dev.csv.gz` and
`dim_rules.csv`; what is absent is said and left out. Every row of the chart is asked for through the look-up that
prices use; pairs for which the chart itself names several zones are told apart. Billed weights are 500 cases on both
sides of 2025-08-18, against arithmetic written anew in decimal inches and pounds. Seconds are CPU time of this process.
"""

import argparse
import csv
import gzip
import json
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction
from pathlib import Path

from shipping.chart_files import read_zone_chart
from shipping.domain.batch_rates import REFUSED, rate_parcels
from shipping.domain.billed_weight import G_PER_POUND, MM_PER_INCH, DimRule, billed_weight, rule_in_force
from shipping.domain.rates import Parcel, Quote, RateCard, rate_parcel
from shipping.domain.sample_rates import sample_rate_cards
from shipping.domain.surcharges import SurchargeRule
from shipping.domain.zones import Place, ZoneChart, find_zone

CHART, DIM_RULES = "usps_zone_chart_dev.csv.gz", "dim_rules.csv"
CHANGED = date(2025, 8, 18)
_ROUNDING = {"each side up to next whole inch": "up", "each side to nearest whole inch (>=0.5 up)": "nearest"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the chart and of the dimensional rules")
    parser.add_argument("--parcels", type=int, default=10_000)
    parser.add_argument("--services", type=int, default=20)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    chart_path, rules_path = chosen.data / CHART, chosen.data / DIM_RULES
    figures: dict[str, object] = {"absent": [path.name for path in (chart_path, rules_path) if not path.exists()]}
    draw = random.Random(chosen.seed)  # noqa: S311 - a repeatable draw of cases, no secret
    chart = None
    if chart_path.exists():
        chart, figures["zones"] = zones(chart_path)
    if rules_path.exists():
        figures["billed_weight"] = weights(rules_path, draw, chosen.cases)
    figures["rating"] = rating(chart, draw, chosen.parcels, chosen.services)
    print(json.dumps(figures))


def zones(path: Path) -> tuple[ZoneChart, dict[str, object]]:
    """Ask for every row of the chart, by the row's own service."""
    with gzip.open(path, "rt") as file:
        text = file.read().splitlines()
    chart, conflicts = read_zone_chart(text, carrier="post", effective_from=date(2019, 1, 1))
    told: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in csv.DictReader(text):
        service = "priority" if row["specific_to_priority_mail"] == "True" else ""
        ends = tuple(code if len(code) <= 3 else code.zfill(5) for code in (row["origin_zip"], row["dest_zip"]))
        told[ends[0], ends[1], service].add(row["zone"])
    before = time.process_time()
    found = {key: find_zone(Place("US", key[0]), Place("US", key[1]), chart, key[2]) for key in told}
    seconds = time.process_time() - before
    alone = [key for key, named in told.items() if len(named) == 1]
    right = sum(found[key].zone in told[key] and not found[key].is_estimated for key in alone)
    several = [key for key, named in told.items() if len(named) > 1]
    return chart, {
        "rows": len(text) - 1, "pairs": len(told), "pairs_with_one_zone": len(alone), "right": right,
        "right_percent": round(100 * right / len(alone), 4), "pairs_the_chart_contradicts": len(several),
        "of_these_one_of_the_zones": sum(found[key].zone in told[key] for key in several),
        "contradicting_rows": conflicts, "microseconds_each": round(1e6 * seconds / len(told), 2),
    }  # fmt: skip


def weights(path: Path, draw: random.Random, count: int) -> dict[str, object]:
    """Bill parcels around the edges of the published rules on both sides of their dates."""
    rules = read_rules(path)
    wrong, sides_of_date = 0, {"before": 0, "since": 0}
    for number in range(count):
        carrier = draw.choice(sorted(rules))
        on = draw.choice((date(2025, 8, 17), CHANGED, date(2026, 1, 5)))
        rule = rule_in_force(tuple(rules[carrier]), on)
        if rule is None:
            continue
        sides_of_date["before" if on < CHANGED else "since"] += 1
        outer, weight_g = _case(draw, number)
        wrong += int(billed_weight(outer, weight_g, rule).billed_units) != _pounds(outer, weight_g, rule)
    asked = sum(sides_of_date.values())
    return {"cases": asked, "wrong": wrong, "right_percent": round(100 * (asked - wrong) / asked, 3), **sides_of_date}


def read_rules(path: Path) -> dict[str, list[DimRule]]:
    """Read the dated rules of each carrier that states a divisor."""
    found: dict[str, list[DimRule]] = defaultdict(list)
    with path.open() as file:
        for row in csv.DictReader(file):
            if row["dimension_rounding"] not in _ROUNDING:
                continue
            how = _ROUNDING[row["dimension_rounding"]]
            found[row["carrier"]].append(
                DimRule(
                    Fraction(row["divisor_in3_per_lb"]), MM_PER_INCH, G_PER_POUND, how, Fraction(1),  # type: ignore[arg-type]  # one of the values above
                    date.fromisoformat(row["effective_from"]), Fraction(row["applies_above_in3"]),
                )
            )  # fmt: skip
    # Where a rule states no predecessor, its own date is the first on which anything can be billed by it.
    return dict(found)


def _case(draw: random.Random, number: int) -> tuple[tuple[Fraction, ...], int]:
    """Draw sides on, just under and just over whole and half inches, and weights around whole pounds."""
    slip = (Fraction(0), Fraction(-1, 10), Fraction(1, 10))
    if number % 3:
        sides = [draw.randint(2, 60) * MM_PER_INCH / 2 + draw.choice(slip) for _ in range(3)]
    else:
        sides = [Fraction(draw.randint(10, 900)) for _ in range(3)]
    pounds = draw.randint(1, 70) * G_PER_POUND
    return tuple(sides), draw.choice((int(pounds), int(pounds) + 1, draw.randint(1, 30_000)))


def _pounds(outer: Sequence[Fraction], weight_g: int, rule: DimRule) -> int:
    """Bill in decimal numbers of fifty digits, written apart from the product's own arithmetic."""
    with localcontext() as context:
        context.prec = 50
        sides = []
        for side in outer:
            inches = Decimal(side.numerator) / Decimal(side.denominator) / Decimal("25.4")
            up = rule.side_rounding == "up"
            sides.append(
                inches.to_integral_value(ROUND_CEILING) if up
                else (inches + Decimal("0.5")).to_integral_value(ROUND_FLOOR)
            )  # fmt: skip
        volume = sides[0] * sides[1] * sides[2]
        by_size = volume / Decimal(int(rule.divisor)) if volume > Decimal(int(rule.applies_above)) else Decimal(0)
        by_scale = Decimal(weight_g) / Decimal("453.59237")
        return int(max(by_size, by_scale).to_integral_value(ROUND_CEILING))


def rating(chart: ZoneChart | None, draw: random.Random, parcels: int, services: int) -> dict[str, object]:
    """Price parcels with services in one go, and a part of them one by one to compare."""
    cards = service_cards(services)
    charts = {each: replace(chart, carrier=each) for each in {c.carrier for c in cards}} if chart else {}
    origin = Place("US", "89501", is_residential=False)
    if chart is not None:
        origin = replace(origin, postal_code=draw.choice(sorted({start for start, _ in chart.zones}))[2:])
    boxes = [
        Parcel((draw.randint(80, 900), draw.randint(60, 600), draw.randint(20, 500)), draw.randint(50, 28_000))
        for _ in range(parcels)
    ]
    places = [Place("US", f"{draw.randint(501, 99_950):05d}", is_residential=draw.random() < 0.7) for _ in boxes]
    on = date(2026, 11, 23)
    seconds = []
    for _ in range(5):
        before = time.process_time()
        quotes = rate_parcels(boxes, origin, places, cards, charts=charts, ship_on=on)
        seconds.append(time.process_time() - before)
    compared, before = range(0, parcels, max(1, parcels // 500)), time.process_time()
    wrong = 0
    for row in compared:
        answers = [
            rate_parcel(boxes[row], origin, places[row], card, chart=charts.get(card.carrier), ship_on=on)
            for card in quotes.cards
        ]
        costs = [answer.cost_minor if isinstance(answer, Quote) else REFUSED for answer in answers]
        wrong += costs != quotes.cost_minor[row].tolist()
    one_by_one = time.process_time() - before
    return {
        "parcels": parcels, "services": len(quotes.cards), "cpu_ms": round(1e3 * min(seconds), 1),
        "cpu_ms_worst_of_5": round(1e3 * max(seconds), 1), "priced": int((quotes.cost_minor != REFUSED).sum()),
        "zones_estimated": int(quotes.is_estimated.sum()), "compared_one_by_one": len(compared), "different": wrong,
        "one_by_one_microseconds_a_parcel": round(1e6 * one_by_one / len(compared)),
    }  # fmt: skip


def service_cards(count: int) -> list[RateCard]:
    """Return so many services of the sample carriers, each with prices, dimensional rule and surcharges of its own."""
    sample = sample_rate_cards("USD")
    inch = DimRule(Fraction(139), MM_PER_INCH, G_PER_POUND, "up", Fraction(1), CHANGED)
    large = SurchargeRule("oversize", "length_plus_girth_over_mm", 4_000, 2_600, group="size", minimum_billed_g=40_824)
    bulky = SurchargeRule("bulky", "volume_over_mm3", 1_500, 140_000_000, group="size")
    area = SurchargeRule("delivery_area", "remote", 310, prefixes=tuple(f"US{n:05d}" for n in range(1, 99_999, 9)))
    cards = []
    for number in range(count):
        card = sample[number % len(sample)]
        rules = (inch,) if number % 2 else card.dim_rules
        extra = (bulky, large, area) if number % 3 else ()
        zoned = {
            name: replace(each, breaks=tuple((g, price + 7 * number) for g, price in each.breaks))
            for name, each in card.zones.items()
        }
        name = f"{card.service}_{number}"
        cards.append(replace(card, service=name, zones=zoned, dim_rules=rules, surcharges=(*extra, *card.surcharges)))
    return cards


if __name__ == "__main__":
    main()
