"""A worker makes the walks shorter that nobody has claimed yet: it reads, searches without a transaction, and swaps."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from fulfillment.domain.annealing.cases import BatchingCase
from fulfillment.domain.batching import CartCapacity, PickOrder, load_of, parts_of
from fulfillment.domain.cart_search import Found, Method, search_carts
from fulfillment.domain.graph_batching import cart_case
from fulfillment.domain.graph_carts import fill_by_seeds, improve_carts
from fulfillment.domain.layout import GridLayout
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.models import FloorSetting, PickBatch
from fulfillment.planning.drafts import Drafts, fits, read_drafts, swap_carts
from fulfillment.planning.models import BatchSearch
from fulfillment.planning.new_floors import follow_new_floors
from fulfillment.planning.releasing import is_search_ready
from fulfillment.queries.carts import cart_of
from fulfillment.queries.floor import floor_layout, floor_version
from kernel import actors
from kernel.db.transactions import UnitOfWork, run, transaction

TURN_SECONDS = 1.5
"""CPU seconds of its thread that one turn searches at one site."""
QUIET_ROUNDS = 3
"""Turns without a shorter walk after which a site's walks are good until orders come or go."""
_LEASE = timedelta(seconds=90)
_ACTOR = actors.system("planner")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn searches with: the walks as they are, the floor, the cart, and where the dice start."""

    site_id: str
    layout: FloorLayout
    cart: CartCapacity
    drafts: Drafts
    seed: int


@dataclass(frozen=True, slots=True)
class BetterCarts:
    """Carts that a turn found, and what found those that are shorter than before."""

    carts: list[tuple[str, ...]]
    methods: frozenset[Method]


def improve_batches() -> int:
    """Plan walks anew whose floor changed, then search for shorter ones at every site for a moment; return how many mm
    that saved.
    """
    follow_new_floors()
    with transaction(_ACTOR) as uow:
        sites = sites_to_improve(uow)
    if not sites or not is_search_ready():  # an idle house need not keep compiled code in memory
        return 0
    saved = 0
    for site_id in sites:
        turn = run(_ACTOR, partial(begin_turn, site_id=site_id))
        if turn is None:
            continue
        before = time.thread_time()
        carts = better_carts(turn, TURN_SECONDS)
        cpu_ms = round(1000 * (time.thread_time() - before))
        saved += run(_ACTOR, partial(end_turn, turn=turn, carts=carts, cpu_ms=cpu_ms))
    return saved


def sites_to_improve(uow: UnitOfWork) -> list[str]:
    """Return the sites with several walks that nobody has claimed and that could exchange orders, or with one that was
    planned for another cart.
    """
    alike = PickBatch.site_id, PickBatch.cut_off_at, PickBatch.service_class
    other_cart = func.bool_or(FloorSetting.changed_at > PickBatch.created_at)
    waiting = select(PickBatch.site_id).outerjoin(FloorSetting, FloorSetting.site_id == PickBatch.site_id)
    waiting = waiting.where(PickBatch.state == "DRAFT").group_by(*alike)
    return sorted(set(uow.session.scalars(waiting.having((func.count() > 1) | other_cart))))


def begin_turn(uow: UnitOfWork, *, site_id: str) -> Turn | None:
    """Take the next turn at a site; None when there is nothing to improve, or somebody stopped it or is at it."""
    version = floor_version(uow, site_id)
    layout = floor_layout(uow, site_id)
    if layout is None:
        return None
    drafts, cart = read_drafts(uow, site_id, layout, version), cart_of(uow, site_id)
    if not drafts.carts:
        return None
    row = _row(uow, site_id)
    if row is None or row.state == "stopped" or (row.claimed_until and row.claimed_until > uow.now):
        return None
    subject = drafts.subject(cart)
    if row.subject != subject:
        if row.state == "settled":
            row.rounds, row.cpu_ms, row.methods = 0, 0, []
        row.subject, row.state, row.quiet_rounds = subject, "improving", 0
    if row.state == "settled":
        return None
    row.orders, row.batches, row.claimed_until = len(drafts.orders), len(drafts.carts), uow.now + _LEASE
    return Turn(site_id, layout, cart, drafts, row.seed + row.rounds)


def _row(uow: UnitOfWork, site_id: str) -> BatchSearch | None:
    """Lock the site's search; None when somebody else has it in hand."""
    first = {
        "site_id": site_id, "state": "improving", "subject": "", "orders": 0, "batches": 0, "rounds": 0,
        "quiet_rounds": 0, "cpu_ms": 0, "seed": 1, "changed_at": uow.now, "changed_by": uow.actor.id,
    }  # fmt: skip
    uow.session.execute(insert(BatchSearch).values(first).on_conflict_do_nothing())
    statement = select(BatchSearch).where(BatchSearch.site_id == site_id).with_for_update(skip_locked=True)
    return uow.session.scalar(statement, execution_options={"populate_existing": True})


