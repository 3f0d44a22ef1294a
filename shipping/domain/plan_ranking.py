"""Several ways to pack the same goods, cheapest first, each with what it costs and what kept it from being cheaper."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal

from shipping.domain.carton_plans import CartonType, PackItem, PackPlan
from shipping.domain.carton_space import Unit, WorkBudget
from shipping.domain.carton_splits import split_into_smaller
from shipping.domain.cartons import choose_carton
from shipping.domain.mailers import holds_alone, shapes_of
from shipping.domain.pack_pieces import fitting_no_carton, units_of
from shipping.domain.packing import fits_alone, is_impossible, pack_all
from shipping.domain.packing_verdicts import Recall
from shipping.domain.plan_costs import Cost, Tariff, carton_price, parcel_cost

Constraint = Literal[
    "none", "weight", "side", "room", "arrangement", "keep_upright", "fragile", "load", "undecided", "kept_apart",
    "needs_box",
]  # fmt: skip
"""What kept goods out of a cheaper carton: its limit of weight, a piece's longest side, room, that the pieces cannot be
arranged in it, that one stays upright, that nothing lies on a fragile one, that one bears little, that the search could
not decide it, that goods are kept apart, or that it is a mailer and one needs a box.
"""
MOST_PLANS: Final = 4
_MOST_SINGLE: Final = 3
_WORK_WITHOUT_CARE: Final = 2_000


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A cheaper carton that the goods did not go into, and why."""

    carton_code: str
    constraint: Constraint


@dataclass(frozen=True, slots=True)
class RankedPlan:
    """A plan with its cost, for each parcel too, and the cheaper cartons that were passed over, cheapest first."""

    plan: PackPlan
    costs: tuple[Cost, ...]
    constraint: Constraint
    passed_over: tuple[PassedOver, ...]

    @property
    def total_minor(self) -> int:
        """What all parcels cost together, in minor units."""
        return sum(cost.total_minor for cost in self.costs)


def rank_plans(
    items: Sequence[PackItem], cartons: Sequence[CartonType], tariff: Tariff, *, recall: Recall | None = None
) -> list[RankedPlan]:
    """Return up to `MOST_PLANS` ways to pack the items, cheapest first: the best carton, the next ones, and several
    smaller ones where there are several pieces. Nothing, when nobody takes the parcels of any plan.

    Work is counted as in `choose_carton`: the answer is the same on every run and comes within a bounded time.

    Raises:
        ValueError: no items were given.
    """
    if not items:
        raise ValueError("nothing to pack: give at least one item")
    boxed = [item for item in items if not item.own_container]
    alone = _alone([item for item in items if item.own_container])
    if not boxed:
        return list(_ranked(alone, tariff, "none", ()))
    price = carton_price(boxed, tariff)
    found: list[RankedPlan] = []
    better: set[str] = set()
    for plan in _candidates(boxed, cartons, partial(choose_carton, boxed, price=price, recall=recall)):
        used = {parcel.carton.code for parcel in plan.parcels if parcel.carton}
        passed = _passed_over(boxed, [c for c in cartons if c.code not in better], plan, price)
        better |= used if len(plan.parcels) == 1 else set()
        found += _ranked(_joined(plan, alone), tariff, _constraint(boxed, plan, passed), passed)
    return sorted(found, key=lambda ranked: (ranked.total_minor, len(ranked.plan.parcels)))


def _alone(items: Sequence[PackItem]) -> PackPlan:
    return choose_carton(items, []) if items else PackPlan((), (), "proven")


def _joined(plan: PackPlan, alone: PackPlan) -> PackPlan:
    return replace(plan, parcels=plan.parcels + alone.parcels, statements=plan.statements + alone.statements)


def _ranked(
    plan: PackPlan, tariff: Tariff, constraint: Constraint, passed: tuple[PassedOver, ...]
) -> Iterator[RankedPlan]:
    """Give the plan with its costs, unless nobody takes one of its parcels."""
    costs = [parcel_cost(parcel, tariff) for parcel in plan.parcels]
    known = tuple(cost for cost in costs if cost is not None)
    if len(known) == len(costs):
        yield RankedPlan(plan, known, constraint, passed)


