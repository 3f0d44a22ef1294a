"""The drawing board of the floor plan; what is drawn goes through the interface."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.web.faces.floor_plan import FloorEditPage
from app.web.pages import Empty, Link
from app.web.routes.answers import PageRoute, staff_page
from app.web.routes.visits import Visit, desk_of, visitor
from fulfillment import api as fulfillment

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
From = Annotated[int, Query(ge=0, le=999_999_999)]
_TOOLS: Final = (
    ("select", "Select"), ("rack", "Rack row"), ("aisle", "Aisle"), ("cross_aisle", "Cross-aisle"),
    ("walkway", "Walkway"), ("zone", "Zone"), ("obstacle", "Obstacle"), ("depot", "Depot"), ("drop", "Drop point"),
    ("measure", "Measure"),
)  # fmt: skip
_ACTS: Final = (
    ("undo", "Undo"), ("redo", "Redo"), ("duplicate", "Duplicate"), ("delete", "Delete"), ("none", "Unselect"),
    ("left", "Left"), ("right", "Right"), ("up", "Back"), ("down", "Front"), ("in", "Larger"), ("out", "Smaller"),
    ("whole", "Whole floor"),
)  # fmt: skip
_GRIDS: Final = ((10, "1 cm"), (50, "5 cm"), (100, "10 cm"), (500, "50 cm"), (1_000, "1 m"))
_NO_SITE = Empty("No site yet.", "Its floor can be drawn once there is one.")


@router.get("/floor/edit")
def edit_floor(visit: Lead, version: From = 0) -> Response:
    """Show the drawing board, with a version on it or an empty floor."""
    with desk_of(visit) as desk:
        back = Link("Floor plan", f"/floor/{version}" if version else "/floor")
        shell = desk.shell("/locations")
        if desk.site is None:
            return staff_page(visit, FloorEditPage(desk.frame, shell, "", back, _NO_SITE))
        words = "An empty floor."
        if version:
            head = fulfillment.get_floor_plan(desk.uow, site_id=desk.site_id, version=version).head
            words = f"From version {version}{', the one in force' if head.in_force else ''}."
        page = FloorEditPage(
            desk.frame, shell, f"{words} What you draw changes nothing until it is put in force.", back, _NO_SITE,
            site=desk.site_id, base=version, in_force=fulfillment.floor_version(desk.uow, desk.site_id),
            name=desk.site.name, tools=_TOOLS, acts=_ACTS, grids=_GRIDS,
        )  # fmt: skip
    return staff_page(visit, page)


def edit_links(version: int) -> tuple[Link, ...]:
    """Return the ways from the page of the floor plan to the drawing board."""
    anew = Link("Draw a new one", "/floor/edit")
    return (Link("Edit", f"/floor/edit?version={version}"), anew) if version else (anew,)
