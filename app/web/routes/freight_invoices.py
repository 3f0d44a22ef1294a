from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.importers.freight.intake import (
    FreightImport,
    files_under_way,
    import_freight_invoices,
    owner_named,
)
from app.web.addresses import address
from app.web.faces.freight_invoices import FreightInvoiceCard, FreightInvoicesPage
from app.web.formats import long_date, money
from app.web.pages import Empty, Field, Form, Link, Option, Pager, Tone
from app.web.routes.answers import Done, PageRoute, staff_page, submit
from app.web.routes.imports import Upload, uploaded
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("orders:read"))]
Sender = Annotated[Visit, Depends(visitor("stock:write"))]
Words = Annotated[str, Query(max_length=200)]
_ROWS: Final = 50


@router.get("/freight-invoices")
def list_freight_invoices(visit: Viewer, q: Words = "", cursor: Annotated[str, Query(max_length=400)] = "") -> Response:
    """Show the carriers' invoices, the one taken last first."""
    return staff_page(visit, _list_page(visit, q.strip(), cursor))


@router.post("/freight-invoices")
def take_freight_file(request: Request, visit: Sender, upload: Annotated[Upload, Depends(uploaded)]) -> Response:
    """Take a carrier's invoice through the same command as the interface."""

    def work(uow: UnitOfWork) -> Done:
        if not upload.form["file_name"]:
            raise Invalid("Choose a file.", remedy="It is the CSV of the carrier's invoice.", pointer="/file")
        contract = upload.form["contract"]
        tenant_id = contract if contract in at_desk(uow, visit).merchants() else ""
        owner = owner_named(uow, site_id="" if tenant_id else contract, tenant_id=tenant_id)
        done = import_freight_invoices(
            uow, owner=owner, carrier=upload.form["carrier"], content=upload.content, file=upload.name
        )
        return _told(done)

    return submit(request, visit, upload.form, work, again=lambda: _list_page(visit))


def _told(done: FreightImport) -> Done:
    if done.run_id:
        return Done("/freight-invoices", "The file is here. Its rows are compared now; this page shows how far.")
    words = {"taken": "taken", "known": "here already", "refused": "refused"}
    said = ", ".join(f"{done.count(each):,} {told}" for each, told in words.items() if done.count(each))
    why = " ".join(each.why for each in done.results if each.why)
    to = f"/freight-invoices/{done.results[0].invoice_id}" if len(done.results) == 1 else "/freight-invoices"
    tone: Tone = "warn" if done.count("refused") else "ok"
    return Done(to, f"{counted(len(done.results), 'invoice')} in the file: {said}. {why}".strip(), tone)


def _list_page(visit: Visit, search: str = "", cursor: str = "") -> FreightInvoicesPage:
    with desk_of(visit) as desk:
        found = shipping.find_freight_invoices(
            desk.uow, site_id=desk.narrowed_to, search=search, cursor=cursor or None, limit=_ROWS
        )
        names = desk.merchants()
        waiting = tuple(files_under_way(desk.uow, _owners(desk, names)))
        reading = any("Not taken" not in words for _, words in waiting)
        query = Field("q", "Contains", "search", search, maximum=60)
        return FreightInvoicesPage(
            frame=desk.frame,
            shell=desk.shell("/orders"),
            search=Form("/freight-invoices", "Show", (query,), method="get", tone="plain"),
            upload=_upload(desk, names) if visit.may("stock:write") and desk.site else None,
            waiting=waiting,
            rows=tuple(_row(desk, each, names) for each in found.items),
            empty=_empty(search),
            refresh_s=5 if reading else 0,
            pager=Pager("", "", address("/freight-invoices", q=search, cursor=found.next)) if found.next else Pager(),
        )


def _owners(desk: Desk, names: dict[str, str]) -> list[shipping.InvoiceOwner]:
    if not desk.visit.works_here:
        return [shipping.InvoiceOwner(tenant_id=desk.visit.actor.tenant)]
    sites = [shipping.InvoiceOwner(site_id=desk.site.id)] if desk.site else []
    return [*sites, *(shipping.InvoiceOwner(tenant_id=each) for each in names)]


def _upload(desk: Desk, names: dict[str, str]) -> Form:
    carriers = shipping.carriers_of(desk.uow, desk.site_id)
    fields = [
        Field(
            "carrier", "Carrier", "select", required=True,
            options=(Option("", "Choose"), *(Option(code, name) for code, name in carriers.items())),
        ),
        Field(
            "file", "CSV file", "file", required=True,
            hint="Invoice number, invoice date, tracking number, service, billed weight, zone, base charge, surcharges,"
            " total, currency. The same invoice again changes nothing.",
        ),
    ]  # fmt: skip
    if desk.visit.works_here and desk.site:
        own = Option(desk.site_id, f"{desk.site.name}, for all merchants")
        options = (own, *(Option(key, f"{name}, its own") for key, name in names.items()))
        fields.insert(0, Field("contract", "Whose contract", "select", options=options, required=True))
    return Form(
        "/freight-invoices", "Compare it", tuple(fields), "Take an invoice", csrf_token=desk.visit.csrf_token
    )  # fmt: skip


def _row(desk: Desk, each: shipping.FreightInvoice, names: dict[str, str]) -> FreightInvoiceCard:
    site = desk.site.name if desk.site and desk.site.id == each.site_id else "A site's"
    state, tone = _state(each)
    return FreightInvoiceCard(
        Link(each.number, f"/freight-invoices/{each.id}"),
        shipping.carriers_of(desk.uow, desk.site_id).get(each.carrier, each.carrier),
        names.get(each.tenant_id, site) if each.tenant_id else site,
        long_date(each.invoice_date), f"{each.lines:,}", money(each.billed_minor, each.currency),
        money(each.expected_minor, each.currency), money(each.disputed_minor, each.currency), state, tone,
    )  # fmt: skip


def _state(each: shipping.FreightInvoice) -> tuple[str, Tone]:
    if each.state == "reading":
        return "Being compared", "info"
    if each.undecided:
        return f"{each.undecided:,} to decide", "warn"
    return ("Disputed", "info") if each.disputed_minor else ("Nothing disputed", "ok")


def _empty(search: str) -> Empty:
    if search:
        return Empty("No invoice matches.", "Try fewer letters.")
    return Empty("Carriers' invoices are listed here.", "Take one with the button above: it is compared line by line.")
