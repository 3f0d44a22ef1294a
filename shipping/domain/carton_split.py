from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

from shipping.domain.carton_space import Dims, PlacedUnit, Unit, WorkBudget
from shipping.domain.packing import equal_block, fill, fits_alone, is_impossible, pack_all, sort_orders

# The first filling is always finished; further ones are tried while this many corner tests remain.
_SPLIT_WORK = 45_000
_SHRINK_WORK = 4_000
_UPWARDS = (2, 1, 0)
_BULK_UNITS = 100

Cost = Callable[[str, int], tuple[int, int, str]]
Payloads = Mapping[str, tuple[Dims, int]]
Filled = list[tuple[str, tuple[PlacedUnit, ...]]]


def split_units(units: Sequence[Unit], cartons: Payloads, cost: Cost) -> Filled:
    """Spread units over several cartons: fewest cartons first, then the lowest cost.

    `cartons` maps a carton code to its inner sides in mm and the payload it may carry in g; `cost(code, weight_g)`
    ranks a carton for its contents. Each unit must fit some carton alone. Several greedy fillings are compared, each
    afterwards moved into the cheapest carton that still holds its contents.

    Raises:
        ValueError: a unit fits no carton.
    """
    by_key = {u.key: u for u in units}
    work = WorkBudget(_SPLIT_WORK)
    best: tuple[tuple[int, int, int], Filled] | None = None
    for order, rule in _strategies(units):
        greedy = _greedy(order, rule, cartons, work)
        filled = [_shrink(code, placed, by_key, cartons, cost) for code, placed in greedy]
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


def _greedy(units: Sequence[Unit], rule: int, cartons: Payloads, work: WorkBudget) -> Filled:
    """Close one carton after another, always the one that takes the most volume of what is left."""
    left: tuple[Unit, ...] = tuple(units)
    filled: Filled = []
    while left:
        code, placed, rest = _fullest(left, rule, cartons, work)
        if not placed:
            raise ValueError("a unit fits no carton")
        filled.append((code, placed))
        left = rest
    return filled


def _fullest(
    units: tuple[Unit, ...], rule: int, cartons: Payloads, work: WorkBudget
) -> tuple[str, tuple[PlacedUnit, ...], tuple[Unit, ...]]:
    best: tuple[tuple[int, int, str], tuple[PlacedUnit, ...], tuple[Unit, ...]] | None = None
    for code, (inner, payload_g) in _worth_trying(units, cartons):
        if len(units) > _BULK_UNITS and _are_equal(units):
            placed, rest = _fill_block(units, inner, payload_g)
        else:
            placed, rest = fill(units, inner, payload_g=payload_g, rule=rule, axes=_UPWARDS, budget=work)
        volume = sum(p.dims[0] * p.dims[1] * p.dims[2] for p in placed)
        score = (-volume, inner[0] * inner[1] * inner[2], code)
        if best is None or score < best[0]:
            best = (score, placed, rest)
    if best is None:
        raise ValueError("no cartons are given")
    return best[0][2], best[1], best[2]


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
    return all((u.dims, u.weight_g, u.keep_upright) == (first.dims, first.weight_g, first.keep_upright) for u in units)


def _fill_block(
    units: tuple[Unit, ...], inner: Dims, payload_g: int
) -> tuple[tuple[PlacedUnit, ...], tuple[Unit, ...]]:
    most = len(units) if units[0].weight_g == 0 else payload_g // units[0].weight_g
    block = equal_block(units[:most], inner) if most and fits_alone(units[0], inner) else ()
    return block, units[len(block) :]


def _shrink(
    code: str, placed: tuple[PlacedUnit, ...], by_key: Mapping[int, Unit], cartons: Payloads, cost: Cost
) -> tuple[str, tuple[PlacedUnit, ...]]:
    """Move a filled carton's contents into the cheapest carton that holds them."""
    units = [by_key[p.key] for p in placed]
    weight = sum(u.weight_g for u in units)
    for candidate in sorted(cartons, key=lambda c: cost(c, weight)):
        if candidate == code:
            return code, placed
        inner, payload_g = cartons[candidate]
        if is_impossible(units, inner, payload_g):
            continue
        moved = pack_all(units, inner, WorkBudget(_SHRINK_WORK))
        if moved is not None:
            return candidate, moved
    return code, placed
