"""Announcing a delivery: line by line, or by the supplier's file."""

import re
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.importers.arrivals.intake import (
    LARGEST_BYTES,
    ArrivalImport,
    ImportedArrival,
    announce_notice,
    import_arrivals,
)
from app.importers.arrivals.notices import Notice
from app.web.faces.arrivals import NewArrivalPage
from app.web.pages import Field, Form, Link, Option
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.imports import Upload, uploaded
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from kernel.access.queries import site_for
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Writer = Annotated[Visit, Depends(visitor("stock:write"))]
Words = Annotated[str, Query(max_length=400)]
_LINE = re.compile(r"^(?P<names>\S.*?)[\s,;]+(?P<units>\S+)$")
_NAMED = 10


@router.get("/arrivals/new")
def new_arrival(visit: Writer) -> Response:
    """Show the two ways to announce a delivery."""
    return staff_page(visit, _page(visit))


@router.post("/arrivals/new")
def announce(request: Request, visit: Writer, form: Annotated[Submitted, Depends(submitted)]) -> Response:
    """Announce one delivery, its lines as they were written."""

    def work(uow: UnitOfWork) -> Done:
        notice = Notice(1, form["external_id"], _day(form["expected_on"]), form["supplier"], form["note"])
        for number, line in enumerate(form["lines"].splitlines(), start=1):
            if line.strip():
                _add(notice, number, line.strip())
        tenant_id, site_id = _whose(uow, visit, form)
        (taken,) = _all_taken(ArrivalImport((announce_notice(uow, tenant_id, site_id, notice),)), "/lines")
        known = "It was announced before, just like this." if taken.outcome == "known" else ""
        return Done(f"/arrivals/{taken.arrival_id}", known or f"{counted(taken.units, 'unit')} are announced.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/arrivals/file")
def take_file(request: Request, visit: Writer, upload: Annotated[Upload, Depends(uploaded)]) -> Response:
    """Announce what a file says; when anything in it is wrong, nothing of it is announced."""

    def work(uow: UnitOfWork) -> Done:
        if not upload.form["file_name"]:
            raise Invalid("Choose a file.", remedy="A CSV file, or an X12 856.", pointer="/file")
        if len(upload.content) > LARGEST_BYTES:
            raise Invalid(f"It is larger than {LARGEST_BYTES:,} bytes.", remedy="Send it in parts.", pointer="/file")
        tenant_id, site_id = _whose(uow, visit, upload.form)
        found = import_arrivals(
            uow, tenant_id=tenant_id, site_id=site_id, content=upload.content, file=upload.name
        )  # fmt: skip
        taken = _all_taken(found, "/file")
        to = f"/arrivals/{taken[0].arrival_id}" if len(taken) == 1 else "/arrivals"
        return Done(to, _told(found))

    return submit(request, visit, upload.form, work, again=lambda: _page(visit))


def _add(notice: Notice, number: int, line: str) -> None:
    found = _LINE.match(line)
    notice.add(number, [found["names"].rstrip(",; \t")] if found else [], found["units"] if found else "")


def _all_taken(found: ArrivalImport, pointer: str) -> tuple[ImportedArrival, ...]:
    faults = [(each.arrival, fault) for each in found.results for fault in each.faults]
    if not found.results:
        raise Invalid("Nothing is announced in it.", remedy="Add lines.", pointer=pointer)
    if not faults:
        return found.results
    told = " ".join(f"Line {fault.line}: {fault.message}" for _, fault in faults[:_NAMED])
    more = f" And {counted(len(faults) - _NAMED, 'other fault')}." if len(faults) > _NAMED else ""
    raise Invalid(f"{told}{more}", remedy="Nothing was announced.", pointer=pointer)


def _told(found: ArrivalImport) -> str:
    words = {"announced": "announced", "known": "here already", "cancelled": "cancelled"}
    said = [f"{found.count(outcome):,} {told}" for outcome, told in words.items() if found.count(outcome)]
    return f"{counted(len(found.results), 'arrival')} in the file: {', '.join(said)}."


def _whose(uow: UnitOfWork, visit: Visit, form: Submitted) -> tuple[str, str]:
    tenant_id = form["merchant"] if visit.works_here else visit.actor.tenant
    if not tenant_id:
        raise Invalid("Choose whose goods they are.", pointer="/merchant")
    desk = at_desk(uow, visit)
    shown = next((each.code for each in desk.sites if each.id == desk.require_site(form["site"])), "")
    return tenant_id, site_for(uow, visit.actor, tenant_id, shown)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("This is no day.", remedy="Write it as 2027-03-31.", pointer="/expected_on") from None


def _page(visit: Visit) -> NewArrivalPage:
    with desk_of(visit) as desk:
        return NewArrivalPage(
            frame=desk.frame,
            shell=desk.shell("/arrivals"),
            back=Link("All arrivals", "/arrivals"),
            forms=(_by_hand(desk), _by_file(desk)),
        )


def _merchant(desk: Desk) -> tuple[Field, ...]:
    if not desk.visit.works_here:
        return ()
    options = (Option("", "Choose"), *(Option(key, name) for key, name in desk.merchants().items()))
    return (Field("merchant", "Merchant", "select", options=options, required=True), desk.site_field())


def _by_hand(desk: Desk) -> Form:
    lines = "One item in each line: its SKU or barcode, a space, and the units. Such as: MUG-0042 24"
    fields = (
        *_merchant(desk),
        Field("external_id", "Your number", required=True, maximum=64, autocomplete="off"),
        Field("expected_on", "Expected on", "date", required=True),
        Field("supplier", "Supplier", maximum=200, autocomplete="off"),
        Field("lines", "Items", "textarea", required=True, hint=lines),
        Field("note", "Note", maximum=1_000, autocomplete="off"),
    )
    return Form("/arrivals/new", "Announce it", fields, "One delivery", csrf_token=desk.visit.csrf_token)


def _by_file(desk: Desk) -> Form:
    hint = "CSV with the columns Arrival, Expected on, SKU or barcode, Quantity, Supplier; or an X12 856."
    fields = (*_merchant(desk), Field("file", "File", "file", required=True, hint=hint))
    return Form(
        "/arrivals/file", "Announce what it holds", fields, "From a file",
        "The same file again changes nothing. When anything in it is wrong, nothing of it is announced.", tone="plain",
        csrf_token=desk.visit.csrf_token,
    )  # fmt: skip
