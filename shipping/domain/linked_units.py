"""Units that belong together, such as the parts of a set: they share one carton wherever a carton holds them all."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from shipping.domain.carton_plans import Apart, PackedCarton, PackItem
from shipping.domain.carton_space import PlacedUnit, Unit

Linked = Mapping[int, str]
"""The group of each unit that belongs to others, by the unit's key."""
Filling = tuple[tuple[PlacedUnit, ...], tuple[Unit, ...]]
"""What was placed, and what was left over."""


def groups_of(units: Iterable[Unit], linked: Linked) -> dict[str, list[Unit]]:
    """Return the units of each group of at least two, in their order."""
    found: dict[str, list[Unit]] = {}
    for unit in units:
        if unit.key in linked:
            found.setdefault(linked[unit.key], []).append(unit)
    return {name: members for name, members in found.items() if len(members) > 1}


def side_by_side(units: Sequence[Unit], linked: Linked) -> list[Unit]:
    """Return the units in their order, but each group at once where its first one stands."""
    if not linked:
        return list(units)
    first: dict[str, int] = {}
    for place, unit in enumerate(units):
        if unit.key in linked:
            first.setdefault(linked[unit.key], place)
    places = {unit.key: place for place, unit in enumerate(units)}
    return sorted(units, key=lambda unit: first[linked[unit.key]] if unit.key in linked else places[unit.key])


def fill_whole(units: Sequence[Unit], linked: Linked, fill: Callable[[Sequence[Unit]], Filling]) -> Filling:
    """Fill a carton so that no group is torn: one that goes in by half is left out altogether, the last one first."""
    left_out: set[str] = set()
    while True:
        placed, rest = fill([unit for unit in units if linked.get(unit.key) not in left_out])
        inside = {linked[one.key] for one in placed if one.key in linked}
        torn = [linked[unit.key] for unit in rest if linked.get(unit.key) in inside]
        if not torn:
            break
        left_out.add(torn[-1])
    taken = {one.key for one in placed}
    return placed, tuple(unit for unit in units if unit.key not in taken)


def told_apart(
    parcels: Sequence[PackedCarton], items: Sequence[PackItem], apart: Sequence[Apart]
) -> Iterator[str]:  # fmt: skip
    """Say of each group that travels in several parcels why it does."""
    unknown = {each.name for each in apart if not each.is_certain}
    group = {item.ref: item.pack_with for item in items if item.pack_with}
    for name in sorted(set(group.values())):
        members = [item for item in items if item.pack_with == name]
        parts = [parcel for parcel in parcels if any(group.get(place.ref) == name for place in parcel.placements)]
        if len(parts) < 2:  # noqa: PLR2004 - one parcel is together
            continue
        if any(part.carton is None for part in parts):
            why = "some of it takes no carton"
        elif len({item.kept_apart for item in members}) > 1:
            why = "some of it is kept apart from the rest"
        else:
            why = f"no carton {'is known to hold' if name in unknown else 'holds'} all of it"
        yield f"{name} belongs together, but {why}: it travels in {len(parts)} parcels."
