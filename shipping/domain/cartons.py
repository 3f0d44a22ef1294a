from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from shipping.domain.carton_plans import (
    Apart,
    CartonType,
    Doubt,
    PackedCarton,
    PackItem,
    PackPlan,
    Placement,
    Price,
    Proof,
)
from shipping.domain.carton_space import Dims, PlacedUnit, Unit, WorkBudget
from shipping.domain.carton_split import Groups, split_units
from shipping.domain.linked_units import Linked, groups_of, told_apart
from shipping.domain.mailers import filled_mm, holds_alone, known_fits, shapes_of, some_shapes_of
from shipping.domain.packing import bears_itself, is_impossible, pack_all
from shipping.domain.packing_check import validate_plan
from shipping.domain.packing_exact import arrange
from shipping.domain.packing_verdicts import Answer, Recall, Verdict, as_placed

_FEW_UNITS = 8
_WORK_QUICK = 500
_WORK_QUICK_PER_UNIT = 300
_WORK_EXACT = 8_000
_WORK_PER_CARTON = 10_000
_WORK_PER_PLAN = 34_000
_WORK_FOR_GROUPS = 2 * _WORK_PER_PLAN
# Apart from the others, so that a house that buys mailers gets the same answers for its cartons.
_WORK_FOR_MAILERS = 10_000

_Filled = list[tuple[CartonType, tuple[PlacedUnit, ...]]]


def choose_carton(
    items: Sequence[PackItem],
    cartons: Sequence[CartonType],
    *,
    price: Price | None = None,
    recall: Recall | None = None,
) -> PackPlan:
    """Choose the cheapest carton that holds everything, or the fewest cartons when one is not enough.

    `price(carton, gross_weight_g)` ranks cartons in minor units (default: the carton's own cost), then outer volume.
    `recall` is asked for what was proven of pieces before. Goods that are kept apart share no carton; goods that belong
    together share one wherever one holds them all, and where none does the plan says so. Pieces that fit no carton, or
    are meant to, ship in their own container. Mailers are looked at for goods of which none needs a box. The answer is
    the same on every run. Every plan is validated independently of the search before it is returned.

    Raises:
        ValueError: no items were given.
    """
    if not items:
        raise ValueError("nothing to pack: give at least one item")
    groups = sorted({item.kept_apart for item in items})
    plans = [
        _plan([i for i in items if i.kept_apart == group], cartons, price or _carton_cost, recall) for group in groups
    ]
    statements = [sentence for plan in plans for sentence in plan.statements]
    if len(plans) > 1:
        statements.append(f"Goods that are kept apart share no carton: {len(plans)} kinds.")
    parcels = tuple(parcel for plan in plans for parcel in plan.parcels)
    apart = tuple(each for plan in plans for each in plan.apart)
    statements += told_apart(parcels, items, apart)
    plan = PackPlan(
        parcels,
        tuple(statements),
        "proven" if all(plan.proof == "proven" for plan in plans) else "none",
        tuple(doubt for plan in plans for doubt in plan.doubts),
        apart,
    )
    validate_plan(plan, items)
    return plan


def _plan(items: Sequence[PackItem], cartons: Sequence[CartonType], ask: Price, recall: Recall | None) -> PackPlan:
    """Plan goods that may share a carton."""
    units, refs = _units(items)
    alone = {item.ref for item in items if item.own_container}
    own = [u for u in units if refs[u.key] in alone or not any(holds_alone(c, u) for c in cartons)]
    own_keys = {u.key for u in own}
    boxed = [u for u in units if u.key not in own_keys]
    parcels = [_own_container(u, refs) for u in own]
    counts = sorted(Counter(refs[u.key] for u in own).items())
    statements = [_own_statement(ref, count, is_meant=ref in alone) for ref, count in counts]
    proof: Proof = "proven"
    doubts: tuple[Doubt, ...] = ()
    apart: tuple[Apart, ...] = ()
    if boxed:
        group = {item.ref: item.pack_with for item in items if item.pack_with}
        linked = {u.key: group[refs[u.key]] for u in boxed if refs[u.key] in group}
        filled: _Filled = []
        for part in (parts := _parts(boxed, cartons)):
            more, unsure, torn = _pack_boxed(part, cartons, ask, recall, linked)
            filled, doubts, apart = filled + more, doubts + unsure, apart + torn
        apart += _torn_by_parts(parts, linked, apart)
        proof = "none" if doubts or len(filled) > 1 else "proven"
        parcels += [_parcel(carton, placed, boxed, refs, ask) for carton, placed in filled]
        if len(filled) > 1:
            what = "parcels" if any(carton.is_mailer for carton, _ in filled) else "cartons"
            statements.append(f"One carton is not enough: the order ships in {len(filled)} {what}.")
    apart = tuple(replace(each, kept_apart=items[0].kept_apart) for each in apart)
    return PackPlan(tuple(parcels), tuple(statements), proof, doubts, apart)


