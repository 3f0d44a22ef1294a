import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Header, Query
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.availability.answers import cursor_name
from app.availability.changes import Changes, present_position, read_changes
from app.availability.exports import Slots, export_pieces, steps_of
from app.availability.watch import Stream, Watch
from kernel import actors
from kernel.actors import Actor
from kernel.db.feed import sequence_feed
from kernel.db.transactions import transaction
from kernel.errors import Forbidden, Invalid
from kernel.web.access import authenticate, requires
from kernel.web.paging import decode_cursor, encode_cursor

router = APIRouter(prefix="/v1", tags=["stock"])
SCOPE = "stock:read"
HEARTBEAT_SECONDS = 15.0
RETRY_MILLISECONDS = 2_000
CURSOR_HEADER = "changes-cursor"
StockReader = Annotated[Actor, Depends(requires(SCOPE))]
Cursor = Annotated[str, Query(max_length=200, description="Where to go on: an event's id, or the export's cursor")]
LastId = Annotated[str, Header(max_length=200, description="The same, as browsers send it when they connect again")]
Channel = Annotated[str, Query(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$", description="Whose safety stock counts")]
MerchantId = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_]*$", description="Only for staff")]


class SiteStock(BaseModel):
    """What one site has of an item."""

    site_id: str
    on_hand: int
    reserved: int
    available: int


class ItemStock(BaseModel):
    """What can be sold of an item now: the data of an `availability` event, and a line of the export."""

    merchant_id: str
    sku: str
    item_id: str
    on_hand: int
    reserved: int
    available: int
    sites: list[SiteStock]


class _Closing(StreamingResponse):
    """A streamed answer that gives back what it holds, however it ends."""

    def __init__(
        self, pieces: AsyncIterator[str], close: Callable[[], Awaitable[None]], *, media_type: str,
        headers: dict[str, str],
    ) -> None:  # fmt: skip
        super().__init__(pieces, media_type=media_type, headers={"cache-control": "no-store", **headers})
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._close()


@router.get(
    "/availability/changes", operation_id="streamAvailability", summary="Hear of what can be sold as it changes",
    response_class=StreamingResponse,
    responses={200: {"model": ItemStock, "description": "Server-sent events", "content": {"text/event-stream": {}}}},
)  # fmt: skip
async def stream_changes(
    request: Request, actor: StockReader, after: Cursor = "", last_event_id: LastId = "", channel: Channel = ""
) -> Response:
    """Stream the items whose figures change, within a second of the commit: server-sent events named `availability`,
    each with an item as it is now. Merchants hear of their own items, staff of their site.

    It begins now, or after the cursor of an export or the id of an event. When too much happened since, or the cursor
    is not one of yours, a `reset` event says so: read the export again and go on with its cursor. A line every 15 s
    keeps the connection alive. Connect again whenever it ends; 429 and 503 say when.
    """
    watch: Watch = request.app.state.availability_watch
    stream = watch.open(actor)
    frames = _frames(request, stream, last_event_id or after, channel)

    async def close() -> None:
        watch.close(stream)

    return _Closing(frames, close, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def _frames(request: Request, stream: Stream, cursor: str, channel: str) -> AsyncIterator[str]:
    actor = stream.actor
    position = _position(cursor, actor) if cursor else None
    yield f"retry: {RETRY_MILLISECONDS}\n\n"
    if position is None:
        position = await run_in_threadpool(_present, actor)
        yield _frame("reset" if cursor else "ready", actor, position)
    due = time.monotonic() + HEARTBEAT_SECONDS
    while not stream.ended:
        changes = await run_in_threadpool(_changes, actor, position, channel)
        position = changes.position
        if told := _told(changes, actor):
            yield told
        while not await stream.wait(max(0.0, due - time.monotonic())):
            due = time.monotonic() + HEARTBEAT_SECONDS
            if not await run_in_threadpool(_is_still, request, actor):
                return
            yield ": still here\n\n"


def _present(actor: Actor) -> int:
    """Return the present position, after what is committed already got its place: nobody hears what is old."""
    with transaction(actors.system("changes")) as uow:
        sequence_feed(uow)
    with transaction(actor) as uow:
        return present_position(uow)


def _changes(actor: Actor, position: int, channel: str) -> Changes:
    with transaction(actor) as uow:
        return read_changes(uow, after=position, channel=channel)


def _is_still(request: Request, actor: Actor) -> bool:
    """Say whether the key or the session is still good, and still the same person's."""
    known = authenticate(request)
    return known is not None and known.may(SCOPE) and cursor_name(known) == cursor_name(actor)


def _position(cursor: str, actor: Actor) -> int | None:
    try:
        (position,) = decode_cursor(cursor_name(actor), cursor)
    except (Invalid, ValueError):
        return None
    return int(position)


def _told(changes: Changes, actor: Actor) -> str:
    """Return the events of some changes. Only the last one has an id: who hears half of them hears all again."""
    if changes.gap:
        return _frame("reset", actor, changes.position)
    if not changes.items:
        return ""
    *others, last = (f"event: availability\ndata: {msgspec.json.encode(each).decode()}\n" for each in changes.items)
    return "".join(f"{each}\n" for each in others) + f"{last}id: {_cursor(actor, changes.position)}\n\n"


def _frame(name: str, actor: Actor, position: int) -> str:
    return f"event: {name}\ndata: {{}}\nid: {_cursor(actor, position)}\n\n"


def _cursor(actor: Actor, position: int) -> str:
    return encode_cursor(cursor_name(actor), position)


@router.get(
    "/availability/export", operation_id="exportAvailability", summary="Everything that can be sold",
    response_class=StreamingResponse,
    responses={
        200: {
            "model": ItemStock, "content": {"application/x-ndjson": {}, "text/csv": {}},
            "headers": {"Changes-Cursor": {"schema": {"type": "string"}, "description": "Hear of what happens later"}},
        }
    },
)  # fmt: skip
async def export_availability(
    request: Request,
    actor: StockReader,
    format: Annotated[Literal["ndjson", "csv"], Query()] = "ndjson",  # noqa: A002 - the parameter's own name
    merchant_id: MerchantId = "",
    channel: Channel = "",
) -> Response:
    """Return what can be sold of every active item, as of one instant: a JSON document a line, or CSV with a line for
    each site. Staff get all merchants of their site, or the one they name.

    `Changes-Cursor` is where `/v1/availability/changes` goes on: between the two nothing is lost. An answer that breaks
    off was not complete; read it again.
    """
    if merchant_id and actor.tenant not in ("", "*", merchant_id):
        raise Forbidden("These are another merchant's goods.", remedy="Leave merchant_id out.")
    slots: Slots = request.app.state.availability_exports
    slots.take()
    steps = steps_of(export_pieces(actor, merchant_id=merchant_id, channel=channel, as_csv=format == "csv"))

    async def close() -> None:
        slots.give()
        await steps.close()

    try:
        cursor = await steps.first()
    except BaseException:
        await asyncio.shield(close())
        raise
    media_type = "text/csv; charset=utf-8" if format == "csv" else "application/x-ndjson"
    named = {"content-disposition": 'attachment; filename="availability.csv"'} if format == "csv" else {}
    return _Closing(steps.rest(), close, media_type=media_type, headers={CURSOR_HEADER: cursor, **named})
