from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.addresses import address
from app.web.formats import full_time
from app.web.pages import (
    Chip,
    Empty,
    Field,
    Form,
    Notice,
    Option,
    Pager,
    WebhookAttempt,
    WebhookEndpoint,
    WebhooksPage,
)
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, desk_of, require_form_of_ours, visitor
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid, NotFound
from kernel.quantity import counted
from notifications import api as notifications

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("webhooks:manage", "events:read"))]
Keeper = Annotated[Visit, Depends(visitor("webhooks:manage"))]
Sent = Annotated[Submitted, Depends(submitted)]
Words = Annotated[str, Query(max_length=400)]
_ROWS = 50
_STATES = {"delivered": "ACKED", "retry": "RETRY", "parked": "DEAD", "pending": "QUEUED", "skipped": "DISABLED"}
_CHIPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("All", ()),
    "waiting": ("Waiting", ("pending", "retry")),
    "parked": ("Gave up", ("parked",)),
    "delivered": ("Delivered", ("delivered",)),
}
_DISABLED = {
    "gone": "it answered that it is gone for good",
    "failing_for_five_days": "nothing could be delivered to it for five days",
}
_NO_ENDPOINTS = Empty(
    "Receivers will be listed here.", "Add the address of a shop or CRM, and it is told everything that happens."
)
_NO_ATTEMPTS = Empty(
    "Deliveries will be listed here.", "Each shows every attempt, the answer, and a button to send it again."
)


@router.get("/webhooks")
def list_webhooks(visit: Viewer, endpoint: Words = "", show: Words = "", cursor: Words = "") -> Response:
    """Show the receivers, and the deliveries of the chosen one."""
    return staff_page(visit, _page(visit, endpoint, show, cursor))


@router.post("/webhooks/add")
def add(request: Request, visit: Keeper, form: Sent) -> Response:
    """Register a receiver."""

    def work(uow: UnitOfWork) -> Done:
        merchant = form["merchant"] or visit.actor.tenant
        if not merchant or merchant == "*":
            raise Invalid("Choose the merchant whose events it gets.", pointer="/merchant")
        endpoint = notifications.register_endpoint(
            uow, tenant_id=merchant, url=form["url"], description=form["description"]
        )
        return Done(
            f"/webhooks?endpoint={endpoint}",
            "The receiver is registered. Show its secret, and store it with the receiver.",
        )

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/webhooks/{endpoint_id}/pause")
def pause(request: Request, visit: Keeper, endpoint_id: str, form: Sent) -> Response:
    """Stop deliveries for a while; nothing is lost meanwhile."""

    def work(uow: UnitOfWork) -> Done:
        notifications.pause_endpoint(uow, endpoint_id=endpoint_id)
        return Done(f"/webhooks?endpoint={endpoint_id}", "Paused. What happens meanwhile waits for it.")

    return submit(request, visit, form, work, again=lambda: _page(visit, endpoint_id))


@router.post("/webhooks/{endpoint_id}/resume")
def resume(request: Request, visit: Keeper, endpoint_id: str, form: Sent) -> Response:
    """Go on with deliveries where they stopped."""

    def work(uow: UnitOfWork) -> Done:
        notifications.resume_endpoint(uow, endpoint_id=endpoint_id)
        return Done(f"/webhooks?endpoint={endpoint_id}", "Resumed: everything that waited is delivered now, in order.")

    return submit(request, visit, form, work, again=lambda: _page(visit, endpoint_id))


@router.post("/webhooks/{endpoint_id}/secret")
def show_secret(visit: Keeper, endpoint_id: str, form: Sent) -> Response:
    """Show a receiver's signing secret on this answer and nowhere else; that it was shown is in the audit trail."""
    require_form_of_ours(visit, form.csrf_token)
    with transaction(visit.actor) as uow:
        endpoint = notifications.get_endpoint(uow, endpoint_id)
        secret = notifications.newest_secret(uow, endpoint_id)
        uow.audit("webhook_endpoint.secret_shown", subject=endpoint_id, tenant_id=endpoint.tenant_id)
    told = Notice("ok", f"The signing secret of {endpoint.description or endpoint.url}: {secret}")
    return staff_page(visit, _page(visit, endpoint_id, told=told))


