"""What goes into the totes first: heavy goods below, fragile ones on top, at a price in meters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from fulfillment.domain.layout import GridLayout, Point
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.domain.routing.rest_routes import find_rest_route
from fulfillment.domain.routing.wishes import Wishes, find_route_with
from fulfillment.models import FloorSetting, PickBatch, PickTask
from fulfillment.queries.floor import floor_layout
from fulfillment.repository import OPEN_TASK_STATES
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

MOST_GRAMS = 2_000_000
_HEAVY, _USUAL, _FRAGILE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Loading:
    """How totes are filled: units of `heavy_first_g` or more before all others (None: they wait for nobody), fragile
    ones after all others.
    """

    heavy_first_g: int | None = None
    fragile_last: bool = False

    def rank(self, item: inventory.ItemView) -> int:
        """Return when an item is picked: lower ranks before higher ones."""
        if self.fragile_last and item.fragile:
            return _FRAGILE
        return _HEAVY if self.heavy_first_g is not None and item.weight_g >= self.heavy_first_g else _USUAL


def loading_of(uow: UnitOfWork, site_id: str) -> Loading:
    """Return how a site fills its totes; as the walk comes, while nobody said otherwise."""
    row = uow.session.get(FloorSetting, site_id, populate_existing=True)
    return Loading(row.heavy_first_g, row.fragile_last) if row else Loading()


def set_loading(uow: UnitOfWork, *, site_id: str, loading: Loading) -> None:
    """Say how a site fills its totes; walks follow it from their claim on.

    Raises:
        Invalid: a weight that no item has.
    """
    if loading.heavy_first_g is not None and not 1 <= loading.heavy_first_g <= MOST_GRAMS:
        raise Invalid(f"Give 1 to {MOST_GRAMS:,} grams.", pointer="/heavy_first_g")
    chosen = {
        "heavy_first_g": loading.heavy_first_g, "fragile_last": loading.fragile_last, "changed_at": uow.now,
        "changed_by": uow.actor.id,
    }  # fmt: skip
    statement = insert(FloorSetting).values(site_id=site_id, zero_checks=True, **chosen)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["site_id"], set_=chosen))
    uow.audit("floor.loading", subject=site_id, heavy_first_g=loading.heavy_first_g, fragile_last=loading.fragile_last)


def put_in_loading_order(uow: UnitOfWork, batch: PickBatch) -> None:
    """Put a claimed walk into the order in which its totes are filled, and note by how much that makes it longer.

    Where heavy and fragile goods lie at one place, the heavier rank decides.
    """
    layout = floor_layout(uow, batch.site_id)
    picks = select(PickTask).where(PickTask.batch_id == batch.id, PickTask.kind == "pick")
    tasks = uow.session.scalars(picks.where(PickTask.state.in_(OPEN_TASK_STATES)).order_by(PickTask.seq)).all()
    ranks = loading_ranks(uow, batch.site_id, tasks)
    if layout is None or not ranks or any(task.location_code not in layout.codes for task in tasks):
        return
    stops, corners, length_mm, shortest_mm = walk_in_ranks(layout, ranks)
    batch.loading_mm = max(0, length_mm - shortest_mm)
    put_in_order(batch, tasks, stops, corners, length_mm)


def put_in_order(
    batch: PickBatch, tasks: Sequence[PickTask], stops: Sequence[str], corners: Sequence[Point], length_mm: int
) -> None:
    """Have the tasks of a walk done in the order of its stops."""
    place = {code: number for number, code in enumerate(stops)}
    in_order = sorted(tasks, key=lambda task: (place[task.location_code], task.slot, task.id))
    for seq, task in zip(count(1), in_order, strict=False):
        task.seq = seq
    batch.length_mm = length_mm
    batch.length_by_name_order_mm = max(batch.length_by_name_order_mm, batch.length_mm)
    batch.walk = [{"x_mm": x, "y_mm": y} for x, y in corners]


def loading_ranks(uow: UnitOfWork, site_id: str, tasks: Sequence[PickTask]) -> dict[str, int]:
    """Return when each location of these tasks is visited for the sake of loading, lower ranks before higher ones;
    nothing where it does not matter.
    """
    loading = loading_of(uow, site_id)
    if loading == Loading() or not tasks:
        return {}
    items = inventory.items_by_id(uow, {task.item_id for task in tasks})
    ranks: dict[str, int] = {}
    for task in tasks:
        rank = loading.rank(items[task.item_id])
        ranks[task.location_code] = min(ranks.get(task.location_code, rank), rank)
    return ranks if len(set(ranks.values())) > 1 else {}


def walk_in_ranks(layout: FloorLayout, ranks: Mapping[str, int]) -> tuple[Sequence[str], Sequence[Point], int, int]:
    """Return stops and corners of a walk in this order of ranks, its length in mm, and that of the shortest walk."""
    if isinstance(layout, GridLayout):
        found = find_route_with(layout, ranks, Wishes(ranks=ranks))
        return found.route.stops, found.route.walk, found.route.length_mm, found.shortest_mm
    ranked, free = find_rest_route(layout, "", ranks, ranks=ranks), find_rest_route(layout, "", ranks)
    return ranked.stops, ranked.walk, ranked.length_mm, free.length_mm
