"""Deliveries that are announced, taken in and closed."""

from inventory.arrivals.commands.announcing import Announcement, announce_arrival, cancel_arrival, close_arrival
from inventory.arrivals.commands.receiving import receive_arrival, undo_receipt
from inventory.arrivals.domain import OPEN_STATES, ArrivalDraft, ArrivalLineDraft, Condition
from inventory.arrivals.errors import ArrivalChanged, DuplicateArrival, NotAnnounced, UnknownArrival, WrongLocation
from inventory.arrivals.events import (
    ArrivalAnnounced,
    ArrivalCancelled,
    ArrivalClosed,
    ArrivalReceiptUndone,
    ArrivalReceived,
)
from inventory.arrivals.queries import (
    arrival_by_number,
    arrival_receipts,
    expected_by_item,
    expected_units,
    find_arrivals,
    get_arrival,
    taken_in,
)
from inventory.arrivals.views import ArrivalHead, ArrivalLineView, ArrivalReceiptView, ArrivalView, ExpectedUnits

__all__ = [
    "OPEN_STATES",
    "Announcement",
    "ArrivalAnnounced",
    "ArrivalCancelled",
    "ArrivalChanged",
    "ArrivalClosed",
    "ArrivalDraft",
    "ArrivalHead",
    "ArrivalLineDraft",
    "ArrivalLineView",
    "ArrivalReceiptUndone",
    "ArrivalReceiptView",
    "ArrivalReceived",
    "ArrivalView",
    "Condition",
    "DuplicateArrival",
    "ExpectedUnits",
    "NotAnnounced",
    "UnknownArrival",
    "WrongLocation",
    "announce_arrival",
    "arrival_by_number",
    "arrival_receipts",
    "cancel_arrival",
    "close_arrival",
    "expected_by_item",
    "expected_units",
    "find_arrivals",
    "get_arrival",
    "receive_arrival",
    "taken_in",
    "undo_receipt",
]