def _parts(units: Sequence[Unit], cartons: Sequence[CartonType]) -> list[list[Unit]]:
    """Set pieces that only a mailer holds apart from those that need a box: no parcel holds both."""
    boxes = [carton for carton in cartons if not carton.is_mailer]
    if len(boxes) == len(cartons):
        return [list(units)]
    bagged = {unit.key for unit in units if not any(holds_alone(box, unit) for box in boxes)}
    if not bagged or all(unit.mailer_ok for unit in units):
        return [list(units)]
    return [[u for u in units if u.key not in bagged], [u for u in units if u.key in bagged]]


def _torn_by_parts(
    parts: Sequence[Sequence[Unit]], linked: Linked, known: Sequence[Apart]
) -> tuple[Apart, ...]:  # fmt: skip
    seen = Counter(name for part in parts for name in {linked[u.key] for u in part if u.key in linked})
    told = {each.name for each in known}
    return tuple(Apart(name, "", is_certain=True) for name, times in seen.items() if times > 1 and name not in told)


@dataclass(slots=True)
class _Search:
    """Looks for a way to put all units into one carton; what it spends on one carton, it lacks for the next, and what
    it spends on one mailer, for the next mailer.
    """

    units: Sequence[Unit]
    recall: Recall | None
    budget: WorkBudget = field(default_factory=lambda: WorkBudget(_WORK_PER_PLAN))
    flat_budget: WorkBudget = field(default_factory=lambda: WorkBudget(_WORK_FOR_MAILERS))
    known: Mapping[Dims, Verdict] | None = None

    def decide(self, carton: CartonType) -> tuple[PlacedUnit, ...] | Answer:
        """Return how the units lie in the carton, or whether they cannot.

        A quick look finds most. Then what was proven before counts, then a few units are arranged in every way that
        there is, and then more starts are tried.
        """
        inner, budget = carton.inner_mm, self.flat_budget if carton.is_mailer else self.budget
        is_small = len(self.units) <= _FEW_UNITS
        quick = _WORK_QUICK if is_small else _WORK_QUICK_PER_UNIT * len(self.units)
        placed = budget.part(quick, partial(pack_all, self.units, inner))
        if placed is not None:
            return placed
        verdict = self._recalled(inner)
        if verdict.answer == "impossible":
            return "impossible"
        if verdict.answer == "fits" and bears_itself(self.units, known := as_placed(self.units, verdict)):
            return known
        if is_small:
            found = budget.part(_WORK_EXACT, partial(arrange, self.units, inner))
            if found != "unknown":
                return found
        return budget.part(_WORK_PER_CARTON, partial(pack_all, self.units, inner)) or "unknown"

    def _recalled(self, inner: Dims) -> Verdict:
        if self.known is None:
            self.known = self.recall(self.units) if self.recall else {}
        return self.known.get(inner, Verdict("unknown"))


