"""Carts for floors that no grid describes: orders that lie near each other go together."""

from collections import defaultdict
from collections.abc import Sequence
from functools import reduce

import numpy as np

from fulfillment.domain.batching import Batch, CartCapacity, PickOrder, load_of, loads_of, slots_on
from fulfillment.domain.routing.floor_routes import find_floor_route
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.routing.network import walking_matrix
from fulfillment.domain.savings import Load


def plan_graph_batches(
    orders: Sequence[PickOrder], *, capacity: CartCapacity, layout: GraphLayout
) -> tuple[Batch, ...]:
    """Return every order in exactly one batch, earliest cut-off first, as `batching.plan_batches` does on a grid.

    Each cart starts with the order that lies farthest from the depot and takes, while it has room, the one whose places
    add the least way: the sum over its places of the way to the nearest place already on the cart and back (a seed
    rule, de Koster, van der Poort & Wolters 1999). The same orders give the same plan.

    Raises:
        UnknownBinsError: for location codes that the layout does not have.
    """
    groups: dict[tuple[int, str, str], list[PickOrder]] = defaultdict(list)
    for order in sorted(orders, key=lambda order: order.order_id):
        groups[order.company].append(order)
    return tuple(
        _batch(cart, capacity, layout) for key in sorted(groups) for cart in _carts(groups[key], capacity, layout)
    )


def _carts(orders: Sequence[PickOrder], capacity: CartCapacity, layout: GraphLayout) -> list[list[PickOrder]]:
    points = list(dict.fromkeys(layout.places_of(line.bin for order in orders for line in order.lines).values()))
    number = {point: n for n, point in enumerate(points, start=1)}
    ways = walking_matrix(layout.network, [layout.start, *points])
    there_and_back = ways + ways.T
    stops = [sorted({number[layout.places[line.bin]] for line in order.lines}) for order in orders]
    far = [float(there_and_back[0, of].max()) for of in stops]
    waiting = sorted(range(len(orders)), key=lambda each: (-far[each], orders[each].order_id))
    limit = capacity.limit
    carts = []
    while waiting:
        chosen = [waiting.pop(0)]
        load = load_of(orders[chosen[0]], capacity)
        near = there_and_back[stops[chosen[0]]].min(axis=0)
        while fitting := [each for each in waiting if load.plus(load_of(orders[each], capacity)).fits(limit)]:
            added = min(fitting, key=lambda each: (float(near[stops[each]].sum()), orders[each].order_id))
            waiting.remove(added)
            chosen.append(added)
            load = load.plus(load_of(orders[added], capacity))
            near = np.minimum(near, there_and_back[stops[added]].min(axis=0))
        carts.append([orders[each] for each in chosen])
    return carts


def _batch(cart: Sequence[PickOrder], capacity: CartCapacity, layout: GraphLayout) -> Batch:
    bins = tuple(sorted({line.bin for order in cart for line in order.lines}))
    load = reduce(Load.plus, (load_of(order, capacity) for order in cart))
    return Batch(
        order_ids=tuple(sorted(order.order_id for order in cart)),
        totes=slots_on(sorted(cart, key=lambda order: order.order_id), capacity),
        bins=bins,
        due_rank=cart[0].due_rank,
        service_class=cart[0].service_class,
        single_line=all(len(order.lines) == 1 for order in cart),
        weight_g=load.weight_g,
        volume_mm3=load.volume_mm3,
        loads=loads_of(load, capacity),
        length_mm=find_floor_route(layout, bins).length_mm,
    )
