"""How many wrong parcels the scale finds, and how many right ones it stops.

`python -m benchmarks.weight_audit --skus F --cartons F --audits F --decisions OUT` replays weighings in their order
through the weight audit of the product: each is judged on what was known before it, and only then is its confirmed
outcome told. OUT gets a row per weighing: audit_id, verdict, score, auditable, first hypothesis. Prints one JSON line:
content errors caught and right parcels stopped by the verdicts, within the first 6,000 and after 12,000 weighings,
what the scores would catch at 1 % false stops, and CPU milliseconds of a decision. With a column `true_weight_g`
among the SKUs it prints the error of the learned weights too, of items with 20 parcels or more, in percent.
Input may be gzipped: skus (sku, master_weight_g), cartons (carton, nominal_tare_g), audits (audit_id, scale, carton,
void_litres, lines as SKUx2|SKUx1, reading_g, confirmed_outcome).
"""

import argparse
import csv
import gzip
import json
import math
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shipping.domain.weight_audit import (
    AuditDecision,
    AuditOutcome,
    AuditThresholds,
    Expectation,
    audit,
    expect_weight,
    expected_item,
)
from shipping.domain.weight_belief import ItemWeight
from shipping.domain.weight_causes import Goods
from shipping.domain.weight_learning import learn_parcel
from shipping.domain.weight_limits import fit_thresholds
from shipping.domain.weight_packaging import Packaging, ScaleSpec, tare_of
from shipping.domain.weight_refit import NEWEST, WeighedParcel, goods_of, refit

SCALES = {"bench_e5": ScaleSpec(2.5, 5), "inmotion_e20": ScaleSpec(12, 20)}
"""Repeatability and interval in g; the name of any other scale ends in its interval, and half of that is its sd."""
FIRST, SETTLED, SIGHTINGS = 6_000, 12_000, 20
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """One weighing: its place in the file, how it was judged, and what it was."""

    place: int
    decision: AuditDecision
    is_wrong: bool
    cpu_ms: float


