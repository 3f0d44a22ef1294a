"""Units at the dock and among the returns want a place; what orders wait for goes straight to where it is picked."""

from collections.abc import Iterable

from sqlalchemy import func, select, text

from inventory.domain.bins import Bin
from inventory.models import Location
from inventory.moves.commands.tasks import (
    PLANNER,
    POSTPONED,
    Source,
    cut_move,
    live_moves,
    location_codes,
    plan_alone,
    tell_wanted,
    want_move,
)
from inventory.moves.domain.places import Goods, Slot, Suggestion, suggest_places
from inventory.moves.domain.tasks import MoveCause
from inventory.moves.models import MoveTask
from inventory.moves.repository import WAITING, goods_of, packing_at, slots_of, waiting_units
from inventory.repository import LevelKey, bins_of, location_ids, require_items
from kernel.db.transactions import UnitOfWork

LANDED = ("dock", "returns")
"""The kinds of location that units only pass through."""
_DOCKED = text(
    f"""
    with docked as (
      select b.tenant_id, b.item_id, l.site_id, sum(b.quantity - b.allocated) as units
      from location l join bin_stock b on b.location_id = l.id
      where l.kind = any(:kinds) and b.quantity > b.allocated and not b.frozen
      group by 1, 2, 3),
    planned as (
      select t.tenant_id, t.item_id, t.site_id, sum(t.quantity - t.moved) as units,
             bool_or(t.cause = 'put_away' and t.state in ('open', 'cancelled')) as unhurried,
             coalesce(sum(t.quantity - t.moved) filter (where t.cause = 'cross_dock' or t.state = 'claimed'), 0)
               as fast
      from move_task t join location l on l.id = t.from_location_id and l.kind = any(:kinds)
      where t.state in ('open', 'claimed')
         or t.state = 'cancelled' and t.closed_at > :since and t.closed_by <> :planner
      group by 1, 2, 3)
    select d.tenant_id, d.item_id, d.site_id
    from docked d left join planned p using (tenant_id, item_id, site_id)
    where d.units > coalesce(p.units, 0) or (p.unhurried and {WAITING.format(of="d")} > p.fast)
    order by random() limit :limit
    """  # noqa: S608 - composed of constants
)
_POSTPONED = text(
    """
    select t.from_location_id, t.lot, t.cause, sum(t.quantity - t.moved) as units from move_task t
    where t.tenant_id = :tenant and t.item_id = :item and t.site_id = :site and t.state = 'cancelled'
      and t.closed_at > :since and t.closed_by <> :planner
    group by 1, 2, 3
    """
)


def suggest_place(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, quantity: int, lot: str = "", from_code: str = "",
    urgent: bool = False,
) -> list[Suggestion]:  # fmt: skip
    """Return where units of an item and lot would go, best first, with a reason in words each; see `suggest_places`.

    Raises:
        UnknownItem, UnknownLocation: there is no such item, or no such location to come from.
    """
    require_items(uow, tenant_id=tenant_id, item_ids=[item_id])
    places = location_ids(uow, site_id=site_id, codes=[from_code] if from_code else [])
    goods = goods_of(uow, site_id=site_id, tenant_id=tenant_id, item_id=item_id, lot=lot)
    slots = [slot for slot in slots_of(uow, site_id=site_id).values() if slot.code != from_code]
    near = _near(uow, site_id, places.get(from_code, ""), urgent=urgent)
    return suggest_places(slots, goods, quantity, near=near, fast=urgent)


def plan_put_away(uow: UnitOfWork, *, limit: int = 10) -> int:
    """Have units carried away from docks and return areas, at most those of `limit` items; return how many moves are
    new. Units that orders wait for are crossed straight to the location nearest to packing.

    Emits:
        MoveWanted for each; MoveCancelled where a put-away becomes a cross-dock.
    """
    columns = {"kinds": list(LANDED), "since": uow.now - POSTPONED, "planner": PLANNER, "limit": limit}
    plan_alone(uow)
    levels: list[LevelKey] = [
        (row.tenant_id, row.item_id, row.site_id) for row in uow.session.execute(_DOCKED, columns)
    ]
    if not levels:
        return 0
    waiting = waiting_units(uow, levels)
    slots = {site_id: slots_of(uow, site_id=site_id) for site_id in {level[2] for level in levels}}
    return sum(_put_away(uow, level, waiting=waiting.get(level, 0), slots=slots[level[2]]) for level in levels)


def find_places(uow: UnitOfWork, *, limit: int = 10) -> int:
    """Look again for places for the units for which none was free, those of at most `limit` moves; return how many
    moves have one now. A place that takes a part of the units gets a move of its own.

    Emits:
        MoveWanted for each place that was found.
    """
    lost = select(MoveTask).where(MoveTask.to_location_id.is_(None), MoveTask.state == "open")
    plan_alone(uow)
    found = [task.id for task in uow.session.scalars(lost.order_by(func.random()).limit(limit))]
    lost = lost.where(MoveTask.id.in_(found)).order_by(MoveTask.id).with_for_update()
    rows = uow.session.scalars(lost, execution_options={"populate_existing": True}).all()
    slots = {site_id: slots_of(uow, site_id=site_id) for site_id in {row.site_id for row in rows}}
    return sum(_place(uow, task, slots[task.site_id]) for task in rows)


