"""A catalogue as CSV in parts of some items: a small file is one part, and each part of a large one a transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, update

from app.importers.csv_rows import Defect, Row
from app.importers.item_columns import COLUMNS, KNOWN, SKU, read_item_rows, sku_of
from app.importers.item_store import store_rows
from app.importers.models import ImportResult, ImportRun
from app.importers.reading import Waiting
from app.importers.runs import Key, OrderResult, append_defects, append_results, key_of, record_run, restart_results
from app.importers.shopify_faults import RowFault
from inventory.api import items_by_sku
from kernel.access.queries import get_merchant
from kernel.csv_text import as_written
from kernel.db.transactions import UnitOfWork

KIND: Final = "items"
PART = 200
"""Items of a large file that are stored in one transaction: about a second's work."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a file holds: the rows that can be tried, the faults of all others, and each item's rows as they stood.

    `ignored` are the columns that say nothing here.
    """

    rows: tuple[Row, ...]
    faults: tuple[RowFault, ...]
    columns: tuple[str, ...]
    raw: Mapping[Key, tuple[Mapping[str, str], ...]]

    @property
    def ignored(self) -> tuple[str, ...]:
        """The columns that were not read."""
        return tuple(column for column in self.columns if column and column not in KNOWN)


@dataclass(frozen=True, slots=True)
class ItemIntake:
    """A file that is being imported: whose it is, its name, what it holds, and the record of its run."""

    tenant_id: str
    merchant: str
    file: str
    catalogue: Catalogue
    run_id: str


@dataclass(frozen=True, slots=True)
class ItemPart:
    """What became of some items of a file, the faults of those refused, and what is odd in the others."""

    results: tuple[OrderResult, ...]
    faults: tuple[RowFault, ...]
    flags: tuple[RowFault, ...] = ()


def source_of(tenant_id: str, file: str) -> str:
    """Return what a file is known by: the same name of the same merchant is the same import."""
    return f"{tenant_id}/{KIND}/{file}"


def read_catalogue(content: bytes, file: str) -> Catalogue:
    """Read a catalogue. An item that two rows describe is not tried at all: nobody knows which one is right.

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
    return Catalogue(
        tuple(row for row in fit if isinstance(row, Row)), tuple(faults), first.columns if first else COLUMNS, raw
    )


def begin_items(uow: UnitOfWork, *, tenant_id: str, file: str, catalogue: Catalogue) -> tuple[ItemIntake, ItemPart]:
    """Begin the record of an import with the items that are not tried at all; return it and these."""
    told = {"columns": catalogue.columns, "progress": [0, len(catalogue.rows)]}
    run_id = record_run(
        uow, source=source_of(tenant_id, file), kind=KIND, merchant_id=tenant_id, totals=told, defects=()
    )
    restart_results(uow, run_id=run_id, tenant_id=tenant_id)
    first: dict[Key, RowFault] = {}
    for fault in catalogue.faults:
        first.setdefault(key_of(fault.order, fault.line), fault)
    left_out = tuple(OrderResult(fault.line, fault.order, "refused") for fault in first.values())
    intake = intake_of(uow, tenant_id, file, catalogue, run_id)
    part = ItemPart(left_out, catalogue.faults)
    _keep(uow, intake, part)
    return intake, part


def intake_of(uow: UnitOfWork, tenant_id: str, file: str, catalogue: Catalogue, run_id: str) -> ItemIntake:
    """Return an import that has begun."""
    return ItemIntake(tenant_id, get_merchant(uow, tenant_id).code, file, catalogue, run_id)


def take_items(uow: UnitOfWork, intake: ItemIntake, rows: Sequence[Row]) -> ItemPart:
    """Store some items, each whole or not at all, and write down what became of them.

    Emits:
        ItemChanged for each item that was known and of which something changed.
    """
    stored = store_rows(uow, tenant_id=intake.tenant_id, merchant=intake.merchant, rows=rows)
    part = ItemPart(
        tuple(OrderResult(each.row.line, each.row.sku, each.outcome, each.item_id) for each in stored),
        tuple(fault for each in stored for fault in each.row.faults),
        tuple(odd for each in stored if each.outcome in ("created", "changed") for odd in each.row.flags),
    )
    _keep(uow, intake, part)
    return part


def note_items(uow: UnitOfWork, intake: ItemIntake, done: int) -> None:
    """Write down how many of the items that can be tried were tried."""
    told = {"columns": list(intake.catalogue.columns), "progress": [done, len(intake.catalogue.rows)]}
    uow.session.execute(update(ImportRun).where(ImportRun.id == intake.run_id).values(totals=told))


def finish_items(uow: UnitOfWork, intake: ItemIntake) -> None:
    """Write down the control totals of an import of which every item was tried: what stands here is counted there."""
    mine = ImportResult.tenant_id == intake.tenant_id, ImportResult.run_id == intake.run_id
    rows = uow.session.execute(select(ImportResult.number, ImportResult.outcome).where(*mine)).all()
    refused = sum(row.outcome == "refused" for row in rows)
    skus = [row.number for row in rows if row.outcome != "refused"]
    here = len(items_by_sku(uow, tenant_id=intake.tenant_id, skus=skus))
    figures = {"source": len(rows), "imported": here, "set_aside": refused}
    totals = {name: {"items": value} for name, value in figures.items()}
    record_run(
        uow, source=source_of(intake.tenant_id, intake.file), kind=KIND, merchant_id=intake.tenant_id,
        totals=totals | {"columns": intake.catalogue.columns}, defects=None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ItemsFile:
    """A catalogue that waits for the worker, taken some items at a time."""

    intake: ItemIntake
    part: int = PART

    @property
    def size(self) -> int:
        """The items that can be tried."""
        return len(self.intake.catalogue.rows)

    def take(self, uow: UnitOfWork, start: int, end: int) -> None:
        """Store some items, and write down how far the file is."""
        take_items(uow, self.intake, self.intake.catalogue.rows[start:end])
        note_items(uow, self.intake, end)

    def finish(self, uow: UnitOfWork) -> None:
        """Write down the control totals."""
        finish_items(uow, self.intake)


def read_items_file(uow: UnitOfWork, *, file: Waiting) -> ItemsFile:
    """Read a file; with the first turn its record begins anew.

    Raises:
        Invalid: it cannot be read.
    """
    catalogue = read_catalogue(file.content, file.name)
    if file.position:
        return ItemsFile(intake_of(uow, file.tenant_id, file.name, catalogue, file.run_id))
    return ItemsFile(begin_items(uow, tenant_id=file.tenant_id, file=file.name, catalogue=catalogue)[0])


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


def _keep(uow: UnitOfWork, intake: ItemIntake, part: ItemPart) -> None:
    defects = [_defect(intake.file, fault, set_aside=True) for fault in part.faults]
    append_defects(uow, intake.run_id, [*defects, *(_defect(intake.file, odd, set_aside=False) for odd in part.flags)])
    refused = (key_of(result.order, result.line) for result in part.results if result.outcome == "refused")
    rows = {key: intake.catalogue.raw.get(key, ()) for key in refused}
    append_results(uow, run_id=intake.run_id, tenant_id=intake.tenant_id, results=part.results, rows=rows)


def _defect(file: str, fault: RowFault, *, set_aside: bool) -> Defect:
    return Defect(file, fault.line, fault.order, f"{fault.code}:{fault.column}", fault.message, {}, set_aside=set_aside)
