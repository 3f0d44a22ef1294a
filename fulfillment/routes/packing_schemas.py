from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fulfillment.routes.schemas import Group, Name, Strict
from shipping import api as shipping

_MOST_LINES = 100
_MOST = 2**31 - 1
Whole = Annotated[int, Field(ge=0, le=_MOST)]
_SIZES = ("length_mm", "width_mm", "height_mm", "weight_g")


class PieceIn(Strict):
    """Units to pack: an item of yours by its SKU, or bare sides in mm and a weight in g of one unit."""

    sku: Name | None = Field(default=None, examples=["MUG-BLUE"])
    name: str = Field(default="", max_length=200, description="How a bare piece is called in the answer")
    quantity: int = Field(ge=1, le=_MOST, examples=[2])
    length_mm: Whole | None = Field(default=None, examples=[120])
    width_mm: Whole | None = Field(default=None, examples=[90])
    height_mm: Whole | None = Field(default=None, examples=[100])
    weight_g: Whole | None = Field(default=None, examples=[350])
    keep_upright: bool = False
    fragile: bool = False
    max_load_g: Whole | None = Field(default=None, description="What may lie on one unit, in g; left out: no limit")
    own_container: bool = Field(default=False, description="Each unit travels in its own container, never in a carton")
    mailer_ok: bool = Field(default=False, description="Units may go into a mailer, if they need no other care")
    pack_with: Group = Field(
        default="", examples=["set-1"], description="Entries of one name share one carton wherever one holds them all"
    )

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "PieceIn":
        told = [name for name in _SIZES if getattr(self, name) is not None]
        if self.sku is None and len(told) < len(_SIZES):
            raise ValueError(f"name a sku, or tell {', '.join(name for name in _SIZES if name not in told)} too")
        care = self.keep_upright or self.fragile or self.own_container or self.max_load_g is not None
        care = care or self.mailer_ok
        if self.sku is not None and (told or care):
            raise ValueError("an item with a sku has the sizes and the care of the catalog: leave them out")
        return self


class DestinationIn(Strict):
    """Where the parcels would go: with it, plans are ranked by freight too."""

    country: Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["DE"])]
    postal_code: str = Field(default="", max_length=20, examples=["04109"])
    residential: bool = True


class PackingPlansIn(Strict):
    """Goods to be packed in a site's cartons."""

    site_id: str = Field(default="", max_length=64, description="Left out: the site that handles the merchant's goods")
    merchant_id: str = Field(default="", max_length=64, description="Only for staff")
    items: list[PieceIn] = Field(min_length=1, max_length=_MOST_LINES)
    destination: DestinationIn | None = None
    service_level: str = Field(default="standard", pattern="^(economy|standard|express)$")
    service: str = Field(default="", max_length=80, examples=["swift_parcel/ground"], description="One service only")
    currency: str = Field(default="", pattern="^([A-Z]{3})?$", description="Left out: the merchant's", examples=["EUR"])
    dunnage_minor_per_l: int = Field(
        default=shipping.DUNNAGE_MINOR_PER_L,
        ge=0,
        le=10_000,
        description="What filling a liter of empty room costs, in minor units",
    )
    own_container: bool = Field(default=False, description="Let what fits no carton travel as it is")


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class PlacementOut(_Out):
    """Where one unit lies: the corner nearest the left rear bottom corner, and its sides along the carton's length
    (left to right), width (rear to front) and height, in mm.
    """

    item: int = Field(description="The place of its entry in the request's items")
    sku: str
    name: str
    x_mm: int
    y_mm: int
    z_mm: int
    length_mm: int
    width_mm: int
    height_mm: int
    orientation: str = Field(description="upright, flat, on end or on its side", examples=["upright"])


class CostOut(_Out):
    """What a parcel costs by parts, in minor units; freight is null where no destination was named."""

    carton_minor: int
    freight_minor: int | None
    dunnage_minor: int
    total_minor: int


class PlannedCartonOut(_Out):
    """One parcel: sides in mm, weights in g, volumes in cubic mm. `service` is whose freight price it is.

    A mailer's outer sides are those of its filled shape; its inner sides are those of the room that it opens to.
    """

    carton_code: str = Field(examples=["M8"], description='"own": without a carton')
    carton_name: str
    inner_mm: tuple[int, int, int]
    outer_mm: tuple[int, int, int]
    flat_mm: tuple[int, int, int] | None = Field(
        default=None, description="Of a mailer: the flat bag's inner length and width, and how far it may bulge"
    )
    contents_g: int
    gross_g: int
    contents_mm3: int
    void_mm3: int
    cost: CostOut
    service: str
    placements: list[PlacementOut]


class PassedOverOut(_Out):
    """A cheaper carton that the goods did not go into, and why."""

    carton_code: str
    constraint: str = Field(examples=["side"])


class PackingPlanOut(_Out):
    """A way to pack. `is_proven`: no cheaper single carton can hold the goods, but for those of the plans before."""

    rank: int
    cartons: list[PlannedCartonOut]
    total_minor: int
    is_proven: bool
    constraint: str = Field(
        description="What kept it from being cheaper: none, weight, side, room, arrangement, keep_upright, fragile, "
        "load, undecided, kept_apart or needs_box"
    )
    passed_over: list[PassedOverOut]
    statements: list[str]


class PackingPlansOut(_Out):
    """Ways to pack the goods, cheapest first. Nothing was recorded."""

    site_id: str
    currency: str
    plans: list[PackingPlanOut]
