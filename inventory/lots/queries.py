"""Lots as people ask for them: what is old, where it lies, and who was given it."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import BigInteger, Integer, cast, func, select, text, tuple_

from inventory.bins import item_stock
from inventory.errors import UnknownLot
from inventory.lots.views import LotHead, LotRecipient, LotView
from inventory.models import BinStock, Item, Location, Lot
from inventory.queries import get_item
from kernel.db.transactions import UnitOfWork
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor

_RECIPIENTS = text(
    """
    select m.reference as order_id, m.site_id,
           cast(sum(case when m.reason = 'pick' then m.quantity else -m.quantity end) as bigint) as quantity,
           max(m.at) as at
    from stock_movement m
    where m.tenant_id = :tenant and m.item_id = :item and m.lot = :lot
      and (m.reason = 'pick' or m.reason like 'put_back:%')
    group by 1, 2
    having sum(case when m.reason = 'pick' then m.quantity else -m.quantity end) > 0
    order by at desc, order_id
    """
)
_LAST = date.max
"""Stands for lots without a date: they come last."""


def find_lots(
    uow: UnitOfWork, *, tenant_id: str = "", site_id: str = "", item_id: str = "", expiring_by: date | None = None,
    lot: str = "", search: str = "", in_stock: bool = True, cursor: str = "", limit: int = DEFAULT_LIMIT,
) -> Page[LotHead]:  # fmt: skip
    """Return lots, the first to expire first: of a merchant, an item, at a site (its units there), with one code, those
    whose last day of sale is `expiring_by` at the latest, or whose code, SKU or item name contains `search`. Without
    `in_stock` also those of which nothing lies in a bin.

    Raises:
        Invalid: the cursor was not given out by this service.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    units = (
        select(BinStock.tenant_id, BinStock.item_id, BinStock.lot, func.sum(BinStock.quantity).label("quantity"))
        .where(BinStock.lot != "", BinStock.quantity > 0)
        .group_by(BinStock.tenant_id, BinStock.item_id, BinStock.lot)
    )
    if site_id:
        units = units.join(Location, Location.id == BinStock.location_id).where(Location.site_id == site_id)
    held = units.subquery()
    quantity = cast(func.coalesce(held.c.quantity, 0), BigInteger)
    sell_by = Lot.expires_on - cast(Item.min_shelf_days, Integer)
    expires = func.coalesce(Lot.expires_on, _LAST)
    place = (expires, Item.sku, Lot.code, Lot.item_id)
    statement = (
        select(
            Lot.tenant_id, Lot.item_id, Item.sku, Item.name, Lot.code, Lot.expires_on,
            sell_by, Lot.blocked, quantity,
        )
        .join(Item, (Item.tenant_id == Lot.tenant_id) & (Item.id == Lot.item_id))
        .outerjoin(
            held, (held.c.tenant_id == Lot.tenant_id) & (held.c.item_id == Lot.item_id) & (held.c.lot == Lot.code)
        )
        .order_by(*place)
        .limit(limit + 1)
    )  # fmt: skip
    if in_stock:
        statement = statement.where(quantity > 0)
    if tenant_id:
        statement = statement.where(Lot.tenant_id == tenant_id)
    if item_id:
        statement = statement.where(Lot.item_id == item_id)
    if lot:
        statement = statement.where(Lot.code == lot)
    if expiring_by:
        statement = statement.where(sell_by <= expiring_by)
    if search:
        named = [column.icontains(search, autoescape=True) for column in (Lot.code, Item.sku, Item.name)]
        statement = statement.where(named[0] | named[1] | named[2])
    if cursor:
        day, *rest = decode_cursor("lots", cursor)
        statement = statement.where(tuple_(*place) > tuple_(date.fromisoformat(str(day)), *rest))
    rows = [LotHead(*row) for row in uow.session.execute(statement)]
    page = tuple(rows[:limit])
    return Page(page, _cursor(page) if len(rows) > limit else None)


def get_lot(uow: UnitOfWork, *, item_id: str, lot: str) -> LotView:
    """Return a lot: where it lies, and the orders that were given units of it.

    Raises:
        UnknownItem, UnknownLot: the actor sees no such lot.
    """
    item = get_item(uow, item_id)
    found = find_lots(uow, tenant_id=item.tenant_id, item_id=item_id, lot=lot, in_stock=False)
    if not lot or not found.items:
        raise UnknownLot(f"The item has no lot {lot}.", remedy="Look at the list of its lots.")
    bins = tuple(each for each in item_stock(uow, item_id).bins if each.lot == lot)
    columns = {"tenant": item.tenant_id, "item": item_id, "lot": lot}
    given = tuple(LotRecipient(*row) for row in uow.session.execute(_RECIPIENTS, columns))
    return LotView(found.items[0], bins, given)


def _cursor(page: Sequence[LotHead]) -> str:
    last = page[-1]
    return encode_cursor("lots", (last.expires_on or _LAST).isoformat(), last.sku, last.lot, last.item_id)
