"""Carriers' invoices of a file, some rows at a time."""

from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import update

from app.importers.freight.invoices import read_invoices, rows_of
from app.importers.kept_files import Waiting
from app.importers.models import ImportRun
from kernel.db.transactions import UnitOfWork
from shipping.api import (
    BilledInvoice,
    BilledLine,
    InvoiceOwner,
    TakenInvoice,
    add_freight_lines,
    begin_freight_invoice,
    close_freight_invoice,
)

PART = 500


@dataclass(frozen=True, slots=True)
class FreightFile:
    """A file of invoices that waits for the worker: its rows, each with the place of its invoice, and what each invoice
    came to when it was begun.
    """

    run_id: str
    rows: tuple[tuple[int, BilledLine], ...]
    begun: tuple[TakenInvoice, ...]
    part: int = PART

    @property
    def size(self) -> int:
        """The rows of the file."""
        return len(self.rows)

    def take(self, uow: UnitOfWork, start: int, end: int) -> None:
        """Judge some rows, and write down how far the file is."""
        for at, rows in groupby(self.rows[start:end], key=lambda row: row[0]):
            begun = self.begun[at]
            if begun.outcome == "taken":
                lines = [line for _, line in rows]
                add_freight_lines(uow, invoice_id=begun.invoice_id, run_id=self.run_id, lines=lines)
        self._note(uow, {"progress": [end, self.size]})

    def finish(self, uow: UnitOfWork) -> None:
        """Close the invoices; why one was refused stays with the run."""
        for begun in self.begun:
            if begun.outcome == "taken":
                close_freight_invoice(uow, invoice_id=begun.invoice_id, run_id=self.run_id)
        refused = [begun.why for begun in self.begun if begun.outcome == "refused"]
        self._note(uow, {"failed": " ".join(refused)} if refused else {"lines": self.size})

    def _note(self, uow: UnitOfWork, totals: dict[str, object]) -> None:
        uow.session.execute(update(ImportRun).where(ImportRun.id == self.run_id).values(totals=totals, last_at=uow.now))


def read_freight_part(uow: UnitOfWork, *, file: Waiting) -> FreightFile:
    """Read a file and begin its invoices; with later turns they are those that were begun.

    Raises:
        Invalid: it cannot be read.
    """
    invoices = read_invoices(file.content, file.name)
    owner = InvoiceOwner(file.tenant_id, file.site_id)
    begun = tuple(_begun(uow, each, owner, file) for each in invoices)
    return FreightFile(file.run_id, tuple(rows_of(invoices)), begun)


def _begun(uow: UnitOfWork, invoice: BilledInvoice, owner: InvoiceOwner, file: Waiting) -> TakenInvoice:
    return begin_freight_invoice(
        uow, owner=owner, carrier=file.terms["carrier"], invoice=invoice, file=file.name, run_id=file.run_id,
        resumes=file.position > 0,
    )  # fmt: skip
