"""What a plan of parcels costs: cartons, freight on a way, and filling the room that is left over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from shipping.domain.carton_plans import CartonType, PackedCarton, PackItem, PackPlan, Price
from shipping.domain.carton_space import Dims

Freight = Callable[[Dims, int], int | None]
"""The price in minor units of a parcel of outer sides in mm and a gross weight in g; None if nobody takes it."""
DUNNAGE_MINOR_PER_L: Final = 2
"""What filling a liter of empty room costs, in minor units, where nobody says."""
_NOBODY_TAKES_IT: Final = 10**12
# While searching, parcels of nearly the same weight are asked for once.
_WEIGHT_STEP_G: Final = 250
_MM3_PER_L: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a plan is ranked by, in minor units: freight, None where no destination is known, and filling a liter."""

    freight: Freight | None
    dunnage_minor_per_l: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What a parcel costs, by parts in minor units; `freight_minor` is None where no destination is known."""

    carton_minor: int
    freight_minor: int | None
    dunnage_minor: int

    @property
    def total_minor(self) -> int:
        """The sum of the parts."""
        return self.carton_minor + (self.freight_minor or 0) + self.dunnage_minor


def carton_price(items: Sequence[PackItem], tariff: Tariff) -> Price:
    """Return what a carton is ranked by while searching, as if it held all that weighs so much."""
    asked: dict[tuple[Dims, int], int] = {}
    volume = sum(item.l_mm * item.w_mm * item.h_mm * item.quantity for item in items)
    weight = sum(item.weight_g * item.quantity for item in items)

    def price(carton: CartonType, gross_g: int) -> int:
        share = volume if gross_g - carton.tare_g >= weight else volume * (gross_g - carton.tare_g) // max(weight, 1)
        filling = 0 if carton.is_mailer else _filling(max(0, carton.inner_volume_mm3 - share), tariff)
        if tariff.freight is None:
            return carton.cost_minor + filling
        key = carton.outer_mm, -(-gross_g // _WEIGHT_STEP_G) * _WEIGHT_STEP_G
        if key not in asked:
            freight = tariff.freight(*key)
            asked[key] = _NOBODY_TAKES_IT if freight is None else freight
        return carton.cost_minor + asked[key] + filling

    return price


def parcel_cost(parcel: PackedCarton, tariff: Tariff) -> Cost | None:
    """Return what a parcel costs, None when nobody takes it."""
    freight = tariff.freight(parcel.outer_mm, parcel.gross_weight_g) if tariff.freight else None
    if tariff.freight and freight is None:
        return None
    return Cost(parcel.carton.cost_minor if parcel.carton else 0, freight, _filling(parcel.void_mm3, tariff))


def plan_cost(plan: PackPlan, tariff: Tariff) -> int | None:
    """Return what all parcels cost together in minor units, None when nobody takes one of them."""
    costs = [parcel_cost(parcel, tariff) for parcel in plan.parcels]
    known = [cost.total_minor for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None


def _filling(void_mm3: int, tariff: Tariff) -> int:
    """Return what it costs to fill a room, in minor units, rounded up."""
    return -(-void_mm3 * tariff.dunnage_minor_per_l // _MM3_PER_L)
