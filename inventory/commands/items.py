from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select, text

from inventory.domain.barcodes import gtin_in, normalize_gtin
from inventory.domain.buckets import UNSOLD_KINDS
from inventory.domain.checks import MAX_PACK, check_items, check_locations
from inventory.domain.values import ItemDraft, LocationDraft, Pack
from inventory.errors import BarcodeTaken, LocationInUse, UnknownItem
from inventory.models import BinStock, Item, ItemBarcode, Location
from inventory.queries import get_item
from inventory.serials.balance import start_serials
from inventory.views import ItemView
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, VersionConflict
from kernel.ids import new_id

_UPSERT_ITEM = text(
    """
    insert into item (tenant_id, id, sku, name, weight_g, length_mm, width_mm, height_mm, keep_upright, fragile, hazmat,
                      lot_tracked, min_shelf_days, serial_tracked, active, version, created_at, updated_at)
    select :tenant, u.id, u.sku, u.name, u.weight_g, u.length_mm, u.width_mm, u.height_mm, u.keep_upright, u.fragile,
           u.hazmat, u.lot_tracked, u.min_shelf_days, u.serial_tracked, true, 1, :now, :now
    from unnest(cast(:ids as text[]), cast(:skus as text[]), cast(:names as text[]), cast(:weights as bigint[]),
                cast(:lengths as bigint[]), cast(:widths as bigint[]), cast(:heights as bigint[]),
                cast(:uprights as boolean[]), cast(:fragiles as boolean[]), cast(:hazmats as boolean[]),
                cast(:tracked as boolean[]), cast(:shelf_days as bigint[]), cast(:serials as boolean[]))
         u(id, sku, name, weight_g, length_mm, width_mm, height_mm, keep_upright, fragile, hazmat, lot_tracked,
           min_shelf_days, serial_tracked)
    order by u.sku
    on conflict (tenant_id, sku) do update set
      name = excluded.name, weight_g = excluded.weight_g, length_mm = excluded.length_mm, width_mm = excluded.width_mm,
      height_mm = excluded.height_mm, keep_upright = excluded.keep_upright, fragile = excluded.fragile,
      hazmat = excluded.hazmat, lot_tracked = item.lot_tracked or excluded.lot_tracked,
      min_shelf_days = case when excluded.lot_tracked then excluded.min_shelf_days else item.min_shelf_days end,
      serial_tracked = item.serial_tracked or excluded.serial_tracked, active = true, version = item.version + 1,
      updated_at = excluded.updated_at
    where (item.name, item.weight_g, item.length_mm, item.width_mm, item.height_mm, item.keep_upright, item.fragile,
           item.hazmat, item.lot_tracked, item.min_shelf_days, item.serial_tracked, item.active)
      is distinct from (excluded.name, excluded.weight_g, excluded.length_mm, excluded.width_mm, excluded.height_mm,
                        excluded.keep_upright, excluded.fragile, excluded.hazmat,
                        item.lot_tracked or excluded.lot_tracked,
                        case when excluded.lot_tracked then excluded.min_shelf_days else item.min_shelf_days end,
                        item.serial_tracked or excluded.serial_tracked, true)
    """
)
_ADD_BARCODES = text(
    "insert into item_barcode (tenant_id, item_id, code, units)"
    " select :tenant, u.item, u.code, u.units"
    " from unnest(cast(:items as text[]), cast(:codes as text[]), cast(:units as bigint[])) u(item, code, units)"
    " order by 1, 2, 3 on conflict (tenant_id, item_id, code) do update set units = excluded.units"
)
_UPSERT_LOCATIONS = text(
    """
    insert into location (id, site_id, code, kind, zone, aisle, bay, level, x_mm, y_mm, max_weight_g, max_volume_mm3,
                          hazmat_ok)
    select u.id, :site, u.code, u.kind, u.zone, u.aisle, u.bay, u.level, u.x, u.y, u.weight, u.volume, u.hazmat
    from unnest(cast(:ids as text[]), cast(:codes as text[]), cast(:kinds as text[]), cast(:zones as text[]),
                cast(:aisles as text[]), cast(:bays as text[]), cast(:levels as text[]), cast(:xs as bigint[]),
                cast(:ys as bigint[]), cast(:weights as bigint[]), cast(:volumes as bigint[]),
                cast(:hazmats as boolean[])) u(id, code, kind, zone, aisle, bay, level, x, y, weight, volume, hazmat)
    order by u.code
    on conflict (site_id, code) do update set kind = excluded.kind, zone = excluded.zone, aisle = excluded.aisle,
      bay = excluded.bay, level = excluded.level, x_mm = excluded.x_mm, y_mm = excluded.y_mm,
      max_weight_g = excluded.max_weight_g, max_volume_mm3 = excluded.max_volume_mm3, hazmat_ok = excluded.hazmat_ok
    returning code, id
    """
)


