"""What is asked to be counted: by a lead, or by somebody whose bin is not as empty as the book says."""

from collections.abc import Sequence

from sqlalchemy import select

from inventory.counts.commands.hand import lots_of_bin, unknown_barcode
from inventory.counts.commands.tasks import BinKey, live_task, note_empty, want_counts
from inventory.counts.domain import CountCause, check_reason
from inventory.counts.errors import NothingToCount
from inventory.counts.events import BinCounted
from inventory.errors import AmbiguousBarcode
from inventory.models import BinStock, Location
from inventory.queries import resolve_barcode
from inventory.repository import location_ids
from inventory.views import ItemView
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

MAX_ASKED = 500


def ask_counts(
    uow: UnitOfWork, *, site_id: str, tenant_id: str = "", location_code: str = "", item_id: str = "", reason: str
) -> tuple[str, ...]:
    """Have a location, an item everywhere at a site, or an item in a location counted; return the ids of the counts.

    Bins that wait for a count already keep it. `tenant_id` narrows a location to one merchant's goods.

    Emits:
        CountWanted for each new count.

    Raises:
        UnknownLocation, Invalid: the request cannot be right.
        NothingToCount: nothing lies there.
    """
    note = check_reason(reason)
    if not (location_code or item_id):
        raise Invalid("Say what to count.", remedy="Name a location, an item, or both.", pointer="/location_code")
    places = location_ids(uow, site_id=site_id, codes=[location_code] if location_code else [])
    if location_code and item_id:
        bins = [BinKey(tenant_id, site_id, item_id, places[location_code])]
    else:
        bins = _stocked(uow, site_id=site_id, tenant_id=tenant_id, item_id=item_id, places=list(places.values()))
    if not bins:
        what = f"in {location_code}" if location_code else "of this item at this site"
        raise NothingToCount(
            f"The book has nothing {what}.", remedy="Name both the location and the item.", pointer="/location_code"
        )
    ids = want_counts(uow, bins, cause=CountCause.REQUESTED, note=note)
    uow.audit("count.asked", subject=location_code or item_id, tenant_id=tenant_id, reason=note, counts=len(ids))
    return ids


def report_zero_check(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, location_code: str, is_empty: bool,
    lot: str | None = None,
) -> tuple[str, ...]:  # fmt: skip
    """Take note of what somebody sees who should have emptied a bin; return the count that follows, if any.

    A bin that is empty as the book says is done, and the book is confirmed like by a count, unless somebody is to count
    the bin anyway. Otherwise it is counted: nobody is blamed, the book may be wrong. `lot` narrows the question to one
    lot of the item.

    Emits:
        BinCounted for a bin that is empty as the book says; CountWanted when it is to be counted.

    Raises:
        UnknownLocation: the site has no such location.
    """
    place = location_ids(uow, site_id=site_id, codes=[location_code])[location_code]
    key = BinKey(tenant_id, site_id, item_id, place)
    lots = lots_of_bin(uow, key)
    booked = sum(lots.values()) if lot is None else lots.get(lot, 0)
    if is_empty != (booked == 0):
        return want_counts(uow, [key], cause=CountCause.ZERO_CHECK)
    if is_empty and not lots and live_task(uow, key) is None:
        uow.emit(BinCounted(
            tenant_id=tenant_id, item_id=item_id, site_id=site_id, quantity=0, location_code=location_code,
            count_id=note_empty(uow, key),
        ))  # fmt: skip
    return ()


def item_to_count(
    uow: UnitOfWork, *, site_id: str, barcode: str, location_code: str = "", tenant_id: str = ""
) -> ItemView:
    """Return the item that a scan means: when several merchants' carry the code, the only one in the location.

    Raises:
        UnknownBarcode, AmbiguousBarcode: it is not clear which.
    """
    found = resolve_barcode(uow, code=barcode, site_id=site_id, tenant_id=tenant_id)
    if len(found) > 1 and location_code:
        places = list(location_ids(uow, site_id=site_id, codes=[location_code]).values())
        here = {key.item_id for key in _stocked(uow, site_id=site_id, tenant_id=tenant_id, item_id="", places=places)}
        found = [item for item in found if item.id in here] or found
    if not found:
        raise unknown_barcode(barcode)
    if len(found) > 1:
        skus = [item.sku for item in found]
        raise AmbiguousBarcode(
            f"It can be {' or '.join(skus[:5])}.", remedy="Enter the SKU instead.", pointer="/barcode", skus=skus[:100]
        )
    return found[0]


def _stocked(uow: UnitOfWork, *, site_id: str, tenant_id: str, item_id: str, places: Sequence[str]) -> list[BinKey]:
    statement = (
        select(BinStock.tenant_id, BinStock.item_id, BinStock.location_id)
        .join(Location, Location.id == BinStock.location_id)
        .where(Location.site_id == site_id, (BinStock.quantity > 0) | BinStock.frozen)
        .order_by(Location.code, BinStock.item_id)
        .limit(MAX_ASKED)
    )
    for column, wanted in ((BinStock.tenant_id, tenant_id), (BinStock.item_id, item_id)):
        statement = statement.where(column == wanted) if wanted else statement
    if places:
        statement = statement.where(BinStock.location_id.in_(places))
    return [BinKey(r.tenant_id, site_id, r.item_id, r.location_id) for r in uow.session.execute(statement)]
