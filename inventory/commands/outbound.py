from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import text

from inventory.domain.buckets import Bucket
from inventory.domain.checks import check_quantity
from inventory.errors import NotEnoughInBucket, UnknownLocation
from inventory.events import StockReceived
from inventory.ledger import Cause, Place, StockChange
from inventory.lot_rules import picked_lot
from inventory.repository import bucket_quantities, lock_levels, require_items, spots_of
from inventory.serials.commands import discard_serials, restock_serials
from kernel.db.transactions import UnitOfWork

_USUAL_PLACE = text(
    "select l.code from location l"
    " left join bin_stock b on b.location_id = l.id and b.tenant_id = :tenant and b.item_id = :item and not b.frozen"
    " where l.site_id = :site and (l.kind in ('pick', 'returns') or b.quantity > 0) and l.kind <> 'hospital'"
    " order by coalesce(b.quantity, 0) > 0 desc, l.kind = 'pick' and b.quantity > 0 desc, l.kind = 'returns' desc,"
    " b.quantity desc nulls last, l.code limit 1"
)


def pack_stock(
    uow: UnitOfWork,
    *,
    tenant_id: str,
    site_id: str,
    order_id: str,
    lines: Sequence[tuple[str, int]],
    container: str = "",
) -> None:
    """Move picked units (item id, quantity) of an order from its tote into a parcel.

    Raises:
        NotEnoughInBucket: fewer units are in totes; nothing was changed.
    """
    cause = Cause("pack", order_id, container)
    _shift(uow, tenant_id, site_id, lines=lines, source=Bucket.IN_TOTE, target=Bucket.PACKED, cause=cause)


def unpack_stock(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, order_id: str, lines: Sequence[tuple[str, int]]
) -> None:
    """Move units of a parcel that was reopened back into a tote.

    Raises:
        NotEnoughInBucket: fewer units are packed; nothing was changed.
    """
    cause = Cause("unpack", order_id)
    _shift(uow, tenant_id, site_id, lines=lines, source=Bucket.PACKED, target=Bucket.IN_TOTE, cause=cause)


def ship_stock(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, reference: str, lines: Sequence[tuple[str, int]]
) -> None:
    """Let packed units (item id, quantity) leave the building. `reference` names the parcel or manifest.

    Raises:
        NotEnoughInBucket: fewer units are packed; nothing was changed.
    """
    cause = Cause("ship", reference)
    _shift(uow, tenant_id, site_id, lines=lines, source=Bucket.PACKED, target=Bucket.SHIPPED, cause=cause)


def put_back_stock(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, order_id: str, line_id: str, item_id: str, location_code: str,
    quantity: int, reason: str, source: Bucket = Bucket.IN_TOTE, lot: str | None = None,
) -> None:  # fmt: skip
    """Return picked (or with `source` PACKED, packed) units of an order line to a bin; they are free for anybody, but
    those in a hospital location for nobody. Without a `lot` they are taken for what was picked for the order.

    Emits:
        StockReceived, so that who waits for the item hears of it, unless nobody can have the units.

    Raises:
        NotEnoughInBucket: fewer units are there.
        UnknownLocation, Invalid: the request cannot be right.
    """
    found = picked_lot(uow, tenant_id=tenant_id, order_id=order_id, item_id=item_id) if lot is None else lot
    _make_available(
        uow, tenant_id, site_id, item_id, location_code=location_code, quantity=quantity, source=source,
        cause=Cause(f"put_back:{reason}", order_id, line_id), lot=found,
    )  # fmt: skip


def receive_return(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, quantity: int, reference: str
) -> None:
    """Take returned units in at the dock. They count as returned, not as stock, until somebody decides about them.

    Units beyond what this site ever shipped of the item (a blind return) come from outside.

    Raises:
        UnknownItem, Invalid: the request cannot be right.
    """
    check_quantity(quantity)
    require_items(uow, tenant_id=tenant_id, item_ids=[item_id])
    held = _lock_buckets(uow, tenant_id, site_id, [item_id], Bucket.SHIPPED, Bucket.RETURN_RECEIVED)
    shipped = held.get((item_id, Bucket.SHIPPED.value), 0)
    change = StockChange()
    known = min(shipped, quantity)
    for source, units in ((Bucket.SHIPPED, known), (Bucket.EXTERNAL, quantity - known)):
        if units:
            change.move(
                tenant_id=tenant_id, site_id=site_id, item_id=item_id, quantity=units, source=Place(source),
                target=Place(Bucket.RETURN_RECEIVED), cause=Cause("return", reference),
            )  # fmt: skip
    change.write(uow)


