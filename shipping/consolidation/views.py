from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class InjectionHub:
    """A place that takes pallets of parcels: what a dispatch costs once and each pallet, in minor units, what a pallet
    holds, how many working days the way takes, and the service that delivers from there.
    """

    code: str
    name: str
    country: str
    postal_code: str
    currency: str
    fixed_minor: int
    pallet_minor: int
    max_volume_mm3: int
    max_weight_g: int
    transit_days: int
    carrier: str
    service: str


@dataclass(frozen=True, slots=True)
class LooseParcel:
    """A parcel to plan for: outer sides in mm, weight in g, the day that was promised, if any, and the kinds of
    dangerous goods inside.
    """

    reference: str
    country: str
    postal_code: str
    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int
    service_level: str = "standard"
    promised_on: date | None = None
    is_residential: bool = True
    dangerous_goods: tuple[str, ...] = ()
