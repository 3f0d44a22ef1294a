import asyncio
import time
from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from crm import commands, queries
from kernel.actors import Actor
from kernel.db.feed import feed_head, read_feed
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Refusal
from kernel.events import Envelope
from kernel.web.access import requires
from kernel.web.acting import Answer, act
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, decode_cursor, encode_cursor

router = APIRouter(prefix="/v1")
POLL_SECONDS = 0.5
MAX_WAIT_SECONDS = 30
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(max_length=200)]


class CursorGone(Refusal):
    """The feed was cut back (a restored backup): the cursor points behind its end."""

    code = "cursor_gone"
    status = 410
    title = "This cursor is no longer valid"


class CloudEvent(BaseModel):
    """One event as it was recorded, in CloudEvents 1.0: byte for byte what webhooks deliver."""

    model_config = ConfigDict(extra="allow")
    specversion: str = Field(examples=["1.0"])
    id: str = Field(examples=["evt_01jd3v6qk0f0a8m3q2n6x5w7yz"])
    source: str = Field(examples=["/pickstream/mer_01jd3v6qk0f0a8m3q2n6x5w7yz"])
    type: str = Field(examples=["fulfillment.order_promised.v1"])
    subject: str = Field(examples=["ord_01jd3v6qk0f0a8m3q2n6x5w7yz"])
    time: datetime
    sequence: str = Field(description="Number within the subject, without gap.", examples=["00000000000000000003"])
    summary: str = Field(examples=["Promised for Tuesday 24 November"])
    data: dict[str, object]


class EventPage(BaseModel):
    """Events in feed order. Keep `next` and ask again with it: nothing is missed, nothing comes twice."""

    events: list[CloudEvent]
    next: str


class EntryOut(BaseModel):
    """One fact on a timeline."""

    event_id: str
    kind: str = Field(examples=["parcel"])
    type: str
    audience: str
    occurred_at: datetime
    recorded_at: datetime
    order_id: str
    customer_id: str
    actor: str
    summary: str
    note: str


class TimelinePage(BaseModel):
    """A customer's or an order's story, newest first."""

    items: list[EntryOut]
    next: str | None


class NoteIn(BaseModel):
    """A note about an order or a customer."""

    model_config = ConfigDict(extra="forbid")
    body: str = Field(min_length=1, max_length=4000, examples=["Called: wants it left with the neighbor."])
    order_id: str = Field(default="", max_length=40)


@router.get(
    "/events", operation_id="pullEvents", summary="Pull events in order", tags=["events"],
    responses={200: {"model": EventPage}},
)  # fmt: skip
async def pull_events(
    request: Request,
    after: Cursor = None,
    types: Annotated[list[str] | None, Query(max_length=50)] = None,
    customer: Annotated[str | None, Query(max_length=40)] = None,
    limit: Limit = DEFAULT_LIMIT,
    wait: Annotated[int, Query(ge=0, le=MAX_WAIT_SECONDS, description="Long poll, seconds")] = 0,
) -> Response:
    """Return the events after a cursor, oldest first; with `wait`, hold the request until there are some."""
    actor = await run_in_threadpool(requires("events:read"), request)
    position = _position(after)
    deadline = time.monotonic() + wait
    while True:
        events, reached = await run_in_threadpool(_read, actor, position, types, customer, limit)
        if events or time.monotonic() >= deadline or await request.is_disconnected():
            break
        await asyncio.sleep(min(POLL_SECONDS, max(0.0, deadline - time.monotonic())))
    bodies = ",".join(event.body for event in events)
    following = msgspec.json.encode(encode_cursor("feed", reached)).decode()
    return Response(f'{{"events":[{bodies}],"next":{following}}}', media_type="application/json")


def _position(after: str | None) -> int:
    if after is None:
        return 0
    (position,) = decode_cursor("feed", after, pointer="/after")
    return int(position)


def _read(
    actor: Actor, position: int, types: list[str] | None, customer: str | None, limit: int
) -> tuple[list[Envelope], int]:
    with transaction(actor) as uow:
        head = feed_head(uow)
        events = read_feed(uow, after=position, limit=limit, types=types, customer_id=customer, until=head)
        if position > head and not events:
            _require_reachable(uow.actor, position)
    return events, events[-1].pos if len(events) == limit else max(position, head)


def _require_reachable(actor: Actor, position: int) -> None:
    """A merchant sees only its own positions, so its head may lie before a cursor that passed others' events."""
    if actor.tenant == "*":
        raise CursorGone(f"The feed ends before position {position}.", remedy="Start again without a cursor.")


@router.get(
    "/customers/{customer_id}/timeline", operation_id="getCustomerTimeline", tags=["customers"],
    summary="A customer's story over all orders", response_model=TimelinePage,
)  # fmt: skip
def get_customer_timeline(
    customer_id: str,
    actor: Annotated[Actor, Depends(requires("customers:read"))],
    kind: Annotated[list[str] | None, Query(max_length=10)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> object:
    """Return the timeline; a customer of another merchant has an empty one."""
    with transaction(actor) as uow:
        page = queries.customer_timeline(uow, customer_id, kinds=kind or (), limit=limit, cursor=cursor)
    return msgspec.to_builtins(page)


@router.get(
    "/orders/{order_id}/timeline", operation_id="getOrderTimeline", tags=["orders"],
    summary="An order's story", response_model=TimelinePage,
)  # fmt: skip
def get_order_timeline(
    order_id: str,
    actor: Annotated[Actor, Depends(requires("customers:read"))],
    kind: Annotated[list[str] | None, Query(max_length=10)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> object:
    """Return the timeline of one order."""
    with transaction(actor) as uow:
        page = queries.order_timeline(uow, order_id, kinds=kind or (), limit=limit, cursor=cursor)
    return msgspec.to_builtins(page)


@router.post(
    "/customers/{customer_id}/notes", operation_id="addCustomerNote", tags=["customers"], status_code=201,
    summary="Add a note to a customer's timeline",
)  # fmt: skip
def add_customer_note(
    request: Request,
    customer_id: str,
    note: NoteIn,
    actor: Annotated[Actor, Depends(requires("customers:write"))],
) -> Response:
    """Write the note; it is on the timeline within a second."""

    def work(uow: UnitOfWork) -> Answer:
        note_id = commands.add_note_about(uow, customer_id=customer_id, order_id=note.order_id, body=note.body)
        return Answer({"id": note_id}, 201)

    return act(request, actor, note.model_dump(), work)
