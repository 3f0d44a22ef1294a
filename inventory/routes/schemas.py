from typing import Annotated, Literal

from pydantic import BaseModel, Field

from inventory.domain.checks import (
    KINDS,
    MAX_BEARING_G,
    MAX_LENGTH_MM,
    MAX_PACK,
    MAX_SHELF_DAYS,
    MAX_VOLUME_MM3,
    MAX_WEIGHT_G,
    MIN_PACK,
)
from inventory.domain.segregation import TEMPERATURE_CLASSES
from inventory.serials.schemas import Serials
from inventory.web.schemas import PRINTABLE, Body, Code, LotCode, MerchantBody, Quantity, Reason, SiteBody, Sku, Word
from kernel.quantity import MAX_QUANTITY
from kernel.web.values import Day

Grams = Annotated[int, Field(ge=0, le=MAX_WEIGHT_G, examples=[350])]
Millimeters = Annotated[int, Field(ge=0, le=MAX_LENGTH_MM, examples=[120])]
ShelfDays = Annotated[
    int, Field(ge=0, le=MAX_SHELF_DAYS, description="How many days its units are still good for when they are sold")
]
MaxLoad = Annotated[
    int,
    Field(
        ge=0, le=MAX_WEIGHT_G, examples=[2_000],
        description="How many grams may lie on a unit in a carton: 0 is nothing at all, left out is no limit",
    ),
]  # fmt: skip
_OWN = "Each unit travels in its own container, never in a carton"
_MAILER = "Units may go into a mailer, a bag without a box: nothing fragile, upright, hazardous or chilled"
_CLASSES = "|".join(TEMPERATURE_CLASSES)
TemperatureClass = Annotated[
    str,
    Field(
        pattern=f"^({_CLASSES})?$", examples=["chilled"],
        description=f"{', '.join(TEMPERATURE_CLASSES)}; empty leaves it as it is known, ambient for what is new",
    ),
]  # fmt: skip
Millimeter = Annotated[int, Field(ge=-10_000_000, le=10_000_000)]


class PackIn(Body):
    """An inner or a case with a GTIN of its own."""

    gtin: str = Field(max_length=14, examples=["14006381333938"])
    units: int = Field(ge=MIN_PACK, le=MAX_PACK, examples=[12], description="How many base units it holds")


class ItemIn(MerchantBody):
    """An item: size and weight of one base unit, 0 when not known."""

    sku: Sku
    name: str = Field(min_length=1, max_length=300, pattern=PRINTABLE, examples=["Stoneware mug, blue"])
    weight_g: Grams = 0
    length_mm: Millimeters = 0
    width_mm: Millimeters = 0
    height_mm: Millimeters = 0
    gtins: list[Annotated[str, Field(max_length=14, examples=["4006381333931"])]] = Field(
        default_factory=list, max_length=20
    )
    keep_upright: bool = False
    fragile: bool = False
    hazmat: bool = False
    lot_tracked: bool = Field(default=False, description="Told apart by lot; only PATCH switches it off")
    min_shelf_days: ShelfDays = 0
    packs: list[PackIn] = Field(default_factory=list, max_length=20)
    serial_tracked: bool = Field(default=False, description="Each unit has a serial number; only PATCH switches it off")
    temperature_class: TemperatureClass = ""
    max_load_g: MaxLoad | None = None
    own_container: bool = Field(default=False, description=f"{_OWN}; only PATCH switches it off")
    mailer_ok: bool = Field(default=False, description=f"{_MAILER}; only PATCH switches it off")


class ItemPatch(Body):
    """What changes about an item; fields left out stay as they are. The SKU never changes."""

    name: str | None = Field(default=None, min_length=1, max_length=300, pattern=PRINTABLE)
    weight_g: Grams | None = None
    length_mm: Millimeters | None = None
    width_mm: Millimeters | None = None
    height_mm: Millimeters | None = None
    gtins: list[Annotated[str, Field(max_length=14)]] | None = Field(default=None, max_length=20)
    keep_upright: bool | None = None
    fragile: bool | None = None
    hazmat: bool | None = None
    lot_tracked: bool | None = None
    min_shelf_days: ShelfDays | None = None
    packs: list[PackIn] | None = Field(default=None, max_length=20)
    serial_tracked: bool | None = None
    temperature_class: TemperatureClass | None = None
    max_load_g: MaxLoad | Literal[""] | None = Field(default=None, description="An empty text: no limit")
    own_container: bool | None = Field(default=None, description=_OWN)
    mailer_ok: bool | None = Field(default=None, description=_MAILER)
    active: bool | None = None


class BarcodeIn(Body):
    """A barcode that is to stand for an item."""

    barcode: str = Field(
        min_length=8, max_length=200, examples=["4006381333931"], description="A GTIN, or what a scanner reads with one"
    )
    units: int = Field(default=1, ge=1, le=MAX_PACK, description="How many base units it stands for: those of a case")


class LocationIn(Body):
    """A place that goods can lie in."""

    code: Code
    kind: str = Field(default="pick", pattern=f"^({'|'.join(KINDS)})$", examples=["pick"])
    zone: Word = ""
    aisle: Word = ""
    bay: Word = ""
    level: Word = ""
    x_mm: Millimeter = 0
    y_mm: Millimeter = 0
    max_weight_g: int = Field(default=0, ge=0, le=MAX_BEARING_G, description="What it bears altogether; 0 is unknown")
    max_volume_mm3: int = Field(default=0, ge=0, le=MAX_VOLUME_MM3, description="What fits altogether; 0 is unknown")
    hazmat_ok: bool = Field(default=False, description="Whether hazardous goods may lie here")
    temperature_class: TemperatureClass = ""


class LocationsIn(Body):
    """Locations to create, or to bring up to date."""

    site: Word = ""
    locations: list[LocationIn] = Field(min_length=1, max_length=5_000)


class ReceiptLine(Body):
    """Units that arrived in one location; of items that are tracked by lot, with their lot and its last good day; of
    items that are tracked by serial number, with as many serials as units.
    """

    sku: Sku
    location_code: Code
    quantity: Quantity
    lot: LotCode = ""
    expires_on: Day | None = Field(default=None, examples=["2027-03-31"])
    serials: Serials = Field(default=[])


class ReceiptIn(SiteBody):
    """A delivery: all of it is taken in, or nothing."""

    reference: Word = Field(default="", examples=["ASN-2025-0117"])
    lines: list[ReceiptLine] = Field(min_length=1, max_length=1_000)


class AdjustmentIn(SiteBody):
    """A correction of the book: units found (positive) or gone (negative)."""

    sku: Sku
    location_code: Code
    delta: int = Field(ge=-MAX_QUANTITY, le=MAX_QUANTITY, examples=[-2])
    reason: Reason
    lot: LotCode | None = Field(default=None, description="Which lot, where several lie")


class MoveIn(SiteBody):
    """Units to be put somewhere else: put-away, replenishment."""

    sku: Sku
    from_code: Code
    to_code: Code
    quantity: Quantity
    lot: LotCode | None = Field(default=None, description="Which lot, where several lie")


class ReleaseIn(MerchantBody):
    """A hold to be given up."""

    reference: Word = Field(min_length=1, examples=["cart-7f3a"])


class StockOut(BaseModel):
    """What a site can sell of an item after the change."""

    item_id: str
    sku: str
    on_hand: int
    reserved: int
    available: int


class StockList(BaseModel):
    """The changed stock, by SKU."""

    items: list[StockOut]


class Released(BaseModel):
    """Units that are free again."""

    released: int


class LocationIds(BaseModel):
    """Ids by location code."""

    locations: dict[str, str]
