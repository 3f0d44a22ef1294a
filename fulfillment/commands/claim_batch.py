from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import case, select, update

from fulfillment.commands.begin_leg import begin_leg
from fulfillment.congestion import keep_out_of_the_way
from fulfillment.domain.strain import Strain, rank_walks
from fulfillment.events.floor import PickingStarted
from fulfillment.loading import put_in_loading_order
from fulfillment.models import BatchOrder, PickBatch, PickTask
from fulfillment.queries.legs import is_for, zone_of_picker
from fulfillment.queries.work import WorkPackage, work_package
from fulfillment.repository import OPEN_TASK_STATES, lock_batch, lock_orders, slots_of
from fulfillment.strain import strain_limits, strain_of_people, strain_of_walks
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound, Refusal

_COMPARED = 12
"""So many walks are compared for who asks for work."""

LEASE = timedelta(minutes=30)
_MOST_WAITS = 5
_RENEW_BELOW = timedelta(minutes=25)


class BatchTaken(Refusal):
    """Another picker works on this batch."""

    code = "batch_taken"
    title = "Somebody else has this batch"


class NothingToPick(NotFound):
    """No batch waits on this site."""

    code = "nothing_to_pick"
    title = "No batch is waiting"


def claim_batch(uow: UnitOfWork, *, site_id: str, batch_id: str | None = None, tote: str = "") -> WorkPackage:
    """Lease a batch to the acting picker and return its work: the named one, that of a `tote`, the one they have
    already, or the most urgent that nobody works on and that is in their zone. Two pickers never get the same: the row
    lock decides.

    A lease that ran out may be taken over; what was picked is known. Emits PickingStarted for each order at its first
    claim.

    Raises:
        BatchTaken: another picker's lease is running, or the batch is done.
        NothingToPick: no batch waits.
    """
    if tote and not batch_id:
        batch_id = _with_tote(uow, site_id, tote)
    batch = lock_batch(uow, batch_id=batch_id) if batch_id else _next(uow, site_id)
    if batch.state == "DONE" or _is_taken(uow, batch):
        raise BatchTaken(
            "This batch is done." if batch.state == "DONE" else "Another picker is working on it.",
            remedy="Ask for the next batch.",
            batch_id=batch.id,
        )
    first = batch.state == "DRAFT"
    arrives = bool(batch.zones) and batch.leg > 0 and not batch.picker and not tote
    batch.state = "ASSIGNED" if first or arrives else batch.state
    batch.picker, batch.lease_until = uow.actor.id, uow.now + LEASE
    batch.claimed_at = batch.claimed_at or uow.now
    batch.version += 1
    if first:
        _start(uow, batch)
        uow.session.flush()
        if not batch.zones:
            put_in_loading_order(uow, batch)
            keep_out_of_the_way(uow, batch)
        _note_strain(uow, batch)
    begin_leg(uow, batch)
    uow.session.flush()
    return work_package(uow, batch.id)


def _with_tote(uow: UnitOfWork, site_id: str, tote: str) -> str:
    held = BatchOrder.site_id == site_id, BatchOrder.tote == tote.strip(), BatchOrder.is_open
    batch_id = uow.session.scalar(select(BatchOrder.batch_id).where(*held))
    if batch_id is None:
        raise NothingToPick(f"No walk has tote {tote.strip()[:40]}.", remedy="Scan a tote that waits here.")
    return batch_id


def require_lease(uow: UnitOfWork, batch: PickBatch) -> None:
    """Make sure that no other picker holds the batch, and keep the acting one's lease from running out.

    Raises:
        BatchTaken: another picker took it over.
    """
    if _is_taken(uow, batch):
        raise BatchTaken("Another picker took this batch over.", remedy="Ask for the next batch.", batch_id=batch.id)
    if batch.picker != uow.actor.id or batch.lease_until is None or batch.lease_until - uow.now <= _RENEW_BELOW:
        batch.picker, batch.lease_until = uow.actor.id, uow.now + LEASE


def _is_taken(uow: UnitOfWork, batch: PickBatch) -> bool:
    running = batch.lease_until is not None and batch.lease_until > uow.now
    return running and batch.picker not in ("", uow.actor.id)


