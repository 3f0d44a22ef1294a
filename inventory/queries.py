"""Reads of items, of what they are called and of what is left of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, func, select, text, tuple_

from inventory.domain.barcodes import gtin_in
from inventory.domain.values import Pack
from inventory.errors import UnknownItem
from inventory.models import Item, ItemBarcode, KitPartRow, StockLevel
from inventory.views import Availability, ItemView, MovementView, SiteAvailability
from kernel.access.models import MerchantSite
from kernel.db.transactions import UnitOfWork
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor

_CODES = (
    select(func.json_agg(func.json_build_array(ItemBarcode.code, ItemBarcode.units)))
    .where(ItemBarcode.tenant_id == Item.tenant_id, ItemBarcode.item_id == Item.id)
    .scalar_subquery()
)
"""The barcodes of an item of the statement around it, each with its units; None where it has none."""


def get_item(uow: UnitOfWork, item_id: str) -> ItemView:
    """Return an item that the actor may see.

    Raises:
        UnknownItem: there is none.
    """
    found = items_by_id(uow, [item_id])
    if not found:
        raise UnknownItem("There is no such item.", remedy="Search for it by SKU.")
    return found[item_id]


def item_by_sku(uow: UnitOfWork, *, tenant_id: str, sku: str) -> ItemView | None:
    """Return a merchant's item by its SKU."""
    return items_by_sku(uow, tenant_id=tenant_id, skus=[sku]).get(sku)


def items_by_sku(uow: UnitOfWork, *, tenant_id: str, skus: Iterable[str]) -> dict[str, ItemView]:
    """Return a merchant's items by SKU; unknown SKUs are left out."""
    found = _items(uow, select(Item).where(Item.tenant_id == tenant_id, Item.sku.in_(set(skus))))
    return {item.sku: item for item in found}


def items_by_id(uow: UnitOfWork, item_ids: Iterable[str]) -> dict[str, ItemView]:
    """Return items by id, of whatever merchants the actor may see; unknown ids are left out."""
    return {item.id: item for item in _items(uow, select(Item).where(Item.id.in_(set(item_ids))))}


