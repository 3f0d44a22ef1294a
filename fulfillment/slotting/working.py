"""A worker works out the plan that waits longest: it reads, computes without a transaction, and writes."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from zoneinfo import ZoneInfo

from sqlalchemy import text

from fulfillment.domain.batching import CART
from fulfillment.domain.layout import GridLayout
from fulfillment.domain.slotting import (
    Change,
    Home,
    ItemKey,
    PastWalk,
    Proposal,
    Question,
    affinities,
    propose,
)
from fulfillment.queries.floor import floor_layout
from fulfillment.slotting.asking import NOT_MEASURED
from fulfillment.slotting.models import SlottingChange, SlottingMove, SlottingPlan
from inventory import api as inventory
from kernel import actors, runs
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork, run

MOST_WALKS = 400
"""The latest walks that a plan is measured on."""
_ACTOR = actors.system("slotting")
_WALKS = text(
    """
    with walk as (
      select id, finished_at from pick_batch
      where site_id = :site and state = 'DONE' and finished_at >= :since order by finished_at desc, id limit :most)
    select w.id, w.finished_at, t.tenant_id, t.order_id, t.item_id, sum(t.done) as units
    from walk w join pick_task t on t.batch_id = w.id and t.kind = 'pick' and t.done > 0
    group by 1, 2, 3, 4, 5 order by w.finished_at, w.id, t.order_id, t.tenant_id, t.item_id
    """
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a plan is worked out from: `units` were picked of each item on `days` days."""

    layout: GridLayout
    walks: tuple[PastWalk, ...]
    units: Counter[ItemKey]
    days: int
    contents: inventory.SiteContents
    most_changes: int
    payback_days: int

    @property
    def faced(self) -> dict[ItemKey, inventory.Faced]:
        """Items with a pick location on the floor plan, from which there is something to carry."""
        stands = self.layout.stands
        return {(f.tenant_id, f.item_id): f for f in self.contents.faced if f.code in stands and f.units}


def work_out_slotting() -> int:
    """Work out the slotting plan that waits longest, if one does; return how many changes it has."""
    claim = run(_ACTOR, partial(runs.claim, kind=SlottingPlan))
    asked = runs.step(_ACTOR, claim, _read)
    if claim is None or asked is None:
        return 0
    watch = runs.Watch(_ACTOR, claim)
    for step in propose(_question(asked)):
        if isinstance(step, Proposal):
            runs.step(_ACTOR, claim, partial(_finish, asked=asked, found=step))
            return len(step.changes)
        if not watch.is_wanted(progress=min(99, 100 * step[0] // step[1])):
            break
    return 0


def _read(uow: UnitOfWork, plan: SlottingPlan) -> _Asked | None:
    layout = floor_layout(uow, plan.site_id)
    walks, units, days = _walks(uow, plan)
    if not isinstance(layout, GridLayout) or not walks:
        plan.note = f"No walk was finished in the last {plan.days} days: there is nothing to learn from."
        if layout is not None and not isinstance(layout, GridLayout):
            plan.note = NOT_MEASURED
        runs.end(uow, plan, "failed")
        return None
    contents = inventory.site_contents(uow, site_id=plan.site_id)
    return _Asked(layout, walks, units, days, contents, plan.most_changes, plan.payback_days)


def _walks(uow: UnitOfWork, plan: SlottingPlan) -> tuple[tuple[PastWalk, ...], Counter[ItemKey], int]:
    """Return the latest walks, units by item, and on how many days of the site they were made."""
    zone = ZoneInfo(get_site(uow, plan.site_id).time_zone)
    since = uow.now - timedelta(days=plan.days)
    orders: dict[str, dict[str, set[ItemKey]]] = defaultdict(lambda: defaultdict(set))
    units: Counter[ItemKey] = Counter()
    dates = set()
    rows = uow.session.execute(_WALKS, {"site": plan.site_id, "since": since, "most": MOST_WALKS})
    for walk_id, finished_at, tenant_id, order_id, item_id, quantity in rows:
        orders[walk_id][order_id].add((tenant_id, item_id))
        units[tenant_id, item_id] += int(quantity)
        dates.add(_day(finished_at, zone))
    walks = tuple(PastWalk(tuple(frozenset(items) for items in of.values())) for of in orders.values())
    return walks, units, len(dates)


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()


def _question(asked: _Asked) -> Question:
    faced, contents = asked.faced, asked.contents
    homes = {key: Home(found.code, found.units, _trips(found)) for key, found in faced.items()}
    stands = asked.layout.stands
    empty = [
        code for code, slot in contents.slots.items()
        if slot.kind == "pick" and slot.is_empty and not slot.face and not slot.frozen and code in stands
    ]  # fmt: skip
    return Question(
        asked.layout, asked.walks, homes, empty, lambda key, code: contents.fits(faced[key], code), asked.days,
        asked.most_changes, asked.payback_days,
    )  # fmt: skip


def _trips(found: inventory.Faced) -> int:
    """Return the cartloads of an item's units."""
    grams, volume = found.units * found.goods.weight_g, found.units * found.goods.volume_mm3
    return max(1, ceil(grams / CART.weight_g), ceil(volume / CART.volume_mm3))


def _finish(uow: UnitOfWork, plan: SlottingPlan, *, asked: _Asked, found: Proposal) -> None:
    plan.walks, plan.walked_days = len(asked.walks), asked.days
    plan.before_mm, plan.after_mm = found.before_mm, found.after_mm
    plan.note = "" if found.changes else "Everything lies well: no change pays for its moving in time."
    plan.progress = 100
    runs.end(uow, plan, "ready")
    ranked = sorted(found.changes, key=lambda change: -change.saved_mm)
    together = affinities(asked.walks)
    for number, change in enumerate(ranked, start=1):
        uow.session.add(
            SlottingChange(
                plan_id=plan.id, number=number, saved_mm=change.saved_mm, move_mm=change.move_mm,
                move_seconds=change.move_seconds, accepted_at=None, accepted_by="",
            )
        )  # fmt: skip
        uow.session.flush()
        uow.session.add_all(_moves(asked, plan.id, number, change, together))


def _moves(
    asked: _Asked, plan_id: str, number: int, change: Change, together: dict[ItemKey, list[tuple[ItemKey, int]]]
) -> list[SlottingMove]:
    faced, slots = asked.faced, asked.contents.slots
    moves = []
    for part, (key, code) in enumerate(change.places, start=1):
        found = faced[key]
        daily = ceil(asked.units[key] / asked.days)
        partners = [faced[other].sku for other, _ in together.get(key, ()) if other in faced and other[0] == key[0]]
        moves.append(
            SlottingMove(
                tenant_id=key[0], plan_id=plan_id, number=number, part=part, item_id=key[1],
                from_location_id=found.location_id, to_location_id=slots[code].location_id,
                lots=[{"lot": lot, "units": units} for lot, units in found.lots], units=found.units,
                picks=sum(key in walk.items for walk in asked.walks), together=partners[:3],
                min_units=daily, max_units=max(found.units, daily + 1),
            )
        )  # fmt: skip
    return moves
