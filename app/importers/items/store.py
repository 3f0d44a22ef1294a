"""Items of a catalogue into the database, each whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.importers.csv_rows import Row
from app.importers.items.columns import GTINS, PACKS, sku_of
from app.importers.items.rows import OF_FIELD, Described, describe
from inventory.api import Pack, barcode_owners, create_items, items_by_sku, update_item
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Invalid, Refusal


@dataclass(frozen=True, slots=True)
class StoredRow:
    """What became of a row: `created`, `changed`, `unchanged` or `refused`, and the item's id, empty if refused."""

    row: Described
    outcome: str
    item_id: str


def store_rows(uow: UnitOfWork, *, tenant_id: str, merchant: str, rows: Sequence[Row]) -> list[StoredRow]:
    """Create and change the items of some rows, in their order; a refused one leaves nothing behind.

    Emits:
        ItemChanged for each item that was known and of which something changed.
    """
    known = items_by_sku(uow, tenant_id=tenant_id, skus=[sku_of(row) for row in rows])
    found = [describe(row, known.get(sku_of(row)), merchant) for row in rows]
    _refuse_taken(uow, tenant_id, found)
    ids = _create(uow, tenant_id, [each for each in found if each.known is None and not each.faults])
    for each in sorted((each for each in found if each.known), key=lambda each: each.known.id if each.known else ""):
        if each.is_changed and not each.faults:
            _change(uow, tenant_id, each)
    return [_stored(each, ids) for each in found]


def _stored(each: Described, ids: Mapping[str, str]) -> StoredRow:
    if each.faults:
        return StoredRow(each, "refused", "")
    if each.known is None:
        return StoredRow(each, "created", ids[each.sku])
    return StoredRow(each, "changed" if each.is_changed else "unchanged", each.known.id)


def _refuse_taken(uow: UnitOfWork, tenant_id: str, found: Sequence[Described]) -> None:
    """Refuse barcodes that another item has, or that an earlier row of the file gives to another one."""
    fresh = {each.sku: _new_codes(each) for each in found}
    owners = barcode_owners(uow, tenant_id=tenant_id, gtins=[code for codes in fresh.values() for code in codes])
    given: dict[str, Described] = {}
    for each in found:
        for code, column in fresh[each.sku].items():
            others = sorted(sku for item_id, sku in owners.get(code, {}).items() if sku != each.sku)
            if others:
                words = f"{code} is the barcode of {', '.join(others)}. Take it from there first, or correct it."
                each.refuse(column, "barcode_taken", words)
            elif code in given:
                words = f"{code} is the barcode of {given[code].sku} on line {given[code].line}. Correct one of them."
                each.refuse(column, "barcode_taken", words)
        if not each.faults:
            given |= dict.fromkeys(fresh[each.sku], each)


def _new_codes(each: Described) -> dict[str, str]:
    """Return the GTINs that the item does not have so far, and the column of each."""
    known = _codes(each.known.gtins, each.known.packs) if each.known else {}
    return {code: column for code, column in _codes(each.draft.gtins, each.draft.packs).items() if code not in known}


def _codes(gtins: Sequence[str], packs: Sequence[Pack]) -> dict[str, str]:
    return dict.fromkeys(gtins, GTINS) | dict.fromkeys((pack.gtin for pack in packs), PACKS)


def _create(uow: UnitOfWork, tenant_id: str, found: Sequence[Described]) -> dict[str, str]:
    """Create items together; what the catalogue refuses of them is left out, and the others are created."""
    try:
        ids = create_items(uow, tenant_id=tenant_id, items=[each.draft for each in found])
    except Invalid as wrong:
        if not wrong.errors:
            raise
        for error in wrong.errors:
            _refuse(found[int(error.pointer.split("/")[2])], error)
        return _create(uow, tenant_id, [each for each in found if not each.faults])
    for each in found:
        if not each.active:
            update_item(uow, tenant_id=tenant_id, item_id=ids[each.sku], draft=each.draft, active=False)
    return ids


def _change(uow: UnitOfWork, tenant_id: str, each: Described) -> None:
    assert each.known is not None, "new items are created"
    emitted = len(uow.emitted)
    try:
        with uow.session.begin_nested():
            update_item(
                uow, tenant_id=tenant_id, item_id=each.known.id, draft=each.draft, active=each.active,
                version=each.known.version,
            )  # fmt: skip
    except Refusal as refusal:
        uow.forget_since(emitted)
        for error in refusal.errors if isinstance(refusal, Invalid) else ():
            _refuse(each, error)
        if not each.faults:
            each.refuse("", refusal.code, f"{refusal.detail} {refusal.remedy}".strip())


def _refuse(each: Described, error: FieldError) -> None:
    """Add what the catalogue says of a field (/items/n/field) to the column that it came from."""
    name = error.pointer.split("/")[3]
    each.refuse(OF_FIELD.get(name, name), error.code, error.message)
