from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.web.pages import Chip, Empty, Link, MessageRow, MessagesPage, Pager
from app.web.routes.answers import PageRoute, staff_page
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from fulfillment import api as fulfillment
from notifications import api as notifications

router = APIRouter(route_class=PageRoute)
_CHIPS = {"": "All", "queued": "Waiting", "sent": "Sent", "failed": "Failed"}
_KINDS = {
    "order_confirmed": "We have your order",
    "shipped": "Your order is on its way",
    "exception": "News about your parcel",
    "delivered": "Your order was delivered",
    "return_authorized": "Your return",
    "sent_again": "We are sending your parcel again",
    "parcel_refunded": "Your refund for a parcel",
    "return_refunded": "Your refund for a return",
    "choice_asked": "Something is missing: please choose",
    "promise_moved": "A new delivery day",
}
_EMPTY = Empty(
    "Letters to customers will be listed here.", "They are written when an order ships, is late, or arrives."
)
_ROWS = 25


@router.get("/messages")
def list_messages(
    visit: Annotated[Visit, Depends(visitor("customers:read"))],
    state: Annotated[str, Query(max_length=20)] = "",
    cursor: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """Show the letters to customers, newest first."""
    chosen = state if state in _CHIPS else ""
    with desk_of(visit) as desk:
        states = (chosen,) if chosen else ()
        found = notifications.find_messages(
            desk.uow, site_id=desk.narrowed_to, states=states, cursor=cursor or None, limit=_ROWS
        )
        following = f"/messages?state={chosen}&cursor={found.next}"
        page = MessagesPage(
            frame=desk.frame,
            shell=desk.shell("/messages"),
            rows=_rows(desk, found.items),
            empty=_EMPTY,
            chips=tuple(
                Chip(words, f"/messages?state={key}" if key else "/messages", selected=key == chosen)
                for key, words in _CHIPS.items()
            ),
            pager=Pager("", "", following) if found.next else Pager(),
        )
    return staff_page(visit, page)


def _rows(desk: Desk, messages: Sequence[notifications.MessageView]) -> tuple[MessageRow, ...]:
    orders = fulfillment.order_heads(desk.uow, [message.order_id for message in messages])
    return tuple(_row(message, orders[message.order_id]) for message in messages)


def _row(message: notifications.MessageView, order: fulfillment.OrderHead) -> MessageRow:
    words = _KINDS.get(message.kind, message.kind.replace("_", " ").capitalize())
    return MessageRow(
        message.sent_at or message.created_at, words, masked(order.email), "e-mail", message.state.upper(),
        Link(order.external_id, f"/orders/{order.id}"), "", message.error,
    )  # fmt: skip


def masked(address: str) -> str:
    """Return an e-mail address that can be recognized but not used: i…e@example.org."""
    name, at, host = address.partition("@")
    return f"{name[:1]}\N{HORIZONTAL ELLIPSIS}{name[-1:]}{at}{host}" if at else ""