def restock_return(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, quantity: int, reference: str,
    location_code: str | None = None, order_id: str = "", serials: Sequence[str] = (),
) -> str:  # fmt: skip
    """Put returned units back into stock, where the item lies already unless a location is named; return its code.
    They belong to the lot that was picked for the order they come from, and have these serial numbers as far as
    anybody knows.

    Emits:
        StockReceived, unless they are put in a hospital location.

    Raises:
        NotEnoughInBucket: fewer returned units wait.
        SerialInHouse: a unit with one of the serial numbers is in the house.
        UnknownLocation, Invalid: the request cannot be right.
    """
    code = location_code or _usual_place(uow, tenant_id, site_id, item_id)
    cause = Cause("restock", reference)
    lot = picked_lot(uow, tenant_id=tenant_id, order_id=order_id, item_id=item_id)
    _make_available(
        uow, tenant_id, site_id, item_id, location_code=code, quantity=quantity, source=Bucket.RETURN_RECEIVED,
        cause=cause, lot=lot,
    )  # fmt: skip
    if serials:
        restock_serials(
            uow, tenant_id=tenant_id, site_id=site_id, item_id=item_id, serials=serials, reference=reference,
            location_code=code, lot=lot,
        )  # fmt: skip
    return code


def discard_return(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, quantity: int, reference: str,
    bucket: Bucket = Bucket.DAMAGED, serials: Sequence[str] = (),
) -> None:  # fmt: skip
    """Take returned units out of the way that cannot be sold: DAMAGED, QUARANTINE, or EXTERNAL (they left the house).
    They have these serial numbers as far as anybody knows.

    Raises:
        NotEnoughInBucket: fewer returned units wait.
    """
    cause = Cause("discard", reference)
    source, lines = Bucket.RETURN_RECEIVED, [(item_id, quantity)]
    _shift(uow, tenant_id, site_id, lines=lines, source=source, target=bucket, cause=cause)
    if serials:
        discard_serials(uow, tenant_id=tenant_id, item_id=item_id, serials=serials, reference=reference)


def _shift(
    uow: UnitOfWork, tenant_id: str, site_id: str, *, lines: Sequence[tuple[str, int]], source: Bucket, target: Bucket,
    cause: Cause,
) -> None:  # fmt: skip
    totals: Counter[str] = Counter()
    for item_id, quantity in lines:
        check_quantity(quantity)
        totals[item_id] += quantity
    _require(_lock_buckets(uow, tenant_id, site_id, totals, source, target), totals, source)
    change = StockChange()
    for item_id, quantity in totals.items():
        change.move(
            tenant_id=tenant_id, site_id=site_id, item_id=item_id, quantity=quantity, source=Place(source),
            target=Place(target), cause=cause,
        )  # fmt: skip
    change.write(uow)


def _make_available(
    uow: UnitOfWork, tenant_id: str, site_id: str, item_id: str, *, location_code: str, quantity: int, source: Bucket,
    cause: Cause, lot: str,
) -> None:  # fmt: skip
    check_quantity(quantity)
    target = spots_of(uow, site_id=site_id, codes=[location_code])[location_code].place
    lock_levels(uow, [(tenant_id, item_id, site_id)])
    _require(_lock_buckets(uow, tenant_id, site_id, [item_id], source), Counter({item_id: quantity}), source)
    change = StockChange()
    change.move(
        tenant_id=tenant_id, site_id=site_id, item_id=item_id, quantity=quantity, source=Place(source),
        target=target, cause=cause, lot=lot,
    )  # fmt: skip
    change.write(uow)
    if not target.location_id:
        return
    uow.emit(
        StockReceived(
            tenant_id=tenant_id, item_id=item_id, site_id=site_id, quantity=quantity, reference=cause.reference
        )
    )


def _lock_buckets(
    uow: UnitOfWork, tenant_id: str, site_id: str, items: Iterable[str], *buckets: Bucket
) -> dict[tuple[str, str], int]:
    """Lock all balances that a movement changes at once, in key order: goods also go the other way meanwhile."""
    keys = [(tenant_id, item_id, site_id, bucket.value) for item_id in items for bucket in buckets]
    return bucket_quantities(uow, keys)


def _require(held: Mapping[tuple[str, str], int], totals: Counter[str], bucket: Bucket) -> None:
    for item_id, quantity in totals.items():
        there = held.get((item_id, bucket.value), 0)
        if there < quantity:
            raise NotEnoughInBucket(
                f"{there} units are in {bucket.value}, not {quantity}.",
                remedy="Look at the item's movements.",
                item_id=item_id,
                bucket=bucket.value,
                quantity=there,
            )


def _usual_place(uow: UnitOfWork, tenant_id: str, site_id: str, item_id: str) -> str:
    columns = {"tenant": tenant_id, "item": item_id, "site": site_id}
    code: str | None = uow.session.execute(_USUAL_PLACE, columns).scalar_one_or_none()
    if code is None:
        raise UnknownLocation("This site has no place for returned goods.", remedy="Create a location first.")
    return code
