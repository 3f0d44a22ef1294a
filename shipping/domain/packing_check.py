from collections import Counter
from collections.abc import Sequence

from shipping.domain.carton_plans import CartonType, InvalidPackPlan, PackedCarton, PackItem, PackPlan, Placement
from shipping.domain.carton_space import Dims


def validate_plan(plan: PackPlan, items: Sequence[PackItem]) -> None:
    """Check a plan from scratch: exact contents, every piece inside and turned as allowed, no overlap, weight kept,
    nothing on what is fragile and not too much on what bears little, and together what belongs together. In a mailer
    nothing that needs a box, and a block that the flat bag goes around and that does not bulge it too much.

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
    _refuse_torn_groups(plan, items)
    tare = sum(parcel.carton.tare_g for parcel in plan.parcels if parcel.carton)
    if sum(parcel.gross_weight_g for parcel in plan.parcels) != tare + sum(i.weight_g * i.quantity for i in items):
        raise InvalidPackPlan("the parcels do not weigh what is in them")


def _validate_parcel(parcel: PackedCarton, by_ref: dict[str, list[PackItem]]) -> None:
    inner = parcel.carton.inner_mm if parcel.carton else parcel.outer_mm
    if parcel.carton and parcel.carton.flat_mm:
        _validate_mailer(parcel, parcel.carton, parcel.carton.flat_mm, by_ref)
    if parcel.carton and parcel.gross_weight_g > parcel.carton.max_weight_g:
        raise InvalidPackPlan(f"carton {parcel.carton.code} is heavier than it may be")
    tare = parcel.carton.tare_g if parcel.carton else 0
    if parcel.gross_weight_g < tare + sum(min(item.weight_g for item in by_ref[p.ref]) for p in parcel.placements):
        raise InvalidPackPlan("a parcel is told lighter than what is in it")
    for place in parcel.placements:
        if not any(_is_turn_of(place, item) for item in by_ref[place.ref]):
            raise InvalidPackPlan(f"item {place.ref} is turned in a way it may not be")
        ends = (place.x_mm + place.l_mm, place.y_mm + place.w_mm, place.z_mm + place.h_mm)
        if min(place.x_mm, place.y_mm, place.z_mm) < 0 or any(ends[i] > inner[i] for i in range(3)):
            raise InvalidPackPlan(f"item {place.ref} stands out of its carton")
    _refuse_overlaps(parcel.placements)
    _refuse_loads(parcel.placements, by_ref)
    _refuse_overloads(parcel.placements, by_ref)
    is_boxed_wrongly = parcel.carton and any(
        all(item.own_container for item in by_ref[place.ref]) for place in parcel.placements
    )
    if is_boxed_wrongly or (parcel.carton is None and len(parcel.placements) > 1):
        raise InvalidPackPlan("what travels in its own container shares none")
    if len({item.kept_apart for place in parcel.placements for item in by_ref[place.ref]}) > 1:
        raise InvalidPackPlan("goods share a carton that are kept apart")


def _validate_mailer(
    parcel: PackedCarton, carton: CartonType, flat: Dims, by_ref: dict[str, list[PackItem]]
) -> None:  # fmt: skip
    """Check goods in a bag by its flat sides alone: see `shipping.domain.mailers` for why this suffices."""
    for place in parcel.placements:
        if all(item.needs_box for item in by_ref[place.ref]):
            raise InvalidPackPlan(f"item {place.ref} needs a box and lies in a mailer")
    length = max(p.x_mm + p.l_mm for p in parcel.placements) - min(p.x_mm for p in parcel.placements)
    width = max(p.y_mm + p.w_mm for p in parcel.placements) - min(p.y_mm for p in parcel.placements)
    height = max(p.z_mm + p.h_mm for p in parcel.placements) - min(p.z_mm for p in parcel.placements)
    if length + height > flat[0] or width + height > flat[1]:
        raise InvalidPackPlan(f"mailer {carton.code} does not go around what is in it")
    if height > flat[2]:
        raise InvalidPackPlan(f"mailer {carton.code} bulges more than it may")
    if parcel.void_mm3:
        raise InvalidPackPlan(f"mailer {carton.code} is told to have room to fill")
    outer = parcel.outer_mm
    spread = all(
        outer[axis] >= side and (outer[axis] - side) ** 2 >= (flat[axis] - side) ** 2 - height**2
        for axis, side in enumerate((length, width))
    )
    if not spread or outer[2] < height:
        raise InvalidPackPlan(f"mailer {carton.code} is told smaller than it lies when filled")


def _refuse_torn_groups(plan: PackPlan, items: Sequence[PackItem]) -> None:
    """Refuse a group in several cartons, unless the plan says that none is known to hold it."""
    group = {item.ref: (item.pack_with, item.kept_apart) for item in items if item.pack_with}
    excused = {(each.name, each.kept_apart) for each in plan.apart}
    boxed = [parcel for parcel in plan.parcels if parcel.carton]
    seen = Counter(key for parcel in boxed for key in {group[p.ref] for p in parcel.placements if p.ref in group})
    for (name, kept_apart), cartons in seen.items():
        if cartons > 1 and (name, kept_apart) not in excused:
            raise InvalidPackPlan(f"{name} belongs together and lies in {cartons} cartons")


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


def _refuse_loads(placements: Sequence[Placement], by_ref: dict[str, list[PackItem]]) -> None:
    """Refuse what is not fragile above what is."""
    sturdy = [place for place in placements if not any(item.fragile for item in by_ref[place.ref])]
    for low in placements:
        if not all(item.fragile for item in by_ref[low.ref]):
            continue
        for high in sturdy:
            beside_x = low.x_mm + low.l_mm <= high.x_mm or high.x_mm + high.l_mm <= low.x_mm
            beside_y = low.y_mm + low.w_mm <= high.y_mm or high.y_mm + high.w_mm <= low.y_mm
            if high.z_mm > low.z_mm and not (beside_x or beside_y):
                raise InvalidPackPlan(f"item {high.ref} lies on {low.ref}, which is fragile")


def _refuse_overloads(placements: Sequence[Placement], by_ref: dict[str, list[PackItem]]) -> None:
    """Refuse what lies on a piece, or on what lies on it, and is heavier altogether than it may bear."""
    for low in placements:
        limits = [item.max_load_g for item in by_ref[low.ref]]
        if None in limits:
            continue
        waiting, resting = [low], set[int]()
        while waiting:
            lower = waiting.pop()
            found = {i for i, upper in enumerate(placements) if _rests_on(upper, lower)} - resting
            resting |= found
            waiting += (placements[i] for i in found)
        load = sum(min(item.weight_g for item in by_ref[placements[i].ref]) for i in resting)
        if load > max(limit for limit in limits if limit is not None):
            raise InvalidPackPlan(f"{load} g lie on item {low.ref}, which bears less")


def _rests_on(upper: Placement, lower: Placement) -> bool:
    shared_x = min(upper.x_mm + upper.l_mm, lower.x_mm + lower.l_mm) - max(upper.x_mm, lower.x_mm)
    shared_y = min(upper.y_mm + upper.w_mm, lower.y_mm + lower.w_mm) - max(upper.y_mm, lower.y_mm)
    return upper.z_mm >= lower.z_mm + lower.h_mm and shared_x > 0 and shared_y > 0


def _is_turn_of(place: Placement, item: PackItem) -> bool:
    sides = (place.l_mm, place.w_mm, place.h_mm)
    same_sides = sorted(sides) == sorted((item.l_mm, item.w_mm, item.h_mm))
    return same_sides and (not item.keep_upright or place.h_mm == item.h_mm)
