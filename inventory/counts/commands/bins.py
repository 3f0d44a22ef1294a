from sqlalchemy import tuple_, update

from inventory.commands.adjusting import adjust_stock, held_in
from inventory.counts.commands.tasks import BinKey, note_count, record_shorted
from inventory.counts.events import BinCounted
from inventory.lot_rules import lot_in
from inventory.models import BinStock
from inventory.repository import lock_levels, require_items, spots_of
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import MAX_QUANTITY


def count_bin(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, location_code: str, counted: int,
    lot: str | None = None, count_id: str = "",
) -> int:  # fmt: skip
    """Take a cycle count: the book becomes what was counted and the bin is open again. Return the difference. Where
    several lots lie, each is counted.

    `count_id` is the count that this books; without one, the count is noted as told, and ends the bin's task.

    Emits:
        BinCounted; as `adjust_stock`, when the count differs from the book.

    Raises:
        UnknownItem, UnknownLocation, Invalid: the request cannot be right.
    """
    if not 0 <= counted <= MAX_QUANTITY:
        raise Invalid(f"A count is a whole number from 0 to {MAX_QUANTITY}.", pointer="/counted")
    require_items(uow, tenant_id=tenant_id, item_ids=[item_id])
    spot = spots_of(uow, site_id=site_id, codes=[location_code])[location_code]
    place, level = spot.location_id, (tenant_id, item_id, site_id)
    lock_levels(uow, [level])
    held = held_in(uow, level, spot)
    meant = lot_in(held, place, lot)
    expected = sum(b.quantity for b in held if b.key == (place, meant))
    delta, told = counted - expected, len(uow.emitted)
    here = BinKey(tenant_id, site_id, item_id, place)
    count_id = count_id or note_count(uow, here, expected=expected, counted=counted, lot=meant)
    _open(uow, tenant_id, item_id, (place, meant))
    if delta:
        adjust_stock(
            uow, tenant_id=tenant_id, site_id=site_id, item_id=item_id, location_code=location_code, delta=delta,
            reason="cycle_count", reference=count_id, lot=meant or None,
        )  # fmt: skip
        record_shorted(uow, tenant_id=tenant_id, task_id=count_id, events=uow.emitted[told:])
    uow.emit(BinCounted(
        tenant_id=tenant_id, item_id=item_id, site_id=site_id, quantity=counted, location_code=location_code,
        count_id=count_id, difference=delta,
    ))  # fmt: skip
    return delta


def _open(uow: UnitOfWork, tenant_id: str, item_id: str, counted: tuple[str, str]) -> None:
    key = tuple_(BinStock.tenant_id, BinStock.item_id, BinStock.location_id, BinStock.lot)
    opened = update(BinStock).where(key == (tenant_id, item_id, *counted))
    uow.session.execute(opened.values(frozen=False, count_wanted_at=None))
