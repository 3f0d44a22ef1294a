"""A worker answers the question that waits longest: it reads, replays without a transaction, and writes."""

import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import select, text, update

from fulfillment.domain.floor_compiler import compile_floor
from fulfillment.domain.floor_document import plan_from_document
from fulfillment.domain.replay import Replayed, WalkOfDay, nearer, replay, unknown_codes
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.models import FloorPlanVersion
from fulfillment.queries.floor import floor_layout
from fulfillment.whatif.asking import UNDER_WAY, DayReplayed
from fulfillment.whatif.models import WhatIf
from kernel import actors
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork, run

MOST_WALKS = 2_000
"""The latest walks that are replayed."""
_TOLD_SECONDS = 1.0
_NAMED = 5
_LEASE = timedelta(minutes=5)
_ATTEMPTS = 3
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
    """A claimed question, the walks of the past, and both floors."""

    id: str
    walks: tuple[WalkOfDay, ...]
    now: FloorLayout
    then: FloorLayout
    is_nearer: bool


def answer_what_if() -> int:
    """Answer the question that waits longest, if one does; return how many walks were replayed."""
    asked = run(_ACTOR, _claim)
    if asked is None:
        return 0
    moved = nearer(asked.walks, asked.then) if asked.is_nearer else {}
    found, told = [], time.monotonic()
    for walk in replay(asked.walks, asked.now, asked.then, moved):
        found.append(walk)
        if time.monotonic() > told + _TOLD_SECONDS:
            told = time.monotonic()
            run(_ACTOR, partial(_tell, what_if_id=asked.id, percent=min(99, 100 * len(found) // len(asked.walks))))
    run(_ACTOR, partial(_finish, asked=asked, found=found))
    return len(found)


def _claim(uow: UnitOfWork) -> _Asked | None:
    free = (WhatIf.claimed_until.is_(None)) | (WhatIf.claimed_until < uow.now)
    waiting = select(WhatIf).where(WhatIf.state.in_(UNDER_WAY), free).order_by(WhatIf.created_at).limit(1)
    row = uow.session.scalar(waiting.with_for_update(skip_locked=True))
    if row is None:
        return None
    now = floor_layout(uow, row.site_id)
    walks = _walks(uow, row)
    if now is None or not walks or row.attempts >= _ATTEMPTS:
        row.note = f"No walk was finished in the last {row.days} days: there is nothing to replay."
        if row.attempts >= _ATTEMPTS:
            row.note = "Working it out broke off several times. Ask for fewer days, and tell an administrator."
        row.state, row.finished_at, row.claimed_until = "failed", uow.now, None
        return None
    row.state, row.attempts, row.claimed_until = "computing", row.attempts + 1, uow.now + _LEASE
    then = _floor(uow, row.site_id, row.floor_version) if row.floor_version is not None else now
    return _Asked(row.id, walks, now, then, row.fast_items_nearer)


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


def _tell(uow: UnitOfWork, *, what_if_id: str, percent: int) -> None:
    uow.session.execute(update(WhatIf).where(WhatIf.id == what_if_id).values(progress=percent))


def _finish(uow: UnitOfWork, *, asked: _Asked, found: list[Replayed]) -> None:
    row = uow.session.get_one(WhatIf, asked.id, with_for_update=True)
    if row.state != "computing":
        return
    days: dict[str, list[Replayed]] = defaultdict(list)
    for walk in found:
        days[walk.day].append(walk)
    row.by_day = [
        asdict(DayReplayed(day, len(of), sum(each.before_mm for each in of), sum(each.after_mm for each in of)))
        for day, of in sorted(days.items())
    ]
    row.note = _left_out(asked, len(found))
    row.state, row.progress, row.finished_at, row.claimed_until = "ready", 100, uow.now, None


def _left_out(asked: _Asked, replayed: int) -> str:
    told = []
    if lacking := sorted(unknown_codes(asked.walks, asked.now, asked.then)):
        named = ", ".join(lacking[:_NAMED]) + (" and others" if lacking[_NAMED:] else "")
        told.append(f"Left out, because one of the floors lacks them: {named}.")
    if replayed < len(asked.walks):
        told.append(f"{len(asked.walks) - replayed} of {len(asked.walks)} walks could not be replayed.")
    return " ".join(told)
