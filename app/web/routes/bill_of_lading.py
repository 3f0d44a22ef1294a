from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.documents import bill_of_lading
from app.web.faces.bills_of_lading import BillOfLadingPage, LadingRow
from app.web.faces.desk import Fact
from app.web.faces.shell import Empty, Field, Form, Link
from app.web.labels import manifest_label
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Planner = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
_FIELDS = {"scac": "SCAC", "pro_number": "PRO number", "trailer": "Trailer", "seal": "Seal"}
_HINTS = {"scac": "Two to four letters.", "pro_number": "The carrier's number of the freight."}
_INTRO = "What is left empty stays a blank line to write on. It can be added later: the number stays."
_EMPTY = Empty("Nothing is on this bill.", "Every parcel of the manifest was pulled before it was loaded.")


@router.get("/manifests/{manifest_id}/bill-of-lading")
def show(visit: Planner, manifest_id: str) -> Response:
    """Show a manifest's bill of lading, or the form that issues it."""
    return staff_page(visit, _page(visit, manifest_id))


@router.post("/manifests/{manifest_id}/bill-of-lading")
def issue(request: Request, visit: Planner, manifest_id: str, form: Sent) -> Response:
    """Issue the bill, or write what the carrier told since."""

    def work(uow: UnitOfWork) -> Done:
        told = {name: form[name] for name in _FIELDS}
        number = shipping.issue_bill_of_lading(uow, manifest_id=manifest_id, **told)
        return Done(f"/manifests/{manifest_id}/bill-of-lading", f"Bill of lading {number} is ready to print.")

    return submit(request, visit, form, work, again=lambda: _page(visit, manifest_id))


def _page(visit: Visit, manifest_id: str) -> BillOfLadingPage:
    with desk_of(visit) as desk:
        manifest = shipping.get_manifest(desk.uow, manifest_id=manifest_id)
        heading = f"Bill of lading of {manifest_label(manifest_id)}"
        try:
            bill = bill_of_lading(desk.uow, manifest_id)
        except shipping.NoBillYet:
            known = {"scac": shipping.known_scac(desk.uow, manifest.site_id, manifest.carrier)}
            form = _form(desk, manifest_id, "Issue it", known)
            return BillOfLadingPage(desk.frame, desk.shell("/manifests"), heading, form)
        known = {name: getattr(bill, name) for name in _FIELDS}
        return BillOfLadingPage(
            frame=desk.frame, shell=desk.shell("/manifests"), heading=heading,
            form=_form(desk, manifest_id, "Save", known), facts=_facts(bill), rows=_rows(bill), empty=_EMPTY,
            document=Link("Print", f"/v1/manifests/{manifest_id}/bill-of-lading.pdf"),
        )  # fmt: skip


def _form(desk: Desk, manifest_id: str, words: str, known: dict[str, str]) -> Form:
    fields = tuple(
        Field(name, label, value=known.get(name, ""), hint=_HINTS.get(name, ""), maximum=30, autocomplete="off")
        for name, label in _FIELDS.items()
    )
    action = f"/manifests/{manifest_id}/bill-of-lading"
    return Form(action, words, fields, intro=_INTRO, csrf_token=desk.visit.csrf_token)


def _facts(bill: shipping.BillOfLading) -> tuple[Fact, ...]:
    return (
        Fact("Number", bill.number),
        Fact("Carrier", bill.carrier_name),
        Fact("Ship date", bill.ship_on.isoformat()),
        Fact("Handling units", f"{bill.units:,}"),
        Fact("Parcels", f"{bill.packages:,}"),
        Fact("Gross weight", f"{bill.weight_g / 1000:,.3f} kg"),
    )


def _rows(bill: shipping.BillOfLading) -> tuple[LadingRow, ...]:
    return tuple(
        LadingRow(line.kind, line.units, line.packages, line.weight_g, line.is_dangerous, line.commodity)
        for line in bill.lines
    )
