from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from shipping.domain.carton_space import Dims, PlacedUnit, Unit, WorkBudget
from shipping.domain.carton_split import split_units
from shipping.domain.packing import fits_alone, is_impossible, pack_all

Proof = Literal["proven", "none"]

# Measured: about 1 ms per thousand corner tests in plain Python. Three pieces have few distinct arrangements.
_WORK_PER_CARTON = 14_000
_WORK_PER_PLAN = 60_000
_FEW_UNITS = 3
_WORK_FEW_UNITS = 3_000


@dataclass(frozen=True, slots=True)
class CartonType:
    """A carton the warehouse stocks. Sides in mm (length, width, height); weights in g; `max_weight_g` is gross."""

    code: str
    inner_mm: Dims
    outer_mm: Dims
    tare_g: int
    tare_sd_g: float
    max_weight_g: int
    cost_minor: int

    @property
    def inner_volume_mm3(self) -> int:
        """Room inside, in cubic millimetres."""
        return self.inner_mm[0] * self.inner_mm[1] * self.inner_mm[2]


@dataclass(frozen=True, slots=True)
class PackItem:
    """A line to pack: an opaque reference, the sides of one piece in mm, its weight in g, and how many."""

    ref: str
    l_mm: int
    w_mm: int
    h_mm: int
    weight_g: int
    quantity: int
    keep_upright: bool = False

    def __post_init__(self) -> None:
        if min(self.l_mm, self.w_mm, self.h_mm) < 1:
            raise ValueError(f"item {self.ref}: every side must be at least 1 mm")
        if self.quantity < 1 or self.weight_g < 0:
            raise ValueError(f"item {self.ref}: quantity must be at least 1 and weight not negative")


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one piece of `ref` lies: the corner nearest the origin and the sides along x, y, z, in mm."""

    ref: str
    x_mm: int
    y_mm: int
    z_mm: int
    l_mm: int
    w_mm: int
    h_mm: int


@dataclass(frozen=True, slots=True)
class PackedCarton:
    """One parcel of a plan. `carton` is None for an item that ships in its own container."""

    carton: CartonType | None
    placements: tuple[Placement, ...]
    outer_mm: Dims
    gross_weight_g: int
    void_mm3: int
    price_minor: int

    @property
    def contents(self) -> tuple[tuple[str, int], ...]:
        """Item references with their quantities in this parcel, sorted by reference."""
        return tuple(sorted(Counter(p.ref for p in self.placements).items()))

    @property
    def ships_in_own_container(self) -> bool:
        """Whether the item travels without a carton of ours."""
        return self.carton is None


@dataclass(frozen=True, slots=True)
class PackPlan:
    """The parcels of an order, plain sentences for the packer, and whether no cheaper single carton can exist.

    `proof` is "proven" when every cheaper carton was excluded by a necessary condition, and "none" when the search
    gave up on at least one of them.
    """

    parcels: tuple[PackedCarton, ...]
    statements: tuple[str, ...]
    proof: Proof

    @property
    def price_minor(self) -> int:
        """Sum of the parcels' prices in minor units."""
        return sum(parcel.price_minor for parcel in self.parcels)


class InvalidPackPlan(ValueError):
    """A plan overlaps, leaves its carton, is too heavy, or does not hold exactly the ordered items."""


Price = Callable[[CartonType, int], int]


def choose_carton(items: Sequence[PackItem], cartons: Sequence[CartonType], *, price: Price | None = None) -> PackPlan:
    """Choose the cheapest carton that holds everything, or the fewest cartons when one is not enough.

    `price(carton, gross_weight_g)` ranks cartons in minor units (default: the carton's own cost), then outer volume.
    Pieces that fit no carton ship in their own container. The answer is the same on every run. Every plan is
    validated independently of the search before it is returned.

    Raises:
        ValueError: no items were given.
    """
    if not items:
        raise ValueError("nothing to pack: give at least one item")
    ask = price or _carton_cost
    units, refs = _units(items)
    own = [u for u in units if not any(_holds(c, u) for c in cartons)]
    own_keys = {u.key for u in own}
    boxed = [u for u in units if u.key not in own_keys]
    parcels = [_own_container(u, refs) for u in own]
    statements = [_own_statement(ref, count) for ref, count in sorted(Counter(refs[u.key] for u in own).items())]
    proof: Proof = "proven"
    if boxed:
        filled, proof = _pack_boxed(boxed, cartons, ask)
        parcels += [_parcel(carton, placed, boxed, refs, ask) for carton, placed in filled]
        if len(filled) > 1:
            statements.append(f"One carton is not enough: the order ships in {len(filled)} cartons.")
    plan = PackPlan(tuple(parcels), tuple(statements), proof)
    validate_plan(plan, items)
    return plan


def validate_plan(plan: PackPlan, items: Sequence[PackItem]) -> None:
    """Check a plan from scratch: exact contents, every piece inside and turned as allowed, no overlap, weight kept.

    Raises:
        InvalidPackPlan: with the first violation found.
    """
    wanted: Counter[str] = Counter()
    for item in items:
        wanted[item.ref] += item.quantity
    packed = Counter(p.ref for parcel in plan.parcels for p in parcel.placements)
    if packed != wanted:
        raise InvalidPackPlan("the plan does not hold exactly the ordered items")
    by_ref: dict[str, list[PackItem]] = {}
    for item in items:
        by_ref.setdefault(item.ref, []).append(item)
    for parcel in plan.parcels:
        _validate_parcel(parcel, by_ref)


