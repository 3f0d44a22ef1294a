"""Which lot units belong to, and until when it is good."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select, text

from inventory.domain.bins import Bin
from inventory.domain.lots import check_lot, last_sale_day, lots_in_words, lots_of
from inventory.domain.values import Receipt
from inventory.errors import LotBlocked, LotExpired, LotMismatch, LotRequired, UnknownLot
from inventory.models import Item, Lot
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

_RECORD = text(
    """
    insert into lot (tenant_id, item_id, code, expires_on, created_at)
    select :tenant, u.item, u.code, u.expires, :now
    from unnest(cast(:items as text[]), cast(:codes as text[]), cast(:expiries as date[])) u(item, code, expires)
    order by 1, 2, 3
    on conflict (tenant_id, item_id, code) do update set expires_on = coalesce(lot.expires_on, excluded.expires_on)
    returning item_id, code, expires_on, blocked
    """
)
_PICKED = text(
    """
    select m.lot from stock_movement m
    left join lot l on l.tenant_id = m.tenant_id and l.item_id = m.item_id and l.code = m.lot
    where m.tenant_id = :tenant and m.item_id = :item and m.reason = 'pick' and m.reference = :order and m.lot <> ''
    order by l.expires_on nulls last, m.lot limit 1
    """
)


class _Known(NamedTuple):
    """What is known of a lot already."""

    expires_on: date | None
    blocked: str


def local_day(uow: UnitOfWork, site_id: str) -> date:
    """Return the day that it is at a site."""
    return uow.now.astimezone(ZoneInfo(get_site(uow, site_id).time_zone)).date()


def traced_items(uow: UnitOfWork, *, tenant_id: str, receipts: Sequence[Receipt]) -> dict[str, Item]:
    """Return the received items, by id, whose units are told apart by lot or serial number, or are said to be."""
    meant = {r.item_id for r in receipts if r.lot or r.expires_on or r.serials}
    wanted = select(Item).where(Item.tenant_id == tenant_id, Item.id.in_({r.item_id for r in receipts}))
    traced = wanted.where(Item.lot_tracked | Item.serial_tracked | Item.id.in_(meant))
    return {i.id: i for i in uow.session.scalars(traced)}


def record_lots(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, receipts: Sequence[Receipt], items: Mapping[str, Item]
) -> None:
    """Note the lots of units that are taken in, and make sure that they may be. `items` are those of `traced_items`.

    Raises:
        LotRequired: an item is tracked by lot, and the lot or its expiry date is missing.
        LotExpired, LotBlocked: the units could not be sold.
        LotMismatch: the lot is known with another expiry date.
        Invalid: a lot code cannot be right, or the item has no lots.
    """
    meant = {r.item_id for r in receipts if r.lot or r.expires_on}
    items = {item_id: item for item_id, item in items.items() if item.lot_tracked or item_id in meant}
    if not items:
        return
    today = local_day(uow, site_id)
    for n, receipt in enumerate(receipts):
        if receipt.item_id in items:
            _check(items[receipt.item_id], receipt, today, f"/lines/{n}" if len(receipts) > 1 else "")
    dated_last = sorted(receipts, key=lambda r: r.expires_on is not None)
    with_lot = {(r.item_id, r.lot): r for r in dated_last if r.item_id in items}
    columns = {
        "tenant": tenant_id,
        "now": uow.now,
        "items": [item_id for item_id, _ in with_lot],
        "codes": [code for _, code in with_lot],
        "expiries": [r.expires_on for r in with_lot.values()],
    }
    known = {(r.item_id, r.code): _Known(r.expires_on, r.blocked) for r in uow.session.execute(_RECORD, columns)}
    for receipt in receipts:
        if receipt.item_id in items:
            _match(items[receipt.item_id], receipt, known[receipt.item_id, receipt.lot], today)


def lot_in(bins: Iterable[Bin], location_id: str, lot: str | None, *, pointer: str = "/lot") -> str:
    """Return the lot that is meant in a location: the one that was named, else the only one there.

    Raises:
        LotRequired: several lie there.
    """
    if lot is not None:
        return lot
    lots = lots_of(bins, location_id)
    if len(lots) > 1:
        raise LotRequired(
            f"Several lots of it lie here: {lots_in_words(lots)}.",
            remedy="Say which lot it is.",
            pointer=pointer,
            lots=list(lots),
        )
    return lots[0] if lots else ""


def lot_for(uow: UnitOfWork, *, tenant_id: str, item_id: str, bins: Iterable[Bin], place: str, lot: str | None) -> str:
    """Return the lot of units that somebody found in a location: the one that was named, else the only one there.

    Raises:
        LotRequired: it is not clear, and the item is tracked by lot.
        UnknownLot: the item has no such lot.
    """
    found = lot_in(bins, place, lot)
    if lot and uow.session.get(Lot, (tenant_id, item_id, lot)) is None:
        raise UnknownLot(f"The item has no lot {lot}.", remedy="Read the print again.", pointer="/lot")
    if not found and uow.session.get_one(Item, (tenant_id, item_id)).lot_tracked:
        raise LotRequired(
            "This item is tracked by lot.", remedy="Say which lot the units belong to.", pointer="/lot", lots=[]
        )
    return found


def require_sellable_lot(uow: UnitOfWork, level: tuple[str, str, str], code: str) -> None:
    """Make sure that units of a lot can be sold from now on; "" is no lot, and can.

    Raises:
        LotBlocked, LotExpired: they cannot.
    """
    tenant_id, item_id, site_id = level
    lot = uow.session.get(Lot, (tenant_id, item_id, code)) if code else None
    if lot is not None:
        item = uow.session.get_one(Item, (tenant_id, item_id))
        if lot.blocked:
            raise _blocked(item, code, lot.blocked)
        _require_sellable(item, code, lot.expires_on, local_day(uow, site_id), "/lot")


def picked_lot(uow: UnitOfWork, *, tenant_id: str, order_id: str, item_id: str) -> str:
    """Return the lot of units of an item that an order was given, "" if nobody knows. Of several lots it is the one
    that expires first: units that come back are never thought to be better than they are.
    """
    columns = {"tenant": tenant_id, "item": item_id, "order": order_id}
    return uow.session.execute(_PICKED, columns).scalar() or ""


def _check(item: Item, receipt: Receipt, today: date, at: str) -> None:
    check_lot(receipt.lot, f"{at}/lot")
    if item.lot_tracked and not receipt.lot:
        raise LotRequired(
            f"SKU {item.sku} is tracked by lot.",
            remedy="Scan or enter the lot that is printed on it.",
            pointer=f"{at}/lot",
            lots=[],
        )
    if not item.lot_tracked:
        raise Invalid(
            f"SKU {item.sku} is not tracked by lot.",
            remedy="Leave the lot out, or have the item tracked by lot.",
            pointer=f"{at}/lot",
        )
    _require_sellable(item, receipt.lot, receipt.expires_on, today, f"{at}/expires_on")


def _match(item: Item, receipt: Receipt, known: _Known, today: date) -> None:
    if known.blocked:
        raise _blocked(item, receipt.lot, known.blocked)
    if receipt.expires_on and known.expires_on != receipt.expires_on:
        raise LotMismatch(
            f"Lot {receipt.lot} of SKU {item.sku} expires on {known.expires_on}, not on {receipt.expires_on}.",
            remedy="Read the print again; another date means another lot.",
            pointer="/expires_on",
            expires_on=known.expires_on.isoformat() if known.expires_on else None,
        )
    if known.expires_on is None and item.min_shelf_days:
        raise LotRequired(
            f"Units of SKU {item.sku} need an expiry date.",
            remedy="Enter the date that is printed on them.",
            pointer="/expires_on",
            lots=[receipt.lot],
        )
    _require_sellable(item, receipt.lot, known.expires_on, today, "/lot")


def _blocked(item: Item, lot: str, why: str) -> LotBlocked:
    return LotBlocked(
        f"Lot {lot} of SKU {item.sku} is blocked: {why}.",
        remedy="Do not put it on a shelf: take it in as damaged, or set it aside.",
        pointer="/lot",
    )


def _require_sellable(item: Item, lot: str, expires_on: date | None, today: date, pointer: str) -> None:
    if expires_on and last_sale_day(expires_on, item.min_shelf_days) < today:
        need = f" and SKU {item.sku} is sold with {item.min_shelf_days} days left" if item.min_shelf_days else ""
        raise LotExpired(
            f"Lot {lot} expires on {expires_on}{need}.",
            remedy="Do not put it on a shelf: take it in as damaged, or set it aside.",
            pointer=pointer,
            expires_on=expires_on.isoformat(),
        )