def better_carts(turn: Turn, seconds: float) -> BetterCarts:
    """Return carts with the shortest walks found in so many CPU seconds, from the present ones on: only orders of one
    cut-off and class together, single lines apart as in the first plan. The same turn with as much time gives the same.
    """
    groups: dict[tuple[int, str, str], list[PickOrder]] = defaultdict(list)
    for order_id in sorted(turn.drafts.orders):
        order = turn.drafts.orders[order_id]
        groups[order.company].append(order)
    parts = [part for key in sorted(groups) for part in parts_of(groups[key], turn.cart)]
    found: list[tuple[str, ...]] = []
    methods: set[Method] = set()
    for part in parts:
        carts, method = _improved(turn, turn.layout, part, seconds * len(part) / len(turn.drafts.orders))
        found += carts
        if not set(map(frozenset, carts)) <= set(map(frozenset, turn.drafts.carts.values())):
            methods.add(method)
    return BetterCarts(found, frozenset(methods))


def _improved(
    turn: Turn, layout: FloorLayout, part: Sequence[PickOrder], seconds: float
) -> tuple[list[tuple[str, ...]], Method]:
    number = {order.order_id: at for at, order in enumerate(part)}
    carts = [[number[each] for each in ids if each in number] for ids in turn.drafts.carts.values()]
    start = [cart for cart in carts if cart]
    if not all(fits([part[at] for at in cart], turn.cart) for cart in start):
        start = []
    before = time.thread_time()

    def spent() -> float:
        return (time.thread_time() - before) / max(seconds, 0.01)

    best: Sequence[Sequence[int]]
    method: Method = "annealing"
    if isinstance(layout, GridLayout):
        found = _on_grid(turn, layout, part, start, spent)
        best, method = found.plan.carts, found.method
    else:
        case = cart_case(part, turn.cart, layout)
        best = improve_carts(case, start or fill_by_seeds(case), seed=turn.seed, spent=spent)
    return [tuple(part[at].order_id for at in cart) for cart in best], method


def _on_grid(
    turn: Turn,
    layout: GridLayout,
    part: Sequence[PickOrder],
    start: Sequence[Sequence[int]],
    spent: Callable[[], float],
) -> Found:
    loads = [load_of(order, turn.cart) for order in part]
    limit = turn.cart.limit
    case = BatchingCase(
        layout,
        tuple(tuple(sorted({layout.stands[line.bin] for line in order.lines})) for order in part),
        tuple((load.totes, load.weight_g, load.volume_mm3, load.items) for load in loads),
        (limit.totes, limit.weight_g, limit.volume_mm3, limit.items),
    )
    *_, best = search_carts(case, seed=turn.seed, spent=spent, start=start)
    return best


def end_turn(uow: UnitOfWork, *, turn: Turn, carts: BetterCarts, cpu_ms: int) -> int:
    """Put what a turn found in the place of the present walks, unless somebody stopped it; return the mm saved."""
    statement = select(BatchSearch).where(BatchSearch.site_id == turn.site_id).with_for_update()
    row = uow.session.scalars(statement, execution_options={"populate_existing": True}).one()
    row.claimed_until = None
    if row.state == "stopped":
        return 0
    saved = swap_carts(
        uow, site_id=turn.site_id, layout=turn.layout, cart=turn.cart, read=turn.drafts, carts=carts.carts
    )
    if saved:
        row.methods = sorted({*row.methods, *carts.methods})
    row.rounds, row.cpu_ms = row.rounds + 1, row.cpu_ms + cpu_ms
    row.quiet_rounds = 0 if saved else row.quiet_rounds + 1
    if row.quiet_rounds >= QUIET_ROUNDS:
        row.state = "settled"
    return saved
