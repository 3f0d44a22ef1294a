from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import delete

from app.importers.models import ImportFile
from app.importers.runs import OrderResult
from app.importers.shopify import ShopExport, read_shopify
from app.importers.shopify_faults import RowFault
from app.importers.shopify_parts import (
    PART,
    Balance,
    Intake,
    Part,
    begin_import,
    finish_import,
    note_progress,
    take_part,
)
from app.importers.totals import Totals
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, run

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file, order by order, every fault with its line and column, and the control totals.

    `totals` is what was taken now. `source` is what the file holds, `here` what the database holds of it, `set_aside`
    what was refused or left out: the first is the sum of the others.
    """

    run_id: str
    results: tuple[OrderResult, ...]
    faults: tuple[RowFault, ...]
    totals: Totals
    source: Totals
    here: Totals
    set_aside: Totals

    def count(self, outcome: str) -> int:
        """Return how many orders had this outcome."""
        return sum(result.outcome == outcome for result in self.results)


def import_shopify(uow: UnitOfWork, *, tenant_id: str, content: bytes, file: str) -> ImportReport:
    """Take the orders of a Shopify export. Good ones go in, each whole; the others are reported and leave nothing.

    An order that is not paid is held until it is; one that the shop cancelled is cancelled here. The same file again
    changes nothing. Emits what `fulfillment.place_order` emits. For files of some thousand orders; larger ones go
    through `waiting_files.store_file`.

    Raises:
        Invalid: the file is empty, not UTF-8, not CSV, or lacks a column; nothing was taken.
    """
    export = read_shopify(content, file)
    intake, begun = _begin(uow, tenant_id, file, export)
    part = take_part(uow, intake, export.orders)
    return _report(intake, (begun, part), finish_import(uow, intake))


def import_in_parts(
    actor: Actor, *, tenant_id: str, content: bytes, file: str, progress: Progress = lambda *_: None
) -> ImportReport:
    """Do the same for a file of any size, in transactions of its own, each of some orders.

    Raises:
        Invalid: as above.
    """
    export = read_shopify(content, file)
    intake, begun = run(actor, lambda uow: _begin(uow, tenant_id, file, export))
    parts = [begun]
    for start in range(0, len(export.orders), PART):
        parts.append(run(actor, partial(_take, intake=intake, start=start)))
        progress("orders", min(start + PART, len(export.orders)), len(export.orders))
    return _report(intake, parts, run(actor, lambda uow: finish_import(uow, intake)))


def _begin(uow: UnitOfWork, tenant_id: str, file: str, export: ShopExport) -> tuple[Intake, Part]:
    """Begin an import; a larger file of the same name that still waits gives way to it."""
    intake, begun = begin_import(uow, tenant_id=tenant_id, file=file, export=export)
    waiting = ImportFile.tenant_id == tenant_id, ImportFile.run_id == intake.run_id
    uow.session.execute(delete(ImportFile).where(*waiting))
    return intake, begun


def _take(uow: UnitOfWork, *, intake: Intake, start: int) -> Part:
    orders = intake.export.orders[start : start + PART]
    note_progress(uow, intake, start + len(orders))
    return take_part(uow, intake, orders)


def _report(intake: Intake, parts: Sequence[Part], balance: Balance) -> ImportReport:
    results = sorted((result for part in parts for result in part.results), key=lambda result: result.line)
    faults = sorted((fault for part in parts for fault in part.faults), key=lambda fault: fault.line)
    taken = sum((part.totals for part in parts), Totals())
    return ImportReport(
        intake.run_id, tuple(results), tuple(faults), taken, balance.source, balance.here, balance.set_aside
    )
