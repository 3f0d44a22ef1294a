from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.web.faces.desk import Fact
from app.web.faces.lanes import DifferenceRow, ReconciliationPage
from app.web.faces.shell import Empty, Form, Link
from app.web.labels import parcel_label
from app.web.routes.answers import PageRoute, staff_page
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from app.web.wording_orders import midday
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
_REASONS: Final = {
    "not_weighed": "Not weighed yet",
    "held": "Held by the scale",
    "label_pending": "Label not bought yet",
    "not_staged": "Not scanned onto its lane",
    "wrong_lane": "Stands on another lane",
    "later_day": "For a later day",
    "to_take_off": "Given up: take it off the lane",
    "weight_differs": "Weighs otherwise than its label says",
    "not_on_manifest": "Not on this manifest: take it out",
}
_ALL_RIGHT: Final = Empty("Every parcel is where it belongs.", "The manifest can be closed.")
_NOTHING: Final = Empty("No parcel waits for this carrier.", "Parcels are compared here as soon as one is packed.")


@router.get("/manifests/reconciliation")
def show(
    visit: Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))],
    carrier: Annotated[str, Query(max_length=60)] = "", ship_date: date | None = None,
) -> Response:  # fmt: skip
    """Show what a manifest closed now would hold, and each parcel that differs; without a carrier that of the next
    collection.
    """
    with desk_of(visit) as desk:
        page = _page(desk, carrier, ship_date)
    return staff_page(visit, page)


def _page(desk: Desk, carrier: str, ship_date: date | None) -> ReconciliationPage:
    cut_offs = shipping.next_cut_offs(desk.uow, site_id=desk.site_id, now=desk.frame.now)
    soonest = next((each for each in cut_offs if carrier in ("", each.carrier)), None)
    carrier = carrier or (soonest.carrier if soonest else "")
    day = ship_date or (soonest.ship_date if soonest else desk.frame.now.date())
    found = shipping.reconcile(desk.uow, site_id=desk.site_id, carrier=carrier, ship_date=day)
    name = next((each.carrier_name for each in cut_offs if each.carrier == carrier), carrier)
    action = f"/manifests/close/{carrier}/{day}"
    close = Form(action, "Close the manifest", (desk.site_field(),), csrf_token=desk.visit.csrf_token)
    return ReconciliationPage(
        frame=desk.frame, shell=desk.shell("/manifests"), carrier=name, day=midday(day, desk.frame.zone),
        note=_note(found), counts=_counts(found), rows=tuple(_row(each) for each in found.differences),
        empty=_ALL_RIGHT if found.going else _NOTHING, close=close if found.going else None,
    )  # fmt: skip


def _note(found: shipping.Reconciliation) -> str:
    if not found.going:
        return "Nothing would be on a manifest closed now."
    left = found.labelled - found.going
    rest = f" {left:,} that nobody scanned onto a lane would wait for the next one." if left else ""
    return f"A manifest closed now would hold {found.going:,} of {found.labelled:,} labelled parcels.{rest}"


def _counts(found: shipping.Reconciliation) -> tuple[Fact, ...]:
    counts = [("Packed", found.packed), ("Audited", found.audited), ("Labelled", found.labelled)]
    if found.stages_by_scan:
        counts += [("On their lane", found.staged), ("Loaded", found.loaded)]
    return tuple(Fact(words, f"{count:,}") for words, count in counts)


def _row(each: shipping.Difference) -> DifferenceRow:
    parcel = Link(parcel_label(each.sscc), f"/parcels/{each.parcel_id}")
    inside = f"In container {parcel_label(each.container)}. " if each.container else ""
    return DifferenceRow(parcel, each.tracking_number, f"{inside}{_REASONS[each.reason]}", each.lane, each.stands_on)
