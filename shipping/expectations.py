from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from shipping.domain.weight_audit import Expectation, Extra, expect_weight, expected_item
from shipping.domain.weight_belief import ItemWeight
from shipping.domain.weight_packaging import Guess, Packaging, ScaleSpec

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


class Around(Protocol):
    """The part of a parcel that is not goods."""

    @property
    def carton_code(self) -> str:
        """The carton that was really taken."""

    @property
    def tare_g(self) -> int:
        """What it weighs by its data sheet, or as it was told."""

    @property
    def void_ml(self) -> int:
        """Empty room in it, in ml."""

    @property
    def extras(self) -> Sequence[Mapping[str, Any]]:
        """What was done to the goods and weighs something, as `Extra`."""


def beliefs_about(contents: Sequence[Packed], known: Mapping[str, ItemWeight]) -> dict[str, ItemWeight]:
    """Return what is believed of each item of a parcel: learned where there is anything, else the catalog's entry.

    The entry is the one of today, so that a correction counts at once.
    """
    return {
        content.item_id: replace(
            known.get(content.item_id) or ItemWeight(content.item_id, 0), master_g=content.weight_g
        )
        for content in contents
    }


def expect_parcel(
    contents: Sequence[Packed], beliefs: Mapping[str, ItemWeight], around: Around, packaging: Packaging,
    scale_code: str = "",
) -> Expectation:  # fmt: skip
    """Compute what a parcel should weigh in g, one expected item per item of `beliefs` and in their order.

    Lines of one item are taken together, because the error of an item's mean is shared by all its units.
    """
    quantities: dict[str, int] = {}
    skus: dict[str, str] = {}
    for content in contents:
        quantities[content.item_id] = quantities.get(content.item_id, 0) + content.quantity
        skus[content.item_id] = content.sku
    return expect_weight(
        [expected_item(belief, quantities[item], skus[item]) for item, belief in beliefs.items()],
        tare=_tare(around, packaging), scale=packaging.scales.get(scale_code, BENCH_SCALE),
        void_ml=float(around.void_ml), dunnage=packaging.dunnage, label=packaging.offset(scale_code),
        noise=packaging.noise, extras=[Extra(**extra) for extra in around.extras],
    )  # fmt: skip


def _tare(around: Around, packaging: Packaging) -> Guess:
    """Take the learned tare of the carton that was really used; a told or changed one stands for itself."""
    learned = packaging.tares.get(around.carton_code)
    if learned is not None and packaging.nominal_g.get(around.carton_code) == around.tare_g:
        return learned
    return packaging.guess(around.tare_g)
