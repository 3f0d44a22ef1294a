"""Who may see and do more on an order's page than its link allows: the recipient, who knows its postcode and e-mail."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.web.pages import ChallengePage, Page
from app.web.refused_forms import show_refusal
from app.web.routes.answers import Submitted, submitted
from app.web.routes.session import client_address
from app.web.routes.tracker import challenge_form
from app.web.routes.tracker_visits import (
    Counter,
    Guest,
    TrackerRoute,
    admit_recipient,
    counter_of,
    guest_of,
    knows_order,
    tracker_page,
)
from app.web.tries import seconds_to_next_hour, take_try
from kernel import actors
from kernel.db.transactions import transaction
from kernel.errors import Refusal

router = APIRouter(route_class=TrackerRoute)
Visitor = Annotated[Guest, Depends(guest_of)]
Sent = Annotated[Submitted, Depends(submitted)]
TRIES_AN_HOUR = 5
_OF_ORDER, _OF_ADDRESS = "tracker.order", "tracker.address"


class NotTheRecipient(Refusal):
    """What was entered is not what the order says; which part is wrong is not said."""

    code = "not_the_recipient"
    status = 422
    title = "That is not what the order says"


class TooManyTries(Refusal):
    """This order, or this address, had its tries for the hour."""

    code = "too_many_tries"
    status = 429
    title = "Too many tries"


@router.post("/t/{token}/verify")
def verify(
    request: Request, guest: Annotated[Guest, Depends(guest_of)], form: Annotated[Submitted, Depends(submitted)]
) -> Response:
    """Let the recipient in for half an hour, who knows the postcode and the e-mail of the order."""
    try:
        _require_recipient(request, guest, form)
    except Refusal as refusal:
        page = show_refusal(
            challenge_page(guest, form["wanted"]), action=request.url.path, entered=form.fields, refusal=refusal
        )
        response = tracker_page(page, status=refusal.status)
        if seconds := refusal.facts.get("retry_after_seconds"):
            response.headers["retry-after"] = str(seconds)
        return response
    wanted = form["wanted"] if form["wanted"] in ("return", "cancel") else ""
    redirect = RedirectResponse(f"{guest.home}/{wanted}" if wanted else guest.home, status_code=303)
    admit_recipient(redirect, guest)
    return redirect


def _require_recipient(request: Request, guest: Guest, form: Submitted) -> None:
    with transaction(actors.system("tracker")) as uow:
        allowed = take_try(uow, _OF_ORDER, guest.order_id, limit=TRIES_AN_HOUR)
        allowed = take_try(uow, _OF_ADDRESS, client_address(request), limit=TRIES_AN_HOUR) and allowed
        wait = seconds_to_next_hour(uow.now)
    if not allowed:
        raise TooManyTries(
            f"There are {TRIES_AN_HOUR} an hour.", remedy=f"Try again in {wait // 60 + 1} minutes.",
            retry_after_seconds=wait,
        )  # fmt: skip
    with counter_of(guest) as counter:
        known = knows_order(counter.order, postal_code=form["postal_code"], email=form["email"])
    if not known:
        raise NotTheRecipient("The postcode, the e-mail address or both differ.", remedy="Look into our first message.")


def challenge_page(guest: Guest, wanted: str) -> ChallengePage:
    """Return the page that asks for what only the recipient knows; `wanted` is where they go then."""
    with counter_of(guest) as counter:
        return ChallengePage(
            counter.frame, counter.brand, counter.order.external_id, guest.home, challenge_form(guest, wanted=wanted)
        )


def for_recipient(guest: Guest, wanted: str, page: Callable[[Counter], Page]) -> Response:
    """Show a page to the recipient, and the question who they are to everybody else."""
    if not guest.is_recipient:
        return tracker_page(challenge_page(guest, wanted))
    with counter_of(guest) as counter:
        shown = page(counter)
    return tracker_page(shown)