def _next(uow: UnitOfWork, site_id: str) -> PickBatch:
    """Lock the walk that the acting picker should do next. Who was quicker may have the first choice by now: the next
    one is as good, and where all are in somebody's hand for a moment, to be claimed or made shorter, they are awaited.
    """
    mine = (PickBatch.picker == uow.actor.id) & PickBatch.state.in_(("ASSIGNED", "IN_PROGRESS"))
    over = PickBatch.state.in_(("ASSIGNED", "IN_PROGRESS")) & (PickBatch.lease_until <= uow.now)
    zone = zone_of_picker(uow, site_id, uow.actor.id)
    free = ((PickBatch.state == "DRAFT") | over) & is_for(zone)
    statement = select(PickBatch).where(PickBatch.site_id == site_id, mine | free)
    urgent = case((mine, 0), (over, 1), else_=2), ~PickBatch.rushed, PickBatch.cut_off_at.nulls_last(), PickBatch.id
    statement = statement.order_by(*urgent).limit(_COMPARED).execution_options(populate_existing=True)
    for _ in range(_MOST_WAITS):
        wanted = _wanted(uow, site_id, uow.session.scalars(statement).all())
        for number, batch_id in enumerate([*wanted, *wanted[:1]]):
            one = select(PickBatch).where(PickBatch.id == batch_id, mine | free)
            locked = one.with_for_update(skip_locked=number < len(wanted))
            if batch := uow.session.scalar(locked.execution_options(populate_existing=True)):
                return batch
        if not wanted:
            break
    raise NothingToPick("No batch is waiting.", remedy="Ask again when orders were released.")


def _wanted(uow: UnitOfWork, site_id: str, found: Sequence[PickBatch]) -> list[str]:
    """Return the ids of these walks as a picker should get them: one's own and those left behind, then the others."""
    begun = [batch.id for batch in found if batch.state != "DRAFT"]
    return begun or (_fitting(uow, site_id, found) if found else [])


def _fitting(uow: UnitOfWork, site_id: str, found: Sequence[PickBatch]) -> list[str]:
    """Return the ids of the most urgent walks, first that which keeps the loads of the people level, then the others
    that are not too much for this one.
    """
    people, limits = strain_of_people(uow, site_id=site_id), strain_limits(uow, site_id)
    mine = people.pop(uow.actor.id, Strain())
    walks = strain_of_walks(uow, site_id=site_id, batches=found)
    alike = [each.id for each in found if (each.rushed, each.cut_off_at) == (found[0].rushed, found[0].cut_off_at)]
    ranked = rank_walks({each: walks[each] for each in alike}, mine, people.values(), limits)
    ranked += [each for each, strain in walks.items() if each not in alike and limits.allows(mine + strain)]
    if not ranked:
        raise NothingToPick(
            "Each walk that waits would be more than one shift should ask of you.",
            remedy="Change to packing or counting; a lead can still give you a walk by name.",
        )
    return ranked


def _start(uow: UnitOfWork, batch: PickBatch) -> None:
    keys = sorted({(slot.tenant_id, slot.order_id) for slot in slots_of(uow, batch_id=batch.id)})
    for order in lock_orders(uow, keys):
        row = order.row
        if row.picking_started_at is None and not row.terminal:
            row.picking_started_at = uow.now
            order.settle(uow.now)
            uow.emit(PickingStarted(**order.about, batch_id=batch.id))
    claimed = update(PickTask).where(PickTask.batch_id == batch.id, PickTask.state.in_(OPEN_TASK_STATES))
    uow.session.execute(claimed.values(state="CLAIMED").execution_options(synchronize_session=False))


def _note_strain(uow: UnitOfWork, batch: PickBatch) -> None:
    strain = strain_of_walks(uow, site_id=batch.site_id, batches=[batch])[batch.id]
    batch.weight_g, batch.bends, batch.reaches, batch.lines = (
        strain.weight_g, strain.bends, strain.reaches, strain.lines,
    )  # fmt: skip
