from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fulfillment.domain.order_quantities import LineQuantities


class OrderState(StrEnum):
    """The header state of an order, always derived from its quantities and parcels."""

    NEW = "NEW"
    ON_HOLD = "ON_HOLD"
    SCHEDULED = "SCHEDULED"
    BACKORDERED = "BACKORDERED"
    PARTIALLY_BACKORDERED = "PARTIALLY_BACKORDERED"
    PROMISED = "PROMISED"
    RELEASED = "RELEASED"
    PICKING = "PICKING"
    PARTIALLY_PICKED = "PARTIALLY_PICKED"
    PICKED = "PICKED"
    PARTIALLY_PACKED = "PARTIALLY_PACKED"
    PACKED = "PACKED"
    AUDIT_HOLD = "AUDIT_HOLD"
    READY_TO_MANIFEST = "READY_TO_MANIFEST"
    MANIFESTED = "MANIFESTED"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    PARTIALLY_DELIVERED = "PARTIALLY_DELIVERED"
    EXCEPTION = "EXCEPTION"
    DELIVERED = "DELIVERED"
    CLOSED_SHORT = "CLOSED_SHORT"
    PARTIALLY_RETURNED = "PARTIALLY_RETURNED"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"


TERMINAL = frozenset(
    {
        OrderState.DELIVERED,
        OrderState.CLOSED_SHORT,
        OrderState.PARTIALLY_RETURNED,
        OrderState.RETURNED,
        OrderState.CANCELLED,
    }
)


class ParcelState(StrEnum):
    """How far one parcel of an order is, as far as the order's state depends on it.

    RETURNED is the carrier's word that it is back, BACK our own: it was booked in. LOST and BACK wait for a decision
    about the customer; the settled ones had it.
    """

    PACKED = "PACKED"
    HELD = "HELD"
    WEIGHED = "WEIGHED"
    LABELLED = "LABELLED"
    MANIFESTED = "MANIFESTED"
    SHIPPED = "SHIPPED"
    EXCEPTION = "EXCEPTION"
    DELIVERED = "DELIVERED"
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"
    BACK = "BACK"
    BACK_SETTLED = "BACK_SETTLED"
    LOST = "LOST"
    LOST_SETTLED = "LOST_SETTLED"
    VOIDED = "VOIDED"


IN_HOUSE = frozenset(
    {ParcelState.PACKED, ParcelState.HELD, ParcelState.WEIGHED, ParcelState.LABELLED, ParcelState.MANIFESTED}
)
"""The states of a parcel that has not left: a manifested one is on the carrier's list, but not handed over."""
_READY = {ParcelState.LABELLED, ParcelState.MANIFESTED}
_IN_TROUBLE = {ParcelState.EXCEPTION, ParcelState.RETURNING}
_UNDECIDED = {ParcelState.LOST, ParcelState.BACK}
_UNSETTLED = _UNDECIDED | {ParcelState.RETURNED}


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What an order state is derived from: the sum of its lines, its live parcels, three facts of its header."""

    units: LineQuantities
    parcels: tuple[ParcelState, ...] = ()
    open_holds: int = 0
    released: bool = False
    picking_started: bool = False


def derive_state(facts: OrderFacts) -> OrderState:
    """Return the header state: the first rule that fits decides, from the end of an order's life to its beginning."""
    units = facts.units
    if units.ordered == 0:
        return OrderState.ON_HOLD if facts.open_holds else OrderState.NEW
    if units.open == 0:
        return OrderState.CANCELLED
    if units.shipped == units.open:
        return _after_shipping(units, facts.parcels)
    if units.shipped:
        return OrderState.PARTIALLY_SHIPPED
    if facts.open_holds:
        return OrderState.ON_HOLD
    return _in_house(facts)


def _after_shipping(units: LineQuantities, parcels: Collection[ParcelState]) -> OrderState:
    if _UNSETTLED.intersection(parcels):
        return OrderState.EXCEPTION
    if units.returned:
        return OrderState.RETURNED if units.returned == units.shipped else OrderState.PARTIALLY_RETURNED
    if units.delivered == units.shipped:
        return OrderState.DELIVERED
    if not units.on_the_way:
        return OrderState.CLOSED_SHORT
    if _IN_TROUBLE.intersection(parcels):
        return OrderState.EXCEPTION
    return OrderState.PARTIALLY_DELIVERED if units.delivered else OrderState.SHIPPED


def _in_house(facts: OrderFacts) -> OrderState:
    units = facts.units
    if units.packed:
        return _packed(units, facts.parcels)
    if units.picked == units.open:
        return OrderState.PICKED
    if units.picked:
        return OrderState.PICKING if units.allocated else OrderState.PARTIALLY_PICKED
    if units.allocated:
        return OrderState.PICKING if facts.picking_started else OrderState.RELEASED
    return _waiting(units)


def _waiting(units: LineQuantities) -> OrderState:
    if units.scheduled:
        return OrderState.SCHEDULED
    if units.backordered:
        return OrderState.PARTIALLY_BACKORDERED if units.promised else OrderState.BACKORDERED
    return OrderState.PROMISED


def _packed(units: LineQuantities, parcels: Collection[ParcelState]) -> OrderState:
    if ParcelState.HELD in parcels:
        return OrderState.AUDIT_HOLD
    if units.packed < units.open:
        return OrderState.PARTIALLY_PACKED
    if parcels and all(state is ParcelState.MANIFESTED for state in parcels):
        return OrderState.MANIFESTED
    if parcels and all(state in _READY for state in parcels):
        return OrderState.READY_TO_MANIFEST
    return OrderState.PACKED


