"""The floor plan: looked at, loaded from a file, put in force and back, blocked and opened."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.web.addresses import address
from app.web.faces.floor_plan import FloorFaultRow, FloorPlanPage, FloorVersionRow, ObstacleRow
from app.web.faces.shell import Tone
from app.web.pages import Empty, Fact, Field, Form, Link, Option, Pager
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.floor_edit import edit_links
from app.web.routes.floor_reading import cancel_reading, keep_file, reading_card, upload_form
from app.web.routes.imports import Upload, uploaded
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
Words = Annotated[str, Query(max_length=400)]
_VERSIONS = 10
_LONGEST_VERSION = 9
_NAMED = 8
_EMPTY = Empty(
    "No floor plan yet: orders are walked by location name.",
    "Load one from a file: a list of locations with their coordinates is enough.",
)
_KINDS: Final = {"grid": "Straight aisles", "graph": "One-way or bent ways", "faulty": "Has faults"}


@router.get("/floor")
def show_floor(visit: Lead, cursor: Words = "") -> Response:
    """Show the plan in force, or the latest while there is none."""
    return staff_page(visit, _page(visit, cursor=cursor))


@router.get("/floor/{version}.csv")
def download_csv(visit: Lead, version: str) -> Response:
    """Return a version as CSV."""
    return StreamingResponse(
        fulfillment.plan_to_csv(_plan(visit, version)), media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="floor-{_number(version)}.csv"'},
    )  # fmt: skip


@router.get("/floor/{version}.geojson")
def download_geojson(visit: Lead, version: str) -> Response:
    """Return a version as GeoJSON."""
    headers = {"content-disposition": f'attachment; filename="floor-{_number(version)}.geojson"'}
    content = fulfillment.plan_to_geojson(_plan(visit, version))
    return Response(content, media_type="application/geo+json", headers=headers)


@router.get("/floor/{version}")
def show_version(visit: Lead, version: str) -> Response:
    """Show one version."""
    return staff_page(visit, _page(visit, _number(version)))


@router.post("/floor/file")
def take_file(request: Request, visit: Lead, upload: Annotated[Upload, Depends(uploaded)]) -> Response:
    """Keep the floor that a file draws; what is wrong with it is shown on it."""
    return submit(request, visit, upload.form, lambda uow: keep_file(uow, visit, upload), again=lambda: _page(visit))


@router.post("/floor/file/cancel")
def stop_file(request: Request, visit: Lead, form: Sent) -> Response:
    """Have the worker drop a large file."""
    return submit(request, visit, form, lambda uow: cancel_reading(uow, visit, form), again=lambda: _page(visit))


@router.post("/floor/block")
def block(request: Request, visit: Lead, form: Sent) -> Response:
    """Block an aisle, a bay or a stretch."""

    def work(uow: UnitOfWork) -> Done:
        fulfillment.block_floor(
            uow, site_id=at_desk(uow, visit).require_site(form["site"]), way=form["way"], reason=form["reason"],
            start=form["start"], end=form["end"], confirmed=bool(form["confirmed"]),
        )  # fmt: skip
        return Done("/floor", f"{form['way']} is blocked. Walks planned from now on go around it.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/floor/open")
def open_again(request: Request, visit: Lead, form: Sent) -> Response:
    """Take an obstacle away."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        fulfillment.open_floor(uow, site_id=site_id, obstacle=form["obstacle"])
        return Done("/floor", f"{form['obstacle']} is gone. Walks planned from now on go there again.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/floor/{version}/in-force")
def put_in_force(request: Request, visit: Lead, version: str, form: Sent) -> Response:
    """Put a version in force."""

    def work(uow: UnitOfWork) -> Done:
        site_id, number = at_desk(uow, visit).require_site(form["site"]), _number(version)
        instead = int(form["instead_of"]) if form["instead_of"].isdecimal() else None
        fulfillment.put_floor_plan_in_force(
            uow, site_id=site_id, version=number, instead_of=instead, confirmed=bool(form["confirmed"])
        )
        made = fulfillment.add_plan_locations(uow, site_id=site_id, version=number) if form["locations"] else 0
        told = f" {counted(made, 'location')} added." if made else ""
        return Done("/floor", f"Version {number} is in force: walks are computed on it from now on.{told}")

    return submit(request, visit, form, work, again=lambda: _page(visit, _number(version)))


