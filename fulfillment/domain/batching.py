from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fulfillment.domain.layout import GridLayout
from fulfillment.domain.savings import Cluster, Load, merge_by_savings


@dataclass(frozen=True, slots=True)
class PickLine:
    """Units of one location that an order needs."""

    bin: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PickOrder:
    """A released order as the batcher sees it.

    `due_rank` orders the cut-offs (lower leaves earlier). Orders of different `service_class` never share a cart, nor
    do those that are `kept_apart` for different reasons, or for none.
    """

    order_id: str
    lines: tuple[PickLine, ...]
    volume_mm3: int
    weight_g: int
    due_rank: int
    service_class: str
    kept_apart: str = ""

    @property
    def items(self) -> int:
        """Units of the order."""
        return sum(line.quantity for line in self.lines)

    @property
    def company(self) -> tuple[int, str, str]:
        """What all orders on a cart have in common; sorts by urgency."""
        return self.due_rank, self.service_class, self.kept_apart

    def __post_init__(self) -> None:
        if not self.lines or any(line.quantity < 1 for line in self.lines):
            raise ValueError(f"Order {self.order_id} has nothing to pick.")


@dataclass(frozen=True, slots=True)
class CartCapacity:
    """What one cart takes: `totes` equal totes that hold `volume_mm3` together, and `weight_g` and `items` in all."""

    totes: int
    weight_g: int
    volume_mm3: int
    items: int = 1_000_000

    def __post_init__(self) -> None:
        if min(self.totes, self.weight_g, self.volume_mm3, self.items) < 1:
            raise ValueError("A cart takes at least one tote, one gram, one cubic millimeter and one item.")

    @property
    def limit(self) -> Load:
        """The most that one cart takes."""
        return Load(self.totes, self.weight_g, self.volume_mm3, self.items)


CART = CartCapacity(totes=12, weight_g=150_000, volume_mm3=12 * 48_000_000)
"""The usual cart: twelve totes of 48 liters and 150 kg."""


@dataclass(frozen=True, slots=True)
class ToteSlot:
    """Which place on the cart, counted from 1, holds goods of which order; no tote mixes orders."""

    slot: int
    order_id: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Orders that one picker collects on one walk.

    `loads` is 1, or for an order too big for any cart, alone in its batch, the number of carts that it fills.
    `length_mm` is the shortest walk over `bins`.
    """

    order_ids: tuple[str, ...]
    totes: tuple[ToteSlot, ...]
    bins: tuple[str, ...]
    due_rank: int
    service_class: str
    single_line: bool
    weight_g: int
    volume_mm3: int
    loads: int
    length_mm: int


def plan_batches(orders: Sequence[PickOrder], *, capacity: CartCapacity, layout: GridLayout) -> tuple[Batch, ...]:
    """Return every order in exactly one batch, earliest cut-off first.

    Orders of different cut-offs or service classes never share a walk, so that none waits for a later one. Where
    single-line orders fill a cart they get carts of their own, those for one location together. Within a group, carts
    are filled by Clarke & Wright savings on exact tour lengths. The same orders give the same plan.

    Raises:
        UnknownBinsError: for location codes that the layout does not have.
        ValueError: if an order appears twice.
    """
    by_id = {order.order_id: order for order in sorted(orders, key=lambda order: order.order_id)}
    if len(by_id) != len(orders):
        raise ValueError("Every order may be given once.")
    layout.stands_of(line.bin for order in orders for line in order.lines)
    groups: dict[tuple[int, str, str], list[PickOrder]] = defaultdict(list)
    for order in by_id.values():
        groups[order.company].append(order)
    return tuple(
        _batch(cluster, by_id, capacity)
        for key in sorted(groups)
        for part in parts_of(groups[key], capacity)
        for cluster in _clusters(part, capacity, layout)
    )


def parts_of(orders: Sequence[PickOrder], capacity: CartCapacity) -> list[list[PickOrder]]:
    """Split a group into single-line and other orders, unless the former would send out a cart that is not full."""
    single = [order for order in orders if len(order.lines) == 1]
    if len(single) < capacity.totes or len(single) == len(orders):
        return [list(orders)]
    return [single, [order for order in orders if len(order.lines) > 1]]


def _clusters(orders: Sequence[PickOrder], capacity: CartCapacity, layout: GridLayout) -> list[Cluster]:
    seeds = _same_place_first([_cluster(order, capacity, layout) for order in orders], capacity.limit)
    clusters = merge_by_savings(layout, seeds, capacity.limit)
    return sorted(clusters, key=lambda cluster: cluster.order_ids)


def _cluster(order: PickOrder, capacity: CartCapacity, layout: GridLayout) -> Cluster:
    stands = frozenset(layout.stands[line.bin] for line in order.lines)
    return Cluster((order.order_id,), stands, load_of(order, capacity))


def _same_place_first(clusters: Iterable[Cluster], limit: Load) -> list[Cluster]:
    """Join orders that are picked in the very same places: together they cost no step more than one of them."""
    full: list[Cluster] = []
    filling: dict[frozenset[object], Cluster] = {}
    for cluster in clusters:
        place: frozenset[object] = frozenset(cluster.stands)
        joined = filling[place].joined(cluster) if place in filling else cluster
        if place in filling and not joined.load.fits(limit):
            full.append(filling[place])
            joined = cluster
        filling[place] = joined
    return full + list(filling.values())


def _batch(cluster: Cluster, by_id: dict[str, PickOrder], capacity: CartCapacity) -> Batch:
    orders = [by_id[order_id] for order_id in cluster.order_ids]
    first = orders[0]
    return Batch(
        order_ids=cluster.order_ids,
        totes=slots_on(orders, capacity),
        bins=tuple(sorted({line.bin for order in orders for line in order.lines})),
        due_rank=first.due_rank,
        service_class=first.service_class,
        single_line=all(len(order.lines) == 1 for order in orders),
        weight_g=cluster.load.weight_g,
        volume_mm3=cluster.load.volume_mm3,
        loads=loads_of(cluster.load, capacity),
        length_mm=cluster.length_mm,
    )


def load_of(order: PickOrder, capacity: CartCapacity) -> Load:
    """Return what an order takes of a cart."""
    return Load(totes_of(order, capacity), order.weight_g, order.volume_mm3, order.items)


def loads_of(load: Load, capacity: CartCapacity) -> int:
    """Return how many carts a load fills; more than 1 only for an order too big for any."""
    parts = (load.totes, capacity.totes), (load.weight_g, capacity.weight_g), (load.items, capacity.items)
    return max(1, *(-(-taken // room) for taken, room in parts))


def totes_of(order: PickOrder, capacity: CartCapacity) -> int:
    """Return how many totes of a cart an order fills."""
    return max(1, -(-order.volume_mm3 * capacity.totes // capacity.volume_mm3))


def slots_on(orders: Iterable[PickOrder], capacity: CartCapacity) -> tuple[ToteSlot, ...]:
    """Return the places on a cart, order by order."""
    owners = [order.order_id for order in orders for _ in range(totes_of(order, capacity))]
    return tuple(ToteSlot(slot, order_id) for slot, order_id in enumerate(owners, start=1))
