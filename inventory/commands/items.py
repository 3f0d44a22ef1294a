from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, select, text

from inventory.domain.barcodes import gtin_in, normalize_gtin
from inventory.domain.checks import MAX_PACK, check_items
from inventory.domain.values import ItemDraft, Pack
from inventory.errors import BarcodeTaken, UnknownItem
from inventory.events import ItemChanged
from inventory.models import Item, ItemBarcode
from inventory.queries import get_item
from inventory.serials.balance import start_serials
from inventory.views import ItemView
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, VersionConflict
from kernel.ids import new_id

_DESCRIPTION = (
    "name", "weight_g", "length_mm", "width_mm", "height_mm", "keep_upright", "fragile", "hazmat", "lot_tracked",
    "min_shelf_days", "serial_tracked", "active", "temperature_class", "max_load_g", "own_container",
    "mailer_ok",
)  # fmt: skip
"""What an item is, apart from its barcodes."""
_UPSERT_ITEM = text(
    """
    insert into item (tenant_id, id, sku, name, weight_g, length_mm, width_mm, height_mm, keep_upright, fragile, hazmat,
                      lot_tracked, min_shelf_days, serial_tracked, active, version, created_at, updated_at,
                      temperature_class, max_load_g, own_container, mailer_ok)
    select :tenant, u.id, u.sku, u.name, u.weight_g, u.length_mm, u.width_mm, u.height_mm, u.keep_upright, u.fragile,
           u.hazmat, u.lot_tracked, u.min_shelf_days, u.serial_tracked, true, 1, :now, :now,
           coalesce(nullif(u.temperature, ''), k.temperature_class, 'ambient'), coalesce(u.load, k.max_load_g),
           u.own or coalesce(k.own_container, false), u.mailer or coalesce(k.mailer_ok, false)
    from unnest(cast(:ids as text[]), cast(:skus as text[]), cast(:names as text[]), cast(:weights as bigint[]),
                cast(:lengths as bigint[]), cast(:widths as bigint[]), cast(:heights as bigint[]),
                cast(:uprights as boolean[]), cast(:fragiles as boolean[]), cast(:hazmats as boolean[]),
                cast(:tracked as boolean[]), cast(:shelf_days as bigint[]), cast(:serials as boolean[]),
                cast(:temperatures as text[]), cast(:loads as bigint[]), cast(:owns as boolean[]),
                cast(:mailers as boolean[]))
         u(id, sku, name, weight_g, length_mm, width_mm, height_mm, keep_upright, fragile, hazmat, lot_tracked,
           min_shelf_days, serial_tracked, temperature, load, own, mailer)
         left join item k on k.tenant_id = :tenant and k.sku = u.sku
    order by u.sku
    on conflict (tenant_id, sku) do update set
      name = excluded.name, weight_g = excluded.weight_g, length_mm = excluded.length_mm, width_mm = excluded.width_mm,
      height_mm = excluded.height_mm, keep_upright = excluded.keep_upright, fragile = excluded.fragile,
      hazmat = excluded.hazmat, lot_tracked = item.lot_tracked or excluded.lot_tracked,
      min_shelf_days = case when excluded.lot_tracked then excluded.min_shelf_days else item.min_shelf_days end,
      serial_tracked = item.serial_tracked or excluded.serial_tracked, active = true, version = item.version + 1,
      temperature_class = excluded.temperature_class, max_load_g = excluded.max_load_g,
      own_container = excluded.own_container, mailer_ok = excluded.mailer_ok,
      updated_at = excluded.updated_at
    where (item.name, item.weight_g, item.length_mm, item.width_mm, item.height_mm, item.keep_upright, item.fragile,
           item.hazmat, item.lot_tracked, item.min_shelf_days, item.serial_tracked, item.active,
           item.temperature_class, item.max_load_g, item.own_container, item.mailer_ok)
      is distinct from (excluded.name, excluded.weight_g, excluded.length_mm, excluded.width_mm, excluded.height_mm,
                        excluded.keep_upright, excluded.fragile, excluded.hazmat,
                        item.lot_tracked or excluded.lot_tracked,
                        case when excluded.lot_tracked then excluded.min_shelf_days else item.min_shelf_days end,
                        item.serial_tracked or excluded.serial_tracked, true, excluded.temperature_class,
                        excluded.max_load_g, excluded.own_container, excluded.mailer_ok)
    returning *
    """
)
_ADD_BARCODES = text(
    "insert into item_barcode (tenant_id, item_id, code, units)"
    " select :tenant, u.item, u.code, u.units"
    " from unnest(cast(:items as text[]), cast(:codes as text[]), cast(:units as bigint[])) u(item, code, units)"
    " order by 1, 2, 3 on conflict (tenant_id, item_id, code) do update set units = excluded.units"
    " where item_barcode.units <> excluded.units returning item_id"
)


