from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LocationHead:
    """A location and what lies in it altogether, of the merchants that the actor sees; limits of 0 are not known.

    Weight and volume are what its units come to by their descriptions.
    """

    id: str
    site_id: str
    code: str
    kind: str
    zone: str
    aisle: str
    bay: str
    level: str
    x_mm: int
    y_mm: int
    max_weight_g: int
    max_volume_mm3: int
    hazmat_ok: bool
    temperature_class: str
    items: int
    units: int
    weight_g: int
    volume_mm3: int
    is_frozen: bool


@dataclass(frozen=True, slots=True)
class LocationMovement:
    """Units that came into a location (positive) or left it, and why; `other` is the location at the other end."""

    at: datetime
    tenant_id: str
    item_id: str
    sku: str
    name: str
    lot: str
    quantity: int
    reason: str
    reference: str
    other: str
    actor: str