@router.post("/webhooks/{endpoint_id}/replay/{event_id}")
def replay(request: Request, visit: Keeper, endpoint_id: str, event_id: str, form: Sent) -> Response:
    """Deliver one event again, under its same id."""

    def work(uow: UnitOfWork) -> Done:
        notifications.replay_events(uow, endpoint_id=endpoint_id, event_ids=[event_id])
        return Done(f"/webhooks?endpoint={endpoint_id}", "It is delivered again, under the same webhook id.")

    return submit(request, visit, form, work, again=lambda: _page(visit, endpoint_id))


def _page(
    visit: Visit, endpoint_id: str = "", show: str = "", cursor: str = "", *, told: Notice | None = None
) -> WebhooksPage:
    with desk_of(visit) as desk:
        endpoints = notifications.find_endpoints(desk.uow)
        names = desk.merchants()
        chosen = next((each for each in endpoints if each.id == endpoint_id), None)
        if endpoint_id and chosen is None:
            raise NotFound("There is no such receiver.")
        chosen = chosen or (endpoints[0] if endpoints else None)
        kept = show if show in _CHIPS else ""
        attempts, pager = _attempts(desk, chosen, kept, cursor) if chosen else ((), Pager())
        notices = [told] if told else []
        notices += [notice for each in endpoints if (notice := _trouble(desk, each))]
        if chosen and len(endpoints) > 1:
            notices.append(_about(chosen, names))
        return WebhooksPage(
            frame=desk.frame,
            shell=desk.shell("/webhooks", notices=notices),
            endpoints=tuple(_endpoint(desk, each, names) for each in endpoints),
            attempts=attempts,
            endpoints_empty=_NO_ENDPOINTS,
            attempts_empty=_NO_ATTEMPTS,
            chips=_chips(endpoint_id, kept),
            add=_add_form(visit, names) if visit.may("webhooks:manage") else None,
            pager=pager,
        )


def _about(chosen: notifications.EndpointView, names: dict[str, str]) -> Notice:
    return Notice(
        "info", f"Below are the deliveries to {chosen.description or chosen.url} of {names.get(chosen.tenant_id, '')}."
    )


def _trouble(desk: Desk, each: notifications.EndpointView) -> Notice | None:
    """Return what is wrong with a receiver, since when, and what its owner was told of it."""
    name = each.description or each.url
    if each.state == "disabled":
        why = _DISABLED.get(each.disabled_reason, "it could not be reached")
        return Notice("stop", f"{name} is switched off: {why}. {_told(desk, each)}".strip())
    if each.state != "active" or each.failing_since is None:
        return None
    off_at = full_time(each.failing_since + notifications.DISABLE_AFTER, desk.frame.zone)
    words = f"Nothing was delivered to {name} since {full_time(each.failing_since, desk.frame.zone)}."
    return Notice(
        "warn", f"{words} It is switched off at {off_at} unless a delivery arrives. {_told(desk, each)}".strip()
    )


def _told(desk: Desk, each: notifications.EndpointView) -> str:
    """Return what became of the letters to the owner about the present trouble."""
    letters = notifications.owner_letters(desk.uow, each.id)
    latest = letters[0] if letters else None
    if latest is None or (each.state == "active" and each.warned_at is None):
        return ""
    if latest.sent_at:
        return f"Its owner was told by e-mail at {full_time(latest.sent_at, desk.frame.zone)}."
    return "An e-mail to its owner is on its way." if latest.state == "queued" else f"No e-mail: {latest.error}."


