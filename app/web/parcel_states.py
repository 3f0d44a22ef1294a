from typing import Final

from fulfillment.api import OrderView, ParcelState
from shipping.api import ParcelView

_IN_HOUSE: Final = {
    "packed": "PACKED",
    "held": "AUDIT_HOLD",
    "cleared": "PASS",
    "labelled": "READY_TO_MANIFEST",
    "manifested": "MANIFESTED",
    "voided": "VOIDED",
}


def awaits_first_scan(parcel: ParcelView) -> bool:
    """Say whether the carrier has a parcel that it has not scanned yet: what it says of it is older than that."""
    return parcel.state == "handed_over" and parcel.tracking_status in ("", "pending", "pre_transit")


def parcel_state_code(parcel: ParcelView) -> str:
    """Return the code whose words tell staff where a parcel is: in the house its own state, then the carrier's."""
    if parcel.kind == "return" and parcel.state == "labelled":
        return "LABEL_ISSUED"
    if parcel.state in _IN_HOUSE:
        return _IN_HOUSE[parcel.state]
    known = parcel.tracking_status.upper()
    return "PICKED_UP" if awaits_first_scan(parcel) else known


_FATES: Final[dict[str, str]] = {
    ParcelState.LOST: "Lost",
    ParcelState.LOST_SETTLED: "Lost",
    ParcelState.BACK: "Came back to us",
    ParcelState.BACK_SETTLED: "Came back to us",
}
_DECIDED: Final = {"refund": ", refunded", "send_again": ", sent again"}


def parcel_fate(order: OrderView, parcel: ParcelView) -> str:
    """Return what became of a parcel that will not arrive any more, empty while it may; what the carrier said last
    about it ("on its way") is true no longer.
    """
    if parcel.tracking_status == "delivered":
        return ""
    state = next((each.state for each in order.parcels if each.parcel_id == parcel.id), "")
    decision = next((each.decision for each in order.outcomes if each.parcel_id == parcel.id), "")
    fate = _FATES.get(state, "")
    return fate + _DECIDED.get(decision, "") if fate else ""
