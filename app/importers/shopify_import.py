from dataclasses import dataclass

from sqlalchemy import delete

from app.importers.models import ImportFile
from app.importers.runs import OrderResult
from app.importers.shopify import read_shopify
from app.importers.shopify_faults import RowFault
from app.importers.shopify_parts import begin_import, finish_import, take_part
from app.importers.totals import Totals
from kernel.db.transactions import UnitOfWork


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
    intake, begun = begin_import(uow, tenant_id=tenant_id, file=file, export=export)
    # Of the same file, an older and larger one may still wait: this one is in its place.
    uow.session.execute(delete(ImportFile).where(ImportFile.tenant_id == tenant_id, ImportFile.run_id == intake.run_id))
    part = take_part(uow, intake, export.orders)
    balance = finish_import(uow, intake)
    results = sorted((*begun.results, *part.results), key=lambda result: result.line)
    faults = sorted((*begun.faults, *part.faults), key=lambda fault: fault.line)
    return ImportReport(
        intake.run_id, tuple(results), tuple(faults), part.totals, balance.source, balance.here, balance.set_aside
    )