@dataclass(slots=True)
class House:
    """What the product keeps in its tables: beliefs, limits, and the parcels that were confirmed."""

    master_g: Mapping[str, int]
    sheet: Packaging
    packaging: Packaging
    goods: Goods
    items: dict[str, ItemWeight] = field(default_factory=dict)
    limits: AuditThresholds = field(default_factory=AuditThresholds)
    parcels: list[WeighedParcel] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    def beliefs(self, parcel: WeighedParcel) -> list[ItemWeight]:
        """Return what is believed of each line's item."""
        return [self.items.get(ref) or ItemWeight(ref, self.master_g[ref]) for ref, _ in parcel.lines]

    def expect(self, parcel: WeighedParcel) -> Expectation:
        """Return what the parcel should weigh."""
        lines = zip(self.beliefs(parcel), parcel.lines, strict=True)
        known = self.packaging
        return expect_weight(
            [expected_item(belief, quantity) for belief, (_, quantity) in lines],
            tare=known.tares[parcel.carton], scale=known.scales[parcel.scale], void_ml=1000 * parcel.void_l,
            dunnage=known.dunnage, label=known.offset(parcel.scale), noise=known.noise,
        )  # fmt: skip

    def confirm(self, parcel: WeighedParcel, score: float) -> None:
        """Learn from a parcel that turned out to be right."""
        expectation = self.expect(parcel)
        for learned in learn_parcel(self.beliefs(parcel), expectation, parcel.reading_g):
            self.items[learned.ref] = learned
        self.parcels.append(parcel)
        self.scores.append(score)

    def refit(self) -> None:
        """Fit everything to the newest right parcels."""
        fit = refit(self.parcels[-NEWEST:], self.master_g, self.sheet)
        self.items |= fit.items
        self.packaging = fit.packaging
        self.limits = fit_thresholds(self.scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("skus", "cartons", "audits", "decisions"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    asked = parser.parse_args()
    skus = list(_rows(asked.skus))
    house = _house(skus, list(_rows(asked.cartons)), rows := list(_rows(asked.audits)))
    before = time.process_time()
    judged = list(replay(house, rows))
    seconds = time.process_time() - before
    _write(asked.decisions, rows, judged)
    figures = {"weighings": len(rows), "cpu_seconds": round(seconds, 1)}
    figures |= _caught("first_6k", [j for j in judged if j.place < FIRST])
    figures |= _caught("after_6k", [j for j in judged if j.place >= FIRST])
    figures |= _caught("after_12k", [j for j in judged if j.place >= SETTLED])
    figures |= _weight_errors(house, skus)
    figures["decision_cpu_p99_ms"] = round(statistics.quantiles([j.cpu_ms for j in judged], n=100)[98], 2)
    print(json.dumps(figures))


def replay(house: House, rows: Sequence[Row]) -> Iterator[Judged]:
    """Judge each weighing, then tell the house what it was; refit like the product's worker does, often at first."""
    due = _pause(0)
    for place, row in enumerate(rows):
        parcel = _parcel(row)
        before = time.process_time()
        decision = audit(parcel.reading_g, house.expect(parcel), house.limits, goods=house.goods)
        cpu_ms = 1000 * (time.process_time() - before)
        is_wrong = row["confirmed_outcome"] != "ok"
        if not is_wrong:
            house.confirm(parcel, decision.score)
        yield Judged(place, decision, is_wrong, cpu_ms)
        if place + 1 >= due:
            house.refit()
            due = place + 1 + _pause(place)


def _pause(place: int) -> int:
    return max(250, place // 12)


def _rows(path: Path) -> Iterator[Row]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", newline="", encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


def _house(skus: Sequence[Row], cartons: Sequence[Row], rows: Sequence[Row]) -> House:
    master_g = {row["sku"]: int(row["master_weight_g"]) for row in skus}
    scales = {name: _scale(name) for name in {row["scale"] for row in rows}}
    sheet = Packaging({row["carton"]: tare_of(float(row["nominal_tare_g"])) for row in cartons}, scales)
    return House(master_g, sheet, sheet, goods_of(master_g.values()))


def _scale(name: str) -> ScaleSpec:
    interval = int(name.rpartition("_e")[2])
    return SCALES.get(name) or ScaleSpec(interval / 2, interval)


def _parcel(row: Row) -> WeighedParcel:
    lines: dict[str, int] = {}
    for line in row["lines"].split("|"):
        sku, _, quantity = line.rpartition("x")
        lines[sku] = lines.get(sku, 0) + int(quantity)
    return WeighedParcel(
        row["scale"], row["carton"], float(row["void_litres"]), float(row["reading_g"]), tuple(lines.items())
    )


def _write(path: Path, rows: Sequence[Row], judged: Sequence[Judged]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(("audit_id", "verdict", "score", "auditable", "first_hypothesis"))
        for row, each in zip(rows, judged, strict=True):
            decision = each.decision
            first = decision.explanations[0].sentence if decision.explanations else ""
            auditable = str(decision.is_fully_auditable).lower()
            out.writerow((row["audit_id"], decision.outcome.name, round(decision.score, 4), auditable, first))


def _caught(name: str, judged: Sequence[Judged]) -> dict[str, float]:
    wrong, right = [j for j in judged if j.is_wrong], [j for j in judged if not j.is_wrong]
    if not wrong or not right:
        return {}
    held = [j for j in judged if j.decision.outcome is AuditOutcome.HOLD]
    flagged = [j for j in judged if j.decision.outcome is not AuditOutcome.PASS]
    limit = sorted((j.decision.score for j in right), reverse=True)[len(right) // 100]
    return {
        f"{name}_errors": len(wrong),
        f"{name}_caught_percent": _percent(sum(j.is_wrong for j in held), len(wrong)),
        f"{name}_false_holds_percent": _percent(sum(not j.is_wrong for j in held), len(right)),
        f"{name}_caught_with_recheck_percent": _percent(sum(j.is_wrong for j in flagged), len(wrong)),
        f"{name}_false_with_recheck_percent": _percent(sum(not j.is_wrong for j in flagged), len(right)),
        f"{name}_caught_at_1_percent": _percent(sum(j.decision.score > limit for j in wrong), len(wrong)),
        f"{name}_auditable_percent": _percent(sum(j.decision.is_fully_auditable for j in judged), len(judged)),
    }


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2)


def _weight_errors(house: House, skus: Sequence[Row]) -> dict[str, float]:
    """Compare learned weights with the truth where the file tells it; else with what the model itself expects.

    Half of all normal errors are larger than 0.6745 standard deviations.
    """
    often = [item for item in house.items.values() if item.parcels >= SIGHTINGS]
    if not often:
        return {}
    expected = statistics.median(100 * 0.6745 * item.mean_sd_g / item.mean_g for item in often)
    figures = {"sku_weights_learned": len(often), "sku_error_expected_percent": round(expected, 3)}
    truth = {row["sku"]: float(row["true_weight_g"]) for row in skus if row.get("true_weight_g")}
    errors = [100 * abs(math.log(item.mean_g / truth[item.ref])) for item in often if item.ref in truth]
    return figures | ({"sku_error_percent": round(statistics.median(errors), 3)} if errors else {})


if __name__ == "__main__":
    main()
