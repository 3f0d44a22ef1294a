from collections.abc import Callable
from typing import Final

from app.web.pages import Field, Form, OrderAction
from app.web.routes.visits import Visit
from fulfillment import api as fulfillment

DAMAGED: Final = "damaged_"
"""Before the id of a line: how many of its units were damaged."""
MAX_NOTE: Final = 500


def outcome_actions(visit: Visit, order: fulfillment.OrderView, parcel_id: str = "") -> tuple[OrderAction, ...]:
    """Return what the person may do about the parcels of an order that did not arrive, or about one of them."""
    several = len([each for each in order.parcels if each.state != fulfillment.ParcelState.VOIDED]) > 1
    actions = []
    for number, parcel in enumerate(order.parcels, start=1):
        if parcel_id in ("", parcel.parcel_id):
            name = f"parcel {number}" if several else "the parcel"
            actions += [OrderAction(form) for form in _forms(visit, order, parcel, name)]
    return tuple(actions)


def _forms(visit: Visit, order: fulfillment.OrderView, parcel: fulfillment.OrderParcelView, name: str) -> list[Form]:
    verbs: tuple[tuple[str, str, _Builder], ...] = (
        ("decide", "orders:write", _send_again),
        ("decide", "orders:write", _refund),
        ("receive back", "returns:write", _receive),
        ("declare lost", "orders:write", _lost),
    )
    return [
        build(visit, order, parcel, name)
        for verb, scope, build in verbs
        if fulfillment.OUTCOME.allows(parcel.state, verb) and visit.may(scope)
    ]


_Builder = Callable[[Visit, fulfillment.OrderView, fulfillment.OrderParcelView, str], Form]


def _why(label: str, hint: str = "") -> Field:
    return Field("reason", label, required=True, maximum=MAX_NOTE, hint=hint)


def _address(order: fulfillment.OrderView, parcel: fulfillment.OrderParcelView, verb: str) -> str:
    return f"/orders/{order.id}/parcels/{parcel.parcel_id}/{verb}"


def _send_again(visit: Visit, order: fulfillment.OrderView, parcel: fulfillment.OrderParcelView, name: str) -> Form:
    to = order.ship_to
    fields = (
        _why("Why"),
        Field("street", "Street", value=to.street, required=True, maximum=200),
        Field("postal_code", "Postcode", value=to.postal_code, required=True, maximum=40),
        Field("city", "City", value=to.city, required=True, maximum=200),
    )
    intro = "A new order with the same items goes to the floor. It costs the customer nothing."
    return Form(
        _address(order, parcel, "send-again"), "Send the items again", fields, f"Send {name} again", intro,
        csrf_token=visit.csrf_token,
    )  # fmt: skip


def _refund(visit: Visit, order: fulfillment.OrderView, parcel: fulfillment.OrderParcelView, name: str) -> Form:
    intro = "The price of the items is paid back; the shipping too, if nothing of the order arrives."
    return Form(
        _address(order, parcel, "refund"), "Instruct the refund", (_why("Why"),), f"Refund {name}", intro,
        csrf_token=visit.csrf_token,
    )  # fmt: skip


def _receive(visit: Visit, order: fulfillment.OrderView, parcel: fulfillment.OrderParcelView, name: str) -> Form:
    of_order = {line.id: line for line in order.lines}
    damaged = (
        Field(f"{DAMAGED}{line_id}", f"Damaged: {of_order[line_id].name or of_order[line_id].sku}", "number", "0",
              inputmode="numeric", maximum=quantity, required=True)
        for line_id, quantity in parcel.lines
    )  # fmt: skip
    which = Field("damaged_serials", "Serial numbers of damaged ones", maximum=400, hint="If only some are damaged.")
    serials = (which,) if parcel.serials else ()
    fields = (_why("What did you find", "Such as: opened, 3 of 3 counted."), *damaged, *serials)
    intro = "Good pieces go back on sale at once; damaged ones do not."
    return Form(
        _address(order, parcel, "received-back"), "Book it in", fields, f"Book in {name} that came back", intro,
        csrf_token=visit.csrf_token,
    )  # fmt: skip


def _lost(visit: Visit, order: fulfillment.OrderView, parcel: fulfillment.OrderParcelView, name: str) -> Form:
    intro = "We stop waiting for it, and decide next whether to send it again or to refund it."
    return Form(
        _address(order, parcel, "lost"), "Declare it lost", (_why("Why"),), f"Declare {name} lost", intro,
        csrf_token=visit.csrf_token, tone="stop",
    )  # fmt: skip
