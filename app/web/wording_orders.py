"""An order in sentences: what an agent reads aloud, and what a cancellation would do, both from what is stored."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from app.web.faces.desk import SayThis
from app.web.faces.shell import Frame, Tone
from app.web.formats import money, words_of_time
from app.web.parcel_states import awaits_first_scan, parcel_fate
from app.web.wording import CARRIER_STATUS_WORDS
from fulfillment.api import OrderState, OrderView, ParcelState
from kernel.quantity import counted
from shipping.api import ParcelView

_ON_LIST = "manifested"
_GONE = "handed_over"
_STATES: dict[str, str] = {
    OrderState.NEW: "We have your order and are checking it",
    OrderState.ON_HOLD: "Your order is on hold: {hold}",
    OrderState.SCHEDULED: "Your order is noted for a later day, and we set its {open} aside when that day comes near",
    OrderState.BACKORDERED: "Your order waits for stock: {waiting}",
    OrderState.PARTIALLY_BACKORDERED: "Part of your order waits for stock: {waiting}. The rest is set aside for you",
    OrderState.PROMISED: "We have set the {open} of your order aside in our warehouse, and collecting has not begun",
    OrderState.RELEASED: "Your order is in the warehouse, and next we collect its {open} from the shelves",
    OrderState.PICKING: "We are collecting your items right now: {picked} of {open}",
    OrderState.PARTIALLY_PICKED: "We have collected {picked} of {open}; the others have to come in first",
    OrderState.PICKED: "We have collected the {open} of your order, and pack next",
    OrderState.PARTIALLY_PACKED: "Part of your order is packed, the rest is still to be packed",
    OrderState.PACKED: "Your order is packed, and goes on the scale next",
    OrderState.AUDIT_HOLD: "Your order is packed, but the scale shows another weight than we expect, so we check it "
    "before it leaves",
    OrderState.READY_TO_MANIFEST: "Your order is packed, weighed and labelled, and waits for the carrier",
    OrderState.MANIFESTED: "Your order is on the carrier's list and leaves with the next van",
    OrderState.PARTIALLY_SHIPPED: "We have sent {shipped} of {open} from our warehouse; the rest follows",
    OrderState.SHIPPED: "Your order has left our warehouse",
    OrderState.PARTIALLY_DELIVERED: "Part of your order has been delivered, the rest is still on its way",
    OrderState.EXCEPTION: "The carrier has a problem with your order, and we are on it",
    OrderState.DELIVERED: "Your order has been delivered",
    OrderState.CLOSED_SHORT: "Your order did not arrive completely, and that is settled",
    OrderState.PARTIALLY_RETURNED: "Your order was delivered, and part of it has come back to us",
    OrderState.RETURNED: "Your order has come back to us completely",
    OrderState.CANCELLED: "Your order is cancelled, and nothing of it will be sent",
}
_LOST = "A parcel of your order is lost. We send its items again or refund them, whichever you prefer"
_TONES: dict[str, Tone] = {
    OrderState.ON_HOLD: "warn",
    OrderState.BACKORDERED: "warn",
    OrderState.PARTIALLY_BACKORDERED: "warn",
    OrderState.AUDIT_HOLD: "warn",
    OrderState.EXCEPTION: "stop",
    OrderState.DELIVERED: "ok",
}
_NEXT: dict[str, str] = {
    OrderState.PROMISED: "We send it to the floor",
    OrderState.RELEASED: "We begin to collect it",
    OrderState.PICKING: "We finish collecting it",
    OrderState.PICKED: "We pack it",
    OrderState.PACKED: "We weigh and label it",
    OrderState.AUDIT_HOLD: "We open and recount it",
    OrderState.READY_TO_MANIFEST: "We close the carrier's list",
    OrderState.MANIFESTED: "The carrier collects it",
    OrderState.ON_HOLD: "We decide about the hold",
    OrderState.EXCEPTION: "We solve it and tell you",
}


def say_this(order: OrderView, parcels: Sequence[ParcelView], *, frame: Frame) -> SayThis:
    """Return one paragraph that an agent can read to the customer: state, parcels, promise, and what comes next."""
    outbound = [parcel for parcel in parcels if parcel.kind == "outbound" and parcel.state != "voided"]
    sentences = [_state(order)]
    sentences += [
        _parcel(order, parcel, n, len(outbound), frame=frame)
        for n, parcel in enumerate(outbound, start=1)
        if _moved(parcel)
    ]
    sentences += [*_outcomes(order), _promise(order, frame), _next(order, frame)]
    return SayThis(" ".join(f"{sentence}." for sentence in sentences if sentence), _TONES.get(order.state, "info"))


def _state(order: OrderView) -> str:
    units = order.units
    if any(parcel.state == ParcelState.LOST for parcel in order.parcels):
        return _LOST
    hold = next((hold.reason for hold in order.holds if hold.released_at is None), "we are clarifying something")
    return _STATES[order.state].format(
        hold=hold.rstrip("."), waiting=counted(units.backordered, "item"), open=counted(units.open, "item"),
        picked=units.picked, shipped=units.shipped,
    )  # fmt: skip


def _moved(parcel: ParcelView) -> bool:
    return parcel.state == _GONE


def _parcel(order: OrderView, parcel: ParcelView, number: int, count: int, *, frame: Frame) -> str:
    which = f"Parcel {number} of {count}" if count > 1 else "The parcel"
    if fate := parcel_fate(order, parcel):
        return f"{which} ({parcel.tracking_number}): {fate.lower()}"
    if awaits_first_scan(parcel):
        given = f" {lowered(words_of_time(parcel.handed_over_at, frame))}" if parcel.handed_over_at else ""
        return f"{which} ({parcel.tracking_number}): handed to the carrier{given}, and not scanned by them yet"
    status = CARRIER_STATUS_WORDS[parcel.tracking_status.upper()].lower()
    seen = f", last seen in {parcel.tracking_place}" if parcel.tracking_place else ""
    at = parcel.delivered_at or parcel.tracked_at or parcel.handed_over_at
    when = f" {lowered(words_of_time(at, frame))}" if at else ""
    return f"{which} ({parcel.tracking_number}): {status}{seen}{when}"


def _outcomes(order: OrderView) -> list[str]:
    """Return what was done for parcels that did not arrive."""
    refunded = sum(each.refund_minor for each in order.outcomes)
    told = ["We are sending its items again, as another order"] if any(o.replacement_id for o in order.outcomes) else []
    return told + ([f"We have refunded {money(refunded, order.currency)}"] if refunded else [])


def lowered(words: str) -> str:
    """Return a time in words for the middle of a sentence: "today 08:12"."""
    return words[:1].lower() + words[1:] if words.startswith(("Today", "Yesterday", "Tomorrow")) else words


def _promise(order: OrderView, frame: Frame) -> str:
    if order.terminal or order.promised_on is None:
        return ""
    today = frame.now.astimezone(ZoneInfo(frame.zone)).date()
    day = f"{order.promised_on:%A} {order.promised_on.day} {order.promised_on:%B}"
    return (
        f"We promised it for {day}, and that day has passed"
        if order.promised_on < today
        else f"It is promised for {day}"
    )


def _next(order: OrderView, frame: Frame) -> str:
    if queued := queued_words(order, frame):
        return f"It is queued, and we begin to collect it about {queued}"
    step = "You can choose" if order.next_step_owner == "customer" else _NEXT.get(order.state, "")
    if not step or order.due_at is None:
        return ""
    late = order.due_at < frame.now
    return (
        f"{step} as soon as we can; that is late already"
        if late
        else f"{step} by {lowered(words_of_time(order.due_at, frame))}"
    )


def queued_words(order: OrderView, frame: Frame) -> str:
    """Return when collecting an order is expected to start ("14:10", "tomorrow 08:20"), empty when nobody knows."""
    waits = order.state in (OrderState.PROMISED, OrderState.RELEASED)
    if not waits or order.starts_at is None or order.starts_at <= frame.now:
        return ""
    return lowered(words_of_time(order.starts_at, frame)).removeprefix("today ")


def cancel_preview(order: OrderView, parcels: Sequence[ParcelView]) -> str:
    """Return truly what a cancellation would do now: how many units it takes, and what it cannot take any more."""
    listed = sum(content.quantity for parcel in parcels if parcel.state == _ON_LIST for content in parcel.contents)
    gone = order.units.shipped
    taken = order.units.open - gone - listed
    parts = []
    if taken > 0:
        parts.append(f"{counted(taken, 'unit')} can be cancelled now; none of them will leave.")
    if listed:
        parts.append(
            f"{counted(listed, 'unit is', 'units are')} on the carrier's closed list: the dock is asked to pull the"
            " parcel, and the order tells whether that succeeded."
        )
    if gone:
        parts.append(f"{counted(gone, 'unit has', 'units have')} left and can only be refused at the door or returned.")
    return " ".join(parts)


def promised_words(order: OrderView) -> str:
    """Return the promise for the order's header line."""
    later = f", to be shipped {order.ship_on:%a} {order.ship_on.day} {order.ship_on:%b}" if order.ship_on else ""
    if order.promised_on is None:
        return f"no promised day{later}"
    return f"promised {order.promised_on:%a} {order.promised_on.day} {order.promised_on:%b}{later}"


def midday(day: date, zone: str) -> datetime:
    """Return the middle of a calendar day at a site: the moment that stands for the day."""
    return datetime.combine(day, time(12), ZoneInfo(zone))
