"""Who is where on the floor now, where they go next, and where it gets crowded."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from fulfillment.domain.layout import Point
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.floor.drawing import Layer, floor_map_svg, heat_layer, walk_layer
from fulfillment.models import BatchOrder, PickBatch, PickTask
from fulfillment.queries.floor import floor_layout
from fulfillment.queries.pick_list import batch_label
from fulfillment.repository import OPEN_TASK_STATES
from kernel.db.transactions import UnitOfWork

HEAT = timedelta(hours=1)
CROWDED = 2
"""So many people in one aisle are in each other's way."""

_NEXT_STOPS = 3


@dataclass(frozen=True, slots=True)
class LiveWalk:
    """A walk under way. `number` marks its picker on the map, who was last seen at `last_stop`, empty before the first
    pick; `aisle` is that of the next stop.
    """

    number: int
    batch_id: str
    label: str
    picker: str
    lines: int
    lines_done: int
    last_stop: str
    seen_at: datetime | None
    next_stops: tuple[str, ...]
    aisle: str
    cut_off_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingTotes:
    """Totes of a walk at the hand-over point of a zone, since when, and for which zone."""

    batch_id: str
    label: str
    at_zone: str
    for_zone: str
    since: datetime | None
    totes: int


@dataclass(frozen=True, slots=True)
class LiveFloor:
    """A site's floor now: the map as one SVG element, the walks on it, the aisles with several people, and the totes
    that wait to be taken on by the next zone.
    """

    drawing: str
    walks: tuple[LiveWalk, ...]
    picks_last_hour: int
    crowded: tuple[tuple[str, int], ...]
    waiting: tuple[WaitingTotes, ...] = ()


@dataclass(frozen=True, slots=True)
class _Track:
    walk: LiveWalk
    at: Point | None
    rest: tuple[Point, ...]


def live_floor(uow: UnitOfWork, *, site_id: str) -> LiveFloor | None:
    """Return who is where on a site's floor, None while it has none."""
    layout = floor_layout(uow, site_id)
    if layout is None:
        return None
    aisles = {bin_.code: bin_.aisle for bin_ in layout.plan.bins}
    tracks = [
        _track(uow, number, batch, layout, aisles) for number, batch in enumerate(_under_way(uow, site_id), start=1)
    ]
    heat = _heat(uow, site_id, layout)
    layers = [heat_layer(heat), *(_layer(layout, track) for track in tracks)]
    together = Counter(track.walk.aisle for track in tracks if track.walk.aisle)
    return LiveFloor(
        drawing=floor_map_svg(layout.plan, layers=layers),
        walks=tuple(track.walk for track in tracks),
        picks_last_hour=heat.total(),
        crowded=tuple((aisle, people) for aisle, people in sorted(together.items()) if people >= CROWDED),
        waiting=tuple(_waiting(uow, site_id)),
    )


def _under_way(uow: UnitOfWork, site_id: str) -> Sequence[PickBatch]:
    live = PickBatch.state.in_(("ASSIGNED", "IN_PROGRESS")) & (PickBatch.lease_until > uow.now)
    statement = select(PickBatch).where(PickBatch.site_id == site_id, live, PickBatch.picker != "")
    return uow.session.scalars(statement.order_by(PickBatch.claimed_at, PickBatch.id)).all()


def _waiting(uow: UnitOfWork, site_id: str) -> Iterable[WaitingTotes]:
    totes = select(func.count()).where(BatchOrder.batch_id == PickBatch.id, BatchOrder.is_open, BatchOrder.tote != "")
    passed = PickBatch.site_id == site_id, PickBatch.state == "IN_PROGRESS", PickBatch.picker == "", PickBatch.leg > 0
    statement = select(PickBatch, totes.scalar_subquery()).where(*passed).order_by(PickBatch.lease_until, PickBatch.id)
    for batch, number in uow.session.execute(statement):
        at_zone, for_zone = batch.zones[batch.leg - 1], batch.zones[batch.leg]
        yield WaitingTotes(batch.id, batch_label(batch.id), at_zone, for_zone, batch.lease_until, number)


def _track(uow: UnitOfWork, number: int, batch: PickBatch, layout: FloorLayout, aisles: dict[str, str]) -> _Track:
    tasks = uow.session.scalars(
        select(PickTask)
        .where(PickTask.batch_id == batch.id, PickTask.kind == "pick")
        .order_by(PickTask.seq, PickTask.id)
    ).all()
    waiting = [task for task in tasks if task.state in OPEN_TASK_STATES]
    done = [task for task in tasks if task.finished_at is not None]
    last = max(done, key=lambda task: (task.finished_at or batch.created_at, task.seq), default=None)
    stops = tuple(dict.fromkeys(task.location_code for task in waiting))
    walk = LiveWalk(
        number, batch.id, batch_label(batch.id), batch.picker, len(tasks), len(tasks) - len(waiting),
        last.location_code if last else "", last.finished_at if last else batch.claimed_at, stops[:_NEXT_STOPS],
        aisles.get(stops[0], "") if stops else "", batch.cut_off_at,
    )  # fmt: skip
    at = _point(layout, last.location_code) if last else layout.plan.depot
    return _Track(walk, at, _rest(batch, at) if waiting else ())


def _rest(batch: PickBatch, at: Point | None) -> tuple[Point, ...]:
    """Return the part of the planned walk that lies before its picker."""
    corners = [(corner["x_mm"], corner["y_mm"]) for corner in batch.walk]
    reached = corners.index(at) if at in corners else 0
    return tuple(corners[reached:])


def _heat(uow: UnitOfWork, site_id: str, layout: FloorLayout) -> "Counter[Point]":
    recent = (PickTask.site_id == site_id, PickTask.kind == "pick", PickTask.finished_at > uow.now - HEAT)
    statement = select(PickTask.location_code, func.count()).where(*recent).group_by(PickTask.location_code)
    found: Counter[Point] = Counter()
    for code, picks in uow.session.execute(statement):
        if at := _point(layout, code):
            found[at] += picks
    return found


def _point(layout: FloorLayout, code: str) -> Point | None:
    return layout.access_point(code) if code in layout.codes else None


def _layer(layout: FloorLayout, track: _Track) -> Layer:
    told = f"{track.walk.number}: {track.walk.label}, {track.walk.lines_done} of {track.walk.lines} lines"
    return walk_layer(str(track.walk.number), told, track.at, track.rest, _next(layout, track.walk))


def _next(layout: FloorLayout, walk: LiveWalk) -> Iterable[Point]:
    return [at for code in walk.next_stops if (at := _point(layout, code))]
