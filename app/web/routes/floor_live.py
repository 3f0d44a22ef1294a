from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.web.faces.floor_live import LiveFloorPage, WalkRow
from app.web.labels import person_words
from app.web.pages import Empty, Fact, Link
from app.web.routes.answers import PageRoute, staff_page
from app.web.routes.visits import Visit, desk_of, visitor
from fulfillment import api as fulfillment
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
_NO_FLOOR: Final = Empty(
    "There is no floor plan yet.", "Load one, and the people on it are shown here.", Link("Load a plan", "/floor")
)
_NO_WALKS: Final = Empty("Nobody is on a walk.", "Walks are listed here from their claim to their last pick.")


@router.get("/floor/live")
def show(visit: Lead) -> Response:
    """Show who is where on the floor, where they go next, and where it gets crowded."""
    with desk_of(visit) as desk:
        found = fulfillment.live_floor(desk.uow, site_id=desk.site_id)
        people = desk.people()
        page = LiveFloorPage(
            frame=desk.frame,
            shell=desk.shell("/locations"),
            drawing=found.drawing if found else "",
            figures=_figures(found) if found else (),
            crowded=tuple(f"{counted(each, 'person', 'people')} in aisle {aisle}" for aisle, each in found.crowded)
            if found
            else (),
            walks=tuple(_row(each, people) for each in found.walks) if found else (),
            walks_empty=_NO_WALKS,
            empty=_NO_FLOOR,
            waiting=tuple(_waiting(each) for each in found.waiting) if found else (),
        )
    return staff_page(visit, page)


def _waiting(each: fulfillment.WaitingTotes) -> str:
    totes = counted(each.totes, "tote")
    return f"{each.label}: {totes} at the hand-over of zone {each.at_zone}, for zone {each.for_zone}"


def _figures(found: fulfillment.LiveFloor) -> tuple[Fact, ...]:
    left = sum(walk.lines - walk.lines_done for walk in found.walks)
    return (
        Fact("People on a walk", str(len(found.walks))),
        Fact("Lines left on their walks", str(left)),
        Fact("Picks in the last hour", str(found.picks_last_hour)),
        Fact("Aisles with several people", str(len(found.crowded)), tone="warn" if found.crowded else "plain"),
    )


def _row(walk: fulfillment.LiveWalk, people: dict[str, str]) -> WalkRow:
    return WalkRow(
        walk.number, person_words(walk.picker, people), walk.label, walk.lines_done, walk.lines, walk.last_stop,
        walk.seen_at, ", ".join(walk.next_stops), walk.cut_off_at,
    )  # fmt: skip
