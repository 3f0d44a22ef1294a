from dataclasses import replace
from hashlib import blake2b
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.branding import InvalidAccentError, brand_stylesheet
from app.web.export_papers import crosses_border
from app.web.labels import carrier_words
from app.web.pages import (
    ContentLine,
    DeliveryDetails,
    ExceptionCard,
    Field,
    Form,
    Frame,
    Link,
    ParcelCard,
    TimelineEntry,
    TrackerPage,
    progress_strip,
)
from app.web.parcel_states import parcel_fate
from app.web.routes.tracker_visits import Counter, Guest, TrackerRoute, counter_of, guest_of, tracker_page
from app.web.tracking import (
    day_words,
    live_parcels,
    local_day,
    order_exceptions,
    order_tracker_state,
    parcel_exception,
    parcel_words,
    promise_words,
)
from app.web.wording import TrackerState, describe_exception, describe_state
from app.web.wording_choices import choice_words
from app.web.wording_orders import queued_words
from crm import api as crm
from fulfillment import api as fulfillment
from kernel.errors import NotFound
from kernel.web.etags import is_current
from returns import api as returns
from shipping import api as shipping

router = APIRouter(route_class=TrackerRoute)
Visitor = Annotated[Guest, Depends(guest_of)]
_OVER = {
    TrackerState.CANCELLED,
    TrackerState.RETURNED_TO_SENDER,
    TrackerState.RETURN_IN_PROGRESS,
    TrackerState.REFUNDED,
    TrackerState.SENT_AGAIN,
}
_LABEL_STATES = {"label_issued"}
_SHOWN_AT_ONCE = 20
_MOST_STEPS = 1_000
_SHIPPED, _DELIVERED = 2, 4


@router.get("/t/{token}")
def show_tracker(request: Request, guest: Visitor) -> Response:
    """Show a customer where their order is; asked again with an unchanged page's ETag, it answers 304."""
    with counter_of(guest) as counter:
        page = _page(counter)
    tag = _etag(page)
    if is_current(request, tag):
        return Response(status_code=304, headers={"etag": tag})
    response = tracker_page(page)
    response.headers["etag"] = tag
    return response


@router.get("/brand/{accent}.css")
def show_brand(accent: str) -> Response:
    """Return the stylesheet that puts a merchant's color, corrected for contrast, into the customer's page."""
    try:
        sheet = brand_stylesheet(accent)
    except InvalidAccentError as error:
        raise NotFound("This is not a color.") from error
    return Response(sheet, media_type="text/css")


def _etag(page: TrackerPage) -> str:
    """Return the tag of what the page says: the clock counts by its day only, since "today" changes with it."""
    by_day = page.frame.now.replace(hour=0, minute=0, second=0, microsecond=0)
    said = repr(replace(page, frame=Frame(by_day, page.frame.zone, page.frame.language)))
    return f'"{blake2b(said.encode(), digest_size=12).hexdigest()}"'


def _page(counter: Counter) -> TrackerPage:
    order, frame = counter.order, counter.frame
    parcels = shipping.parcels_of(counter.uow, tenant_id=order.tenant_id, reference=order.id)
    returned = returns.returns_of_order(counter.uow, order.id)
    state = order_tracker_state(order, parcels, returned)
    words = describe_state(state, promise_words(order, parcels, frame))
    problems = order_exceptions(order, parcels, today=local_day(frame))
    live = live_parcels(parcels)
    coming = [parcel for parcel in live if not parcel_fate(order, parcel)]
    story, is_cut = _timeline(counter)
    return TrackerPage(
        frame=frame,
        brand=counter.brand,
        order_label=order.external_id,
        headline=words.headline,
        subline=_subline(order, words.line, frame),
        strip=progress_strip(
            _step(words.step, order), problem=bool(problems), ended=state is TrackerState.DELIVERED or state in _OVER
        ),
        parcels=tuple(_parcel(counter, parcel, number, len(live)) for number, parcel in enumerate(live, start=1)),
        timeline=story[:_SHOWN_AT_ONCE],
        earlier=story[_SHOWN_AT_ONCE:],
        is_cut=is_cut,
        exceptions=(
            *_questions(counter),
            *(
                ExceptionCard(describe_exception(problem, where, new_promise=_new_promise(order, coming, frame)))
                for problem, where in problems
            ),
        ),
        actions=(*_replacements(counter), *_actions(counter, order, returned)),
        awaits_parcels=state is not TrackerState.CANCELLED,
        city=order.ship_to.city,
        details=_details(order) if counter.guest.is_recipient else None,
        challenge=None if counter.guest.is_recipient else challenge_form(counter.guest),
    )


def _subline(order: fulfillment.OrderView, line: str, frame: Frame) -> str:
    queued = queued_words(order, frame)
    return f"{line} We begin to collect them about {queued}." if queued else line


