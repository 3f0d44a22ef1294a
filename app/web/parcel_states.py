from typing import Final

from shipping.api import ParcelView

_IN_HOUSE: Final = {
    "packed": "PACKED",
    "held": "AUDIT_HOLD",
    "cleared": "PASS",
    "labelled": "READY_TO_MANIFEST",
    "manifested": "MANIFESTED",
    "voided": "VOIDED",
}


def parcel_state_code(parcel: ParcelView) -> str:
    """Return the code whose words tell staff where a parcel is: in the house its own state, then the carrier's."""
    if parcel.kind == "return" and parcel.state == "labelled":
        return "LABEL_ISSUED"
    if parcel.state in _IN_HOUSE:
        return _IN_HOUSE[parcel.state]
    known = parcel.tracking_status.upper()
    return known if known and known not in ("PENDING", "PRE_TRANSIT") else "PICKED_UP"
