from collections.abc import Sequence
from dataclasses import dataclass

from shipping.domain.carton_plans import most_room_mm3, needs_box
from shipping.views import Content


@dataclass(frozen=True, slots=True)
class PlannedCarton:
    """One parcel to pack: hand `contents` and `carton_code` to `create_parcel`. `carton_code` "own" means no carton.

    `placements` are (line id, x, y, z, length, width, height) in mm inside the carton. Of a mailer `flat_mm` is the
    empty bag's inside with how far it may bulge, and the inner sides are those of the room that it opens to.
    """

    carton_code: str
    carton_name: str
    inner_mm: tuple[int, int, int]
    outer_mm: tuple[int, int, int]
    gross_weight_g: int
    contents: tuple[Content, ...]
    placements: tuple[tuple[str, int, int, int, int, int, int], ...]
    flat_mm: tuple[int, int, int] | None = None

    @property
    def is_mailer(self) -> bool:
        """Whether it is a bag."""
        return self.flat_mm is not None


@dataclass(frozen=True, slots=True)
class PackPlanView:
    """How to pack an order, with sentences for the packer; `is_proven` when no cheaper single carton can exist."""

    cartons: tuple[PlannedCarton, ...]
    statements: tuple[str, ...]
    is_proven: bool


@dataclass(frozen=True, slots=True)
class CartonView:
    """A carton that a site stocks: inner sides in mm, tare and greatest gross weight in g, and how many there are by
    the books, None where it is not counted. Of a mailer the inner height is how far the bag may bulge.
    """

    code: str
    name: str
    inner_mm: tuple[int, int, int]
    tare_g: int
    max_weight_g: int
    on_hand: int | None = None
    is_mailer: bool = False

    @property
    def room_mm3(self) -> int:
        """Room inside, in cubic millimetres; of a mailer the most that it can have."""
        if self.is_mailer:
            return most_room_mm3(self.inner_mm)
        length, width, height = self.inner_mm
        return length * width * height

    def may_hold(self, contents: Sequence[Content]) -> bool:
        """Say whether room, sides and weight speak against these contents; a yes does not prove that they fit.

        Sides that nobody has told count as nothing.
        """
        room = sum(c.quantity * c.length_mm * c.width_mm * c.height_mm for c in contents)
        weight = self.tare_g + sum(c.quantity * c.weight_g for c in contents)
        sides = [sorted((c.length_mm, c.width_mm, c.height_mm)) for c in contents]
        if self.is_mailer:
            fit = not any(needs_box(c) for c in contents) and all(self._goes_around(*unit) for unit in sides)
        else:
            inner = sorted(self.inner_mm)
            fit = all(side <= space for unit in sides for side, space in zip(unit, inner, strict=True))
        return fit and room <= self.room_mm3 and weight <= self.max_weight_g

    def _goes_around(self, least: int, middle: int, most: int) -> bool:
        """Say whether the flat bag goes around a piece of these sides that lies on its largest face."""
        flat = sorted(self.inner_mm[:2])
        return least <= self.inner_mm[2] and least + middle <= flat[0] and least + most <= flat[1]
