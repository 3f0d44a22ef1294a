from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from kernel import actors
from kernel.db.transactions import run
from kernel.errors import Refusal, Unauthenticated
from kernel.settings import settings
from shipping.commands.take_push import take_push
from shipping.gateways.carrier_webhooks import LARGEST_PUSH, UnprovenTrackingError, verify_tracking_webhook
from shipping.routes.schemas import IntakeOut

router = APIRouter()


class PushTooLarge(Refusal):
    """A carrier's message is larger than any we would read."""

    code = "push_too_large"
    status = 413
    title = "The message is too large"


class UnprovenPush(Unauthenticated):
    """A message that is not provably the carrier's."""

    code = "unproven_push"
    title = "The signature does not prove who sent this"


@router.post(
    "/carriers/{carrier}/events",
    operation_id="receiveCarrierEvents",
    summary="Take a carrier's scans in",
    tags=["tracking"],
    responses={200: {"model": IntakeOut}},
)
async def receive(request: Request, carrier: str) -> Response:
    """Take signed scans in: proven over the raw bytes, kept as they came, and answered after they are stored.

    There is no API key here: the signature (`carrier-signature: t=...,v1=...`, HMAC-SHA256 over time and body) is the
    proof. A repetition is answered alike and changes nothing.
    """
    body = await _read(request)
    # Only the body is read here; everything that waits for the database stays off the event loop.
    return await run_in_threadpool(_take, carrier, body, dict(request.headers))


async def _read(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_PUSH:
            raise PushTooLarge(f"At most {LARGEST_PUSH} bytes are taken.", remedy="Send fewer scans at once.")
        chunks.append(chunk)
    return b"".join(chunks)


def _take(carrier: str, body: bytes, headers: dict[str, str]) -> Response:
    secret = settings().carrier_webhook_secret
    if not secret:
        raise UnprovenPush("No secret is configured for carriers.", remedy="Set PICKSTREAM_CARRIER_WEBHOOK_SECRET.")
    try:
        # The real time, not the simulated one: a signature is about when the message was sent.
        verify_tracking_webhook(body, headers, secret, now=datetime.now(UTC))
    except UnprovenTrackingError as error:
        raise UnprovenPush(f"{error}.", remedy="Sign the time and the raw body with the shared secret.") from error
    counts = run(actors.system(f"carrier:{carrier}"), lambda uow: take_push(uow, carrier=carrier, body=body))
    return Response(IntakeOut.model_validate(counts).model_dump_json(), media_type="application/json")
