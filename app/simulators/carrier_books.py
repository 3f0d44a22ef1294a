from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.simulators.carrier_codes import MAX_WEIGHT_G, SERVICE_DAYS, is_tracking_number
from app.simulators.carrier_model import CarrierScan
from app.simulators.carrier_wire import ManifestOrder, ShipmentOrder

ShipmentState = Literal["created", "manifested", "voided"]

_BASE_MINOR = 650
_PER_HALF_KG_MINOR = 90
_HALF_KG_G = 500


class DeskRefusalError(Exception):
    """The carrier declines, with a status, a code that programs read, and the parcels concerned."""

    def __init__(self, status: int, code: str, detail: str, tracking_numbers: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.tracking_numbers = tuple(tracking_numbers)


@dataclass(frozen=True, slots=True)
class Shipment:
    """A label that the carrier sold; its history exists from the handover on."""

    order: ShipmentOrder
    tracking_number: str
    cost_minor: int
    currency: str
    created_at: datetime
    state: ShipmentState = "created"
    scans: tuple[CarrierScan, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """A list that the carrier acknowledged."""

    order: ManifestOrder
    carrier_reference: str
    handed_over_at: datetime
    pace: float = 1.0


def check_parcel(order: ShipmentOrder) -> None:
    """Refuse a parcel that its carrier does not take.

    Raises:
        DeskRefusalError: 422 for an unknown service, too much weight, or a number that is none of the carrier's.
    """
    if order.tracking_number and not is_tracking_number(order.carrier, order.tracking_number):
        raise DeskRefusalError(422, "invalid_number", "The number is none of this carrier's", [order.tracking_number])
    if (order.carrier, order.service) not in SERVICE_DAYS:
        raise DeskRefusalError(422, "unknown_service", f"{order.carrier} has no service {order.service}")
    if order.weight_g > MAX_WEIGHT_G[order.carrier]:
        raise DeskRefusalError(422, "too_heavy", f"The most is {MAX_WEIGHT_G[order.carrier]} g")


def cost_of(order: ShipmentOrder, currency: str) -> tuple[int, str]:
    """Return what a label costs, in minor units of a currency: as quoted, else by the carrier's own price list."""
    if order.quote is not None:
        return order.quote.amount_minor, order.quote.currency
    return _BASE_MINOR + -(-order.weight_g // _HALF_KG_G) * _PER_HALF_KG_MINOR, currency