def _validate_parcel(parcel: PackedCarton, by_ref: dict[str, list[PackItem]]) -> None:
    inner = parcel.carton.inner_mm if parcel.carton else parcel.outer_mm
    if parcel.carton and parcel.gross_weight_g > parcel.carton.max_weight_g:
        raise InvalidPackPlan(f"carton {parcel.carton.code} is heavier than it may be")
    for place in parcel.placements:
        if not any(_is_turn_of(place, item) for item in by_ref[place.ref]):
            raise InvalidPackPlan(f"item {place.ref} is turned in a way it may not be")
        ends = (place.x_mm + place.l_mm, place.y_mm + place.w_mm, place.z_mm + place.h_mm)
        if min(place.x_mm, place.y_mm, place.z_mm) < 0 or any(ends[i] > inner[i] for i in range(3)):
            raise InvalidPackPlan(f"item {place.ref} stands out of its carton")
    _refuse_overlaps(parcel.placements)


def _refuse_overlaps(placements: Sequence[Placement]) -> None:
    ordered = sorted(placements, key=lambda p: p.x_mm)
    for i, one in enumerate(ordered):
        for other in ordered[i + 1 :]:
            if other.x_mm >= one.x_mm + one.l_mm:
                break
            apart_y = one.y_mm + one.w_mm <= other.y_mm or other.y_mm + other.w_mm <= one.y_mm
            apart_z = one.z_mm + one.h_mm <= other.z_mm or other.z_mm + other.h_mm <= one.z_mm
            if not (apart_y or apart_z):
                raise InvalidPackPlan(f"items {one.ref} and {other.ref} overlap")


def _is_turn_of(place: Placement, item: PackItem) -> bool:
    sides = (place.l_mm, place.w_mm, place.h_mm)
    same_sides = sorted(sides) == sorted((item.l_mm, item.w_mm, item.h_mm))
    return same_sides and (not item.keep_upright or place.h_mm == item.h_mm)


def _pack_boxed(
    units: Sequence[Unit], cartons: Sequence[CartonType], ask: Price
) -> tuple[list[tuple[CartonType, tuple[PlacedUnit, ...]]], Proof]:
    weight = sum(u.weight_g for u in units)
    ranked = sorted(cartons, key=lambda c: (ask(c, weight + c.tare_g), _outer_volume(c), c.code))
    proof: Proof = "proven"
    plan_budget = _WORK_PER_PLAN
    carton_budget = _WORK_FEW_UNITS if len(units) <= _FEW_UNITS else _WORK_PER_CARTON
    for carton in ranked:
        if is_impossible(units, carton.inner_mm, carton.max_weight_g - carton.tare_g):
            continue
        budget = WorkBudget(min(carton_budget, plan_budget))
        before = budget.remaining
        placed = pack_all(units, carton.inner_mm, budget)
        plan_budget -= before - budget.remaining
        if placed is not None:
            return [(carton, placed)], proof
        proof = "none"
    by_key = {c.code: c for c in cartons}
    payloads = {c.code: (c.inner_mm, c.max_weight_g - c.tare_g) for c in cartons}

    def cost(code: str, weight_g: int) -> tuple[int, int, str]:
        carton = by_key[code]
        return (ask(carton, weight_g + carton.tare_g), _outer_volume(carton), code)

    return [(by_key[code], placed) for code, placed in split_units(units, payloads, cost)], "none"


def _units(items: Sequence[PackItem]) -> tuple[list[Unit], list[str]]:
    refs = [item.ref for item in items for _ in range(item.quantity)]
    pieces = [item for item in items for _ in range(item.quantity)]
    units = [Unit(i, (p.l_mm, p.w_mm, p.h_mm), p.weight_g, p.keep_upright) for i, p in enumerate(pieces)]
    return units, refs


def _holds(carton: CartonType, unit: Unit) -> bool:
    return unit.weight_g + carton.tare_g <= carton.max_weight_g and fits_alone(unit, carton.inner_mm)


def _parcel(
    carton: CartonType, placed: Sequence[PlacedUnit], units: Sequence[Unit], refs: Sequence[str], ask: Price
) -> PackedCarton:
    by_key = {u.key: u for u in units}
    gross = carton.tare_g + sum(by_key[p.key].weight_g for p in placed)
    void = carton.inner_volume_mm3 - sum(by_key[p.key].volume_mm3 for p in placed)
    placements = tuple(Placement(refs[p.key], *p.at, *p.dims) for p in placed)
    return PackedCarton(carton, placements, carton.outer_mm, gross, void, ask(carton, gross))


def _own_container(unit: Unit, refs: Sequence[str]) -> PackedCarton:
    placement = Placement(refs[unit.key], 0, 0, 0, *unit.dims)
    return PackedCarton(None, (placement,), unit.dims, unit.weight_g, 0, 0)


def _own_statement(ref: str, count: int) -> str:
    fate = "1 piece ships in its own container" if count == 1 else f"{count} pieces ship in their own containers"
    return f"Item {ref} fits no carton: {fate}."


def _outer_volume(carton: CartonType) -> int:
    return carton.outer_mm[0] * carton.outer_mm[1] * carton.outer_mm[2]


def _carton_cost(carton: CartonType, _gross_weight_g: int) -> int:
    return carton.cost_minor
