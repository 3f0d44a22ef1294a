from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import or_, select

from app.importers.csv_rows import decode
from app.importers.freight.invoices import read_invoices
from app.importers.kept_files import keep_file
from app.importers.models import ImportRun
from kernel.access.queries import require_site, site_of_merchant
from kernel.actors import ALL_TENANTS
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from shipping.api import InvoiceOwner, TakenInvoice, carriers_of, take_freight_invoice

AT_ONCE_BYTES: Final = 100_000
"""Up to here, some hundred rows, a file is judged while the sender waits."""
_TOLD: Final = timedelta(days=1)
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class FreightImport:
    """What became of a file, invoice by invoice; `run_id` is set instead where the worker takes it."""

    results: tuple[TakenInvoice, ...]
    run_id: str = ""

    def count(self, outcome: str) -> int:
        """Return how many invoices came to this."""
        return sum(each.outcome == outcome for each in self.results)


def import_freight_invoices(
    uow: UnitOfWork, *, owner: InvoiceOwner, carrier: str, content: bytes, file: str
) -> FreightImport:
    """Take the invoices of a carrier's file: at once, or by the worker where it is large.

    Raises:
        Invalid: no such carrier takes the owner's parcels, or the file cannot be read at all.
    """
    site = owner.site_id or site_of_merchant(uow, owner.tenant_id).id
    if carrier not in carriers_of(uow, site):
        raise Invalid("No such carrier takes these parcels.", remedy="Choose one of the list.", pointer="/carrier")
    if len(content) > AT_ONCE_BYTES:
        decode(content, file)
        run_id = keep_file(
            uow, kind="freight", source=f"{source_of(owner)}{carrier}/{file}", tenant_id=owner.tenant_id,
            site_id=owner.site_id, content=content, file=file, terms={"carrier": carrier},
        )  # fmt: skip
        return FreightImport((), run_id)
    invoices = read_invoices(content, file)
    return FreightImport(
        tuple(take_freight_invoice(uow, owner=owner, carrier=carrier, invoice=each, file=file) for each in invoices)
    )


def source_of(owner: InvoiceOwner) -> str:
    """Return what the sources of an owner's files begin with."""
    return f"freight/{owner.key}/"


def owner_named(uow: UnitOfWork, *, site_id: str, tenant_id: str) -> InvoiceOwner:
    """Return whose contract an invoice is under: the caller's own where it is a merchant, else a merchant's that is
    named, else a site's.

    Raises:
        NotFound: the caller has no such site.
        Invalid: neither is named.
    """
    actor = uow.actor
    if actor.tenant not in ("", ALL_TENANTS):
        return InvoiceOwner(tenant_id=actor.tenant)
    if tenant_id:
        return InvoiceOwner(tenant_id=tenant_id)
    if not (site_id or actor.site):
        raise Invalid("Say which site's contract it is.", pointer="/site_id")
    return InvoiceOwner(site_id=require_site(uow, actor, site_id) if site_id else actor.site or "")


def files_under_way(uow: UnitOfWork, owners: Sequence[InvoiceOwner]) -> list[tuple[str, str]]:
    """Return the files of these owners that the worker is at, or that it could not take today: name, and how far."""
    sources = [ImportRun.source.startswith(source_of(owner), autoescape=True) for owner in owners]
    recent = ImportRun.totals.has_key("progress") | (ImportRun.last_at > uow.now - _TOLD)
    statement = select(ImportRun).where(ImportRun.kind == "freight", or_(*sources), recent)
    found = []
    for run in uow.session.scalars(statement.order_by(ImportRun.last_at.desc()).limit(_SHOWN)) if sources else ():
        name = run.source.rpartition("/")[2]
        if "progress" in run.totals:
            done, of = run.totals["progress"]
            found.append((name, f"{done:,} of {of:,} rows compared." if of else "It waits for its turn."))
        elif "failed" in run.totals:
            found.append((name, f"Not taken. {run.totals['failed']}"))
    return found
