"""Who visits a customer's page: whoever holds its link, and more when they have shown that the order is theirs."""

import hmac
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Path
from starlette.requests import Request
from starlette.responses import Response

from app.web.pages import Brand, Frame, Page
from app.web.routes.answers import PageRoute, page_response
from app.web.sealing import seal, unseal
from fulfillment import api as fulfillment
from kernel import actors, clock
from kernel.access.queries import get_merchant, get_site
from kernel.actors import Actor, Role
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import NotFound
from kernel.settings import settings

RECIPIENT_COOKIE = "pickstream_recipient"
_RECIPIENT_LIFE = timedelta(minutes=30)
PRIVATE = {
    "referrer-policy": "no-referrer",
    "cache-control": "private, no-store",
    "x-robots-tag": "noindex, nofollow, noarchive",
}
Token = Annotated[str, Path(max_length=200)]


class NoSuchLink(NotFound):
    """The link opens nothing: it never did, or does no longer. Which one is not said."""

    code = "no_such_link"
    title = "This link opens no order"


@dataclass(frozen=True, slots=True)
class Guest:
    """A visitor of one order's page. `is_recipient` when they have shown within half an hour that it is theirs."""

    token: str
    tenant_id: str
    order_id: str
    is_recipient: bool

    @property
    def actor(self) -> Actor:
        """The customer of this one order, who sees the rows of its merchant only."""
        return Actor(f"tracker:{self.order_id}", Role.PUBLIC, "Customer", self.tenant_id)

    @property
    def home(self) -> str:
        """The address of the order's page."""
        return f"/t/{self.token}"


@dataclass(frozen=True, slots=True)
class Counter:
    """A customer's page being filled: one transaction, the order, and the moment and look of the page."""

    uow: UnitOfWork
    guest: Guest
    order: fulfillment.OrderView
    frame: Frame
    brand: Brand


class TrackerRoute(PageRoute):
    """A route for customers: nothing of it is kept, indexed or told to other sites, and errors are our own page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler that adds the headers of privacy to whatever is answered."""
        handle = super().get_route_handler()

        async def handle_privately(request: Request) -> Response:
            response = await handle(request)
            for name, value in PRIVATE.items():
                response.headers[name] = value
            return response

        return handle_privately


def guest_of(request: Request, token: Token) -> Guest:
    """Return who visits with this link. Every wrong link, of whatever kind, takes the same one look-up.

    Raises:
        NoSuchLink: it opens nothing.
    """
    with transaction(actors.system("tracker")) as uow:
        found = fulfillment.resolve_tracking_token(uow, token)
    if found is None:
        raise NoSuchLink(
            "It may have been typed incompletely, or be no longer valid.",
            remedy="Open the link from our latest message again, or ask the shop.",
        )
    tenant_id, order_id = found
    shown = unseal("recipient", request.cookies.get(RECIPIENT_COOKIE, ""), now=clock.now())
    return Guest(token, tenant_id, order_id, shown == order_id)


@contextmanager
def counter_of(guest: Guest) -> Iterator[Counter]:
    """Open a customer's page in one transaction."""
    with transaction(guest.actor) as uow:
        yield at_counter(uow, guest)


def at_counter(uow: UnitOfWork, guest: Guest) -> Counter:
    """Return the page's counter in an open transaction."""
    order = fulfillment.get_order(uow, guest.order_id)
    merchant = get_merchant(uow, guest.tenant_id)
    accent = merchant.accent.removeprefix("#")
    brand = Brand(
        merchant.name,
        stylesheet_href=f"/brand/{accent}.css" if accent else "",
        help_href=f"mailto:{merchant.support_email}" if merchant.support_email else "",
    )
    return Counter(uow, guest, order, Frame(uow.now, get_site(uow, order.site_id).time_zone), brand)


def knows_order(order: fulfillment.OrderView, *, postal_code: str, email: str) -> bool:
    """Say whether somebody knows where an order goes and who ordered it; all comparisons take the same time.

    An order without an e-mail address is known by its postal code alone.
    """
    code = _same(
        "".join(postal_code.split()).replace("-", ""), "".join(order.ship_to.postal_code.split()).replace("-", "")
    )
    known = {order.customer.email, order.ship_to.email} - {""}
    addresses = [_same(email.strip(), address) for address in sorted(known)]
    return code and (any(addresses) or not known)


def _same(given: str, known: str) -> bool:
    one, other = (sha256(text.casefold().encode()).digest() for text in (given, known))
    return hmac.compare_digest(one, other) and bool(known)


def admit_recipient(response: Response, guest: Guest) -> None:
    """Let this browser see and do for half an hour what only the recipient may, on this order's pages only."""
    until = clock.now() + _RECIPIENT_LIFE
    response.set_cookie(
        RECIPIENT_COOKIE, seal("recipient", guest.order_id, expires_at=until), path=guest.home, httponly=True,
        max_age=int(_RECIPIENT_LIFE.total_seconds()), samesite="lax", secure=settings().secure_cookies,
    )  # fmt: skip


def tracker_page(page: Page, *, status: int = 200) -> Response:
    """Return a customer's page."""
    return page_response(page, status=status)
