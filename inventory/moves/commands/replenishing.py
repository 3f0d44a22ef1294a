"""Pick faces that run low are filled up from bulk: by their rules, what expires first, first."""

from datetime import date

from sqlalchemy import text

from inventory.moves.commands.tasks import PLANNER, POSTPONED, Source, live_moves, plan_alone, want_move
from inventory.moves.domain.places import Suggestion, room_for, why_not
from inventory.moves.domain.tasks import MoveCause
from inventory.moves.models import ForwardPick
from inventory.moves.repository import PICKED_FROM, PROMISED, goods_of, slots_of
from inventory.repository import LevelKey, bins_of
from kernel.db.transactions import UnitOfWork

_FACES = PICKED_FROM.replace("{kinds}", "'pick'")
_LACKING = f"({PROMISED} - {_FACES})"
"""SQL: units that orders are promised beyond what lies in pick faces."""
_LOW = text(
    f"""
    select d.tenant_id, d.item_id, d.site_id, d.location_id, {_LACKING.format(of="d")} > 0 as urgent
    from (
      select f.tenant_id, f.item_id, f.location_id, l.site_id, f.min_units,
             coalesce(b.free, 0) + coalesce(t.units, 0) as free, coalesce(b.frozen, false) as frozen,
             coalesce(b.held, 0) + coalesce(t.units, 0) < f.max_units as has_room
      from forward_pick f
      join location l on l.id = f.location_id
      left join lateral (
        select sum(quantity) as held, sum(quantity - allocated) as free, bool_or(frozen) as frozen from bin_stock
        where tenant_id = f.tenant_id and item_id = f.item_id and location_id = f.location_id) b on true
      left join lateral (
        select sum(quantity - moved) as units from move_task
        where tenant_id = f.tenant_id and item_id = f.item_id and to_location_id = f.location_id
          and state in ('open', 'claimed')) t on true) d
    where d.has_room and not d.frozen and (d.free <= d.min_units or {_LACKING.format(of="d")} > 0)
      and (select coalesce(sum(b.quantity - b.allocated), 0) from bin_stock b join location l on l.id = b.location_id
           where b.tenant_id = d.tenant_id and b.item_id = d.item_id and l.site_id = d.site_id and l.kind = 'bulk'
             and not b.frozen)
        > (select coalesce(sum(t.quantity - t.moved), 0) from move_task t join location l on l.id = t.from_location_id
           where t.tenant_id = d.tenant_id and t.item_id = d.item_id and t.site_id = d.site_id and l.kind = 'bulk'
             and t.state in ('open', 'claimed'))
      and not exists (select 1 from move_task t
           where t.tenant_id = d.tenant_id and t.item_id = d.item_id and t.to_location_id = d.location_id
             and t.state = 'cancelled' and t.closed_at > :since and t.closed_by <> :planner)
    order by urgent desc, random() limit :limit
    """  # noqa: S608 - composed of constants
)
_HURRY = text(
    f"""
    update move_task t set urgent = true
    where t.cause = 'replenish' and t.state in ('open', 'claimed') and not t.urgent and {_LACKING.format(of="t")} > 0
    returning t.id
    """  # noqa: S608 - composed of constants
)


def hurry_replenishment(uow: UnitOfWork) -> int:
    """Make those moves to pick faces urgent that orders wait for meanwhile; return how many."""
    plan_alone(uow)
    return len(uow.session.execute(_HURRY).all())


def plan_replenishment(uow: UnitOfWork, *, limit: int = 10) -> int:
    """Have pick faces filled up to their maximum that hold no more than their minimum free units, or fewer than orders
    are promised, those of at most `limit` rules; return how many moves are new.

    Emits:
        MoveWanted for each.
    """
    plan_alone(uow)
    columns = {"since": uow.now - POSTPONED, "planner": PLANNER, "limit": limit}
    rows = uow.session.execute(_LOW, columns).all()
    return sum(
        _fill_up(uow, (row.tenant_id, row.item_id, row.site_id), row.location_id, urgent=row.urgent) for row in rows
    )


def _fill_up(uow: UnitOfWork, level: LevelKey, location_id: str, *, urgent: bool) -> int:
    tenant_id, item_id, site_id = level
    rule = uow.session.get_one(ForwardPick, (tenant_id, item_id, location_id), populate_existing=True)
    leaving: dict[tuple[str, str], int] = {}
    tasks = live_moves(uow, level)
    held = bins_of(uow, site_id=site_id, items=[(tenant_id, item_id)])[tenant_id, item_id]
    for task in tasks:
        key = task.from_location_id, task.lot
        leaving[key] = leaving.get(key, 0) + task.quantity - task.moved
    bulk = [each for each in held if each.kind == "bulk" and not each.frozen]
    made = 0
    for each in sorted(bulk, key=lambda b: (b.expires_on or date.max, b.quantity, b.location_code, b.lot)):
        slot = slots_of(uow, site_id=site_id, places=[location_id])[location_id]
        goods = goods_of(uow, site_id=site_id, tenant_id=tenant_id, item_id=item_id, lot=each.lot)
        free = each.quantity - each.allocated - leaving.get(each.key, 0)
        units = 0 if why_not(slot, goods, 0) else min(free, room_for(slot, goods))
        if units > 0:
            source = Source(tenant_id, site_id, item_id, each.lot, each.location_id, each.location_code)
            why = f"The pick face holds {slot.units_of(goods)} of up to {rule.max_units} units."
            why = f"Orders wait. {why}" if urgent else why
            to = Suggestion(location_id, slot.code, units, why)
            want_move(uow, source, to, cause=MoveCause.REPLENISH, urgent=urgent)
            made += 1
    return made
