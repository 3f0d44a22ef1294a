from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Route = Annotated[str, Field(max_length=20)]
Service = Annotated[str, Field(max_length=60)]
Scanned = Annotated[str, Field(min_length=1, max_length=120)]


class LaneIn(BaseModel):
    """A lane to open: a carrier's parcels of these services to these routes, of all where none is named."""

    model_config = ConfigDict(extra="forbid", strict=True)
    site_id: str | None = Field(default=None, max_length=60)
    code: str = Field(min_length=1, max_length=40, examples=["LANE-1"])
    carrier: str = Field(min_length=1, max_length=60, examples=["northpost"])
    services: list[Service] = Field(default=[], max_length=40, examples=[["express"]])
    routes: list[Route] = Field(
        default=[], max_length=400, examples=[["DE-04", "AT"]], description="A country, or with a postcode's beginning"
    )
    requires_staging: bool = Field(default=True, description="Whether a manifest takes only what was scanned onto it")
    loads_by_scan: bool = Field(default=False, description="Whether its parcels are scanned onto the truck")


class LaneChange(BaseModel):
    """What changes of a lane; what is left out stays."""

    model_config = ConfigDict(extra="forbid", strict=True)
    carrier: str | None = Field(default=None, min_length=1, max_length=60)
    services: list[Service] | None = Field(default=None, max_length=40)
    routes: list[Route] | None = Field(default=None, max_length=400)
    requires_staging: bool | None = None
    loads_by_scan: bool | None = None


class LaneOut(BaseModel):
    """An open lane and what stands on it."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    site_id: str
    code: str
    carrier: str
    services: list[str]
    routes: list[str]
    requires_staging: bool
    loads_by_scan: bool
    parcels: int
    weight_g: int
    oldest_at: datetime | None
    to_take_off: int = Field(description="Parcels on it that were given up")


class LaneList(BaseModel):
    """The open lanes of a site, by code."""

    items: list[LaneOut]


class StageIn(BaseModel):
    """A parcel, by SSCC in any form or tracking number, and the lane's code or the container's SSCC it goes to."""

    model_config = ConfigDict(extra="forbid", strict=True)
    site_id: str | None = Field(default=None, max_length=60)
    parcel: Scanned = Field(examples=["(00)340123450000000018"])
    target: Scanned = Field(examples=["LANE-1"])


class UnstageIn(BaseModel):
    """A parcel to take off its lane."""

    model_config = ConfigDict(extra="forbid", strict=True)
    site_id: str | None = Field(default=None, max_length=60)
    parcel: Scanned


class LoadIn(BaseModel):
    """A staged parcel or a closed container that goes onto the truck."""

    model_config = ConfigDict(extra="forbid", strict=True)
    site_id: str | None = Field(default=None, max_length=60)
    unit: Scanned
    truck: str = Field(
        default="", max_length=60, description="A manifest's id or a carrier's code: what goes with another is refused."
    )


class UnloadIn(BaseModel):
    """A parcel or a container that comes off the truck again."""

    model_config = ConfigDict(extra="forbid", strict=True)
    site_id: str | None = Field(default=None, max_length=60)
    unit: Scanned


class StagedOut(BaseModel):
    """Where a parcel stands, or stood."""

    model_config = ConfigDict(from_attributes=True)
    parcel_id: str
    sscc: str
    lane: str
    container: str = Field(description="Its SSCC, empty for a loose parcel")
    was_there: bool = Field(description="Whether the scan changed nothing")


class LoadedOut(BaseModel):
    """What one scan put on the truck."""

    model_config = ConfigDict(from_attributes=True)
    sscc: str
    lane: str
    parcels: int = Field(description="0 when it was loaded already")


class TruckOut(BaseModel):
    """What one driver takes, and how far it is loaded."""

    model_config = ConfigDict(from_attributes=True)
    id: str = Field(description="The manifest's id, or the carrier's code before there is one")
    carrier: str
    manifest_id: str = Field(description="Empty before the manifest is closed")
    closed_at: datetime | None
    lanes: list[str]
    parcels: int
    loaded: int


class DockUnitOut(BaseModel):
    """A loose parcel or a container that one scan loads, and why it cannot be loaded."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    kind: str
    sscc: str
    carrier: str
    lane: str
    truck: str = Field(description="The truck that it goes on, empty when it goes on none today")
    parcels: int
    loaded_at: datetime | None
    problem: str = Field(description="Empty when one scan loads it; else such as open, not_staged, weight_differs")
    detail: str
    remedy: str


class DockOut(BaseModel):
    """The trucks of a site, and what goes on them."""

    model_config = ConfigDict(from_attributes=True)
    trucks: list[TruckOut]
    units: list[DockUnitOut]


class ContainerIn(BaseModel):
    """A container to open on a lane."""

    model_config = ConfigDict(extra="forbid", strict=True)
    lane_id: str = Field(min_length=1, max_length=60)
    kind: Literal["pallet", "cage", "bag"]


class ContainerOut(BaseModel):
    """A pallet, cage or bag on a lane."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    site_id: str
    lane_id: str
    lane_code: str
    carrier: str
    kind: str
    sscc: str
    state: str
    parcels: int
    weight_g: int
    opened_at: datetime
    closed_at: datetime | None


class ContainerList(BaseModel):
    """The containers of a site that are not loaded, newest first."""

    items: list[ContainerOut]


class DifferenceOut(BaseModel):
    """A parcel that would not leave with the next collection, and why."""

    model_config = ConfigDict(from_attributes=True)
    parcel_id: str
    order_id: str
    sscc: str
    tracking_number: str
    reason: str = Field(
        description="not_weighed, held, label_pending, not_staged, wrong_lane, later_day, to_take_off,"
        " weight_differs or not_on_manifest (in a closed container with others that go)"
    )
    lane: str
    stands_on: str
    container: str = Field(description="SSCC of the closed or loaded container it is in, empty for none")


class ReconciliationOut(BaseModel):
    """Counts of a collection from packing to the truck, and each parcel that differs."""

    model_config = ConfigDict(from_attributes=True)
    site_id: str
    carrier: str
    ship_date: date
    packed: int
    audited: int
    labelled: int
    staged: int
    loaded: int
    going: int
    stages_by_scan: bool
    differences: list[DifferenceOut]
