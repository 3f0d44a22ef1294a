"""Moves that are wanted: made here, and cut where their units are gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, text

from inventory.models import Location
from inventory.moves.domain.places import Suggestion
from inventory.moves.domain.tasks import LIVE_MOVES, MoveCause
from inventory.moves.events import MoveCancelled, MoveWanted
from inventory.moves.models import MoveTask
from inventory.repository import LevelKey, bins_of
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id

POSTPONED = timedelta(hours=24)
"""How long nobody is asked again for what a person cancelled."""
PLANNER = "moves"
"""The actor that plans; what it cancels is not postponed."""
_ALONE = text("select pg_advisory_xact_lock(hashtext('pickstream.move_planning'))")
_GONE = text(
    """
    select distinct t.tenant_id, t.item_id, t.site_id
    from (select tenant_id, item_id, site_id, lot, from_location_id, sum(quantity - moved) as units from move_task
          where state in ('open', 'claimed') group by 1, 2, 3, 4, 5) t
    left join bin_stock b on b.tenant_id = t.tenant_id and b.item_id = t.item_id and b.lot = t.lot
      and b.location_id = t.from_location_id
    where t.units > coalesce(b.quantity - b.allocated, 0) order by 1, 2, 3
    """
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where units of one item and lot lie that are to be carried elsewhere."""

    tenant_id: str
    site_id: str
    item_id: str
    lot: str
    location_id: str
    location_code: str


def plan_alone(uow: UnitOfWork) -> None:
    """Wait until nobody else plans, and let nobody plan until the transaction ends: no units get two moves.

    Stock levels are not locked: looking for places takes longer than any reservation should wait. What changes
    meanwhile is seen the next time.
    """
    uow.session.flush()
    uow.session.execute(_ALONE)


def want_move(
    uow: UnitOfWork, source: Source, to: Suggestion, *, cause: MoveCause, urgent: bool = False
) -> MoveTask:  # fmt: skip
    """Have units carried to where they are suggested to go.

    Emits:
        MoveWanted.
    """
    task = MoveTask(
        tenant_id=source.tenant_id, id=new_id("mvt"), site_id=source.site_id, item_id=source.item_id, lot=source.lot,
        from_location_id=source.location_id, to_location_id=to.location_id, quantity=to.quantity, moved=0,
        cause=cause.value, urgent=urgent, why=to.why, state="open", created_at=uow.now, claimed_at=None, claimed_by="",
        closed_at=None, closed_by="", note="",
    )  # fmt: skip
    uow.session.add(task)
    tell_wanted(uow, task, from_code=source.location_code, to_code=to.code)
    return task


def tell_wanted(uow: UnitOfWork, task: MoveTask, *, from_code: str, to_code: str) -> None:
    """Tell that units are to be carried."""
    uow.emit(MoveWanted(
        tenant_id=task.tenant_id, item_id=task.item_id, site_id=task.site_id, quantity=task.quantity - task.moved,
        move_id=task.id, cause=task.cause, from_code=from_code, to_code=to_code, urgent=task.urgent,
    ))  # fmt: skip


def live_moves(uow: UnitOfWork, level: LevelKey) -> list[MoveTask]:
    """Lock the unfinished moves of an item at a site, oldest first: nobody carries its units meanwhile.

    Bins are read after this, never before: what was carried meanwhile is in both, or in neither.
    """
    tenant_id, item_id, site_id = level
    uow.session.flush()
    rows = uow.session.scalars(
        select(MoveTask)
        .where(MoveTask.tenant_id == tenant_id, MoveTask.item_id == item_id, MoveTask.site_id == site_id)
        .where(MoveTask.state.in_(LIVE_MOVES))
        .order_by(MoveTask.id)
        .with_for_update(),
        execution_options={"populate_existing": True},
    )
    return list(rows)


def cut_move(uow: UnitOfWork, task: MoveTask, units: int, *, reason: str) -> int:
    """Take up to `units` off what is still to be carried, and return how many: a move without any left ends.

    Emits:
        MoveCancelled.
    """
    cut = min(units, task.quantity - task.moved)
    if cut <= 0:
        return 0
    if cut < task.quantity:
        task.quantity -= cut
        if task.quantity == task.moved:
            close_move(uow, task, state="done")
    else:
        close_move(uow, task, state="cancelled", note=reason)
    tell_cancelled(uow, task, cut, reason)
    return cut


def close_move(uow: UnitOfWork, task: MoveTask, *, state: str, note: str = "") -> None:
    """End a move."""
    task.state, task.note = state, note
    task.claimed_at, task.claimed_by = None, ""
    task.closed_at, task.closed_by = uow.now, uow.actor.id


def tell_cancelled(uow: UnitOfWork, task: MoveTask, units: int, reason: str) -> None:
    """Tell that units stay where they are."""
    codes = location_codes(uow, [task.from_location_id, task.to_location_id])
    uow.emit(MoveCancelled(
        tenant_id=task.tenant_id, item_id=task.item_id, site_id=task.site_id, quantity=units, move_id=task.id,
        cause=task.cause, from_code=codes[task.from_location_id], to_code=codes.get(task.to_location_id or "", ""),
        reason=reason,
    ))  # fmt: skip


def location_codes(uow: UnitOfWork, ids: Sequence[str | None]) -> dict[str, str]:
    """Return the codes of locations by id."""
    wanted = {each for each in ids if each}
    return {row.id: row.code for row in uow.session.execute(
        select(Location.id, Location.code).where(Location.id.in_(wanted))
    )}  # fmt: skip


def trim_moves(uow: UnitOfWork) -> int:
    """Cut the newest moves whose units are gone from where they lay: counted away, or set aside for an order.

    Return how many moves were cut.

    Emits:
        MoveCancelled for each.
    """
    plan_alone(uow)
    levels = [(row.tenant_id, row.item_id, row.site_id) for row in uow.session.execute(_GONE)]
    return sum(_trim(uow, level) for level in levels)


def _trim(uow: UnitOfWork, level: LevelKey) -> int:
    tenant_id, item_id, site_id = level
    tasks = live_moves(uow, level)
    held = bins_of(uow, site_id=site_id, items=[(tenant_id, item_id)])[tenant_id, item_id]
    left = {each.key: each.quantity - each.allocated for each in held}
    cuts = 0
    for task in tasks:
        key = task.from_location_id, task.lot
        wanted = task.quantity - task.moved
        kept = min(wanted, left.get(key, 0))
        left[key] = left.get(key, 0) - kept
        cuts += cut_move(uow, task, wanted - kept, reason="The units are gone.") > 0
    return cuts
