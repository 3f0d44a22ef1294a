from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from fulfillment.domain.order_quantities import LineQuantities
from fulfillment.domain.order_state import ParcelState
from kernel.states import Machine


class Decision(StrEnum):
    """What is done for the customer whose parcel did not arrive."""

    SEND_AGAIN = "send_again"
    REFUND = "refund"


_P = ParcelState
_ON_THE_ROAD = {"declare lost": _P.LOST.value, "receive back": _P.BACK.value}
OUTCOME: Final = Machine(
    "parcel",
    {state.value: {} for state in ParcelState}
    | {
        _P.SHIPPED: _ON_THE_ROAD,
        _P.EXCEPTION: _ON_THE_ROAD,
        _P.RETURNING: _ON_THE_ROAD,
        _P.RETURNED: {"receive back": _P.BACK.value},
        _P.LOST: {"receive back": _P.BACK.value, "decide": _P.LOST_SETTLED.value},
        _P.BACK: {"decide": _P.BACK_SETTLED.value},
        _P.LOST_SETTLED: {"receive back": _P.BACK_SETTLED.value},
    },
)
"""How a parcel that did not arrive comes to its end. One that came back is booked in before anybody decides: what it
held is looked at first. One that was settled as lost may still turn up; what was decided for the customer stands.
"""
LINE_OUTCOMES: Final = {
    ParcelState.DELIVERED: "delivered",
    ParcelState.LOST: "lost",
    ParcelState.LOST_SETTLED: "lost",
    ParcelState.RETURNED: "rts",
    ParcelState.BACK: "rts",
    ParcelState.BACK_SETTLED: "rts",
}
"""Under which outcome of its line a parcel's units count; on its way, under none."""
SETTLED: Final = frozenset({ParcelState.LOST_SETTLED, ParcelState.BACK_SETTLED})
"""The states of a parcel that did not arrive and whose customer was served: each has its decision. One that was found
and delivered after that has its decision as well.
"""


def refund_minor(
    contents: Iterable[tuple[int, int]], order: LineQuantities, *, shipping_minor: int, refunded_before: bool
) -> int:
    """Return what is paid back, in minor units, for (unit price, quantity) of a parcel: the price of its goods.

    `order` are the order's units. When no unit of it arrived or still can, the first refund holds the shipping as well:
    nothing was carried for it.
    """
    goods = sum(price * quantity for price, quantity in contents)
    nothing_arrives = not (order.delivered or order.on_the_way or order.in_house)
    return goods + (shipping_minor if nothing_arrives and not refunded_before else 0)
