"""The rest of a walk that somebody is on, put into a new shortest order from where they are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from sqlalchemy import select

from fulfillment.congestion import rest_out_of_the_way
from fulfillment.domain.legs import ZonedFloor, find_rest_of_legs
from fulfillment.domain.routing.graph_routes import NO_RANKS
from fulfillment.domain.routing.rest_routes import RestRoute, find_rest_route
from fulfillment.loading import loading_ranks
from fulfillment.models import PickBatch, PickTask
from fulfillment.queries.floor import zoned_floor
from fulfillment.repository import OPEN_TASK_STATES
from kernel.db.transactions import UnitOfWork

_LIVE = ("ASSIGNED", "IN_PROGRESS")
_FRESH = {"populate_existing": True}


@dataclass(frozen=True, slots=True)
class RestOfWalk:
    """What is left of a walk: the open tasks of a batch in the order in which they were, the place where its picker is
    ("" at the depot, or where its totes wait), and the first free number in the order of its tasks. One that is passed
    from zone to zone has `zones`, and is on the `leg` of that number.
    """

    tasks: tuple[PickTask, ...]
    here: str
    first: int
    zones: tuple[str, ...] = ()
    leg: int = 0

    def route(self, floor: ZonedFloor, more: Sequence[PickTask] = (), ranks: Mapping[str, int] = NO_RANKS) -> RestRoute:
        """Return the best way over what is left, with `more` tasks, locations of lower `ranks` before those of higher
        ones; skipped ones come last, as they were skipped.
        """
        tasks = (*self.tasks, *more)
        first = [t.location_code for t in tasks if not _is_late(t)]
        last = [t.location_code for t in tasks if _is_late(t)]
        return self._way(floor, first, last, ranks)

    def length_as_it_was(self, floor: ZonedFloor, without: Collection[str]) -> int:
        """Return the way in mm over what was left in its order, without these tasks."""
        return self._way(floor, (), [task.location_code for task in self.tasks if task.id not in without]).length_mm

    def _way(
        self, floor: ZonedFloor, first: Sequence[str], last: Sequence[str], ranks: Mapping[str, int] = NO_RANKS
    ) -> RestRoute:
        if self.zones:
            return find_rest_of_legs(floor, self.zones, self.leg, here=self.here, bins=first, later=last)
        return find_rest_route(floor.layout, self.here, first, last, ranks)


def rest_of_walk(uow: UnitOfWork, batch_id: str, *, locked: bool = False) -> RestOfWalk:
    """Return what is left of a walk; `locked`, without the tasks that somebody else changes at this moment."""
    uow.session.flush()
    of_batch = select(PickTask).where(PickTask.batch_id == batch_id, PickTask.kind == "pick")
    tasks = list(uow.session.scalars(of_batch.execution_options(**_FRESH)))
    waiting = of_batch.where(PickTask.state.in_(OPEN_TASK_STATES)).order_by(PickTask.seq, PickTask.id)
    waiting = waiting.with_for_update(skip_locked=True) if locked else waiting
    left = list(uow.session.scalars(waiting.execution_options(**_FRESH)))
    ours = {task.id for task in left}
    behind = [task.seq for task in tasks if task.id not in ours]
    batch = uow.session.get_one(PickBatch, batch_id)
    is_passed = bool(batch.zones) and not batch.picker
    here = "" if is_passed else _here(tasks)
    return RestOfWalk(tuple(left), here, max(behind, default=0) + 1, tuple(batch.zones), batch.leg)


def resequence_walk(
    uow: UnitOfWork, batch_id: str, *, new: Iterable[PickTask] = (), here: str = "", new_floor: bool = False
) -> bool:
    """Put what is left of a live walk into a new shortest order from where its picker is, and say whether it was.

    Heavy goods stay first and fragile ones last, and it goes on where nobody else picks, if the site wants that. What
    that costs is told anew, on top of what was walked for it already. Skipped tasks stay last, in the order in which
    they were skipped, and what nobody gets to comes after those. A walk that another transaction has in hand keeps its
    order: nobody waits for that. The walk gets longer by what the `new` tasks on it cost; on a `new_floor` its length
    is that of its rest. `here` is the location at which its picker is, if that is known better than from the last pick.
    """
    batch = _lock(uow, batch_id, (*_LIVE, "DRAFT") if new_floor else _LIVE)
    floor = zoned_floor(uow, batch.site_id) if batch else None
    if batch is None or floor is None:
        return False
    rest = rest_of_walk(uow, batch.id, locked=True)
    rest = replace(rest, here=here or rest.here)
    joined = {task.id for task in new}
    ranks = NO_RANKS if batch.zones else loading_ranks(uow, batch.site_id, rest.tasks)
    shortest = rest.route(floor, ranks=ranks)
    spent = 0 if new_floor else _spent(batch, rest, floor, ranks, joined)
    route = rest_out_of_the_way(
        uow, batch, floor.layout, shortest, here=rest.here, ranks=ranks, spent_mm=spent,
        in_ranks=lambda apart: rest.route(floor, ranks=apart),
    )  # fmt: skip
    if new_floor:
        batch.length_mm = route.length_mm
        batch.loading_mm = max(0, shortest.length_mm - rest.route(floor).length_mm) if ranks else 0
    else:
        longer = route.length_mm - rest.length_as_it_was(floor, joined)
        batch.length_mm = max(route.length_mm, batch.length_mm + longer)
    batch.congestion_mm = spent + max(0, route.length_mm - shortest.length_mm)
    _follow(uow, batch, rest, route, floor)
    return True


def resequence_site(uow: UnitOfWork, site_id: str) -> int:
    """Put every live walk of a site into a new order, because its floor changed, and return how many were."""
    live = select(PickBatch.id).where(PickBatch.site_id == site_id, PickBatch.state.in_(_LIVE))
    found = list(uow.session.scalars(live.order_by(PickBatch.id)))
    return sum(resequence_walk(uow, batch_id, new_floor=True) for batch_id in found)


def _spent(
    batch: PickBatch, rest: RestOfWalk, floor: ZonedFloor, ranks: Mapping[str, int], joined: Collection[str]
) -> int:
    """Return how much of what a walk is longer by, to keep out of the way of others, lies behind its picker: all that
    its rest, as it was planned, is not longer by than it had to be.
    """
    if not batch.congestion_mm:
        return 0
    known = replace(rest, tasks=tuple(task for task in rest.tasks if task.id not in joined))
    ahead = known.length_as_it_was(floor, ()) - known.route(floor, ranks=ranks).length_mm
    return min(batch.congestion_mm, max(0, batch.congestion_mm - ahead))


def _lock(uow: UnitOfWork, batch_id: str, states: Iterable[str]) -> PickBatch | None:
    uow.session.flush()
    statement = select(PickBatch).where(PickBatch.id == batch_id, PickBatch.state.in_(states))
    return uow.session.scalar(statement.with_for_update(skip_locked=True).execution_options(**_FRESH))


def _follow(uow: UnitOfWork, batch: PickBatch, rest: RestOfWalk, route: RestRoute, floor: ZonedFloor) -> None:
    place = {code: number for number, code in enumerate(route.stops)} | {rest.here: -1}
    closed = set(route.closed)

    legs = _legs(batch, rest, floor)

    def turn(task: PickTask) -> tuple[int, int, int, int, str]:
        late = _is_late(task)
        group = 2 if task.location_code in closed else int(late)
        leg = legs.get(floor.zone_of.get(task.location_code, ""), 0)
        return leg, group, 0 if late else place.get(task.location_code, 0), task.seq if late else task.slot, task.id

    for seq, task in zip(count(rest.first), sorted(rest.tasks, key=turn), strict=False):
        task.seq = seq
    batch.length_by_name_order_mm = max(batch.length_by_name_order_mm, batch.length_mm)
    batch.walk = [{"x_mm": x, "y_mm": y} for x, y in route.walk]
    walked = select(PickTask.location_code).where(PickTask.batch_id == batch.id, PickTask.state != "CANCELLED")
    batch.stops = len(set(uow.session.scalars(walked)))
    batch.version += 1
    batch.changed_at = uow.now


def _legs(batch: PickBatch, rest: RestOfWalk, floor: ZonedFloor) -> dict[str, int]:
    """Return which zone of a walk comes when, and give it the legs that it needs more; nothing where it has none."""
    if not rest.zones:
        return {}
    ahead = {zone: number for number, zone in reversed(list(enumerate(rest.zones))) if number >= rest.leg}
    more = sorted({floor.zone_of.get(task.location_code, "") for task in rest.tasks} - ahead.keys())
    batch.zones = [*rest.zones, *more]
    return ahead | {zone: len(rest.zones) + number for number, zone in enumerate(more)}


def _is_late(task: PickTask) -> bool:
    return task.state == "SKIPPED"


def _here(tasks: Sequence[PickTask]) -> str:
    """Return where the picker is: at the location scanned for an open task, else where the last pick was."""
    at_it = [t for t in tasks if t.step and t.state in OPEN_TASK_STATES]
    begun = [t for t in tasks if t.done and t.state == "CLAIMED"]
    over = [(t.finished_at, t.seq, t.location_code) for t in tasks if t.finished_at is not None]
    if at_it or begun:
        return (at_it or begun)[0].location_code
    return max(over)[2] if over else ""
