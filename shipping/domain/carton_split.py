from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Final, NamedTuple

from shipping.domain.carton_space import Dims, PlacedUnit, Unit, WorkBudget
from shipping.domain.linked_units import Linked, fill_whole, side_by_side
from shipping.domain.packing import equal_block, fill, fits_alone, is_impossible, pack_all, sort_orders

# A first filling is always finished; further ones, and other cartons for it, are tried while this much work remains.
_SPLIT_WORK = 30_000
_SHRINK_WORK = 4_000
_ALL_SHRINK_WORK = 20_000
_UPWARDS = (2, 1, 0)
_BULK_UNITS = 100

Cost = Callable[[str, int], tuple[int, int, str]]
Payloads = Mapping[str, tuple[Dims, int]]
Filled = list[tuple[str, tuple[PlacedUnit, ...]]]


class Groups(NamedTuple):
    """Units that stay together: the group of each, and for each group a carton that holds it and how it lies there."""

    linked: Linked
    homes: Mapping[str, tuple[str, tuple[PlacedUnit, ...]]]


NO_GROUPS: Final = Groups({}, {})


def split_units(units: Sequence[Unit], cartons: Payloads, cost: Cost, groups: Groups = NO_GROUPS) -> Filled:
    """Spread units over several cartons: fewest cartons first, then the lowest cost.

    `cartons` maps a carton code to its inner sides in mm and the payload it may carry in g; `cost(code, weight_g)`
    ranks a carton for its contents. Each unit must fit some carton alone. Several greedy fillings are compared, each
    afterwards moved into the cheapest carton that still holds its contents. Units of one of the `groups` stay together.

    Raises:
        ValueError: a unit fits no carton.
    """
    by_key = {u.key: u for u in units}
    work, shrink_work = WorkBudget(_SPLIT_WORK), WorkBudget(_ALL_SHRINK_WORK)
    best: tuple[tuple[int, int, int], Filled] | None = None
    for order, rule in _strategies(units):
        greedy = _greedy(side_by_side(order, groups.linked), rule, cartons, work, groups)
        filled = [_shrink(one, by_key, cartons, cost, shrink_work) for one in greedy]
        total = [cost(code, sum(by_key[p.key].weight_g for p in placed)) for code, placed in filled]
        score = (len(filled), sum(t[0] for t in total), sum(t[1] for t in total))
        if best is None or score < best[0]:
            best = (score, filled)
        if work.is_spent:
            break
    assert best is not None
    return best[1]


def _strategies(units: Sequence[Unit]) -> Iterator[tuple[list[Unit], int]]:
    by_weight = sorted(units, key=lambda u: (-u.weight_g, -u.volume_mm3, u.key))
    orders = (*sort_orders(units)[:3], by_weight)
    for rule, order in product((0, 2, 4), orders):
        yield order, rule


def _greedy(
    units: Sequence[Unit], rule: int, cartons: Payloads, work: WorkBudget, groups: Groups
) -> Filled:  # fmt: skip
    """Close one carton after another, always the one that takes the most volume of what is left."""
    left: tuple[Unit, ...] = tuple(units)
    filled: Filled = []
    while left:
        code, placed, rest = _fullest(left, rule, cartons, work, groups.linked)
        if not placed:
            group = next((groups.linked[unit.key] for unit in left if unit.key in groups.linked), None)
            if group is None:
                raise ValueError("a unit fits no carton")
            code, placed = groups.homes[group]
            rest = tuple(unit for unit in left if groups.linked.get(unit.key) != group)
        filled.append((code, placed))
        left = rest
    return filled


def _fullest(
    units: tuple[Unit, ...], rule: int, cartons: Payloads, work: WorkBudget, linked: Linked
) -> tuple[str, tuple[PlacedUnit, ...], tuple[Unit, ...]]:
    best: tuple[tuple[int, int, str], tuple[PlacedUnit, ...], tuple[Unit, ...]] | None = None
    full_at_g = -1
    for code, (inner, payload_g) in _worth_trying(units, cartons):
        if payload_g <= full_at_g or (best is not None and inner[0] * inner[1] * inner[2] < -best[0][0]):
            # It may carry no more than one that weight alone kept from taking all, or has no room for more.
            continue
        if len(units) > _BULK_UNITS and not linked and _are_equal(units):
            placed, rest = _fill_block(units, inner, payload_g)
        else:
            into = partial(fill, inner=inner, payload_g=payload_g, rule=rule, axes=_UPWARDS, budget=work)
            placed, rest = fill_whole(units, linked, into) if linked else into(units)
        volume = sum(p.dims[0] * p.dims[1] * p.dims[2] for p in placed)
        score = (-volume, inner[0] * inner[1] * inner[2], code)
        if best is None or score < best[0]:
            best = (score, placed, rest)
        if not rest or (work.is_spent and best[1]):
            break
        if _is_full_by_weight(units, rest, payload_g):
            full_at_g = max(full_at_g, payload_g)
    if best is None:
        raise ValueError("no cartons are given")
    return best[0][2], best[1], best[2]


def _is_full_by_weight(units: Sequence[Unit], rest: Sequence[Unit], payload_g: int) -> bool:
    """Say whether each unit left over is too heavy for what a carton may still carry."""
    room_g = payload_g - sum(u.weight_g for u in units) + sum(u.weight_g for u in rest)
    return all(u.weight_g > room_g for u in rest)


def _worth_trying(units: Sequence[Unit], cartons: Payloads) -> list[tuple[str, tuple[Dims, int]]]:
    """Keep the roomiest carton for bulk orders, all cartons otherwise or when a piece needs another one."""
    rows = sorted(cartons.items(), key=lambda row: (-row[1][0][0] * row[1][0][1] * row[1][0][2], row[0]))
    if len(units) <= _BULK_UNITS:
        return rows
    inner, payload_g = rows[0][1]
    shapes = {(u.dims, u.keep_upright): u for u in units}
    takes_all = max(u.weight_g for u in units) <= payload_g and all(fits_alone(u, inner) for u in shapes.values())
    return rows[:1] if takes_all else rows


def _are_equal(units: Sequence[Unit]) -> bool:
    first = units[0]
    alike = (first.dims, first.weight_g, first.keep_upright, first.fragile, None)
    return all((u.dims, u.weight_g, u.keep_upright, u.fragile, u.max_load_g) == alike for u in units)


def _fill_block(
    units: tuple[Unit, ...], inner: Dims, payload_g: int
) -> tuple[tuple[PlacedUnit, ...], tuple[Unit, ...]]:
    most = len(units) if units[0].weight_g == 0 else payload_g // units[0].weight_g
    block = equal_block(units[:most], inner) if most and fits_alone(units[0], inner) else ()
    return block, units[len(block) :]


def _shrink(
    filled: tuple[str, tuple[PlacedUnit, ...]],
    by_key: Mapping[int, Unit],
    cartons: Payloads,
    cost: Cost,
    work: WorkBudget,
) -> tuple[str, tuple[PlacedUnit, ...]]:
    """Move a filled carton's contents into the cheapest carton that holds them."""
    code, placed = filled
    units = [by_key[p.key] for p in placed]
    weight = sum(u.weight_g for u in units)
    for candidate in sorted(cartons, key=lambda c: cost(c, weight)):
        if candidate == code:
            return code, placed
        inner, payload_g = cartons[candidate]
        if is_impossible(units, inner, payload_g):
            continue
        moved = work.part(_SHRINK_WORK, partial(pack_all, units, inner))
        if moved is not None:
            return candidate, moved
    return code, placed