def _place(uow: UnitOfWork, task: MoveTask, slots: dict[str, Slot]) -> int:
    code = location_codes(uow, [task.from_location_id])[task.from_location_id]
    source = Source(task.tenant_id, task.site_id, task.item_id, task.lot, task.from_location_id, code)
    goods, near = _wish(uow, source, urgent=task.urgent)
    placed = 0
    for to in suggest_places(slots.values(), goods, task.quantity - task.moved, near=near, fast=task.urgent):
        if to.location_id is None:
            task.why = to.why
        elif to.quantity == task.quantity - task.moved:
            task.to_location_id, task.why = to.location_id, to.why
            tell_wanted(uow, task, from_code=code, to_code=to.code)
            placed += 1
        else:
            task.quantity -= to.quantity
            want_move(uow, source, to, cause=MoveCause(task.cause), urgent=task.urgent)
            placed += 1
        _fill(slots, to, goods)
    return placed


def _put_away(uow: UnitOfWork, level: LevelKey, *, waiting: int, slots: dict[str, Slot]) -> int:
    tenant_id, item_id, site_id = level
    tasks, put_off = live_moves(uow, level), _postponed(uow, level)
    waiting -= sum(t.quantity - t.moved for t in tasks if t.cause == MoveCause.CROSS_DOCK or t.state == "claimed")
    waiting -= sum(units for (_, _, cause), units in put_off.items() if cause == MoveCause.CROSS_DOCK)
    wishes: list[tuple[Source, int, bool]] = []
    for held in _landed(uow, level):
        here = [t for t in tasks if (t.from_location_id, t.lot) == held.key]
        crossed, kept = (put_off.get((*held.key, c.value), 0) for c in (MoveCause.CROSS_DOCK, MoveCause.PUT_AWAY))
        free = held.quantity - held.allocated - crossed - sum(t.quantity - t.moved for t in here)
        free = max(0, free) + _hurried(uow, here, waiting - max(0, free))
        source = Source(tenant_id, site_id, item_id, held.lot, held.location_id, held.location_code)
        fast = max(0, min(waiting, free))
        waiting -= fast
        wishes += [(source, fast, True), (source, max(0, free - max(fast, kept)), False)]
    return sum(_want(uow, source, units, slots, urgent=urgent) for source, units, urgent in wishes if units)


def _landed(uow: UnitOfWork, level: LevelKey) -> list[Bin]:
    """Return what lies at docks and in return areas, but for what waits for its count."""
    tenant_id, item_id, site_id = level
    held = bins_of(uow, site_id=site_id, items=[(tenant_id, item_id)])[tenant_id, item_id]
    return [each for each in held if each.kind in LANDED and not each.frozen]


def _postponed(uow: UnitOfWork, level: LevelKey) -> dict[tuple[str, str, str], int]:
    """Return units that a person wants to stay, by location, lot and cause: put-away gives way when orders wait."""
    tenant_id, item_id, site_id = level
    columns = {
        "tenant": tenant_id, "item": item_id, "site": site_id, "since": uow.now - POSTPONED, "planner": PLANNER,
    }  # fmt: skip
    rows = uow.session.execute(_POSTPONED, columns)
    return {(row.from_location_id, row.lot, row.cause): int(row.units) for row in rows}


def _hurried(uow: UnitOfWork, here: Iterable[MoveTask], wanted: int) -> int:
    """Take units from put-aways that nobody began, and return how many: orders wait for them meanwhile."""
    taken = 0
    for task in here:
        if task.state == "open" and task.cause == MoveCause.PUT_AWAY and wanted > taken:
            taken += cut_move(uow, task, wanted - taken, reason="Orders wait for the units: they are crossed.")
    return taken


def _want(uow: UnitOfWork, source: Source, units: int, slots: dict[str, Slot], *, urgent: bool) -> int:
    goods, near = _wish(uow, source, urgent=urgent)
    found = suggest_places(slots.values(), goods, units, near=near, fast=urgent)
    for to in found:
        cause = MoveCause.CROSS_DOCK if urgent else MoveCause.PUT_AWAY
        want_move(uow, source, to, cause=cause, urgent=urgent)
        _fill(slots, to, goods)
    return len(found)


def _wish(uow: UnitOfWork, source: Source, *, urgent: bool) -> tuple[Goods, tuple[int, int]]:
    """Return the units as they want a place, and what it should be near to."""
    goods = goods_of(uow, site_id=source.site_id, tenant_id=source.tenant_id, item_id=source.item_id, lot=source.lot)
    return goods, _near(uow, source.site_id, source.location_id, urgent=urgent)


def _fill(slots: dict[str, Slot], to: Suggestion, goods: Goods) -> None:
    if to.location_id is not None:
        slots[to.location_id] = slots[to.location_id].with_units(goods, to.quantity)


def _near(uow: UnitOfWork, site_id: str, location_id: str, *, urgent: bool) -> tuple[int, int]:
    """Return where the way is measured from: packing for what is urgent, else where the units lie, else a dock."""
    packing = packing_at(uow, site_id) if urgent else None
    if packing:
        return packing
    place = select(Location.x_mm, Location.y_mm).where(Location.site_id == site_id)
    place = place.where(Location.id == location_id) if location_id else place.where(Location.kind == "dock")
    row = uow.session.execute(place.order_by(Location.code).limit(1)).one_or_none()
    return (row.x_mm, row.y_mm) if row else (0, 0)
