"""The customer's words for every state and every exception, so that no code ever reaches a customer.

Each exception is told in four parts (what happened, what we do, what you can do, by when) and differs with how far the
parcel came: still with us, with the carrier, arrived, or over. `describe_exception` answers for every pair of
`TrackerState` and `TrackerException`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from app.web.wording_exceptions import EXCEPTION_TEXTS
from app.web.wording_parts import Stage, TrackerException

STRIP: tuple[str, ...] = ("Ordered", "Packed", "Shipped", "Out for delivery", "Delivered")


class TrackerState(StrEnum):
    """How far an order or a parcel is, as a customer thinks of it."""

    PLACED = "placed"
    SCHEDULED = "scheduled"
    AWAITING_STOCK = "awaiting_stock"
    IN_WAREHOUSE = "in_warehouse"
    HELD_FOR_CHECK = "held_for_check"
    READY_FOR_CARRIER = "ready_for_carrier"
    HANDED_OVER = "handed_over"
    IN_TRANSIT = "in_transit"
    AT_DEPOT = "at_depot"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    RETURNED_TO_SENDER = "returned_to_sender"
    CANCELLED = "cancelled"
    RETURN_IN_PROGRESS = "return_in_progress"
    REFUNDED = "refunded"
    SENT_AGAIN = "sent_again"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class StateText:
    """`headline` may hold `{promise}`; `undated` stands when there is no promise. `step` counts from 0 along STRIP."""

    words: str
    headline: str
    undated: str
    line: str
    step: int
    stage: Stage


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state ready to show: the headline, the line under it, a short form for a card."""

    headline: str
    line: str
    words: str
    step: int


@dataclass(frozen=True, slots=True)
class ExceptionWords:
    """A problem in four parts. `tone` is warn where a choice is open and stop where the parcel is in trouble."""

    title: str
    tone: Literal["warn", "stop"]
    what: str
    we: str
    you: str
    when: str


STATE_TEXTS: dict[TrackerState, StateText] = {
    TrackerState.PLACED: StateText(
        "Order received",
        "Arriving {promise}",
        "We have your order",
        "We have your order and have set its items aside for you.",
        0,
        "with_us",
    ),
    TrackerState.SCHEDULED: StateText(
        "Noted for a later day",
        "Arriving {promise}",
        "We have noted your order",
        "Your order leaves on a later day, as you wished. We set its items aside in time.",
        0,
        "with_us",
    ),
    TrackerState.AWAITING_STOCK: StateText(
        "Waiting for stock",
        "Arriving {promise}",
        "Waiting for one of your items",
        "One of your items is on its way to our warehouse. Your order leaves as soon as it is here.",
        0,
        "with_us",
    ),
    TrackerState.IN_WAREHOUSE: StateText(
        "Being packed",
        "Arriving {promise}",
        "We are packing your order",
        "We are collecting and packing your items.",
        0,
        "with_us",
    ),
    TrackerState.HELD_FOR_CHECK: StateText(
        "Being checked",
        "Arriving {promise}",
        "We are checking your parcel",
        "Your parcel is packed. We are checking it once more before it leaves.",
        1,
        "with_us",
    ),
    TrackerState.READY_FOR_CARRIER: StateText(
        "Ready for the carrier",
        "Arriving {promise}",
        "Your parcel is packed and ready",
        "Your parcel is packed, weighed and waiting for the carrier's van.",
        1,
        "with_us",
    ),
    TrackerState.HANDED_OVER: StateText(
        "With the carrier, not scanned yet",
        "Arriving {promise}",
        "Your parcel is with the carrier",
        "The carrier has your parcel, but has not scanned it yet: their site may not know its number.",
        2,
        "with_carrier",
    ),
    TrackerState.IN_TRANSIT: StateText(
        "On its way",
        "Arriving {promise}",
        "Your parcel is on its way",
        "Your parcel is travelling with the carrier.",
        2,
        "with_carrier",
    ),
    TrackerState.AT_DEPOT: StateText(
        "At your local depot",
        "Arriving {promise}",
        "Your parcel is close by",
        "Your parcel is at the depot that delivers to you.",
        2,
        "with_carrier",
    ),
    TrackerState.OUT_FOR_DELIVERY: StateText(
        "Out for delivery",
        "Arriving {promise}",
        "Arriving today",
        "Your parcel is on the van that delivers to you.",
        3,
        "with_carrier",
    ),
    TrackerState.DELIVERED: StateText(
        "Delivered",
        "Delivered {promise}",
        "Delivered",
        "Your parcel has been delivered.",
        4,
        "arrived",
    ),
    TrackerState.AVAILABLE_FOR_PICKUP: StateText(
        "Ready for you to collect",
        "Collect it until {promise}",
        "Ready for you to collect",
        "Your parcel is waiting at the collection point. Bring the tracking number and an identity document.",
        3,
        "arrived",
    ),
    TrackerState.RETURNED_TO_SENDER: StateText(
        "Coming back to us",
        "Your parcel is coming back to us",
        "Your parcel is coming back to us",
        "The carrier could not deliver your parcel and is bringing it back to our warehouse.",
        3,
        "over",
    ),
    TrackerState.CANCELLED: StateText(
        "Cancelled",
        "This order is cancelled",
        "This order is cancelled",
        "Nothing more will be sent. If you paid, the money goes back the way you paid.",
        0,
        "over",
    ),
    TrackerState.RETURN_IN_PROGRESS: StateText(
        "Return in progress",
        "We are expecting your return",
        "We are expecting your return",
        "Hand the parcel in with the return label. We write to you as soon as we have checked it.",
        4,
        "over",
    ),
    TrackerState.REFUNDED: StateText(
        "Refunded",
        "Your refund is on its way",
        "Your refund is on its way",
        "We have sent the money back the way you paid. Your bank may take up to five working days to show it.",
        4,
        "over",
    ),
    TrackerState.SENT_AGAIN: StateText(
        "Sent again",
        "We are sending your items again",
        "We are sending your items again",
        "A parcel did not reach you. Its items leave again as a new order; we write when that is on its way.",
        0,
        "over",
    ),
    TrackerState.LOST: StateText(
        "Lost",
        "Your parcel did not arrive",
        "Your parcel did not arrive",
        "The carrier cannot find it. We are putting that right.",
        2,
        "with_carrier",
    ),
}

