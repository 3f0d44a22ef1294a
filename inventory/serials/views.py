from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SerialStepView:
    """One fact in the life of a unit: received, registered, packed, unpacked, shipped, restocked, discarded,
    written_off or undone. `reference` is the delivery, order or return that it belongs to.
    """

    kind: str
    site_id: str
    reference: str
    parcel_id: str
    note: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SerialHead:
    """A unit by its serial number. `state` is in_stock, with_order (out of the house since `left_at`) or away;
    `location_code` is where it was put last.
    """

    tenant_id: str
    item_id: str
    sku: str
    name: str
    serial: str
    state: str
    site_id: str
    location_code: str
    lot: str
    order_id: str
    line_id: str
    parcel_id: str
    left_at: datetime | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class SerialLife:
    """A unit, and what happened to it, oldest first."""

    head: SerialHead
    steps: tuple[SerialStepView, ...]


@dataclass(frozen=True, slots=True)
class SerialLives:
    """All units with one serial number: makers choose them on their own, so that two items may have the same."""

    serial: str
    units: tuple[SerialLife, ...]