def _chips(endpoint_id: str, kept: str) -> tuple[Chip, ...]:
    return tuple(
        Chip(words, address("/webhooks", endpoint=endpoint_id, show=key), selected=key == kept)
        for key, (words, _) in _CHIPS.items()
    )


def _endpoint(desk: Desk, each: notifications.EndpointView, names: dict[str, str]) -> WebhookEndpoint:
    oldest = desk.frame.now - timedelta(seconds=each.oldest_seconds) if each.waiting else None
    state = "RETRY" if each.failing_since and each.state == "active" else each.state.upper()
    label = each.description or names.get(each.tenant_id, "") or each.id
    return WebhookEndpoint(
        label, each.url, state, each.waiting, oldest, _switch(desk.visit, each), f"/webhooks?endpoint={each.id}",
        _secret_form(desk.visit, each),
    )  # fmt: skip


def _switch(visit: Visit, each: notifications.EndpointView) -> Form | None:
    if not visit.may("webhooks:manage"):
        return None
    verb, words = ("pause", "Pause") if each.state == "active" else ("resume", "Resume")
    return Form(f"/webhooks/{each.id}/{verb}", words, csrf_token=visit.csrf_token, tone="plain")


def _secret_form(visit: Visit, each: notifications.EndpointView) -> Form | None:
    if not visit.may("webhooks:manage"):
        return None
    return Form(f"/webhooks/{each.id}/secret", "Show the secret", csrf_token=visit.csrf_token, tone="plain")


def _attempts(
    desk: Desk, chosen: notifications.EndpointView, kept: str, cursor: str
) -> tuple[tuple[WebhookAttempt, ...], Pager]:
    found = notifications.find_deliveries(
        desk.uow, chosen.id, states=_CHIPS[kept][1], cursor=cursor or None, limit=_ROWS
    )
    rows = tuple(row for delivery in found.items for row in _rows(desk.visit, chosen, delivery))
    following = address("/webhooks", endpoint=chosen.id, show=kept, cursor=found.next)
    words = counted(len(found.items), "delivery", "deliveries")
    return rows, Pager(words, "", following) if found.next else Pager()


def _rows(
    visit: Visit, chosen: notifications.EndpointView, delivery: notifications.DeliveryView
) -> list[WebhookAttempt]:
    """Return one row for each attempt, the last one with the button; one that was never tried has a row too."""
    state = _STATES.get(delivery.state, delivery.state)
    name = chosen.description or chosen.url
    again = _replay_form(visit, delivery)
    if not delivery.attempts:
        return [WebhookAttempt(delivery.event_id, delivery.type, name, delivery.queued_at, 0, state, "", None)]
    rows = [
        WebhookAttempt(
            delivery.event_id, delivery.type, name, attempt.at, attempt.number,
            state if attempt is delivery.attempts[-1] else "FAILED", attempt.error or f"HTTP {attempt.status}",
            attempt.latency_ms, again if attempt is delivery.attempts[-1] else None,
        )
        for attempt in delivery.attempts
    ]  # fmt: skip
    return rows[::-1]


def _replay_form(visit: Visit, delivery: notifications.DeliveryView) -> Form | None:
    if not visit.may("webhooks:manage"):
        return None
    where = f"/webhooks/{delivery.endpoint_id}/replay/{delivery.event_id}"
    return Form(where, "Replay", csrf_token=visit.csrf_token, tone="plain")


def _add_form(visit: Visit, names: dict[str, str]) -> Form:
    fields = [
        Field(
            "url",
            "Address",
            required=True,
            maximum=500,
            hint="https on port 443 or 8443, such as https://shop.example/hooks",
        ),
        Field("description", "Name", maximum=100),
    ]
    if visit.works_here:
        options = (Option("", "Choose"), *(Option(key, name) for key, name in names.items()))
        fields.insert(0, Field("merchant", "Merchant", "select", options=options, required=True))
    return Form("/webhooks/add", "Add the receiver", tuple(fields), "Add a receiver", csrf_token=visit.csrf_token)
