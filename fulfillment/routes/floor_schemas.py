"""What the interface takes of a drawn floor: lengths in mm, outlines as GeoJSON polygons."""

from typing import Annotated, Any, Literal

from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError

from fulfillment.routes.schemas import Strict

Mm = Annotated[int, Field(ge=-100_000_000, le=100_000_000)]
Width = Annotated[int, Field(ge=1, le=100_000)]
Code = Annotated[str, Field(min_length=1, max_length=64)]
Words = Annotated[str, Field(max_length=200)]
Corner = Annotated[list[Annotated[float, Field(ge=-1e8, le=1e8)]], Field(min_length=2, max_length=2)]
Ring = Annotated[list[Corner], Field(min_length=4, max_length=2_000)]


class OutlineIn(Strict):
    """An area of the floor; its ring of corners ends where it begins."""

    type: Literal["Polygon"]
    coordinates: Annotated[list[Ring], Field(min_length=1, max_length=50)]


class AisleIn(Strict):
    """A walkway between racks along y; `one_way` is 1 toward growing y, -1 toward falling y, 0 both ways."""

    code: Code
    x_mm: Mm
    y_from_mm: Mm
    y_to_mm: Mm
    width_mm: Width
    one_way: Literal[-1, 0, 1] = 0


class CrossAisleIn(Strict):
    """A walkway across all aisles along x."""

    code: Code
    y_mm: Mm
    x_from_mm: Mm
    x_to_mm: Mm
    width_mm: Width


class WalkwayIn(Strict):
    """Any other way, as the corners of its center line; a one-way one leads from the first to the last."""

    code: Code
    points: Annotated[list[Annotated[list[Mm], Field(min_length=2, max_length=2)]], Field(min_length=2, max_length=500)]
    width_mm: Width
    one_way: bool = False


class RackIn(Strict):
    """A block of shelves."""

    code: Code
    polygon: OutlineIn


class ZoneIn(Strict):
    """A named area."""

    code: Code
    kind: Literal["storage", "pack", "receiving", "lane"]
    polygon: OutlineIn


class ObstacleIn(Strict):
    """Something that nobody walks through, and why it is there."""

    code: Code
    polygon: OutlineIn
    note: Words = ""


class BinIn(Strict):
    """A location on its shelf; levels count from 1 at the floor."""

    code: Code
    zone: Code
    aisle: Annotated[str, Field(max_length=64)]
    side: Literal["L", "R"]
    level: Annotated[int, Field(ge=1, le=99)]
    x_mm: Mm
    y_mm: Mm


class DocumentIn(Strict):
    """A whole floor, as `GET /v1/floor-plans/{version}` returns it."""

    name: Code = Field(examples=["Hall 2"])
    floor: OutlineIn = Field(
        examples=[{"type": "Polygon", "coordinates": [[[0, 0], [30_000, 0], [30_000, 20_000], [0, 20_000], [0, 0]]]}]
    )
    aisles: list[AisleIn] = Field(
        examples=[[{"code": "01", "x_mm": 6_000, "y_from_mm": 5_000, "y_to_mm": 17_000, "width_mm": 1_600}]]
    )
    cross_aisles: list[CrossAisleIn] = Field(examples=[[]])
    racks: list[RackIn] = Field(examples=[[]])
    zones: list[ZoneIn] = Field(examples=[[]])
    bins: list[BinIn] = Field(examples=[[]])
    depot: Annotated[list[Mm], Field(min_length=2, max_length=2)] = Field(examples=[[6_000, 2_000]])
    drops: list[Annotated[list[Mm], Field(min_length=2, max_length=2)]] = Field(default_factory=list)
    walkways: list[WalkwayIn] = Field(default_factory=list)
    obstacles: list[ObstacleIn] = Field(default_factory=list)
    closed_bins: list[Code] = Field(default_factory=list)


def read_document(content: bytes) -> dict[str, Any]:
    """Read a whole floor that came as a file.

    Raises:
        RequestValidationError: names what in it cannot be right.
    """
    try:
        return DocumentIn.model_validate_json(content).model_dump(mode="json")
    except ValidationError as error:
        found = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors(include_url=False)]
        raise RequestValidationError(found) from error


class DraftIn(Strict):
    """A drawn floor to keep as a draft; `based_on` is the version that it was drawn from."""

    document: DocumentIn
    note: Words = Field(default="", examples=["Aisle 7 is one-way"])
    based_on: Annotated[int, Field(ge=1)] | None = None


class InForceIn(Strict):
    """Which version the caller knows to be in force, 0 for none; whether bins without a location get one; and whether
    it is `confirmed` that locations with stock are left out.
    """

    instead_of: Annotated[int, Field(ge=0)] | None = Field(default=None, examples=[3])
    add_locations: bool = False
    confirmed: bool = False


class BlockIn(Strict):
    """What stands in the way, and where: the whole aisle, the bay of one location, or between two."""

    way: Code = Field(examples=["07"])
    reason: Annotated[str, Field(min_length=1, max_length=200)] = Field(examples=["Broken pallet"])
    start: Annotated[str, Field(max_length=64)] = Field(default="", examples=["A-07-03-1"])
    end: Annotated[str, Field(max_length=64)] = ""
    confirmed: bool = False