def create_item(
    uow: UnitOfWork, *, tenant_id: str, sku: str, name: str, weight_g: int, length_mm: int, width_mm: int,
    height_mm: int, gtins: Sequence[str] = (), keep_upright: bool = False, fragile: bool = False, hazmat: bool = False,
    lot_tracked: bool = False, min_shelf_days: int = 0, serial_tracked: bool = False,
    packs: Sequence[Pack] = (), temperature_class: str = "", max_load_g: int | None = None,
    own_container: bool = False, mailer_ok: bool = False,
) -> ItemView:  # fmt: skip
    """Create an item, or bring the one with this SKU up to date; repeating it changes nothing. See `create_items`.

    Raises:
        Invalid: a value cannot be right.
    """
    draft = ItemDraft(
        sku, name, weight_g, length_mm, width_mm, height_mm, tuple(gtins), keep_upright, fragile, hazmat, lot_tracked,
        min_shelf_days, serial_tracked, tuple(packs), temperature_class, max_load_g, own_container, mailer_ok,
    )  # fmt: skip
    return get_item(uow, create_items(uow, tenant_id=tenant_id, items=[draft])[sku])


def create_items(uow: UnitOfWork, *, tenant_id: str, items: Sequence[ItemDraft]) -> dict[str, str]:
    """Create many items, or bring those with these SKUs up to date; return item ids by SKU. GTINs are added.
    A catalogue that knows nothing of lots and serial numbers does not switch them off: only `update_item` does. One
    that says nothing of temperatures does not make frozen goods ambient, and one that says nothing of loads, own
    containers and mailers leaves them as they are.

    Emits:
        ItemChanged for each item that was known and of which something changed. What is new nobody asked about yet.

    Raises:
        Invalid: names every value that cannot be right; nothing was changed.
    """
    check_items(items)
    if not items:
        return {}
    skus = [i.sku for i in items]
    starting = _starting(uow, tenant_id, items)
    before = _known(uow, tenant_id, skus)
    stored = uow.session.execute(_UPSERT_ITEM, _item_columns(uow, tenant_id, items)).all()
    if starting:
        start_serials(uow, tenant_id=tenant_id, item_ids=starting)
    rows = uow.session.execute(select(Item.sku, Item.id).where(Item.tenant_id == tenant_id, Item.sku.in_(skus)))
    ids = {row.sku: row.id for row in rows}
    coded = _add_barcodes(uow, tenant_id, [(ids[item.sku], pack) for item in items for pack in _barcodes(item)])
    known = {sku: item_id for sku, item_id in ids.items() if sku in before}
    _tell(uow, tenant_id, known, coded, {row.id: _changed(before[row.sku], row) for row in stored if row.sku in before})
    return ids


def _known(uow: UnitOfWork, tenant_id: str, skus: Sequence[str]) -> dict[str, Row[Any]]:
    columns = [getattr(Item, name) for name in ("sku", *_DESCRIPTION)]
    statement = select(*columns).where(Item.tenant_id == tenant_id, Item.sku.in_(skus))
    return {row.sku: row for row in uow.session.execute(statement)}


def _changed(before: Row[Any], after: Row[Any]) -> list[str]:
    return [name for name in _DESCRIPTION if getattr(before, name) != getattr(after, name)]


def _tell(
    uow: UnitOfWork, tenant_id: str, ids: Mapping[str, str], coded: Collection[str], stored: Mapping[str, list[str]]
) -> None:
    """Tell of each item once what changed about it, of its barcodes too."""
    for sku, item_id in ids.items():
        fields = [*stored.get(item_id, ()), *(("barcodes",) if item_id in coded else ())]
        if fields:
            uow.emit(ItemChanged(tenant_id=tenant_id, item_id=item_id, sku=sku, fields=fields, active=True))


