"""Scans in the words that customers read, and causes in those that carriers do."""

from collections.abc import Mapping
from typing import Final

_WORDS = {
    "pending": "The carrier expects the parcel",
    "pre_transit": "The carrier was told about the parcel",
    "picked_up": "Picked up by the carrier",
    "in_transit": "On its way",
    "out_for_delivery": "Out for delivery",
    "available_for_pickup": "Ready to be collected",
    "attempt_failed": "Delivery was tried without success",
    "delivered": "Delivered",
    "exception": "Something holds the parcel up",
    "returning": "On its way back to the sender",
    "returned": "Back at the sender",
    "cancelled": "The shipment was cancelled",
    "expired": "The carrier stopped waiting for the parcel",
    "unknown": "The carrier sent news that we are looking into",
}
# What a reason adds is said only where it helps whoever waits for the parcel.
_REASONS = {
    "weather_delay": "delayed by the weather",
    "natural_disaster": "delayed by a natural disaster",
    "external_delay": "delayed",
    "carrier_vehicle_issue": "delayed by a vehicle breakdown",
    "carrier_sorting_error": "sorted wrongly, it takes a detour",
    "customs_delay": "delayed at customs",
    "customs_started": "at customs",
    "customs_cleared": "through customs",
    "customs_documentation": "customs needs papers",
    "customs_duties_unpaid": "customs duties are due",
    "consignee_refused": "it was refused at the door",
    "consignee_not_available": "nobody was there",
    "consignee_not_home": "nobody was at home",
    "business_closed": "the business was closed",
    "incorrect_address": "the address could not be found",
    "recipient_moved": "the recipient has moved",
    "damaged": "it was damaged",
    "lost": "it cannot be found",
    "left_with_neighbour": "left with a neighbor",
    "collected_by_customer": "collected",
    "arrival_scan": "arrived at a depot",
    "departure_scan": "left a depot",
}


def sentence_for(status: str, reason: str, place: str) -> str:
    """Return what a scan says, as "Out for delivery in Leeds"; `place` is a city at most, or empty."""
    words = _WORDS.get(status, _WORDS["unknown"])
    if status == "in_transit" and reason in _REASONS:
        words = _REASONS[reason].capitalize()
    where = f" in {place}" if place else ""
    if reason in _REASONS and status != "in_transit":
        return f"{words}{where}: {_REASONS[reason]}"
    return f"{words}{where}"


def city_of(place: str) -> str:
    """Return the city of a carrier's place, "Leeds, West Yorkshire, GB", and nothing when it looks like an address.

    Customers' pages show places at city level only: a digit in the name means a street or a postal code.
    """
    city = place.split(",", maxsplit=1)[0].strip()[:60]
    return "" if any(c.isdigit() for c in city) else city.title() if city.isupper() else city


FREIGHT_CAUSES: Final[Mapping[str, str]] = {
    "agreed": "As expected", "below": "Below ours", "credit": "Credit", "unreadable": "Not readable",
    "unpriced": "No price of ours", "not_ours": "Not ours", "billed_twice": "Billed twice",
    "label_voided": "Label was voided", "service": "Service not bought", "weight": "Weight above ours",
    "dimensional": "Dimensional weight", "zone": "Wrong zone", "surcharge": "Unknown surcharge", "amount": "Amount off",
}  # fmt: skip
"""What lines of a carrier's invoice are called by their cause."""