def _number(version: str) -> int:
    if not (version.isascii() and version.isdecimal() and len(version) <= _LONGEST_VERSION and int(version)):
        raise NotFound("There is no such floor plan.", remedy="Look at the list of versions.")
    return int(version)


def _plan(visit: Visit, version: str) -> fulfillment.WarehousePlan:
    with desk_of(visit) as desk:
        view = fulfillment.get_floor_plan(desk.uow, site_id=desk.site_id, version=_number(version))
    return fulfillment.plan_from_document(view.document)


def _page(visit: Visit, version: int = 0, cursor: str = "") -> FloorPlanPage:
    with desk_of(visit) as desk:
        if desk.site is None:
            return FloorPlanPage(desk.frame, desk.shell("/locations"), "Floor plan", "", "plain", "", _EMPTY)
        found = fulfillment.find_floor_plans(desk.uow, site_id=desk.site_id, cursor=cursor, limit=_VERSIONS)
        in_force = fulfillment.floor_version(desk.uow, desk.site_id)
        shown = version or in_force or (found.items[0].version if found.items else 0)
        view = fulfillment.get_floor_plan(desk.uow, site_id=desk.site_id, version=shown) if shown else None
        people = desk.people()
        rows = tuple(_row(each, people, shown) for each in found.items)
        pager = Pager("", "", address("/floor", cursor=found.next)) if found.next else Pager()
        if view is None:
            return FloorPlanPage(
                desk.frame,
                desk.shell("/locations"),
                "Floor plan",
                "",
                "plain",
                "",
                _EMPTY,
                upload=upload_form(desk),
                reading=reading_card(desk),
                edit=edit_links(0),
            )
        plan = fulfillment.plan_from_document(view.document)
        words, tone = _say(view)
        return FloorPlanPage(
            frame=desk.frame, shell=desk.shell("/locations"), title=plan.name, say=words, tone=tone,
            drawing=fulfillment.floor_map_svg(plan, view.faults), empty=_EMPTY, facts=_facts(plan, view),
            faults=tuple(_fault(number, each) for number, each in enumerate(view.faults, start=1)), versions=rows,
            obstacles=_obstacles(desk, plan, view) if view.head.in_force or plan.obstacles else (),
            closed=_closed(plan), downloads=_downloads(shown), edit=edit_links(shown),
            enforce=_enforce(desk, plan, view, in_force),
            block=_block(desk, plan) if view.head.in_force else None, upload=upload_form(desk), pager=pager,
            reading=reading_card(desk),
        )  # fmt: skip


def _say(view: fulfillment.FloorPlanView) -> tuple[str, Tone]:
    head = view.head
    if head.faults:
        return f"{counted(head.faults, 'fault')}: this version cannot be put in force as it is.", "stop"
    if head.in_force:
        return "In force: walks are computed on it.", "ok"
    if head.last_in_force_at:
        return "It was in force before, and can be again.", "info"
    return "A draft without faults: it can be put in force.", "info"


def _facts(plan: fulfillment.WarehousePlan, view: fulfillment.FloorPlanView) -> tuple[Fact, ...]:
    left, front, right, back = plan.floor.bounds
    return (
        Fact("Version", f"{view.head.version}, {_KINDS[view.head.kind].casefold()}"),
        Fact("Floor", f"{(right - left) / 1_000:,.0f} by {(back - front) / 1_000:,.0f} m"),
        Fact("Locations", f"{len(plan.bins):,}"),
        Fact("Ways", f"{len(plan.aisles)} aisles, {len(plan.cross_aisles)} across, {len(plan.walkways)} others"),
    )


