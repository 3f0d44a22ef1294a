import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import wraps

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.hot.batching import Pending, Verdict
from app.hot.kits import hold_kits
from app.hot.openapi import HOT_OPENAPI_PATHS, MAX_SKUS
from app.hot.pool import close_hot_pool, open_hot_pool
from app.hot.questions import Question
from app.hot.refusals import Unavailable
from app.hot.requests import ReservationRequest, bearer_hash, idempotency_key, parse_reservation, read_body
from inventory.api import InsufficientStock, UnknownItem
from kernel import clock
from kernel.errors import FieldError, Forbidden, Invalid, Refusal, Unauthenticated
from kernel.web.acting import KeyReused, StillRunning
from kernel.web.etags import is_current
from kernel.web.problems import problem_response

__all__ = ["HOT_OPENAPI_PATHS", "close_hot_pool", "hot_routes", "open_hot_pool"]

MAX_SKU = MAX_CHANNEL = 64
Endpoint = Callable[[Request], Awaitable[Response]]


def _telling(endpoint: Endpoint) -> Endpoint:
    """Answer refusals of a hot route as problem documents: it does not pass through the application's handlers."""

    @wraps(endpoint)
    async def told(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refusal as refusal:
            headers = {"retry-after": "1"} if isinstance(refusal, (Unavailable, StillRunning)) else None
            return problem_response(request, refusal, headers=headers)

    return told


@_telling
async def reserve(request: Request) -> Response:
    """Hold stock for a reference of the merchant's own, say a cart, for a limited time.

    The batcher has it decided together with whatever else is waiting; the answer comes after the commit.
    """
    key_hash, key = bearer_hash(request), idempotency_key(request)
    wanted = parse_reservation(await read_body(request))
    pending = Pending(
        key_hash=key_hash, idempotency_key=key, fingerprint=_fingerprint(wanted), reference=wanted.reference,
        site=wanted.site, split=wanted.policy == "split",
        expires_at=clock.now() + timedelta(seconds=wanted.expires_in_seconds),
        lines=[(line.line_id, line.sku, line.quantity) for line in wanted.lines], channel=wanted.channel,
    )  # fmt: skip
    verdict = await request.app.state.hot.reservations.reserve(pending)
    if verdict.outcome == "reserved":
        return Response(verdict.body, status_code=201, media_type="application/json")
    if verdict.outcome == "replayed":
        headers = {"idempotency-replayed": "true"}
        return Response(verdict.body, status_code=201, media_type="application/json", headers=headers)
    if verdict.outcome == "unknown_sku":
        held = await run_in_threadpool(hold_kits, request, wanted)
        if held is not None:
            return held
    raise _refusal(verdict, wanted)


@_telling
async def availability(request: Request) -> Response:
    """Tell what a channel can sell of 1 to 200 SKUs, with an ETag over the answer."""
    question = Question(bearer_hash(request), _skus(request), _channel(request))
    answer = await request.app.state.hot.questions.ask(question)
    if answer.outcome != "found":
        raise _denied(answer.outcome, "stock:read")
    body = answer.body.encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": "private, no-cache", "vary": "Authorization"}
    if is_current(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


hot_routes: list[Route] = [
    Route("/v1/reservations", reserve, methods=["POST"], name="reserve_stock"),
    Route("/v1/availability", availability, methods=["GET"], name="get_availability"),
]


def _fingerprint(wanted: ReservationRequest) -> str:
    return hashlib.sha256(b"POST /v1/reservations\n" + msgspec.json.encode(wanted)).hexdigest()


def _refusal(verdict: Verdict, wanted: ReservationRequest) -> Refusal:
    match verdict.outcome:
        case "short":
            return _short(msgspec.json.decode(verdict.body, type=list[dict[str, str | int]]))
        case "unknown_sku":
            return _unknown(msgspec.json.decode(verdict.body, type=list[int]), wanted)
        case "unknown_site":
            return Invalid(
                f"No site {wanted.site!r} handles your goods.",
                remedy="Leave `site` out, or send the code of one that does.",
                pointer="/site",
            )
        case "key_reused":
            return KeyReused("It came before with another method, path or body.", remedy="Use a new key.")
        case "in_progress":
            return StillRunning("The first request with this key is still running.", remedy="Try again in a second.")
        case denied:
            return _denied(denied, "stock:write")


def _denied(outcome: str, scope: str) -> Refusal:
    if outcome == "forbidden":
        return Forbidden(f"This needs the scope {scope}.", remedy="Ask an administrator.", scope=scope)
    return Unauthenticated("This API key is not valid.", remedy="It may have been revoked, or have expired.")


def _short(shortfalls: list[dict[str, str | int]]) -> InsufficientStock:
    words = ", ".join(f"{s['sku']}: {s['requested']} asked, {s['available']} free" for s in shortfalls[:5])
    return InsufficientStock(
        f"Nothing was reserved. {words}.",
        remedy="Ask for fewer, or send policy split to take what there is.",
        shortfalls=shortfalls,
    )


def _unknown(lines: list[int], wanted: ReservationRequest) -> UnknownItem:
    skus = [wanted.lines[n].sku for n in lines]
    refusal = UnknownItem(f"There is no item with SKU {', '.join(skus[:5])}.", remedy="Create it first, or check it.")
    refusal.facts["errors"] = [
        {"pointer": f"/lines/{n}/sku", "code": "unknown_item", "message": f"There is no item with SKU {sku}."}
        for n, sku in zip(lines, skus, strict=True)
    ]
    return refusal


def _skus(request: Request) -> list[str]:
    skus = list(dict.fromkeys(request.query_params.getlist("sku")))
    if not 1 <= len(skus) <= MAX_SKUS:
        raise Invalid(
            f"Ask for 1 to {MAX_SKUS} SKUs at a time, not {len(skus)}.",
            remedy="Repeat the parameter: ?sku=A&sku=B.",
            pointer="/sku",
        )
    wrong = [n for n, sku in enumerate(skus) if not (1 <= len(sku) <= MAX_SKU and sku.isprintable())]
    if wrong:
        message = f"A SKU has 1 to {MAX_SKU} printable characters."
        raise Invalid(message, errors=tuple(FieldError(f"/sku/{n}", "format", message) for n in wrong))
    return skus


def _channel(request: Request) -> str:
    channel = request.query_params.get("channel", "")
    if len(channel) > MAX_CHANNEL or not (channel.isprintable() or not channel):
        raise Invalid(f"A channel has at most {MAX_CHANNEL} printable characters.", pointer="/channel")
    return channel
