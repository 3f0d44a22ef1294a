"""A catalogue as CSV, taken some items at a time."""

from collections.abc import Iterable, Sequence
from typing import Final

from app.importers.csv_rows import Defect, Row, RowFault
from app.importers.intake import Balance, Intake, Part, Reading, Sheet
from app.importers.items.columns import COLUMNS, KNOWN, SKU, read_item_rows, sku_of
from app.importers.items.store import store_rows
from app.importers.runs import Key, OrderResult, key_of
from inventory.api import items_by_sku
from kernel.access.queries import get_merchant
from kernel.csv_text import as_written
from kernel.db.transactions import UnitOfWork


class ItemIntake(Intake[Row]):
    """New items are created, others changed under their version.

    Emits:
        ItemChanged for each item that was known and of which something changed.
    """

    kind = "items"
    noun = "items"
    part = 200
    at_once = 50_000
    folder = "items/"

    def read(self, content: bytes, file: str) -> Sheet[Row]:
        """Read a catalogue. An item that two rows describe is not tried at all: nobody knows which one is right."""
        return read_catalogue(content, file)

    def take(self, uow: UnitOfWork, tenant_id: str, tried: Sequence[Row]) -> Part:
        """Store items, and flag what looks like a slip of units."""
        stored = store_rows(uow, tenant_id=tenant_id, merchant=get_merchant(uow, tenant_id).code, rows=tried)
        return Part(
            tuple(OrderResult(each.row.line, each.row.sku, each.outcome, each.item_id) for each in stored),
            tuple(fault for each in stored for fault in each.row.faults),
            tuple(odd for each in stored if each.outcome in ("created", "changed") for odd in each.row.flags),
        )

    def balance(self, uow: UnitOfWork, reading: Reading[Row], results: Sequence[OrderResult]) -> Balance:
        """Compare the items of the file with those that stand in the catalogue: what stands there is counted there."""
        refused = sum(each.outcome == "refused" for each in results)
        skus = [each.order for each in results if each.outcome != "refused"]
        here = len(items_by_sku(uow, tenant_id=reading.tenant_id, skus=skus))
        return {"source": {"items": len(results)}, "imported": {"items": here}, "set_aside": {"items": refused}}


ITEMS: Final = ItemIntake()


def read_catalogue(content: bytes, file: str) -> Sheet[Row]:
    """Read a catalogue: each item's one row, and the faults of all others.

    Raises:
        Invalid: the file cannot be read at all.
    """
    read = read_item_rows(content, file)
    groups: dict[Key, list[Row | Defect]] = {}
    for row in read:
        groups.setdefault(key_of(_sku(row), row.line), []).append(row)
    faults = [fault for rows in groups.values() for fault in _unfit(rows)]
    spoiled = {key_of(fault.order, fault.line) for fault in faults}
    fit = (rows[0] for key, rows in groups.items() if key not in spoiled)
    first = next((row for row in read if isinstance(row, Row)), None)
    raw = {
        key: tuple(row.raw if isinstance(row, Defect) else row.fields for row in rows) for key, rows in groups.items()
    }
    columns = first.columns if first else COLUMNS
    ignored = tuple(column for column in columns if column and column not in KNOWN)
    return Sheet(tuple(row for row in fit if isinstance(row, Row)), tuple(faults), columns, raw, ignored=ignored)


def _sku(row: Row | Defect) -> str:
    if isinstance(row, Row):
        return sku_of(row)
    return as_written(row.raw.get(SKU, "").strip())


def _unfit(rows: Sequence[Row | Defect]) -> Iterable[RowFault]:
    for row in rows:
        if isinstance(row, Defect):
            yield RowFault(row.line, _sku(row), "", row.code, f"This row has {row.detail}. Mend or delete it.")
        elif not row[SKU]:
            yield RowFault(row.line, "", SKU, "missing", "Without a SKU nobody knows which item it is. Write it.")
        elif row is not rows[0]:
            words = f"Line {rows[0].line} describes {sku_of(row)} as well. Keep the right one of them."
            yield RowFault(row.line, sku_of(row), SKU, "duplicate", words)
