from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.lanes import ContainerRow, LaneRow, LanesPage
from app.web.faces.shell import Empty, Field, Form, Link, Option
from app.web.labels import parcel_label
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from inventory import api as inventory
from kernel.access.queries import require_site
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Reader = Annotated[Visit, Depends(visitor("work:pack", of_the_house=True))]
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
_EMPTY = Empty(
    "Lanes will be listed here, with what stands on them.",
    "Without lanes nobody has to scan: a labelled parcel goes on its manifest. Open one to sort by scan.",
)
_NO_CONTAINERS = Empty("Open pallets, cages and bags will be listed here.", "Open one on a lane, and scan parcels in.")


@router.get("/lanes")
def list_lanes(visit: Reader) -> Response:
    """Show the lanes, what stands on them, and their containers."""
    return staff_page(visit, lanes_page(visit))


@router.post("/lanes")
def open_one(request: Request, visit: Lead, form: Sent) -> Response:
    """Open a lane."""

    def work(uow: UnitOfWork) -> Done:
        site = at_desk(uow, visit).require_site(form["site"])
        lane = shipping.open_lane(uow, site_id=site, code=form["code"], draft=_draft(form))
        return Done("/lanes", f"{lane.code} is open.")

    return submit(request, visit, form, work, again=lambda: lanes_page(visit))


@router.post("/lanes/{lane_id}")
def change_one(request: Request, visit: Lead, lane_id: str, form: Sent) -> Response:
    """Change what a lane takes."""

    def work(uow: UnitOfWork) -> Done:
        require_site(uow, visit.actor, shipping.get_lane(uow, lane_id=lane_id).site_id)
        lane = shipping.change_lane(uow, lane_id=lane_id, draft=_draft(form))
        return Done("/lanes", f"{lane.code} is changed. What stands on it stays there.")

    return submit(request, visit, form, work, again=lambda: lanes_page(visit))


@router.post("/lanes/{lane_id}/close")
def close_one(request: Request, visit: Lead, lane_id: str, form: Sent) -> Response:
    """Close a lane on which nothing stands."""

    def work(uow: UnitOfWork) -> Done:
        lane = shipping.get_lane(uow, lane_id=lane_id)
        require_site(uow, visit.actor, lane.site_id)
        shipping.close_lane(uow, lane_id=lane_id)
        return Done("/lanes", f"{lane.code} is closed.")

    return submit(request, visit, form, work, again=lambda: lanes_page(visit))


def lanes_page(visit: Visit) -> LanesPage:
    """Return the page as it stands now."""
    with desk_of(visit) as desk:
        lanes = shipping.sort_lanes(desk.uow, site_id=desk.site_id)
        boxes = shipping.sort_containers(desk.uow, site_id=desk.site_id) if lanes else []
        cut_offs = _cut_offs(desk)
        places = inventory.find_locations(desk.uow, site_id=desk.site_id) if lanes else []
        floor = {place.code for place in places if place.kind == "lane"}
        names = {each.carrier: each.carrier_name for each in cut_offs.values()}
        return LanesPage(
            frame=desk.frame, shell=desk.shell("/manifests"), note=_note(lanes),
            rows=tuple(_row(desk, lane, cut_offs, names, floor) for lane in lanes), empty=_EMPTY,
            containers=tuple(_container(desk, box) for box in boxes), containers_empty=_NO_CONTAINERS,
            add=_add_form(desk, names, is_first=not lanes) if visit.may("work:plan") else None,
            scans=_scan_forms(desk, lanes) if lanes else (),
        )  # fmt: skip


def _note(lanes: list[shipping.LaneView]) -> str:
    if not lanes:
        return "This site has no lanes: parcels go from the bench straight onto their manifest, and nobody has to scan."
    asking = [lane.code for lane in lanes if lane.requires_staging]
    if not asking:
        return "A manifest takes every labelled parcel, scanned onto its lane or not."
    return f"A manifest takes only what was scanned onto {', '.join(asking)}; the rest waits for the next one."


def _cut_offs(desk: Desk) -> dict[str, shipping.CutOff]:
    found: dict[str, shipping.CutOff] = {}
    for cut_off in shipping.next_cut_offs(desk.uow, site_id=desk.site_id, now=desk.frame.now):
        found.setdefault(cut_off.carrier, cut_off)
    return found


def _row(
    desk: Desk, lane: shipping.LaneView, cut_offs: dict[str, shipping.CutOff], names: dict[str, str], floor: set[str]
) -> LaneRow:
    lead, cut_off = desk.visit.may("work:plan"), cut_offs.get(lane.carrier)
    place = Link(lane.code, f"/locations?q={lane.code}") if lane.code in floor else None
    return LaneRow(
        lane.code, place, names.get(lane.carrier, lane.carrier), _takes(lane),
        "Needs a scan" if lane.requires_staging else "No scan needed", lane.parcels, lane.weight_g, lane.oldest_at,
        cut_off.at_utc if cut_off else None, lane.to_take_off, _change_form(desk, lane, names) if lead else None,
        Form(f"/lanes/{lane.id}/close", "Close", tone="plain", csrf_token=desk.visit.csrf_token) if lead else None,
    )  # fmt: skip