@dataclass(frozen=True, slots=True)
class NextStep:
    """What happens next with an order, whose turn it is, and by when: no open order is without it."""

    step: str
    owner: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """The instants from which due times follow: when the state began, the cut-off aimed at, the end of the promise, and
    until when the customer can answer.
    """

    since: datetime
    cut_off_at: datetime | None = None
    promised_until: datetime | None = None
    answer_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    """`before_cut_off` is the time a step must leave to those after it; `within` is what it may take at most."""

    step: str
    owner: str
    before_cut_off: timedelta | None = None
    within: timedelta = timedelta(hours=4)
    by_promise: bool = False
    by_answer: bool = False


_HOURS = timedelta(hours=1)
_MINUTES = timedelta(minutes=1)
_RULES = {
    OrderState.NEW: _Rule("Check the order and reserve its stock", "service", within=15 * _MINUTES),
    OrderState.ON_HOLD: _Rule("Decide about the hold", "service", within=24 * _HOURS),
    OrderState.SCHEDULED: _Rule("Reserve its stock when its day comes near", "system", by_promise=True),
    OrderState.BACKORDERED: _Rule("Wait for stock to arrive", "merchant", within=48 * _HOURS, by_promise=True),
    OrderState.PARTIALLY_BACKORDERED: _Rule(
        "Wait for the rest to arrive", "merchant", within=48 * _HOURS, by_promise=True
    ),
    OrderState.PROMISED: _Rule("Release to the floor", "manager", before_cut_off=150 * _MINUTES, within=24 * _HOURS),
    OrderState.RELEASED: _Rule("Start picking", "picker", before_cut_off=120 * _MINUTES),
    OrderState.PICKING: _Rule("Finish picking", "picker", before_cut_off=90 * _MINUTES, within=2 * _HOURS),
    OrderState.PARTIALLY_PICKED: _Rule("Pack what is there or wait for the rest", "packer", within=24 * _HOURS),
    OrderState.PICKED: _Rule("Pack", "packer", before_cut_off=60 * _MINUTES, within=2 * _HOURS),
    OrderState.PARTIALLY_PACKED: _Rule("Pack the rest", "packer", before_cut_off=60 * _MINUTES, within=24 * _HOURS),
    OrderState.PACKED: _Rule("Weigh and label", "packer", before_cut_off=30 * _MINUTES, within=2 * _HOURS),
    OrderState.AUDIT_HOLD: _Rule("Open and recount the held parcel", "packer", within=_HOURS),
    OrderState.READY_TO_MANIFEST: _Rule("Close the manifest", "manager", before_cut_off=15 * _MINUTES),
    OrderState.MANIFESTED: _Rule("Hand over to the carrier", "manager", before_cut_off=-30 * _MINUTES),
    OrderState.PARTIALLY_SHIPPED: _Rule("Send the rest", "manager", within=48 * _HOURS, by_promise=True),
    OrderState.SHIPPED: _Rule("Deliver", "carrier", within=240 * _HOURS, by_promise=True),
    OrderState.PARTIALLY_DELIVERED: _Rule("Deliver the rest", "carrier", within=120 * _HOURS, by_promise=True),
    OrderState.EXCEPTION: _Rule("Solve the delivery problem and tell the customer", "service"),
}


class Chore(StrEnum):
    """What a person has to do about a parcel, or the customer about missing units, before the order's own next step."""

    PULL = "pull"
    RECEIVE = "receive"
    DECIDE = "decide"
    ANSWER = "answer"


_CHORES = {
    Chore.PULL: _Rule("Pull the cancelled parcel before it is loaded", "manager", within=15 * _MINUTES),
    Chore.RECEIVE: _Rule("Book in the parcel that came back", "packer", within=24 * _HOURS),
    Chore.ANSWER: _Rule("Choose what becomes of the missing units", "customer", by_answer=True),
    Chore.DECIDE: _Rule("Send the parcel's items again or refund them", "service", within=24 * _HOURS),
}
_ON_THE_DOCK = {OrderState.READY_TO_MANIFEST, OrderState.MANIFESTED, OrderState.PARTIALLY_SHIPPED}
_GONE = {OrderState.EXCEPTION, OrderState.PARTIALLY_SHIPPED}


def chore_of(
    state: OrderState, parcels: Collection[ParcelState], *, to_pull: bool = False, asked: bool = False
) -> Chore | None:
    """Return what is asked of a person about a parcel, or of the customer about what is missing; most urgent first.

    `to_pull`: units were cancelled whose parcel is on a closed manifest already, so that the dock has to find it.
    """
    if to_pull and state in _ON_THE_DOCK:
        return Chore.PULL
    if asked and state is OrderState.ON_HOLD:
        return Chore.ANSWER
    if state not in _GONE:
        return None
    if _UNDECIDED.intersection(parcels):
        return Chore.DECIDE
    return Chore.RECEIVE if ParcelState.RETURNED in parcels else None


def next_step(state: OrderState, clock: Clock, chore: Chore | None = None) -> NextStep | None:
    """Return what happens next, None in a terminal state. The due time is a pure function of stored instants."""
    if state in TERMINAL:
        return None
    rule = _CHORES[chore] if chore else _RULES[state]
    return NextStep(rule.step, rule.owner, _due(rule, clock))


def _due(rule: _Rule, clock: Clock) -> datetime:
    if rule.by_answer and clock.answer_due_at is not None:
        return clock.answer_due_at
    if rule.before_cut_off is not None and clock.cut_off_at is not None:
        return clock.cut_off_at - rule.before_cut_off
    if rule.by_promise and clock.promised_until is not None:
        return max(clock.promised_until, clock.since)
    return clock.since + rule.within
