"""A worker answers the question that waits longest: it reads, replays without a transaction, and writes."""

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import select, text

from fulfillment.domain.floor_compiler import compile_floor
from fulfillment.domain.floor_document import plan_from_document
from fulfillment.domain.replay import Replayed, WalkOfDay, nearer, replay, unknown_codes
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.models import FloorPlanVersion
from fulfillment.queries.floor import floor_layout
from fulfillment.whatif.asking import DayReplayed
from fulfillment.whatif.models import WhatIf
from kernel import actors, runs
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork, run

MOST_WALKS = 2_000
"""The latest walks that are replayed."""
_NAMED = 5
_ACTOR = actors.system("what-if")
_WALKS = text(
    """
    with walk as (
      select id, finished_at from pick_batch
      where site_id = :site and state = 'DONE' and finished_at >= :since order by finished_at desc, id limit :most)
    select w.id, w.finished_at, array_agg(distinct t.location_code order by t.location_code) as codes
    from walk w join pick_task t on t.batch_id = w.id and t.kind = 'pick' and t.done > 0
    group by w.id, w.finished_at order by w.finished_at, w.id
    """
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a question is answered from: the walks of the past, and both floors."""

    walks: tuple[WalkOfDay, ...]
    now: FloorLayout
    then: FloorLayout
    is_nearer: bool


def answer_what_if() -> int:
    """Answer the question that waits longest, if one does; return how many walks were replayed."""
    claim = run(_ACTOR, partial(runs.claim, kind=WhatIf))
    asked = runs.step(_ACTOR, claim, _read)
    if claim is None or asked is None:
        return 0
    moved = nearer(asked.walks, asked.then) if asked.is_nearer else {}
    found, watch = [], runs.Watch(_ACTOR, claim)
    for walk in replay(asked.walks, asked.now, asked.then, moved):
        found.append(walk)
        if not watch.is_wanted(progress=min(99, 100 * len(found) // len(asked.walks))):
            return 0
    runs.step(_ACTOR, claim, partial(_finish, asked=asked, found=found))
    return len(found)


def _read(uow: UnitOfWork, row: WhatIf) -> _Asked | None:
    now = floor_layout(uow, row.site_id)
    walks = _walks(uow, row)
    if now is None or not walks:
        row.note = f"No walk was finished in the last {row.days} days: there is nothing to replay."
        runs.end(uow, row, "failed")
        return None
    then = _floor(uow, row.site_id, row.floor_version) if row.floor_version is not None else now
    return _Asked(walks, now, then, row.fast_items_nearer)


def _floor(uow: UnitOfWork, site_id: str, version: int) -> FloorLayout:
    one = select(FloorPlanVersion.document).where(
        FloorPlanVersion.site_id == site_id, FloorPlanVersion.version == version
    )
    return compile_floor(plan_from_document(uow.session.scalars(one).one()))


def _walks(uow: UnitOfWork, row: WhatIf) -> tuple[WalkOfDay, ...]:
    zone = ZoneInfo(get_site(uow, row.site_id).time_zone)
    since = uow.now - timedelta(days=row.days)
    found = uow.session.execute(_WALKS, {"site": row.site_id, "since": since, "most": MOST_WALKS})
    return tuple(WalkOfDay(at.astimezone(zone).date().isoformat(), tuple(codes)) for _, at, codes in found)


def _finish(uow: UnitOfWork, row: WhatIf, *, asked: _Asked, found: list[Replayed]) -> None:
    days: dict[str, list[Replayed]] = defaultdict(list)
    for walk in found:
        days[walk.day].append(walk)
    row.by_day = [
        asdict(DayReplayed(day, len(of), sum(each.before_mm for each in of), sum(each.after_mm for each in of)))
        for day, of in sorted(days.items())
    ]
    row.note, row.progress = _left_out(asked, len(found)), 100
    runs.end(uow, row, "ready")


def _left_out(asked: _Asked, replayed: int) -> str:
    told = []
    if lacking := sorted(unknown_codes(asked.walks, asked.now, asked.then)):
        named = ", ".join(lacking[:_NAMED]) + (" and others" if lacking[_NAMED:] else "")
        told.append(f"Left out, because one of the floors lacks them: {named}.")
    if replayed < len(asked.walks):
        told.append(f"{len(asked.walks) - replayed} of {len(asked.walks)} walks could not be replayed.")
    return " ".join(told)