def create_item(
    uow: UnitOfWork, *, tenant_id: str, sku: str, name: str, weight_g: int, length_mm: int, width_mm: int,
    height_mm: int, gtins: Sequence[str] = (), keep_upright: bool = False, fragile: bool = False, hazmat: bool = False,
    lot_tracked: bool = False, min_shelf_days: int = 0, serial_tracked: bool = False,
    packs: Sequence[Pack] = (),
) -> ItemView:  # fmt: skip
    """Create an item, or bring the one with this SKU up to date; repeating it changes nothing. See `create_items`.

    Raises:
        Invalid: a value cannot be right.
    """
    draft = ItemDraft(
        sku, name, weight_g, length_mm, width_mm, height_mm, tuple(gtins), keep_upright, fragile, hazmat, lot_tracked,
        min_shelf_days, serial_tracked, tuple(packs),
    )  # fmt: skip
    return get_item(uow, create_items(uow, tenant_id=tenant_id, items=[draft])[sku])


def create_items(uow: UnitOfWork, *, tenant_id: str, items: Sequence[ItemDraft]) -> dict[str, str]:
    """Create many items, or bring those with these SKUs up to date; return item ids by SKU. GTINs are added.
    A catalogue that knows nothing of lots and serial numbers does not switch them off: only `update_item` does.

    Raises:
        Invalid: names every value that cannot be right; nothing was changed.
    """
    check_items(items)
    if not items:
        return {}
    skus = [i.sku for i in items]
    starting = _starting(uow, tenant_id, items)
    uow.session.execute(_UPSERT_ITEM, _item_columns(uow, tenant_id, items))
    if starting:
        start_serials(uow, tenant_id=tenant_id, item_ids=starting)
    rows = uow.session.execute(select(Item.sku, Item.id).where(Item.tenant_id == tenant_id, Item.sku.in_(skus)))
    ids = {row.sku: row.id for row in rows}
    _add_barcodes(uow, tenant_id, [(ids[item.sku], pack) for item in items for pack in _barcodes(item)])
    return ids


def update_item(
    uow: UnitOfWork, *, tenant_id: str, item_id: str, draft: ItemDraft, active: bool = True, version: int | None = None
) -> ItemView:
    """Replace an item's description and GTINs; an inactive item can no longer be sold or reserved.

    Raises:
        UnknownItem: the merchant has no such item.
        VersionConflict: `version` was given and is not the newest.
        Invalid: a value cannot be right, or another item has the SKU.
    """
    check_items([draft])
    found = uow.session.scalar(select(Item).where(Item.tenant_id == tenant_id, Item.id == item_id).with_for_update())
    if found is None:
        raise UnknownItem("There is no such item.", remedy="Search for it by SKU.")
    if version is not None and found.version != version:
        raise VersionConflict("The item was changed since you read it.", remedy="Read it again, then repeat the edit.")
    found.name, found.weight_g = draft.name, draft.weight_g
    found.length_mm, found.width_mm, found.height_mm = draft.length_mm, draft.width_mm, draft.height_mm
    found.keep_upright, found.fragile, found.hazmat = draft.keep_upright, draft.fragile, draft.hazmat
    found.lot_tracked, found.min_shelf_days = draft.lot_tracked, draft.min_shelf_days
    starts = draft.serial_tracked and not found.serial_tracked
    found.serial_tracked = draft.serial_tracked
    found.active, found.version, found.updated_at = active, found.version + 1, uow.now
    uow.session.flush()
    if starts:
        start_serials(uow, tenant_id=tenant_id, item_ids=[item_id])
    uow.session.execute(delete(ItemBarcode).where(ItemBarcode.tenant_id == tenant_id, ItemBarcode.item_id == item_id))
    _add_barcodes(uow, tenant_id, [(item_id, pack) for pack in _barcodes(draft)])
    uow.audit("item.updated", subject=item_id, tenant_id=tenant_id)
    return get_item(uow, item_id)


def bind_barcode(uow: UnitOfWork, *, tenant_id: str, item_id: str, barcode: str, units: int = 1) -> ItemView:
    """Add the GTIN that a scan carries to an item: of one unit, or of a case of `units`. Repeating it changes nothing.

    Raises:
        UnknownItem: the merchant has no such item.
        BarcodeTaken: another item of the merchant has it, or this one with other units.
        Invalid: the scan carries no GTIN, or no case holds so many units.
    """
    gtin = gtin_in(barcode.strip())
    if gtin is None:
        remedy = "Compare it with the print; a SKU needs no binding."
        raise Invalid(f"{barcode.strip()[:40]!r} carries no GTIN.", remedy=remedy, pointer="/barcode")
    if not 1 <= units <= MAX_PACK:
        raise Invalid(f"A barcode stands for 1 to {MAX_PACK:,} base units.", pointer="/units")
    found = uow.session.scalar(select(Item).where(Item.tenant_id == tenant_id, Item.id == item_id).with_for_update())
    if found is None:
        raise UnknownItem("There is no such item.", remedy="Search for it by SKU.")
    same = ItemBarcode.tenant_id == tenant_id, ItemBarcode.code == gtin
    known = {row.item_id: row.units for row in uow.session.scalars(select(ItemBarcode).where(*same))}
    if known == {item_id: units}:
        return get_item(uow, item_id)
    if known:
        raise BarcodeTaken(
            f"{gtin} is bound already: {_bound(uow, tenant_id, known)}.",
            remedy="Edit that item first.",
            pointer="/barcode",
        )
    _add_barcodes(uow, tenant_id, [(item_id, Pack(gtin, units))])
    found.version, found.updated_at = found.version + 1, uow.now
    uow.session.flush()
    uow.audit("item.barcode_bound", subject=item_id, tenant_id=tenant_id, gtin=gtin, units=units)
    return get_item(uow, item_id)