def find_items(
    uow: UnitOfWork, *, tenant_id: str = "", search: str = "", cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[ItemView]:
    """Return items by SKU, those whose SKU or name contains `search`.

    Raises:
        Invalid: the cursor was not given out by this service.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    statement = select(Item).order_by(Item.sku, Item.id).limit(limit + 1)
    if tenant_id:
        statement = statement.where(Item.tenant_id == tenant_id)
    if search:
        statement = statement.where(
            Item.sku.icontains(search, autoescape=True) | Item.name.icontains(search, autoescape=True)
        )
    if cursor:
        statement = statement.where(tuple_(Item.sku, Item.id) > tuple_(*decode_cursor("items", cursor)))
    found = _items(uow, statement)
    more = len(found) > limit
    page = tuple(found[:limit])
    return Page(page, encode_cursor("items", page[-1].sku, page[-1].id) if more else None)


def resolve_barcode(uow: UnitOfWork, *, code: str, tenant_id: str = "", site_id: str = "") -> list[ItemView]:
    """Return the active items that a scan can mean: by GTIN (plain or in a GS1 element string), or else by SKU.

    Several answers mean that the code is ambiguous: the person who scanned chooses. None is answered by none.
    """
    scan = code.strip()
    gtin = gtin_in(scan)
    scope: list[Any] = [Item.active]
    if tenant_id:
        scope.append(Item.tenant_id == tenant_id)
    if site_id:
        served = select(MerchantSite.merchant_id).where(MerchantSite.site_id == site_id)
        scope.append(Item.tenant_id.in_(served))
    if gtin:
        carrying = select(ItemBarcode.tenant_id, ItemBarcode.item_id).where(ItemBarcode.code == gtin)
        statement = select(Item).where(tuple_(Item.tenant_id, Item.id).in_(carrying), *scope)
        found = _items(uow, statement.order_by(Item.sku, Item.id))
        if found:
            return found
    return _items(uow, select(Item).where(Item.sku == scan, *scope).order_by(Item.sku, Item.id))


def barcode_owners(uow: UnitOfWork, *, tenant_id: str, gtins: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return which items of a merchant have these GTINs (14 digits), inactive ones too: SKU by item id, by GTIN."""
    statement = select(ItemBarcode.code, Item.id, Item.sku).join(
        Item, (Item.tenant_id == tenant_id) & (Item.id == ItemBarcode.item_id)
    )
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in uow.session.execute(
        statement.where(ItemBarcode.tenant_id == tenant_id, ItemBarcode.code.in_(set(gtins)))
    ):
        found[row.code][row.id] = row.sku
    return found


def availability(uow: UnitOfWork, *, tenant_id: str, skus: Sequence[str], channel: str = "") -> list[Availability]:
    """Return what a channel can sell of these SKUs, in the order asked; unknown SKUs are left out.

    An empty channel is one without a rule of its own.
    """
    rows = uow.session.execute(
        select(Item.sku, Item.id, Item.kit, StockLevel.site_id, StockLevel.on_hand, StockLevel.reserved, _kept(channel))
        .outerjoin(StockLevel, (StockLevel.tenant_id == Item.tenant_id) & (StockLevel.item_id == Item.id))
        .where(Item.tenant_id == tenant_id, Item.sku.in_(set(skus)))
        .order_by(StockLevel.site_id)
    ).all()
    kits = _kit_sites(uow, tenant_id, [row.id for row in rows if row.kit], channel)
    found: dict[str, tuple[str, list[SiteAvailability]]] = {}
    for row in rows:
        _, sites = found.setdefault(row.sku, (row.id, kits.get(row.id, [])))
        if row.site_id is not None and not row.kit:
            sites.append(_site(row.site_id, row.on_hand, row.reserved, row.kept))
    return [_availability(sku, *found[sku]) for sku in dict.fromkeys(skus) if sku in found]


def _kept(channel: str) -> ColumnElement[int]:
    own = StockLevel.held_for.op("->>")(channel).cast(BigInteger)
    return func.coalesce(own, StockLevel.held_back).label("kept")


def _site(site_id: str, on_hand: int, reserved: int, kept: int) -> SiteAvailability:
    free = on_hand - reserved
    return SiteAvailability(site_id, on_hand, reserved, max(0, free - kept), min(free, kept))


def _kit_sites(
    uow: UnitOfWork, tenant_id: str, kit_ids: Sequence[str], channel: str
) -> dict[str, list[SiteAvailability]]:
    """Return what each site can make of kits: as many as the scarcest part gives."""
    if not kit_ids:
        return {}
    rows = uow.session.execute(
        select(
            KitPartRow.kit_id, KitPartRow.item_id, KitPartRow.quantity, StockLevel.site_id, StockLevel.on_hand,
            StockLevel.reserved, _kept(channel),
        )
        .outerjoin(
            StockLevel, (StockLevel.tenant_id == KitPartRow.tenant_id) & (StockLevel.item_id == KitPartRow.item_id)
        )
        .where(KitPartRow.tenant_id == tenant_id, KitPartRow.kit_id.in_(set(kit_ids)))
        .order_by(KitPartRow.kit_id, StockLevel.site_id)
    )  # fmt: skip
    parts: dict[str, set[str]] = defaultdict(set)
    sets: dict[tuple[str, str], list[list[int]]] = defaultdict(list)
    for row in rows:
        parts[row.kit_id].add(row.item_id)
        if row.site_id is not None:
            free = row.on_hand - row.reserved
            units = row.on_hand, free, max(0, free - row.kept)
            sets[row.kit_id, row.site_id].append([each // row.quantity for each in units])
    found: dict[str, list[SiteAvailability]] = defaultdict(list)
    for (kit_id, site_id), each in sets.items():
        if len(each) == len(parts[kit_id]):
            on_hand, free, sold = (min(column) for column in zip(*each, strict=True))
            found[kit_id].append(SiteAvailability(site_id, on_hand, on_hand - free, sold, free - sold))
    return found


def movements(uow: UnitOfWork, *, item_id: str, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[MovementView]:
    """Return the ledger entries of an item, newest first."""
    limit = max(1, min(limit, MAX_LIMIT))
    after = decode_cursor("movements", cursor)[0] if cursor else None
    columns = {"item": item_id, "tenant": get_item(uow, item_id).tenant_id, "after": after, "limit": limit + 1}
    rows = uow.session.execute(_MOVEMENTS, columns).all()
    page = tuple(MovementView(*row) for row in rows[:limit])
    return Page(page, encode_cursor("movements", page[-1].id) if len(rows) > limit else None)


_MOVEMENTS = text(
    "select m.id, m.site_id, m.item_id, m.from_bucket, f.code, m.to_bucket, t.code, m.lot, m.quantity,"
    " m.reason, m.reference, m.container, m.actor, m.at from stock_movement m"
    " left join location f on f.id = m.from_location_id left join location t on t.id = m.to_location_id"
    " where m.tenant_id = :tenant and m.item_id = :item and (cast(:after as text) is null or m.id < :after)"
    " order by m.id desc limit :limit"
)


def _items(uow: UnitOfWork, statement: Select[Item]) -> list[ItemView]:
    rows = uow.session.execute(statement.add_columns(_CODES), execution_options={"populate_existing": True})
    return [_view(item, sorted((Pack(*code) for code in codes or ()), key=_by_size)) for item, codes in rows]


def _by_size(pack: Pack) -> tuple[int, str]:
    return pack.units, pack.gtin


def _view(r: Item, codes: Sequence[Pack]) -> ItemView:
    gtins = tuple(pack.gtin for pack in codes if pack.units == 1)
    return ItemView(
        r.id, r.tenant_id, r.sku, r.name, r.weight_g, r.length_mm, r.width_mm, r.height_mm, r.keep_upright, r.fragile,
        r.hazmat, r.lot_tracked, r.min_shelf_days, r.serial_tracked, r.active, r.version, gtins, r.kit,
        tuple(pack for pack in codes if pack.units > 1), r.temperature_class, r.max_load_g, r.own_container,
        r.pack_together, r.mailer_ok,
    )  # fmt: skip


def _availability(sku: str, item_id: str, sites: list[SiteAvailability]) -> Availability:
    return Availability(
        sku, item_id, sum(s.on_hand for s in sites), sum(s.reserved for s in sites), sum(s.available for s in sites),
        tuple(sites), sum(s.held_back for s in sites),
    )  # fmt: skip