def _takes(lane: shipping.LaneView) -> str:
    services = ", ".join(lane.services) or "All services"
    return f"{services} to {', '.join(lane.routes)}" if lane.routes else f"{services} to everywhere"


def _container(desk: Desk, box: shipping.ContainerView) -> ContainerRow:
    verb, words = ("close", "Close") if box.state == "open" else ("reopen", "Reopen")
    step = Form(f"/containers/{box.id}/{verb}", words, tone="plain", csrf_token=desk.visit.csrf_token)
    document = Link("Label", f"/v1/containers/{box.id}/label.pdf")
    label, state = parcel_label(box.sscc), "OPEN" if box.state == "open" else "CLOSED"
    return ContainerRow(
        label, box.sscc, box.kind.capitalize(), box.lane_code, state, box.parcels, box.weight_g, document, step
    )


def _draft(form: Submitted) -> shipping.LaneDraft:
    return shipping.LaneDraft(
        form["carrier"], _listed(form["services"]), _listed(form["routes"]), bool(form["requires_staging"]),
        bool(form["loads_by_scan"]),
    )  # fmt: skip


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("\n", ",").replace(";", ",").split(",") if part.strip())


def _add_form(desk: Desk, names: dict[str, str], *, is_first: bool) -> Form:
    code = Field("code", "Code", hint="As on its sign and on the floor plan: LANE-1.", required=True, maximum=40)
    fields = (desk.site_field(), code, *_rule_fields(names, None))
    tone: Literal["primary", "plain"] = "primary" if is_first else "plain"
    return Form("/lanes", "Open the lane", fields, "A new lane", tone=tone, csrf_token=desk.visit.csrf_token)


def _change_form(desk: Desk, lane: shipping.LaneView, names: dict[str, str]) -> Form:
    fields = _rule_fields(names, lane)
    return Form(f"/lanes/{lane.id}", "Save", fields, "Change", tone="plain", csrf_token=desk.visit.csrf_token)


def _rule_fields(names: dict[str, str], lane: shipping.LaneView | None) -> tuple[Field, ...]:
    carriers = tuple(
        Option(carrier, name, bool(lane and lane.carrier == carrier)) for carrier, name in sorted(names.items())
    )
    return (
        Field("carrier", "Carrier", "select", options=carriers, required=True),
        Field(
            "services", "Services", value=", ".join(lane.services) if lane else "", maximum=400,
            hint="Such as express, tracked. Empty for all.",
        ),
        Field(
            "routes", "Destinations", value=", ".join(lane.routes) if lane else "", maximum=2_000,
            hint="Countries, or beginnings of postcodes: DE-04, AT. Empty for everywhere.",
        ),
        Field(
            "requires_staging", "A manifest takes only what was scanned onto it", "checkbox",
            checked=lane.requires_staging if lane else True,
        ),
        Field(
            "loads_by_scan", "Its parcels are scanned onto the truck", "checkbox",
            checked=bool(lane and lane.loads_by_scan),
        ),
    )  # fmt: skip


def _scan_forms(desk: Desk, lanes: list[shipping.LaneView]) -> tuple[Form, ...]:
    token, site = desk.visit.csrf_token, desk.site_field()
    parcel = Field("parcel", "Parcel", required=True, maximum=120, autocomplete="off", hint="SSCC or tracking number.")
    target = Field("target", "Lane or container", required=True, maximum=120, autocomplete="off")
    unit = Field("unit", "Parcel or closed container", required=True, maximum=120, autocomplete="off")
    places = tuple(Option(lane.id, lane.code) for lane in lanes)
    kinds = tuple(Option(kind, kind.capitalize()) for kind in ("pallet", "cage", "bag"))
    box = (Field("lane", "Lane", "select", options=places), Field("kind", "Kind", "select", options=kinds))
    return (
        Form("/lanes/scan/stage", "Put it there", (site, parcel, target), "Sort a parcel", csrf_token=token),
        Form("/containers", "Open it", box, "A new container", tone="plain", csrf_token=token),
        Form("/lanes/scan/load", "Onto the truck", (site, unit), "Load", tone="plain", csrf_token=token),
        Form("/lanes/scan/unload", "Off the truck", (site, unit), "Unload", tone="plain", csrf_token=token),
        Form("/lanes/scan/unstage", "Take it off", (site, parcel), "Take a parcel off", tone="plain", csrf_token=token),
    )