def _bound(uow: UnitOfWork, tenant_id: str, known: Mapping[str, int]) -> str:
    rows = uow.session.execute(select(Item.id, Item.sku).where(Item.tenant_id == tenant_id, Item.id.in_(known)))
    return ", ".join(sorted(f"SKU {row.sku} ({known[row.id]:,} in it)" for row in rows))


def create_locations(uow: UnitOfWork, *, site_id: str, locations: Sequence[LocationDraft]) -> dict[str, str]:
    """Create locations of a site, or bring those with these codes up to date; return their ids by code.

    Raises:
        Invalid: names every value that cannot be right; nothing was changed.
        LocationInUse: a location was to become one from which nothing is sold, and what lies there is for sale.
    """
    check_locations(locations)
    unique = {draft.code: draft for draft in locations}
    _require_nothing_for_sale(uow, site_id, [code for code, draft in unique.items() if draft.kind in UNSOLD_KINDS])
    columns = {
        "site": site_id,
        "ids": [new_id("loc") for _ in unique],
        "codes": list(unique),
        "kinds": [d.kind for d in unique.values()],
        "zones": [d.zone for d in unique.values()],
        "aisles": [d.aisle for d in unique.values()],
        "bays": [d.bay for d in unique.values()],
        "levels": [d.level for d in unique.values()],
        "xs": [d.x_mm for d in unique.values()],
        "ys": [d.y_mm for d in unique.values()],
        "weights": [d.max_weight_g for d in unique.values()],
        "volumes": [d.max_volume_mm3 for d in unique.values()],
        "hazmats": [d.hazmat_ok for d in unique.values()],
    }
    return {row.code: row.id for row in uow.session.execute(_UPSERT_LOCATIONS, columns)}


def _require_nothing_for_sale(uow: UnitOfWork, site_id: str, codes: Sequence[str]) -> None:
    """Lock locations against whoever is about to put units there (see `spots_of`), and look what lies there."""
    if not codes:
        return
    known = select(Location.id).where(Location.site_id == site_id, Location.code.in_(codes))
    places = uow.session.scalars(known.order_by(Location.code).with_for_update()).all()
    held = select(Location.code).join(BinStock, BinStock.location_id == Location.id)
    in_use = uow.session.scalars(held.where(Location.id.in_(places), BinStock.quantity > 0).distinct()).all()
    if in_use:
        raise LocationInUse(
            f"Units that are for sale lie in {', '.join(sorted(in_use)[:5])}.",
            remedy="Move them to another location first.",
            pointer="/locations",
            location_codes=sorted(in_use)[:100],
        )


def _starting(uow: UnitOfWork, tenant_id: str, items: Sequence[ItemDraft]) -> list[str]:
    """Return the items known so far that are tracked by serial number from now on."""
    skus = [i.sku for i in items if i.serial_tracked]
    if not skus:
        return []
    same = Item.tenant_id == tenant_id, Item.sku.in_(skus), ~Item.serial_tracked
    return list(uow.session.scalars(select(Item.id).where(*same).order_by(Item.id).with_for_update()))


def _item_columns(uow: UnitOfWork, tenant_id: str, items: Sequence[ItemDraft]) -> dict[str, object]:
    return {
        "tenant": tenant_id,
        "now": uow.now,
        "ids": [new_id("itm") for _ in items],
        "skus": [i.sku for i in items],
        "names": [i.name for i in items],
        "weights": [i.weight_g for i in items],
        "lengths": [i.length_mm for i in items],
        "widths": [i.width_mm for i in items],
        "heights": [i.height_mm for i in items],
        "uprights": [i.keep_upright for i in items],
        "fragiles": [i.fragile for i in items],
        "hazmats": [i.hazmat for i in items],
        "tracked": [i.lot_tracked for i in items],
        "shelf_days": [i.min_shelf_days for i in items],
        "serials": [i.serial_tracked for i in items],
    }


def _barcodes(item: ItemDraft) -> list[Pack]:
    return [*(Pack(gtin, 1) for gtin in item.gtins), *item.packs]


def _add_barcodes(uow: UnitOfWork, tenant_id: str, found: Sequence[tuple[str, Pack]]) -> None:
    if found:
        columns = {
            "tenant": tenant_id, "items": [item_id for item_id, _ in found],
            "codes": [normalize_gtin(pack.gtin) for _, pack in found], "units": [pack.units for _, pack in found],
        }  # fmt: skip
        uow.session.execute(_ADD_BARCODES, columns)
