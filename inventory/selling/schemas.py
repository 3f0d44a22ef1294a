from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from inventory.selling.domain import MAX_CHANNEL, MAX_PARTS, MAX_SAFETY, MAX_SHARE
from inventory.web.schemas import PRINTABLE, Body, Quantity, Sku, Word
from kernel.quantity import MAX_QUANTITY
from kernel.web.values import Day


class SafetyStockIn(Body):
    """Units that a channel must leave at a site; without a channel every one, without a site each of yours."""

    units: int = Field(ge=0, le=MAX_QUANTITY, examples=[5])
    channel: str = Field(default="", max_length=MAX_CHANNEL, pattern=PRINTABLE, examples=["marketplace"])
    site: Word = Field(default="", examples=["main"])


class OversellIn(Body):
    """How many units may be sold beyond what is there; a preorder also says when the goods are expected."""

    policy: Literal["none", "backorder", "preorder"] = Field(examples=["backorder"])
    units: int = Field(default=0, ge=0, le=MAX_QUANTITY, examples=[20])
    until: Day | None = Field(default=None, examples=["2026-12-20"])


class KitPartIn(Body):
    """How many units of another item are in one kit. Each bears `value_share` parts of the kit's price."""

    sku: Sku
    quantity: Quantity
    value_share: int = Field(default=1, ge=1, le=MAX_SHARE, examples=[1])


class SellingPatch(Body):
    """The rules that change; each that is named replaces what there was. An empty `kit` makes a plain item of a kit."""

    safety_stock: list[SafetyStockIn] | None = Field(default=None, max_length=MAX_SAFETY)
    oversell: OversellIn | None = None
    kit: list[KitPartIn] | None = Field(default=None, max_length=MAX_PARTS)
    pack_together: bool | None = Field(
        default=None, description="The parts of this kit share one carton wherever one holds them"
    )


@dataclass(frozen=True, slots=True)
class SafetyStockOut:
    """Units that a channel must leave at a site, by its code; empty means every one."""

    units: int
    channel: str
    site: str


@dataclass(frozen=True, slots=True)
class OversellOut:
    """How many units may be sold beyond what is there, and until when."""

    policy: str
    units: int
    until: date | None


@dataclass(frozen=True, slots=True)
class KitPartOut:
    """A part of a kit."""

    sku: str
    item_id: str
    name: str
    quantity: int
    value_share: int


@dataclass(frozen=True, slots=True)
class SellingOut:
    """The rules by which an item is sold; `version` is the item's."""

    item_id: str
    sku: str
    version: int
    safety_stock: tuple[SafetyStockOut, ...]
    oversell: OversellOut
    kit: tuple[KitPartOut, ...]
    pack_together: bool