def _fault(number: int, fault: fulfillment.FloorFaultView) -> FloorFaultRow:
    more = f" and {fault.count - _NAMED:,} more" if fault.count > _NAMED else ""
    return FloorFaultRow(number, fault.explanation, f"{', '.join(fault.names[:_NAMED])}{more}")


def _row(head: fulfillment.FloorPlanHead, people: dict[str, str], shown: int) -> FloorVersionRow:
    words: str
    tone: Tone
    if head.in_force:
        words, tone = "In force", "ok"
    elif head.faults:
        words, tone = counted(head.faults, "fault"), "stop"
    else:
        words, tone = ("Earlier", "muted") if head.last_in_force_at else ("Draft", "info")
    return FloorVersionRow(
        Link(f"Version {head.version}", f"/floor/{head.version}"), head.created_at,
        people.get(head.created_by, "The house"), head.note, head.source, head.bins, words, tone,
        head.last_in_force_at, head.version == shown,
    )  # fmt: skip


def _closed(plan: fulfillment.WarehousePlan) -> str:
    named = sorted(plan.closed_bins)
    more = f" and {len(named) - _NAMED:,} more" if len(named) > _NAMED else ""
    return f"{', '.join(named[:_NAMED])}{more}"


def _downloads(version: int) -> tuple[Link, ...]:
    return tuple(Link(words, f"/floor/{version}.{form}") for form, words in (("csv", "CSV"), ("geojson", "GeoJSON")))


def _obstacles(desk: Desk, plan: fulfillment.WarehousePlan, view: fulfillment.FloorPlanView) -> tuple[ObstacleRow, ...]:
    token = desk.visit.csrf_token
    return tuple(
        ObstacleRow(
            each.code, each.note or "No reason given",
            Form(
                "/floor/open", "It is gone", (desk.site_field(), Field("obstacle", "", "hidden", each.code)),
                tone="plain", csrf_token=token,
            ) if view.head.in_force else None,
        )
        for each in plan.obstacles
    )  # fmt: skip


def _enforce(
    desk: Desk, plan: fulfillment.WarehousePlan, view: fulfillment.FloorPlanView, in_force: int
) -> Form | None:
    if view.head.in_force or view.faults:
        return None
    words = "Put back in force" if view.head.last_in_force_at else "Put in force"
    fields: tuple[Field, ...] = (
        desk.site_field(),
        Field("instead_of", "", "hidden", str(in_force)),
        Field("locations", "Add the locations that the site does not have yet", "checkbox"),
    )
    lost = fulfillment.stock_off_plan(desk.uow, site_id=desk.site_id, plan=plan)
    if lost:
        named = ", ".join(lost[:_NAMED]) + (f" and {len(lost) - _NAMED:,} more" if len(lost) > _NAMED else "")
        words_lost = f"Leave out {counted(len(lost), 'location')} with stock: {named}"
        fields = (*fields, Field("confirmed", words_lost, "checkbox"))
    path = f"/floor/{view.head.version}/in-force"
    return Form(path, words, fields, csrf_token=desk.visit.csrf_token)


def _block(desk: Desk, plan: fulfillment.WarehousePlan) -> Form:
    ways = [each.code for each in plan.aisles] + [each.code for each in plan.cross_aisles]
    ways += [each.code for each in plan.walkways]
    fields = (
        desk.site_field(),
        Field("way", "Aisle or way", "select", options=tuple(Option(code, code) for code in ways), required=True),
        Field("start", "From location", hint="Empty: the whole aisle. Across: from which aisle."),
        Field("end", "To location", hint="Empty: one bay."),
        Field("reason", "What is in the way", required=True),
        Field("confirmed", "Close the locations that nobody gets to then", "checkbox"),
    )
    return Form("/floor/block", "Block it", fields, "Block a way", tone="stop", csrf_token=desk.visit.csrf_token)