def _pack_boxed(
    units: Sequence[Unit], cartons: Sequence[CartonType], ask: Price, recall: Recall | None, linked: Linked
) -> tuple[_Filled, tuple[Doubt, ...], tuple[Apart, ...]]:
    """Return the filled cartons, what might go into one carton and nobody knows how, and the groups that are torn."""
    found, doubts = _one_carton(units, cartons, ask, _Search(units, recall))
    if found:
        return [found], doubts, ()
    homes: dict[str, tuple[CartonType, tuple[PlacedUnit, ...]]] = {}
    apart = []
    groups = groups_of(units, linked)
    for name, members in groups.items():
        work = WorkBudget(max(min(_WORK_PER_PLAN, _WORK_FOR_GROUPS // len(groups)), _WORK_EXACT))
        home, open_questions = _one_carton(members, cartons, ask, _Search(members, recall, work))
        if not home and open_questions:
            # What spreads units over cartons looks in other ways, and may come to need one only.
            parts = _split(members, cartons, ask, {}, {})
            home = parts[0] if len(parts) == 1 else None
        if home:
            homes[name] = home
        else:
            doubts += open_questions
            apart.append(Apart(name, "", is_certain=not open_questions))
    whole = {key: name for key, name in linked.items() if name in homes}
    return _split(units, cartons, ask, whole, homes), doubts, tuple(apart)


def _one_carton(
    units: Sequence[Unit], cartons: Sequence[CartonType], ask: Price, search: _Search
) -> tuple[tuple[CartonType, tuple[PlacedUnit, ...]] | None, tuple[Doubt, ...]]:
    """Return the cheapest carton that all units are known to go into, and the cheaper ones that are in doubt."""
    weight = sum(u.weight_g for u in units)
    shapes: list[CartonType] = []
    known: dict[tuple[str, Dims], tuple[PlacedUnit, ...]] = {}
    for carton in cartons:
        shapes += (own := shapes_of(carton, units))
        if carton.is_mailer:
            fits = known_fits(own, units, WorkBudget(_WORK_FOR_MAILERS))
            known |= {(carton.code, inner): placed for inner, placed in fits.items()}
    ranked = sorted(shapes, key=lambda c: (ask(c, weight + c.tare_g), _outer_volume(c), c.code))
    doubts: list[Doubt] = []
    for carton in ranked:
        if is_impossible(units, carton.inner_mm, carton.max_weight_g - carton.tare_g):
            continue
        found = known.get((carton.code, carton.inner_mm)) or search.decide(carton)
        if not isinstance(found, str):
            return (carton, found), tuple(doubts)
        if found == "unknown":
            doubts.append((tuple(units), carton.inner_mm))
    return None, tuple(doubts)


def _split(
    units: Sequence[Unit], cartons: Sequence[CartonType], ask: Price, linked: Linked,
    homes: Mapping[str, tuple[CartonType, tuple[PlacedUnit, ...]]],
) -> _Filled:  # fmt: skip
    shapes = [shape for carton in cartons for shape in some_shapes_of(carton, units)]
    by_key = {_shape_key(c): c for c in (*shapes, *(home for home, _ in homes.values()))}
    payloads = {_shape_key(c): (c.inner_mm, c.max_weight_g - c.tare_g) for c in shapes}

    def cost(key: str, weight_g: int) -> tuple[int, int, str]:
        carton = by_key[key]
        return (ask(carton, weight_g + carton.tare_g), _outer_volume(carton), key)

    placed_homes = {name: (_shape_key(home), placed) for name, (home, placed) in homes.items()}
    split = split_units(units, payloads, cost, Groups(linked, placed_homes))
    return [(by_key[key], placed) for key, placed in split]


def _shape_key(carton: CartonType) -> str:
    """Return what tells a carton from others, and a mailer filled to one height from the same one filled to another."""
    return f"{carton.code}\n{carton.inner_mm[2]:06d}" if carton.is_mailer else carton.code


def _units(items: Sequence[PackItem]) -> tuple[list[Unit], list[str]]:
    refs = [item.ref for item in items for _ in range(item.quantity)]
    pieces = [item for item in items for _ in range(item.quantity)]
    sides = [(p.l_mm, p.w_mm, p.h_mm) for p in pieces]
    units = [
        Unit(i, sides[i], p.weight_g, p.keep_upright, p.fragile, p.max_load_g, not p.needs_box)
        for i, p in enumerate(pieces)
    ]
    return units, refs


def _parcel(
    carton: CartonType, placed: Sequence[PlacedUnit], units: Sequence[Unit], refs: Sequence[str], ask: Price
) -> PackedCarton:
    by_key = {u.key: u for u in units}
    gross = carton.tare_g + sum(by_key[p.key].weight_g for p in placed)
    filled = sum(by_key[p.key].volume_mm3 for p in placed)
    void = 0 if carton.is_mailer else carton.inner_volume_mm3 - filled
    placements = tuple(Placement(refs[p.key], *p.at, *p.dims) for p in placed)
    return PackedCarton(carton, placements, filled_mm(carton, _block(placed)), gross, void, ask(carton, gross))


def _block(placed: Sequence[PlacedUnit]) -> Dims:
    """Return the sides in mm of the block that the placed units lie in."""
    sides = [max(p.at[axis] + p.dims[axis] for p in placed) - min(p.at[axis] for p in placed) for axis in range(3)]
    return sides[0], sides[1], sides[2]


def _own_container(unit: Unit, refs: Sequence[str]) -> PackedCarton:
    placement = Placement(refs[unit.key], 0, 0, 0, *unit.dims)
    return PackedCarton(None, (placement,), unit.dims, unit.weight_g, 0, 0)


def _own_statement(ref: str, count: int, *, is_meant: bool) -> str:
    fate = "1 piece ships in its own container" if count == 1 else f"{count} pieces ship in their own containers"
    return f"Item {ref} {'takes' if is_meant else 'fits'} no carton: {fate}."


def _outer_volume(carton: CartonType) -> int:
    return carton.outer_mm[0] * carton.outer_mm[1] * carton.outer_mm[2]


def _carton_cost(carton: CartonType, _gross_weight_g: int) -> int:
    return carton.cost_minor
