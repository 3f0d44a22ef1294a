from collections.abc import Mapping
from enum import StrEnum


class ScanKind(StrEnum):
    """What happens to a simulated parcel, before a carrier puts it into its own words."""

    LABEL_CREATED = "label_created"
    PICKED_UP = "picked_up"
    ARRIVED = "arrived"
    DEPARTED = "departed"
    ARRIVED_LAST = "arrived_last"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AVAILABLE = "available"
    ATTEMPT_FAILED = "attempt_failed"
    DELIVERED = "delivered"
    COLLECTED = "collected"
    DELAYED = "delayed"
    DAMAGED = "damaged"
    LOST = "lost"
    REFUSED = "refused"
    RETURNING = "returning"
    RETURNED = "returned"


Vocabulary = Mapping[ScanKind, tuple[str, str]]

_K = ScanKind

# Each carrier speaks its own codes, and the same code means different things, as with real ones.
VOCABULARIES: Mapping[str, Vocabulary] = {
    "swift_parcel": {
        _K.LABEL_CREATED: ("MP", "Shipment information received"),
        _K.PICKED_UP: ("PU", "Picked up"),
        _K.ARRIVED: ("AR", "Arrival scan"),
        _K.DEPARTED: ("DP", "Departure scan"),
        _K.ARRIVED_LAST: ("AF", "Arrived at destination facility"),
        _K.OUT_FOR_DELIVERY: ("DL", "Loaded on delivery vehicle"),
        _K.AVAILABLE: ("AP", "Ready at pickup point"),
        _K.ATTEMPT_FAILED: ("NH", "Nobody at home"),
        _K.DELIVERED: ("OK", "Delivered"),
        _K.COLLECTED: ("OS", "Delivered, signed at pickup point"),
        _K.DELAYED: ("WD", "Held up by weather"),
        _K.DAMAGED: ("DM", "Parcel damaged"),
        _K.LOST: ("LP", "Parcel cannot be located"),
        _K.REFUSED: ("RF", "Refused by receiver"),
        _K.RETURNING: ("RS", "Returning to sender"),
        _K.RETURNED: ("RD", "Returned to sender"),
    },
    "northpost": {
        _K.LABEL_CREATED: ("N01", "Electronic notice received"),
        _K.PICKED_UP: ("N10", "Posted"),
        _K.ARRIVED: ("N20", "Arrived at sorting office"),
        _K.DEPARTED: ("N21", "Left sorting office"),
        _K.ARRIVED_LAST: ("N25", "Arrived at delivery office"),
        _K.OUT_FOR_DELIVERY: ("N40", "With the postal carrier"),
        _K.AVAILABLE: ("N45", "Ready at post office"),
        _K.ATTEMPT_FAILED: ("N50", "Receiver not available"),
        _K.DELIVERED: ("N60", "Delivered"),
        _K.COLLECTED: ("N61", "Collected by receiver"),
        _K.DELAYED: ("N70", "Delayed"),
        _K.DAMAGED: ("N72", "Item damaged"),
        _K.LOST: ("N73", "Item lost"),
        _K.REFUSED: ("N75", "Refused"),
        _K.RETURNING: ("N80", "On its way back"),
        _K.RETURNED: ("N81", "Handed back to sender"),
    },
    "cargo_line": {
        _K.LABEL_CREATED: ("BKD", "Booked"),
        _K.PICKED_UP: ("PUP", "Collected"),
        _K.ARRIVED: ("ARR", "Arrived at terminal"),
        _K.DEPARTED: ("DEP", "Departed terminal"),
        _K.ARRIVED_LAST: ("ARR", "Arrived at destination terminal"),
        _K.OUT_FOR_DELIVERY: ("OFD", "Out for delivery"),
        _K.AVAILABLE: ("DOC", "Ready at dock"),
        _K.ATTEMPT_FAILED: ("ATT", "Delivery not completed"),
        _K.DELIVERED: ("DL", "Unloaded at receiver"),
        _K.COLLECTED: ("DL", "Unloaded at dock"),
        _K.DELAYED: ("DLY", "Delayed"),
        _K.DAMAGED: ("DMG", "Freight damaged"),
        _K.LOST: ("LST", "Freight missing"),
        _K.REFUSED: ("REF", "Refused"),
        _K.RETURNING: ("RTO", "Return to origin"),
        _K.RETURNED: ("RTC", "Return completed"),
    },
}

# The spread of transit days that each service sells, from near to far.
SERVICE_DAYS: Mapping[tuple[str, str], tuple[int, int]] = {
    ("swift_parcel", "ground"): (1, 5),
    ("swift_parcel", "express"): (1, 2),
    ("northpost", "economy"): (3, 9),
    ("northpost", "tracked"): (2, 6),
    ("cargo_line", "freight"): (3, 8),
    ("cargo_line", "freight_priority"): (2, 5),
}
MAX_WEIGHT_G: Mapping[str, int] = {"swift_parcel": 31_500, "northpost": 30_000, "cargo_line": 1_000_000}

_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def tracking_number(carrier: str, serial: int) -> str:
    """Write the carrier's tracking number of a serial, with its check digit."""
    if carrier == "swift_parcel":
        digits = f"{serial:012d}"
        return f"SW{digits}{_mod10(digits)}"
    if carrier == "northpost":
        digits = f"{serial:08d}"
        return f"NP{digits}{_s10(digits)}NP"
    return f"CL{serial:09d}{serial % 7}"


def is_tracking_number(carrier: str, number: str) -> bool:
    """Say whether a number is one of the carrier's, with the right check digit."""
    serial = number[2:10] if carrier == "northpost" else number[2:-1]
    return serial.isascii() and serial.isdigit() and tracking_number(carrier, int(serial)) == number


def _mod10(digits: str) -> int:
    # GS1 General Specifications, section 7.9.1: weights 3 and 1 from the right.
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def _s10(digits: str) -> int:
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, _S10_WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(check, check)
