import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from shipping.domain.weight_audit import Expectation, ScaleSpec, expect_weight
from shipping.domain.weight_learning import CleanParcel, ItemWeight, item_weight_from_master

BENCH_SCALE = ScaleSpec(sd_g=2.5, interval_g=5)
"""What is assumed about the scale before the parcel stands on one."""


class Packed(Protocol):
    """The part of a parcel's content that its weight follows from."""

    @property
    def item_id(self) -> str:
        """The item."""

    @property
    def sku(self) -> str:
        """How people call the item."""

    @property
    def quantity(self) -> int:
        """Units in the parcel."""

    @property
    def weight_g(self) -> int:
        """Catalog weight of a unit in g."""


def expect_parcel(
    contents: Sequence[Packed], known: Mapping[str, ItemWeight], *, tare_g: int, tare_sd_g: float, void_ml: int,
    scale: ScaleSpec = BENCH_SCALE,
) -> Expectation:  # fmt: skip
    """Compute what a parcel should weigh in g: from learned item weights where there are any, else the catalog's.

    Lines of one item are taken together, because the error of an item's mean is shared by all its units.
    """
    quantities: dict[str, int] = {}
    for content in contents:
        quantities[content.item_id] = quantities.get(content.item_id, 0) + content.quantity
    by_item = {content.item_id: content for content in contents}
    expected = [_belief(by_item[item], known).expected(quantity) for item, quantity in quantities.items()]
    return expect_weight(expected, tare_g=tare_g, tare_sd_g=tare_sd_g, scale=scale, void_ml=float(void_ml))


def lesson(
    contents: Sequence[Packed], *, reading_g: int, tare_g: int, tare_sd_g: float, void_ml: int, scale: ScaleSpec
) -> CleanParcel | None:
    """Return what a parcel with confirmed contents teaches: only one with a single kind of item teaches anything."""
    if len({content.item_id for content in contents}) != 1:
        return None
    packaging = expect_weight([], tare_g=tare_g, tare_sd_g=tare_sd_g, scale=scale, void_ml=float(void_ml))
    spread = math.sqrt(packaging.variance_g2 - scale.variance_g2)
    return CleanParcel(sum(c.quantity for c in contents), reading_g, packaging.mean_g, spread, scale)


def _belief(content: Packed, known: Mapping[str, ItemWeight]) -> ItemWeight:
    learned = known.get(content.item_id)
    if learned is None:
        return item_weight_from_master(content.sku, content.weight_g)
    return ItemWeight(
        content.sku, learned.mean_g, learned.mean_sd_g, learned.unit_sd_g, learned.parcels, learned.master_g
    )
