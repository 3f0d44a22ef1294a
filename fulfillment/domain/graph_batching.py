"""The first carts for floors that no grid describes."""

from collections import defaultdict
from collections.abc import Sequence
from functools import reduce

from fulfillment.domain.batching import Batch, CartCapacity, PickOrder, load_of, loads_of, slots_on
from fulfillment.domain.graph_carts import CartCase, fill_by_seeds, merge_by_savings
from fulfillment.domain.routing.floor_routes import find_floor_route
from fulfillment.domain.routing.graph_layout import GraphLayout
from fulfillment.domain.routing.graph_meter import GraphMeter
from fulfillment.domain.routing.speed import is_compiled
from fulfillment.domain.savings import Load

MOST_MERGED = 150
"""Up to so many orders of one company savings are measured too, about a second in compiled code."""


def plan_graph_batches(
    orders: Sequence[PickOrder], *, capacity: CartCapacity, layout: GraphLayout
) -> tuple[Batch, ...]:
    """Return every order in exactly one batch, earliest cut-off first, as `batching.plan_batches` does on a grid.

    Carts are the shorter of those by a seed rule and, where there is compiled code, those by savings. The same orders
    give the same plan.

    Raises:
        UnknownBinsError: for location codes that the layout does not have.
        UnreachableBinsError: for locations to which no way leads.
    """
    groups: dict[tuple[int, str, str], list[PickOrder]] = defaultdict(list)
    for order in sorted(orders, key=lambda order: order.order_id):
        groups[order.company].append(order)
    return tuple(
        _batch(cart, capacity, layout) for key in sorted(groups) for cart in _carts(groups[key], capacity, layout)
    )


def cart_case(orders: Sequence[PickOrder], capacity: CartCapacity, layout: GraphLayout) -> CartCase:
    """Return orders as the search for carts sees them."""
    meter = GraphMeter(layout, {line.bin for order in orders for line in order.lines})
    visits = tuple(meter.numbers_of(line.bin for line in order.lines) for order in orders)
    return CartCase(meter, visits, tuple(load_of(order, capacity) for order in orders), capacity.limit)


def _carts(orders: Sequence[PickOrder], capacity: CartCapacity, layout: GraphLayout) -> list[list[PickOrder]]:
    case = cart_case(orders, capacity, layout)
    plans = [fill_by_seeds(case)]
    if is_compiled() and len(orders) <= MOST_MERGED:
        plans.append(merge_by_savings(case))
    best = plans[0] if len(plans) == 1 else min(plans, key=case.total)
    return [[orders[each] for each in cart] for cart in best]


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
