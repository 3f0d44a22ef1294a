"""Whether the floor makes the collections: what each still needs, when it is done, and how many hands that takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from fulfillment.domain.release import (
    RESERVE_FOR_PACKING,
    Candidate,
    CutOffTime,
    Floor,
    Pace,
    ReleaseDecision,
    decide_release,
)
from fulfillment.queries.order_heads import order_heads
from fulfillment.releasing.settings import floor_of
from fulfillment.releasing.waiting import cut_off_times, open_lines, waiting_orders
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork

MOST_QUEUED = 5_000
_ON_THE_FLOOR = text(
    """
    with at_work as (
      select o.tenant_id, o.id, o.cut_off_at,
             case when o.state in ('RELEASED', 'PICKING', 'PARTIALLY_PICKED') then 'pick'
                  when o.state in ('PICKED', 'PARTIALLY_PACKED', 'PACKED', 'AUDIT_HOLD') then 'pack'
                  else 'ready' end as stage
      from sales_order o
      where o.site_id = :site and not o.terminal and o.released_at is not null and o.cut_off_at is not null
        and o.state in ('RELEASED', 'PICKING', 'PARTIALLY_PICKED', 'PICKED', 'PARTIALLY_PACKED', 'PACKED',
                        'AUDIT_HOLD', 'READY_TO_MANIFEST', 'MANIFESTED')
    )
    select w.cut_off_at, count(*) filter (where w.stage = 'pick'), count(*) filter (where w.stage = 'pack'),
           count(*) filter (where w.stage = 'ready'), coalesce(sum(t.lines), 0)::bigint
    from at_work w
    left join lateral (select count(*) as lines from pick_task t
      where t.tenant_id = w.tenant_id and t.order_id = w.id and t.kind = 'pick'
        and t.state in ('READY', 'CLAIMED', 'SKIPPED')) t on true
    group by w.cut_off_at order by w.cut_off_at
    """
)


@dataclass(frozen=True, slots=True)
class CollectionOutlook:
    """One cut-off and the orders that aim at it, by where they are.

    `lines_left` are still to be picked, `lines_queued` of them in the queue, and `lines_first` with those of earlier
    cut-offs. At the floor's pace the last is picked at `picked_at`, None when nobody picks; `spare_minutes` are left
    then before packing needs its time, less than 0 is too late. `pickers_needed` would make it, None when no number of
    people does.
    """

    carriers: tuple[str, ...]
    cut_off_at: datetime
    queued: int
    picking: int
    packing: int
    ready: int
    lines_left: int
    lines_queued: int
    lines_first: int
    picked_at: datetime | None
    spare_minutes: int | None
    pickers_needed: int | None


@dataclass(frozen=True, slots=True)
class QueuedOrder:
    """An order that waits for the floor, and what it was told."""

    tenant_id: str
    order_id: str
    order_number: str
    lines: int
    why: str
    cut_off_at: datetime | None
    starts_at: datetime | None
    is_rush: bool


@dataclass(frozen=True, slots=True)
class ReleaseOutlook:
    """How a site stands against its collections: its pace, each cut-off, and the queue, most urgent first."""

    pace: Pace
    mode: str
    lines_open: int
    wave_at: datetime | None
    collections: tuple[CollectionOutlook, ...]
    queued: int
    queue: tuple[QueuedOrder, ...]


@dataclass(frozen=True, slots=True)
class _Held:
    picking: int = 0
    packing: int = 0
    ready: int = 0
    lines: int = 0


def release_outlook(uow: UnitOfWork, *, site_id: str, shown: int = 100) -> ReleaseOutlook:
    """Return how a site stands against its collections now, with the first `shown` orders of its queue."""
    site = get_site(uow, site_id)
    waiting = waiting_orders(uow, site=site, limit=MOST_QUEUED)
    floor = floor_of(uow, site_id=site_id, zone=site.time_zone, lines_open=open_lines(uow, site_id))
    cut_offs = cut_off_times(uow, site_id)
    decisions = decide_release(waiting, cut_offs=cut_offs, now=uow.now, zone=site.time_zone, floor=floor)
    return ReleaseOutlook(
        pace=floor.pace,
        mode=floor.mode.value,
        lines_open=floor.lines_open,
        wave_at=floor.wave_at,
        collections=tuple(_collections(uow, site_id, cut_offs, decisions, floor)),
        queued=len(decisions),
        queue=_queue(uow, decisions[:shown], waiting),
    )


def _collections(
    uow: UnitOfWork, site_id: str, cut_offs: Sequence[CutOffTime], decisions: Iterable[ReleaseDecision], floor: Floor
) -> Iterable[CollectionOutlook]:
    held = {row[0]: _Held(*row[1:]) for row in uow.session.execute(_ON_THE_FLOOR, {"site": site_id})}
    queued: dict[datetime, list[int]] = {}
    for decision in decisions:
        if decision.cut_off_at:
            queued.setdefault(decision.cut_off_at, []).append(decision.lines)
    first = 0
    for at in sorted({*held, *queued, *(cut_off.at for cut_off in cut_offs)}):
        of_it, waiting = held.get(at, _Held()), queued.get(at, [])
        lines = of_it.lines + sum(waiting)
        first += lines
        carriers = dict.fromkeys(cut_off.carrier for cut_off in cut_offs if cut_off.at == at)
        left = at - RESERVE_FOR_PACKING - uow.now
        needs = floor.pace.needs(first)
        yield CollectionOutlook(
            tuple(carriers), at, len(waiting), of_it.picking, of_it.packing, of_it.ready, lines, sum(waiting), first,
            picked_at=uow.now + needs if needs is not None else None,
            spare_minutes=round((left - needs) / timedelta(minutes=1)) if needs is not None else None,
            pickers_needed=floor.pace.pickers_for(first if lines else 0, left),
        )  # fmt: skip


def _queue(
    uow: UnitOfWork, decisions: Sequence[ReleaseDecision], waiting: Iterable[Candidate]
) -> tuple[QueuedOrder, ...]:
    heads = order_heads(uow, [decision.order_id for decision in decisions])
    rushed = {candidate.order_id for candidate in waiting if candidate.rushed}
    return tuple(
        QueuedOrder(
            d.tenant_id, d.order_id, heads[d.order_id].external_id, d.lines,
            "Goes to the floor now." if d.released else d.why, d.cut_off_at, d.starts_at,
            d.order_id in rushed,
        )
        for d in decisions
    )  # fmt: skip
