from sqlalchemy import update

from fulfillment.commands.claim_batch import require_lease
from fulfillment.commands.finish_picking import TasksOpen
from fulfillment.commands.scans import WrongScan
from fulfillment.commands.task_work import TaskClosed
from fulfillment.domain.legs import next_zone
from fulfillment.models import BatchLeg, PickBatch
from fulfillment.queries.legs import waiting_zones
from fulfillment.repository import lock_batch, slots_of
from kernel.db.transactions import UnitOfWork


def hand_over_leg(uow: UnitOfWork, *, batch_id: str, leg: int, tote: str) -> str:
    """Leave the totes of a walk at the hand-over point of their zone, and return the zone that has them next.

    A zone with something left behind, or that came in later, gets another leg at the end. Where nothing waits in any
    zone, nothing changes and the answer is "": the totes go to the bench.

    Raises:
        WrongScan: the tote is not of this walk.
        TaskClosed: this leg was handed over before.
        TasksOpen: picks of this zone are left.
        NotFound, BatchTaken: no such batch, or another picker has it.
    """
    batch = lock_batch(uow, batch_id=batch_id)
    if batch.leg != leg or batch.state == "DONE" or not batch.zones:
        raise TaskClosed("These totes were handed over before.", remedy="Ask for the next batch.")
    require_lease(uow, batch)
    _require_own_tote(uow, batch, tote)
    waiting = waiting_zones(uow, batch)
    if left := waiting.get(batch.zones[leg], 0):
        raise TasksOpen(
            f"{left} pick(s) are left here, skipped ones included.", remedy="Pick them or report them short."
        )
    following = next_zone(batch.zones, leg, waiting)
    if following is None:
        return ""
    done = update(BatchLeg).where(BatchLeg.batch_id == batch_id, BatchLeg.number == leg)
    uow.session.execute(done.values(handed_over_at=uow.now))
    batch.zones, batch.leg = list(following[0]), following[1]
    batch.picker, batch.lease_until, batch.version = "", uow.now, batch.version + 1
    uow.audit("batch.leg_handed_over", subject=batch_id, leg=leg, zone=batch.zones[batch.leg])
    return batch.zones[batch.leg]


def fetch_totes(uow: UnitOfWork, *, batch_id: str, tote: str) -> None:
    """Take the totes of a walk from where the zone before left them, proven by a scan of one.

    Raises:
        WrongScan: the tote is not of this walk.
        NotFound, BatchTaken: no such batch, or another picker has it.
    """
    batch = lock_batch(uow, batch_id=batch_id)
    require_lease(uow, batch)
    _require_own_tote(uow, batch, tote)
    if batch.state == "ASSIGNED":
        batch.state, batch.version = "IN_PROGRESS", batch.version + 1


def _require_own_tote(uow: UnitOfWork, batch: PickBatch, tote: str) -> None:
    bound = [slot.tote for slot in slots_of(uow, batch_id=batch.id) if slot.tote and slot.is_open]
    if bound and tote.strip() not in bound:
        raise WrongScan("tote", scanned=tote.strip() or "nothing", needed=", ".join(bound[:5]))
