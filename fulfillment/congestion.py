"""Out of each other's way: a walk that would begin where others pick now begins elsewhere, at a price in meters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from fulfillment.domain.layout import GridLayout, Point
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.domain.routing.rest_routes import RestRoute
from fulfillment.loading import loading_ranks, put_in_order, walk_in_ranks
from fulfillment.models import FloorSetting, PickBatch, PickTask
from fulfillment.queries.floor import floor_layout
from fulfillment.repository import OPEN_TASK_STATES
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

MOST_DETOUR_MM = 1_000_000
NEXT_STOPS = 3
"""So many stops ahead of each picker are looked at: one to two minutes of work."""

_AHEAD = text(
    """
    select distinct location_code from (
      select t.location_code, dense_rank() over (partition by t.batch_id order by t.seq) as place
      from pick_batch b join pick_task t on t.batch_id = b.id and t.kind = 'pick' and t.state in ('READY', 'CLAIMED')
      where b.site_id = :site and b.id <> :own and b.state in ('ASSIGNED', 'IN_PROGRESS') and b.lease_until > :now
        and b.picker <> '') ahead
    where place <= :stops
    """
)


def most_detour_mm(uow: UnitOfWork, site_id: str) -> int | None:
    """Return how much longer a walk may be to keep out of the way of others; None while a site does not want that."""
    row = uow.session.get(FloorSetting, site_id, populate_existing=True)
    return row.detour_most_mm if row else None


def set_most_detour(uow: UnitOfWork, *, site_id: str, most_mm: int | None) -> None:
    """Say how much longer a walk may be to keep out of the way of others, in mm; None: everybody walks the shortest
    way. Walks follow it from their claim on.

    Raises:
        Invalid: a length that no detour has.
    """
    if most_mm is not None and not 0 <= most_mm <= MOST_DETOUR_MM:
        raise Invalid(f"Give 0 to {MOST_DETOUR_MM:,} mm.", pointer="/most_mm")
    chosen = {"detour_most_mm": most_mm, "changed_at": uow.now, "changed_by": uow.actor.id}
    statement = insert(FloorSetting).values(site_id=site_id, zero_checks=True, **chosen)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["site_id"], set_=chosen))
    uow.audit("floor.detour", subject=site_id, most_mm=most_mm)


def keep_out_of_the_way(uow: UnitOfWork, batch: PickBatch) -> None:
    """Have a claimed walk begin where nobody else picks, if the site wants that: the other way around where that costs
    nothing, else with the aisles in which others pick now or next as late as the order of loading lets them be. What it
    is longer by then is noted; a detour of more than the site allows is not taken.
    """
    most = most_detour_mm(uow, batch.site_id)
    layout = floor_layout(uow, batch.site_id) if most is not None else None
    if most is None or layout is None:
        return
    picks = select(PickTask).where(PickTask.batch_id == batch.id, PickTask.kind == "pick")
    tasks = uow.session.scalars(picks.where(PickTask.state.in_(OPEN_TASK_STATES)).order_by(PickTask.seq)).all()
    stops = list(dict.fromkeys(task.location_code for task in tasks))
    if any(code not in layout.codes for code in stops):
        return
    crowded = _crowded(layout, stops, _ahead(uow, batch))
    if not crowded.intersection(stops[:NEXT_STOPS]):
        return
    ranks = loading_ranks(uow, batch.site_id, tasks)
    walk = [(corner["x_mm"], corner["y_mm"]) for corner in batch.walk]
    if not ranks and _turns(layout, walk) and not crowded.intersection(stops[-NEXT_STOPS:]):
        put_in_order(batch, tasks, stops[::-1], walk[::-1], batch.length_mm)
        return
    _begin_elsewhere(batch, tasks, layout, {code: 2 * ranks.get(code, 0) + (code in crowded) for code in stops}, most)


def rest_out_of_the_way(
    uow: UnitOfWork, batch: PickBatch, layout: FloorLayout, rest: RestRoute, *, here: str, ranks: Mapping[str, int],
    spent_mm: int, in_ranks: Callable[[Mapping[str, int]], RestRoute],
) -> RestRoute:  # fmt: skip
    """Return the rest of a walk under way such that it goes on where nobody else picks, as `keep_out_of_the_way` has it
    begin; `rest` itself where it does that already, or where that would cost too much together with the `spent_mm` that
    were walked for it before. What lies where the picker is, `here`, is not put off.
    """
    most = most_detour_mm(uow, batch.site_id)
    if most is None or not batch.picker or batch.zones:
        return rest
    crowded = _crowded(layout, rest.stops, _ahead(uow, batch)) - {here}
    if not crowded.intersection(rest.stops[:NEXT_STOPS]):
        return rest
    freely = not here and not ranks and not rest.later and _turns(layout, rest.walk)
    if freely and not crowded.intersection(rest.stops[-NEXT_STOPS:]):
        return replace(rest, stops=rest.stops[::-1], walk=rest.walk[::-1])
    apart = {code: 2 * ranks.get(code, 0) + (code in crowded) for code in rest.stops}
    if len(set(apart.values())) <= 1:
        return rest
    around = in_ranks(apart)
    return around if spent_mm + around.length_mm - rest.length_mm <= most else rest


def _begin_elsewhere(
    batch: PickBatch, tasks: Sequence[PickTask], layout: FloorLayout, ranks: Mapping[str, int], most_mm: int
) -> None:
    if len(set(ranks.values())) <= 1:
        return
    stops, corners, length_mm, _ = walk_in_ranks(layout, ranks)
    detour = max(0, length_mm - batch.length_mm)
    if detour <= most_mm:
        batch.congestion_mm = detour
        put_in_order(batch, tasks, stops, corners, length_mm)


def _ahead(uow: UnitOfWork, batch: PickBatch) -> set[str]:
    """Return the locations at which others pick now or next."""
    asked = {"site": batch.site_id, "own": batch.id, "now": uow.now, "stops": NEXT_STOPS}
    return set(uow.session.scalars(_AHEAD, asked))


def _crowded(layout: FloorLayout, stops: Sequence[str], ahead: set[str]) -> set[str]:
    """Return those stops that lie in an aisle in which somebody else picks."""
    seen = ahead.union(stops)
    aisle = {each.code: each.aisle for each in layout.plan.bins if each.code in seen}
    taken = {aisle[code] for code in ahead if code in aisle}
    return {code for code in stops if aisle[code] in taken}


def _turns(layout: FloorLayout, walk: Sequence[Point]) -> bool:
    """Say whether a walk can be walked the other way around."""
    return isinstance(layout, GridLayout) and bool(walk) and walk[0] == walk[-1]
