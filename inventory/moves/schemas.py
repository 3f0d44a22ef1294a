from pydantic import Field

from inventory.moves.domain.tasks import MAX_REASON
from inventory.web.schemas import PRINTABLE, Body, Code, LotCode, Quantity, SiteBody, Sku
from kernel.quantity import MAX_QUANTITY

_BARCODE = r"^[^\x00]*$"


class MoveDoneIn(Body):
    """What was carried: the scanned location it came from, the item, and the location it lies in now."""

    from_code: Code
    barcode: str = Field(min_length=1, max_length=200, pattern=_BARCODE, examples=["4006381333931"])
    to_code: Code
    quantity: Quantity
    reason: str = Field(
        default="", max_length=MAX_REASON, pattern=PRINTABLE, examples=["The shelf is blocked"],
        description="Why to another place than the suggested one",
    )  # fmt: skip


class MoveReasonIn(Body):
    """Why units are not carried."""

    reason: str = Field(min_length=1, max_length=MAX_REASON, pattern=PRINTABLE, examples=["They are sold from here"])


class UndoIn(Body):
    """Which step of a move is taken back."""

    number: int = Field(ge=1, le=100_000, examples=[1])


class PlaceQuestionIn(SiteBody):
    """Units that want a place; `from_code` says where the way is measured from."""

    sku: Sku
    quantity: Quantity
    lot: LotCode = ""
    from_code: str = Field(default="", max_length=32, pattern=PRINTABLE, examples=["DOCK-1"])


class FaceRuleIn(Body):
    """A pick face: it is filled up to the maximum when no more than the minimum is free."""

    sku: Sku
    location_code: Code
    min_units: int = Field(ge=0, le=MAX_QUANTITY, examples=[6])
    max_units: int = Field(ge=1, le=MAX_QUANTITY, examples=[40])


class FaceRulesIn(SiteBody):
    """Rules of one merchant's pick faces: all of them are set, or none."""

    rules: list[FaceRuleIn] = Field(min_length=1, max_length=1_000)


class FaceIn(SiteBody):
    """A pick face whose rule is removed."""

    sku: Sku
    location_code: Code
