"""What goes into the totes first: heavy goods below, fragile ones on top, at a price in meters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from fulfillment.domain.layout import GridLayout
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

    Where heavy and fragile goods lie at one place, the heavier rank decides. A floor that is no grid keeps its walk.
    """
    loading, layout = loading_of(uow, batch.site_id), floor_layout(uow, batch.site_id)
    if loading == Loading() or not isinstance(layout, GridLayout):
        return
    picks = select(PickTask).where(PickTask.batch_id == batch.id, PickTask.kind == "pick")
    tasks = uow.session.scalars(picks.where(PickTask.state.in_(OPEN_TASK_STATES)).order_by(PickTask.seq)).all()
    if not tasks or any(task.location_code not in layout.stands for task in tasks):
        return
    items = inventory.items_by_id(uow, {task.item_id for task in tasks})
    ranks = _ranks(tasks, {item_id: loading.rank(item) for item_id, item in items.items()})
    if len(set(ranks.values())) <= 1:
        return
    found = find_route_with(layout, ranks, Wishes(ranks=ranks))
    place = {code: number for number, code in enumerate(found.route.stops)}
    in_order = sorted(tasks, key=lambda task: (place[task.location_code], task.slot, task.id))
    for seq, task in zip(count(1), in_order, strict=False):
        task.seq = seq
    batch.length_mm, batch.loading_mm = found.route.length_mm, found.route.length_mm - found.shortest_mm
    batch.length_by_name_order_mm = max(batch.length_by_name_order_mm, batch.length_mm)
    batch.walk = [{"x_mm": x, "y_mm": y} for x, y in found.route.walk]


def _ranks(tasks: Sequence[PickTask], by_item: Mapping[str, int]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for task in tasks:
        rank = by_item[task.item_id]
        ranks[task.location_code] = min(ranks.get(task.location_code, rank), rank)
    return ranks