def _step(step: int, order: fulfillment.OrderView) -> int:
    if order.state == fulfillment.OrderState.CLOSED_SHORT:
        return _DELIVERED if order.units.delivered else _SHIPPED
    return max(step, 1) if order.units.packed and step == 0 else step


def _new_promise(order: fulfillment.OrderView, live: list[shipping.ParcelView], frame: Frame) -> str:
    """Return the day that a late parcel is expected now, if it is later than promised and still to come."""
    days = [parcel.arrives_on for parcel in live if parcel.arrives_on and not parcel.delivered_at]
    later = max(days, default=None)
    moved = later and order.promised_on and later > order.promised_on and later >= local_day(frame)
    return day_words(later) if later and moved else ""


def _parcel(counter: Counter, parcel: shipping.ParcelView, number: int, count: int) -> ParcelCard:
    audits = shipping.audits_of(counter.uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id)
    fate = parcel_fate(counter.order, parcel)
    promised = parcel.arrives_on if parcel.arrives_on and not parcel.delivered_at and not fate else None
    cleared = parcel.state not in ("packed", "held")
    return ParcelCard(
        label=f"Parcel {number} of {count}" if count > 1 else "Your parcel",
        state_words=fate or parcel_words(parcel),
        contents=tuple(ContentLine(content.quantity, content.name) for content in parcel.contents),
        carrier=carrier_words(parcel.carrier),
        tracking_number=parcel.tracking_number,
        weight_g=parcel.weight_g if cleared else None,
        weighed_at=audits[-1].weighed_at if audits and cleared else None,
        promise_words=day_words(promised) if promised else "",
        problem=bool(fate) or parcel_exception(parcel) is not None,
    )


def _timeline(counter: Counter) -> tuple[tuple[TimelineEntry, ...], bool]:
    """Return what happened, the newest first, and whether there is more than a page can hold; what two contexts tell
    in the same words is told once.
    """
    order = counter.order
    told = crm.public_timeline(counter.uow, tenant_id=order.tenant_id, order_id=order.id, limit=_MOST_STEPS)
    entries = (TimelineEntry(entry.occurred_at, entry.summary.rstrip(".")) for entry in told)
    return tuple(dict.fromkeys(entries)), len(told) == _MOST_STEPS


def _questions(counter: Counter) -> tuple[ExceptionCard, ...]:
    """Return what the customer is asked about units that were missing when they were picked."""
    asked = fulfillment.order_questions(counter.uow, counter.order.id)
    address = f"{counter.guest.home}/choice"
    return tuple(
        ExceptionCard(choice_words(each, counter.frame), (Link("Choose", f"{address}?question={each.id}"),))
        for each in asked
        if not each.choice
    )


def _replacements(counter: Counter) -> tuple[Link, ...]:
    """Return the pages of the orders that send a parcel's contents again."""
    again = [each.replacement_id for each in counter.order.outcomes if each.replacement_id]
    heads = fulfillment.order_heads(counter.uow, again)
    return tuple(
        Link(f"Follow order {heads[order_id].external_id}", f"/t/{fulfillment.tracking_token(order_id)}")
        for order_id in again
    )


def _actions(counter: Counter, order: fulfillment.OrderView, returned: list[returns.ReturnView]) -> tuple[Link, ...]:
    guest = counter.guest
    links = [link for each in returned if each.state in _LABEL_STATES for link in _return_papers(counter, each)]
    units = order.units
    if units.delivered > units.returned:
        links.append(Link("Return something", f"{guest.home}/return"))
    links.append(Link("Report a problem", f"{guest.home}/problem"))
    if not order.terminal and units.open > units.shipped:
        links.append(Link("Cancel", f"{guest.home}/cancel"))
    return tuple(links)


def _return_papers(counter: Counter, returned: returns.ReturnView) -> tuple[Link, ...]:
    home = f"{counter.guest.home}/returns/{returned.id}"
    label = Link("Print your return label", f"{home}/label.pdf")
    if not crosses_border(counter.uow, shipping.parcel_by_id(counter.uow, parcel_id=returned.parcel_id)):
        return (label,)
    return (label, Link("Print the invoice for customs", f"{home}/invoice.pdf"))


def _details(order: fulfillment.OrderView) -> DeliveryDetails:
    to = order.ship_to
    lines = (to.company, to.street, to.street2, f"{to.postal_code} {to.city}".strip(), to.region, to.country)
    return DeliveryDetails(to.name or order.customer.name, tuple(line for line in lines if line))


def challenge_form(guest: Guest, *, wanted: str = "") -> Form:
    """Return the question that only the recipient can answer; `wanted` is the page it opens."""
    fields = (
        Field("wanted", "", "hidden", wanted),
        Field("postal_code", "Postcode of the delivery", required=True, autocomplete="postal-code", maximum=20),
        Field("email", "E-mail of the order", "email", required=True, autocomplete="email", maximum=200),
    )
    intro = "Name, street and documents are shown only to the person who ordered."
    return Form(f"{guest.home}/verify", "Continue", fields, "Is this your order?", intro, tone="plain")
