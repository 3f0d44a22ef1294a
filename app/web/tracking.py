"""What a customer's page says about an order: its state, its parcels' states, and what went wrong."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.web.faces.shell import Frame
from app.web.formats import full_time, words_of_time
from app.web.parcel_states import awaits_first_scan, parcel_fate
from app.web.wording import STATE_OF_CARRIER_STATUS, STATE_TEXTS, TrackerState
from app.web.wording_orders import lowered
from app.web.wording_parts import TrackerException
from fulfillment.api import OrderState, OrderView, ParcelState
from returns.api import ReturnView
from shipping.api import ParcelView

_S, _O = TrackerState, OrderState
_OF_ORDER: Final[dict[str, TrackerState]] = {
    _O.NEW: _S.PLACED,
    _O.ON_HOLD: _S.PLACED,
    _O.PROMISED: _S.PLACED,
    _O.SCHEDULED: _S.SCHEDULED,
    _O.BACKORDERED: _S.AWAITING_STOCK,
    _O.PARTIALLY_BACKORDERED: _S.AWAITING_STOCK,
    _O.RELEASED: _S.IN_WAREHOUSE,
    _O.PICKING: _S.IN_WAREHOUSE,
    _O.PARTIALLY_PICKED: _S.IN_WAREHOUSE,
    _O.PICKED: _S.IN_WAREHOUSE,
    _O.PARTIALLY_PACKED: _S.IN_WAREHOUSE,
    _O.PACKED: _S.IN_WAREHOUSE,
    _O.AUDIT_HOLD: _S.HELD_FOR_CHECK,
    _O.READY_TO_MANIFEST: _S.READY_FOR_CARRIER,
    _O.MANIFESTED: _S.READY_FOR_CARRIER,
    _O.CANCELLED: _S.CANCELLED,
    _O.DELIVERED: _S.DELIVERED,
}
_OF_PARCEL: Final = {
    "packed": _S.IN_WAREHOUSE,
    "cleared": _S.IN_WAREHOUSE,
    "held": _S.HELD_FOR_CHECK,
    "labelled": _S.READY_FOR_CARRIER,
    "manifested": _S.READY_FOR_CARRIER,
}
_COMING_BACK: Final = {"authorized", "label_issued", "received"}
_BEHIND_FIRST: Final = (
    _S.RETURNED_TO_SENDER, _S.HANDED_OVER, _S.IN_TRANSIT, _S.AT_DEPOT, _S.OUT_FOR_DELIVERY, _S.AVAILABLE_FOR_PICKUP,
    _S.DELIVERED,
)  # fmt: skip
_REASONS: Final[dict[TrackerException, frozenset[str]]] = {
    TrackerException.DELAY_WEATHER: frozenset({"weather_delay", "natural_disaster"}),
    TrackerException.DELAY_CUSTOMS: frozenset(
        {"customs_delay", "customs_documentation", "customs_duties_unpaid", "customs_hold_export"}
    ),
    TrackerException.ADDRESS_PROBLEM: frozenset(
        {"incorrect_address", "recipient_moved", "incomplete_data", "undeliverable", "access_restricted"}
    ),
    TrackerException.DAMAGED_IN_TRANSIT: frozenset({"damaged", "disposed"}),
    TrackerException.LOST_SUSPECTED: frozenset({"lost"}),
    TrackerException.REFUSED: frozenset({"consignee_refused"}),
}


def live_parcels(parcels: Sequence[ParcelView]) -> list[ParcelView]:
    """Return the parcels that go (or went) to the customer."""
    return [parcel for parcel in parcels if parcel.kind == "outbound" and parcel.state != "voided"]


def order_tracker_state(
    order: OrderView, parcels: Sequence[ParcelView], returned: Sequence[ReturnView] = ()
) -> TrackerState:
    """Return how far an order is for its customer: on the road, as far as its last parcel."""
    if any(each.state in _COMING_BACK for each in returned):
        return _S.RETURN_IN_PROGRESS
    if any(each.state == "closed" and each.refund_minor for each in returned):
        return _S.REFUNDED
    if order.state == _O.CLOSED_SHORT:
        return _S.SENT_AGAIN if any(each.replacement_id for each in order.outcomes) else _S.REFUNDED
    if order.state in _OF_ORDER:
        return _OF_ORDER[order.state]
    live = live_parcels(parcels)
    coming = [parcel for parcel in live if not parcel_fate(order, parcel).startswith("Lost")]
    if live and not coming:
        return _S.LOST
    states = {parcel_tracker_state(parcel) for parcel in coming if parcel.state == "handed_over"}
    return next((state for state in _BEHIND_FIRST if state in states), _S.IN_WAREHOUSE)


def parcel_tracker_state(parcel: ParcelView) -> TrackerState:
    """Return how far one parcel is for its customer."""
    if parcel.state != "handed_over":
        return _OF_PARCEL[parcel.state]
    if awaits_first_scan(parcel):
        return _S.HANDED_OVER
    return STATE_OF_CARRIER_STATUS[parcel.tracking_status.upper()]


def parcel_words(parcel: ParcelView) -> str:
    """Return a parcel's state for its card."""
    if parcel.state in ("packed", "cleared"):
        return "Packed"
    return STATE_TEXTS[parcel_tracker_state(parcel)].words


