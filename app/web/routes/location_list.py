from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.web.addresses import address
from app.web.faces.locations import LocationRow, LocationsPage
from app.web.pages import Chip, Empty, Field, Form, Link, Pager
from app.web.routes.answers import PageRoute, staff_page
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from app.web.wording_care import TEMPERATURES
from app.web.wording_locations import KINDS, used_room, used_weight
from inventory import api as inventory

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("work:pick", "work:plan", of_the_house=True))]
Words = Annotated[str, Query(max_length=400)]
FROZEN: Final = "frozen"
_ROWS = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked of the list; the addresses of the page repeat it. `show` is a kind, or what waits for a
    count.
    """

    query: str = ""
    show: str = ""

    @property
    def kind(self) -> str:
        """The kind that the list keeps to."""
        return self.show if self.show in KINDS else ""

    def address(self, path: str = "/locations", **changes: str) -> str:
        """Return the address of this list, with changes."""
        return address(path, **({"q": self.query, "show": self.show} | changes))


def wish(q: Words = "", show: Words = "") -> Wish:
    """Read the wish from the address."""
    return Wish(q.strip(), show if show in KINDS or show == FROZEN else "")


Asked = Annotated[Wish, Depends(wish)]


@router.get("/locations")
def list_locations(visit: Viewer, asked: Asked, cursor: Words = "") -> Response:
    """Show the locations of the site, and how full they are."""
    return staff_page(visit, list_page(visit, asked, cursor))


def list_page(visit: Visit, asked: Wish, cursor: str = "") -> LocationsPage:
    """Return the list as somebody asked for it."""
    with desk_of(visit) as desk:
        found = inventory.search_locations(
            desk.uow, site_id=desk.narrowed_to, search=asked.query, kind=asked.kind, frozen=asked.show == FROZEN,
            cursor=cursor, limit=_ROWS,
        )  # fmt: skip
        may_change = visit.may("work:plan") and desk.site is not None
        return LocationsPage(
            frame=desk.frame,
            shell=desk.shell("/locations"),
            filters=_filters(asked),
            chips=_chips(desk, asked),
            rows=tuple(_row(each) for each in found.items),
            empty=_empty(asked),
            csv_href=asked.address("/locations.csv") if found.items else "",
            new_href="/locations/new" if may_change else "",
            floor_href="/floor" if may_change else "",
            upload=_upload(desk) if may_change else None,
            pager=Pager("", "", asked.address(cursor=found.next)) if found.next else Pager(),
        )


def _row(each: inventory.LocationHead) -> LocationRow:
    return LocationRow(
        Link(each.code, f"/locations/{each.id}"), where_words(each), KINDS[each.kind], each.items, each.units,
        used_weight(each.weight_g, each.max_weight_g), used_room(each.volume_mm3, each.max_volume_mm3),
        0 < each.max_weight_g < each.weight_g or 0 < each.max_volume_mm3 < each.volume_mm3, each.is_frozen,
        each.hazmat_ok,
        "" if each.temperature_class == inventory.AMBIENT else TEMPERATURES[each.temperature_class],
    )  # fmt: skip


def where_words(each: inventory.LocationHead) -> str:
    """Return where a location is, as far as it is known."""
    parts = (("zone", each.zone), ("aisle", each.aisle), ("bay", each.bay), ("level", each.level))
    told = ", ".join(f"{name} {value}" for name, value in parts if value)
    return f"{told[:1].upper()}{told[1:]}"


def _chips(desk: Desk, asked: Wish) -> tuple[Chip, ...]:
    numbers = inventory.location_kinds(desk.uow, site_id=desk.narrowed_to)
    kinds = [(key, words) for key, words in KINDS.items() if key in numbers]
    return (
        Chip("All", asked.address(show=""), selected=not asked.show, count=sum(numbers.values())),
        *(Chip(words, asked.address(show=key), selected=asked.show == key, count=numbers[key]) for key, words in kinds),
        Chip("Waits for a count", asked.address(show=FROZEN), selected=asked.show == FROZEN),
    )


def _filters(asked: Wish) -> Form:
    fields = (
        Field("q", "Code, or its beginning", "search", asked.query, maximum=100),
        *((Field("show", "", "hidden", asked.show),) if asked.show else ()),
    )
    return Form("/locations", "Find", fields, method="get", tone="plain")


def _upload(desk: Desk) -> Form:
    words = (
        "The columns are those of the download. Locations with a code that is known are changed, the others added; when"
        " anything in the file is wrong, nothing is."
    )
    fields = (desk.site_field(), Field("file", "CSV file", "file", required=True))
    return Form(
        "/locations/file", "Read the file", fields, "Add or change many", words, csrf_token=desk.visit.csrf_token
    )


def _empty(asked: Wish) -> Empty:
    if asked.query or asked.show:
        return Empty("No location matches.", "Try fewer letters, or take the filter away.")
    return Empty("This site has no locations yet.", "Add one, or read them from a file.")