CARRIER_STATUS_WORDS: dict[str, str] = {
    "PENDING": "Waiting for the carrier's first news",
    "PRE_TRANSIT": "Label made, waiting for the carrier's van",
    "PICKED_UP": "Handed to the carrier",
    "IN_TRANSIT": "On its way",
    "OUT_FOR_DELIVERY": "Out for delivery",
    "AVAILABLE_FOR_PICKUP": "Ready for you to collect",
    "ATTEMPT_FAILED": "The driver called, but could not deliver",
    "DELIVERED": "Delivered",
    "EXCEPTION": "Something held the parcel up",
    "RETURNING": "On its way back to us",
    "RETURNED": "Back at our warehouse",
    "CANCELLED": "The shipment was cancelled",
    "EXPIRED": "No news from the carrier for a long time",
    "UNKNOWN": "The carrier sent news that we are still reading",
}

STATE_OF_CARRIER_STATUS: dict[str, TrackerState] = {
    "PENDING": TrackerState.HANDED_OVER,
    "PRE_TRANSIT": TrackerState.HANDED_OVER,
    "PICKED_UP": TrackerState.IN_TRANSIT,
    "IN_TRANSIT": TrackerState.IN_TRANSIT,
    "OUT_FOR_DELIVERY": TrackerState.OUT_FOR_DELIVERY,
    "AVAILABLE_FOR_PICKUP": TrackerState.AVAILABLE_FOR_PICKUP,
    "ATTEMPT_FAILED": TrackerState.AT_DEPOT,
    "DELIVERED": TrackerState.DELIVERED,
    "EXCEPTION": TrackerState.IN_TRANSIT,
    "RETURNING": TrackerState.RETURNED_TO_SENDER,
    "RETURNED": TrackerState.RETURNED_TO_SENDER,
    "CANCELLED": TrackerState.CANCELLED,
    "EXPIRED": TrackerState.IN_TRANSIT,
    "UNKNOWN": TrackerState.IN_TRANSIT,
}


def describe_state(state: TrackerState, promise: str = "") -> StateWords:
    """Return the words of a state; `promise` is a day in words such as "Tuesday 24 November, 14-18", or empty."""
    text = STATE_TEXTS[state]
    headline = text.headline.format(promise=promise) if promise else text.undated
    return StateWords(headline=headline, line=text.line, words=text.words, step=text.step)


def describe_exception(
    exception: TrackerException, state: TrackerState, *, new_promise: str = "", decide_by: str = ""
) -> ExceptionWords:
    """Return the four parts of an exception at a state.

    `new_promise` is the new delivery day in words and `decide_by` the moment until which the customer can choose; both
    may be empty, and then the text names the time by which we write again.
    """
    text = EXCEPTION_TEXTS[exception][STATE_TEXTS[state].stage]
    when = f"New date: {new_promise}." if new_promise else text.when
    you = f"{text.you} You can choose until {decide_by}." if decide_by else text.you
    return ExceptionWords(text.title, text.tone, text.what, text.we, you, when)