def parcel_exception(parcel: ParcelView) -> TrackerException | None:
    """Return what went wrong with a parcel, None when nothing did."""
    if parcel.state == "held":
        return TrackerException.WEIGHT_CHECK
    if parcel.state != "handed_over" or parcel.tracking_status in ("delivered", "returned", "cancelled"):
        return None
    known = next((each for each, reasons in _REASONS.items() if parcel.tracking_reason in reasons), None)
    if parcel.tracking_status == "attempt_failed":
        return known or TrackerException.ATTEMPT_FAILED
    if parcel.tracking_status == "expired":
        return TrackerException.LOST_SUSPECTED
    troubled = parcel.tracking_status in ("exception", "returning") or "delayed" in parcel.tracking_flags
    return (known or TrackerException.DELAY_CARRIER) if troubled else None


def order_exceptions(
    order: OrderView, parcels: Sequence[ParcelView], *, today: date
) -> list[tuple[TrackerException, TrackerState]]:
    """Return what a customer has to be told about, each with the state it happened in, at most once."""
    found = [
        (problem, parcel_tracker_state(parcel))
        for parcel in live_parcels(parcels)
        if not parcel_fate(order, parcel) and (problem := parcel_exception(parcel))
    ]
    state = order_tracker_state(order, parcels)
    if any(parcel.state == ParcelState.LOST for parcel in order.parcels):
        found.append((TrackerException.LOST, state))
    asked = order.next_step_owner == "customer"
    if order.units.backordered and order.units.backordered < order.units.open and not asked:
        found.append((TrackerException.SHORT_ITEM, state))
    if not found and not order.terminal and order.promised_on and order.promised_on < today:
        on_the_road = order.units.shipped == order.units.open
        late = TrackerException.DELAY_CARRIER if on_the_road else TrackerException.DELAY_WAREHOUSE
        found.append((late, state))
    return [] if order.state == _O.CLOSED_SHORT else list(dict(found).items())


def promise_words(order: OrderView, parcels: Sequence[ParcelView], frame: Frame) -> str:
    """Return the day that the headline promises (or that it was kept on), empty when no day can be told: what
    waits for stock has none that we could keep.
    """
    live = [parcel for parcel in live_parcels(parcels) if not parcel_fate(order, parcel)]
    arrived = [parcel.delivered_at for parcel in live if parcel.delivered_at]
    if order.units.backordered or (not live and order.units.shipped):
        return ""
    if order.state == OrderState.DELIVERED and arrived:
        return lowered(words_of_time(max(arrived), frame))
    expected = [parcel.arrives_on for parcel in live if parcel.arrives_on and not parcel.delivered_at]
    day = max(expected) if expected and order.units.shipped == order.units.open else order.promised_on
    return day_words(day) if day and day >= local_day(frame) else ""


def local_day(frame: Frame) -> date:
    """Return today at the place of the page."""
    return frame.now.astimezone(ZoneInfo(frame.zone)).date()


def day_words(day: date) -> str:
    """Return a day in words: "Tuesday 24 November"."""
    return f"{day:%A} {day.day} {day:%B}"


def moment_words(at: datetime, frame: Frame) -> str:
    """Return a moment without doubt, in the zone of the page."""
    return full_time(at, frame.zone)