def _candidates(
    items: Sequence[PackItem], cartons: Sequence[CartonType], choose: Callable[[Sequence[CartonType]], PackPlan]
) -> Iterator[PackPlan]:
    first = choose(cartons)
    yield first
    left = _without(cartons, first)
    for _ in range(_MOST_SINGLE - 1):
        if not left or len(first.parcels) > 1 or fitting_no_carton(items, left):
            break
        other = choose(left)
        if len(other.parcels) > 1:
            break
        yield other
        left = _without(left, other)
    split = split_into_smaller(items, cartons, first, choose)
    if split is not None:
        yield split


def _without(cartons: Sequence[CartonType], plan: PackPlan) -> list[CartonType]:
    used = {parcel.carton.code for parcel in plan.parcels if parcel.carton}
    return [carton for carton in cartons if carton.code not in used]


def _passed_over(
    items: Sequence[PackItem], cartons: Sequence[CartonType], plan: PackPlan, price: Callable[[CartonType, int], int]
) -> tuple[PassedOver, ...]:
    """Say of each cheaper carton why it does not hold the items; of several cartons, why no single one does."""
    weight = sum(item.weight_g * item.quantity for item in items)
    units = units_of(items)
    shapes = {carton.code: shapes_of(carton, units) for carton in cartons}
    asked = {c.code: min(price(s, weight + c.tare_g) for s in shapes[c.code] or [c]) for c in cartons}
    single = plan.parcels[0].carton if len(plan.parcels) == 1 else None
    if single is not None and single.code in asked:
        asked[single.code] = price(single, weight + single.tare_g)
    ranked = sorted(cartons, key=lambda c: (asked[c.code], c.code))
    codes = [carton.code for carton in ranked]
    if single is not None and single.code in codes:
        ranked = ranked[: codes.index(single.code)]
    in_doubt = {inner for _, inner in plan.doubts}
    told = []
    for carton in ranked:
        is_open = any(shape.inner_mm in in_doubt for shape in shapes[carton.code])
        why = "undecided" if is_open else _why_not(units, carton)
        told.append(PassedOver(carton.code, why or "arrangement"))
    return tuple(told)


def _constraint(items: Sequence[PackItem], plan: PackPlan, passed: Sequence[PassedOver]) -> Constraint:
    if len({item.kept_apart for item in items}) > 1 and len(plan.parcels) > 1:
        return "kept_apart"
    return passed[-1].constraint if passed else "none"


def _why_not(units: Sequence[Unit], carton: CartonType) -> Constraint | None:
    """Say why the units cannot all go into a carton; None when nothing simple speaks against it."""
    if sum(unit.weight_g for unit in units) + carton.tare_g > carton.max_weight_g:
        return "weight"
    if carton.is_mailer:
        return _why_not_in_mailer(units, carton)
    for unit in units:
        if not fits_alone(unit, carton.inner_mm):
            return "keep_upright" if fits_alone(replace(unit, keep_upright=False), carton.inner_mm) else "side"
    if sum(unit.volume_mm3 for unit in units) > carton.inner_volume_mm3:
        return "room"
    return _care_that_matters(units, carton)


def _why_not_in_mailer(units: Sequence[Unit], mailer: CartonType) -> Constraint | None:
    if not all(unit.mailer_ok for unit in units):
        return "needs_box"
    if not all(holds_alone(mailer, unit) for unit in units):
        return "side"
    return "room" if sum(unit.volume_mm3 for unit in units) > mailer.inner_volume_mm3 else None


def _care_that_matters(units: Sequence[Unit], carton: CartonType) -> Constraint | None:
    """Say which care keeps the units out of a carton that they would go into without it."""
    free: Mapping[Constraint, list[Unit]] = {
        "keep_upright": [replace(unit, keep_upright=False) for unit in units],
        "fragile": [replace(unit, fragile=False) for unit in units],
        "load": [replace(unit, max_load_g=None) for unit in units],
    }
    for care, relaxed in free.items():
        if list(units) == relaxed or is_impossible(relaxed, carton.inner_mm, carton.max_weight_g):
            continue
        if pack_all(relaxed, carton.inner_mm, WorkBudget(_WORK_WITHOUT_CARE)) is not None:
            return care
    return None
