from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.access.queries import require_site
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from kernel.web.access import requires
from kernel.web.acting import Answer, act
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT
from notifications.commands import replay_events, settle_delivery
from notifications.queries import (
    DeliveryView,
    EndpointView,
    MessageView,
    find_deliveries,
    find_messages,
    get_endpoint,
)

router = APIRouter(prefix="/v1", tags=["notifications"])
Manager = Annotated[Actor, Depends(requires("webhooks:manage"))]
Reader = Annotated[Actor, Depends(requires("orders:read"))]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(max_length=200)]
DeliveryState = Literal["pending", "retry", "delivered", "parked", "skipped"]
MessageState = Literal["queued", "sent", "failed", "suppressed"]


class ReplayIn(BaseModel):
    """What is to be delivered again: exactly one of `event_ids`, `since` (until `until`) and `failed_since`."""

    model_config = ConfigDict(extra="forbid")
    event_ids: list[Annotated[str, Field(max_length=40, pattern=r"^[^\x00]*$")]] = Field(
        default_factory=list, max_length=1000, examples=[["evt_01jd3v6qk0f0a8m3q2n6x5w7yz"]]
    )
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    failed_since: AwareDatetime | None = None


class PlaceIn(BaseModel):
    """A delivery by its place: the customer's stream, and the number in it."""

    model_config = ConfigDict(extra="forbid")
    stream: str = Field(max_length=100, pattern=r"^[^\x00]*$", examples=["cus_01jd3v6qk0f0a8m3q2n6x5w7yz"])
    n: int = Field(ge=1, le=2**53, examples=[17])


class SkipIn(PlaceIn):
    """A delivery to be given up, and why."""

    reason: str = Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$", examples=["Entered by hand"])


class DeliveryPage(BaseModel):
    """Deliveries with their attempts, newest event first. `event_id` is the `webhook-id` of all attempts."""

    items: list[DeliveryView]
    next: str | None


class MessagePage(BaseModel):
    """Letters, newest first."""

    items: list[MessageView]
    next: str | None


@router.post(
    "/webhook-endpoints/{endpoint_id}/replay", operation_id="replayWebhookEvents", summary="Deliver events again",
    status_code=202, responses={202: {"model": replay_events.Replayed}},
)  # fmt: skip
def replay(request: Request, endpoint_id: str, wanted: ReplayIn, actor: Manager) -> Response:
    """Queue events again, behind what waits for the same customer and with the same `webhook-id`."""
    given = [name for name in ("event_ids", "since", "failed_since") if getattr(wanted, name)]
    if len(given) != 1 or (wanted.until and not wanted.since):
        detail = "Say which events: event_ids, or since (and until), or failed_since."
        raise Invalid(detail, remedy="Give exactly one of them.", pointer=f"/{given[-1] if given else 'event_ids'}")

    def work(uow: UnitOfWork) -> Answer:
        return Answer(_replayed(uow, endpoint_id, wanted), 202)

    return act(request, actor, wanted.model_dump(mode="json"), work)


@router.get(
    "/webhook-endpoints/{endpoint_id}/deliveries", operation_id="listWebhookDeliveries",
    summary="List deliveries with their attempts", response_model=DeliveryPage,
)  # fmt: skip
def list_deliveries(
    endpoint_id: str,
    actor: Manager,
    *,
    state: Annotated[list[DeliveryState] | None, Query(max_length=5)] = None,
    event_id: Annotated[str, Query(max_length=40)] = "",
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> object:
    """Return what was sent or waits, newest event first, and how the receiver answered each attempt."""
    with transaction(actor) as uow:
        page = find_deliveries(uow, endpoint_id, states=state or (), event_id=event_id, limit=limit, cursor=cursor)
    return msgspec.to_builtins(page)


@router.post(
    "/webhook-endpoints/{endpoint_id}/deliveries/retry", operation_id="retryWebhookDelivery",
    summary="Try a stuck delivery again now", responses={200: {"model": EndpointView}},
)  # fmt: skip
def retry(request: Request, endpoint_id: str, place: PlaceIn, actor: Manager) -> Response:
    """Put the delivery that holds its customer's stream up back to the start of its schedule."""

    def work(uow: UnitOfWork) -> Answer:
        settle_delivery.retry_delivery(uow, endpoint_id=endpoint_id, stream=place.stream, n=place.n)
        return Answer(get_endpoint(uow, endpoint_id))

    return act(request, actor, place.model_dump(), work)


@router.post(
    "/webhook-endpoints/{endpoint_id}/deliveries/skip", operation_id="skipWebhookDelivery",
    summary="Give up a stuck delivery", responses={200: {"model": EndpointView}},
)  # fmt: skip
def skip(request: Request, endpoint_id: str, place: SkipIn, actor: Manager) -> Response:
    """Let the deliveries behind it go on; the reason is kept with it."""

    def work(uow: UnitOfWork) -> Answer:
        settle_delivery.skip_delivery(uow, endpoint_id=endpoint_id, **place.model_dump())
        return Answer(get_endpoint(uow, endpoint_id))

    return act(request, actor, place.model_dump(), work)


@router.get("/messages", operation_id="listMessages", summary="List e-mails to customers", response_model=MessagePage)
def list_messages(
    actor: Reader,
    *,
    order_id: Annotated[str, Query(max_length=40)] = "",
    customer_id: Annotated[str, Query(max_length=40)] = "",
    state: Annotated[list[MessageState] | None, Query(max_length=4)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    site_id: Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_]*$")] = "",
) -> object:
    """Return who was written to about what, newest first; `site_id` picks what is about orders of one site."""
    with transaction(actor) as uow:
        site = require_site(uow, actor, site_id) if site_id else ""
        page = find_messages(
            uow, order_id=order_id, customer_id=customer_id, site_id=site, states=state or (), limit=limit,
            cursor=cursor,
        )  # fmt: skip
    return msgspec.to_builtins(page)


def _replayed(uow: UnitOfWork, endpoint_id: str, wanted: ReplayIn) -> replay_events.Replayed:
    if wanted.event_ids:
        return replay_events.replay_events(uow, endpoint_id=endpoint_id, event_ids=wanted.event_ids)
    if wanted.failed_since:
        return replay_events.replay_failed(uow, endpoint_id=endpoint_id, since=wanted.failed_since)
    assert wanted.since is not None
    return replay_events.replay_range(uow, endpoint_id=endpoint_id, since=wanted.since, until=wanted.until)
