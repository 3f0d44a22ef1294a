from sqlalchemy import text

from inventory.commands.adjusting import take_out
from inventory.domain.buckets import Bucket
from inventory.errors import UnknownLot
from inventory.events import StockAdjusted
from inventory.ledger import Cause, Place, StockChange
from inventory.models import Lot
from inventory.repository import LevelKey, bins_of, lock_levels
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

# The day is the site's own: it is at most a day ahead of the day in UTC, which keeps the search by index.
_DUE = text(
    """
    select distinct b.tenant_id, b.item_id, s.site_id, l.code, l.blocked
    from lot l
    join item i on i.tenant_id = l.tenant_id and i.id = l.item_id
    join bin_stock b on b.tenant_id = l.tenant_id and b.item_id = l.item_id and b.lot = l.code and b.quantity > 0
    join location s on s.id = b.location_id
    join site on site.id = s.site_id
    where l.blocked <> ''
       or l.expires_on - cast(i.min_shelf_days as int)
          < cast(cast(:now as timestamptz) at time zone site.time_zone as date)
    order by 1, 2, 3, 4 limit :limit
    """
)
_SITES = text(
    "select distinct s.site_id from bin_stock b join location s on s.id = b.location_id"
    " where b.tenant_id = :tenant and b.item_id = :item and b.lot = :lot and b.quantity > 0 order by 1"
)


def expire_lots(uow: UnitOfWork, *, limit: int) -> int:
    """Take lots out of what can be sold that are blocked, or not good for long enough any more; return how many.

    Emits:
        StockAdjusted for each; ReservationShorted for each line that lost units.
    """
    rows = uow.session.execute(_DUE, {"now": uow.now, "limit": limit}).all()
    for tenant_id, item_id, site_id, code, blocked in rows:
        _set_aside(uow, (tenant_id, item_id, site_id), code, blocked or "expired")
    return len(rows)


def block_lot(uow: UnitOfWork, *, tenant_id: str, item_id: str, lot: str, reason: str) -> int:
    """Block a lot: all its units leave what can be sold, whoever they are promised to, at every site, and none can be
    taken in any more. Return how many left: they are in QUARANTINE until somebody decides. Orders that lose units get
    others, or wait.

    Emits:
        StockAdjusted for each site that had any; ReservationShorted for each line that lost units.

    Raises:
        UnknownLot: the item has no such lot.
        Invalid: there is no reason.
    """
    words = reason.strip()
    if not words:
        raise Invalid("Say why: recalled, or in other words.", pointer="/reason")
    found = uow.session.get(Lot, (tenant_id, item_id, lot), with_for_update=True)
    if found is None:
        raise UnknownLot("The item has no such lot.", remedy="Look at the list of its lots.", pointer="/lot")
    found.blocked = words
    uow.audit("lot.blocked", subject=item_id, tenant_id=tenant_id, lot=lot, reason=words)
    sites = uow.session.scalars(_SITES, {"tenant": tenant_id, "item": item_id, "lot": lot})
    return sum(_set_aside(uow, (tenant_id, item_id, site_id), lot, words) for site_id in sites.all())


def unblock_lot(uow: UnitOfWork, *, tenant_id: str, item_id: str, lot: str) -> None:
    """Let a lot be taken in again. What was set aside stays where it is until somebody decides about it.

    Raises:
        UnknownLot: the item has no such lot.
    """
    found = uow.session.get(Lot, (tenant_id, item_id, lot), with_for_update=True)
    if found is None:
        raise UnknownLot("The item has no such lot.", remedy="Look at the list of its lots.", pointer="/lot")
    found.blocked = ""
    uow.audit("lot.unblocked", subject=item_id, tenant_id=tenant_id, lot=lot)


def _set_aside(uow: UnitOfWork, level: LevelKey, lot: str, reason: str) -> int:
    tenant_id, item_id, site_id = level
    lock_levels(uow, [level])
    cause, units = Cause(f"lot:{reason}"), 0
    for held in [b for b in bins_of(uow, site_id=site_id, items=[level[:2]])[level[:2]] if b.lot == lot]:
        change = StockChange()
        take_out(uow, change, level, held.key, units=held.quantity, target=Place(Bucket.QUARANTINE), cause=cause)
        change.write(uow)
        units += held.quantity
    if units:
        uow.emit(StockAdjusted(tenant_id=tenant_id, item_id=item_id, site_id=site_id, quantity=-units, reason=reason))
    return units
