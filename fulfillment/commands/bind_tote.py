import re

from fulfillment.commands.claim_batch import require_lease
from fulfillment.commands.scans import WrongScan, bind_to
from fulfillment.repository import lock_batch, slots_of
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound

TOTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,39}")


def bind_tote(uow: UnitOfWork, *, batch_id: str, slot: int, tote: str) -> None:
    """Put a tote into a slot of a batch's cart. The same tote in the same slot again changes nothing.

    Raises:
        NotFound: the batch has no such slot.
        BatchTaken: another picker has the batch.
        WrongScan: the code is no tote's, the tote holds another order, or the slot has another tote already.
    """
    batch = lock_batch(uow, batch_id=batch_id)
    require_lease(uow, batch)
    found = next((s for s in slots_of(uow, batch_id=batch_id) if s.slot == slot), None)
    if found is None:
        raise NotFound(f"The cart has no slot {slot}.", remedy="Look at the cart again.")
    code = tote.strip()
    if found.tote == code:
        return
    if found.tote:
        raise WrongScan("tote", scanned=code, needed=found.tote)
    if not TOTE.fullmatch(code):
        raise WrongScan("tote", scanned=code or "nothing", needed="a tote's label")
    bind_to(uow, found, code, site_id=batch.site_id)