def update_item(
    uow: UnitOfWork, *, tenant_id: str, item_id: str, draft: ItemDraft, active: bool = True, version: int | None = None
) -> ItemView:
    """Replace an item's description and GTINs; an inactive item can no longer be sold or reserved.

    Emits:
        ItemChanged, when something changed.

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
    before = _described(uow, found)
    found.name, found.weight_g = draft.name, draft.weight_g
    found.length_mm, found.width_mm, found.height_mm = draft.length_mm, draft.width_mm, draft.height_mm
    found.keep_upright, found.fragile, found.hazmat = draft.keep_upright, draft.fragile, draft.hazmat
    found.max_load_g, found.own_container = draft.max_load_g, draft.own_container
    found.mailer_ok = draft.mailer_ok
    found.lot_tracked, found.min_shelf_days = draft.lot_tracked, draft.min_shelf_days
    starts = draft.serial_tracked and not found.serial_tracked
    found.serial_tracked = draft.serial_tracked
    found.temperature_class = draft.temperature_class or found.temperature_class
    found.active, found.version, found.updated_at = active, found.version + 1, uow.now
    uow.session.flush()
    if starts:
        start_serials(uow, tenant_id=tenant_id, item_ids=[item_id])
    uow.session.execute(delete(ItemBarcode).where(ItemBarcode.tenant_id == tenant_id, ItemBarcode.item_id == item_id))
    _add_barcodes(uow, tenant_id, [(item_id, pack) for pack in _barcodes(draft)])
    uow.audit("item.updated", subject=item_id, tenant_id=tenant_id)
    _tell_changed(uow, found, [name for name, value in _described(uow, found).items() if value != before[name]])
    return get_item(uow, item_id)


def _described(uow: UnitOfWork, item: Item) -> dict[str, object]:
    of_item = ItemBarcode.tenant_id == item.tenant_id, ItemBarcode.item_id == item.id
    codes = {(*row,) for row in uow.session.execute(select(ItemBarcode.code, ItemBarcode.units).where(*of_item))}
    return {name: getattr(item, name) for name in _DESCRIPTION} | {"barcodes": codes}


def _tell_changed(uow: UnitOfWork, item: Item, fields: list[str]) -> None:
    if fields:
        uow.emit(
            ItemChanged(tenant_id=item.tenant_id, item_id=item.id, sku=item.sku, fields=fields, active=item.active)
        )


def bind_barcode(uow: UnitOfWork, *, tenant_id: str, item_id: str, barcode: str, units: int = 1) -> ItemView:
    """Add the GTIN that a scan carries to an item: of one unit, or of a case of `units`. Repeating it changes nothing.

    Emits:
        ItemChanged, unless it was so.

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
    _tell_changed(uow, found, ["barcodes"])
    return get_item(uow, item_id)


def _bound(uow: UnitOfWork, tenant_id: str, known: Mapping[str, int]) -> str:
    rows = uow.session.execute(select(Item.id, Item.sku).where(Item.tenant_id == tenant_id, Item.id.in_(known)))
    return ", ".join(sorted(f"SKU {row.sku} ({known[row.id]:,} in it)" for row in rows))


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
        "temperatures": [i.temperature_class for i in items],
        "loads": [i.max_load_g for i in items],
        "owns": [i.own_container for i in items],
        "mailers": [i.mailer_ok for i in items],
    }


def _barcodes(item: ItemDraft) -> list[Pack]:
    return [*(Pack(gtin, 1) for gtin in item.gtins), *item.packs]


def _add_barcodes(uow: UnitOfWork, tenant_id: str, found: Sequence[tuple[str, Pack]]) -> set[str]:
    """Add barcodes to items, and return the ids of those that did not have them all."""
    if not found:
        return set()
    columns = {
        "tenant": tenant_id, "items": [item_id for item_id, _ in found],
        "codes": [normalize_gtin(pack.gtin) for _, pack in found], "units": [pack.units for _, pack in found],
    }  # fmt: skip
    return set(uow.session.scalars(_ADD_BARCODES, columns))
