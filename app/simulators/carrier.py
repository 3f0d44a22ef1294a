"""The simulated carriers' API: labels, manifests, voids, tracking, and signed pushes of scans.

Run it with ``uvicorn app.simulators.carrier:from_environment --factory``; see :class:`CarrierSettings`.
"""

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import httpx
import msgspec
from pydantic import AwareDatetime
from pydantic_settings import BaseSettings, SettingsConfigDict
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.simulators.carrier_books import DeskRefusalError, Manifest, Shipment
from app.simulators.carrier_desk import CarrierDesk
from app.simulators.carrier_faults import FaultInjection, FaultSwitch
from app.simulators.carrier_model import CarrierModel
from app.simulators.carrier_pushes import CarrierSimulator, VirtualClock, describe, http_poster, wall_clock
from app.simulators.carrier_wire import Advance, Faults, ManifestOrder, ShipmentOrder

TICK_S = 0.2
LARGEST_BODY = 256 * 1024

T = TypeVar("T")


class CarrierSettings(BaseSettings):
    """The simulator's settings, each from ``PICKSTREAM_CARRIER_<NAME>``.

    Attributes:
        start: the simulated time at which the clock starts; empty for now.
        speed: simulated seconds in a real one; 0 leaves the clock to ``POST /simulator/advance``.
        journal: a file that lets the books survive a restart; empty for none.
    """

    model_config = SettingsConfigDict(env_prefix="PICKSTREAM_CARRIER_")

    api_key: str
    callback_url: str
    callback_secret: str
    seed: int = 1
    start: AwareDatetime | None = None
    speed: float = 1.0
    currency: str = "EUR"
    journal: Path | None = None


def from_environment() -> Starlette:
    """Build the app that the environment describes."""
    settings = CarrierSettings()  # type: ignore[call-arg] # the environment gives the required ones
    client = httpx.Client(timeout=httpx.Timeout(10.0, connect=3.0), trust_env=False)
    simulator = CarrierSimulator(
        desk=CarrierDesk(CarrierModel(settings.seed), settings.currency, settings.journal),
        clock=VirtualClock(settings.start or wall_clock(), settings.speed),
        post=http_poster(client, settings.callback_url),
        secret=settings.callback_secret,
    )
    return create_carrier_app(simulator, settings.api_key)


def create_carrier_app(
    simulator: CarrierSimulator, api_key: str, faults: Faults | None = None, *, seed: int = 1
) -> Starlette:
    """Build the HTTP shell around `simulator`; its clock is ticked while the app runs if it has a speed.

    Args:
        simulator: the desk, clock and sender.
        api_key: what callers present as a bearer token.
        faults: what goes wrong from the start; ``PUT /simulator/faults`` changes it.
        seed: decides which requests are hit.
    """
    switch = FaultSwitch(faults or Faults(), seed)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(_tick(simulator))
        yield
        ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ticking

    desk = _Counter(simulator, api_key, switch)
    routes = [
        Route("/shipments", desk.answer(desk.create_shipment), methods=["POST"]),
        Route("/shipments", desk.answer(desk.find_shipment), methods=["GET"]),
        Route("/shipments/{number}/void", desk.answer(desk.void), methods=["POST"]),
        Route("/manifests", desk.answer(desk.close_manifest), methods=["POST"]),
        Route("/manifests", desk.answer(desk.find_manifest), methods=["GET"]),
        Route("/tracking/{number}", desk.answer(desk.track), methods=["GET"]),
        Route("/simulator/clock", desk.answer(desk.clock), methods=["GET"]),
        Route("/simulator/advance", desk.answer(desk.advance), methods=["POST"]),
        Route("/simulator/faults", desk.answer(desk.set_faults), methods=["PUT"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan, middleware=[Middleware(FaultInjection, switch=switch)])


async def _tick(simulator: CarrierSimulator) -> None:
    while simulator.clock.speed:
        await run_in_threadpool(simulator.advance, simulator.clock.now())
        await asyncio.sleep(TICK_S)


Handler = Callable[[Request, bytes], tuple[int, object]]


class _Counter:
    """The handlers: parse, ask the desk, answer."""

    def __init__(self, simulator: CarrierSimulator, api_key: str, switch: FaultSwitch) -> None:
        self._simulator = simulator
        self._desk = simulator.desk
        self._api_key = api_key
        self._switch = switch

    def answer(self, handler: Handler) -> Callable[[Request], object]:
        async def endpoint(request: Request) -> Response:
            try:
                self._check_key(request)
                status, content = await run_in_threadpool(handler, request, await _read(request))
            except DeskRefusalError as refusal:
                problem = {"code": refusal.code, "detail": refusal.detail, "tracking_numbers": refusal.tracking_numbers}
                return _json(refusal.status, problem)
            return _json(status, content)

        return endpoint

    def create_shipment(self, _request: Request, body: bytes) -> tuple[int, object]:
        return 201, _shipment(self._desk.create_shipment(_parse(body, ShipmentOrder), self._now()))

    def find_shipment(self, request: Request, _body: bytes) -> tuple[int, object]:
        found = self._desk.find_shipment(*_reference(request))
        if found is None:
            raise DeskRefusalError(404, "not_found", "There is no shipment with this reference")
        return 200, _shipment(found)

    def void(self, request: Request, _body: bytes) -> tuple[int, object]:
        return 200, _shipment(self._desk.void(request.path_params["number"], self._now()))

    def close_manifest(self, _request: Request, body: bytes) -> tuple[int, object]:
        return 201, _manifest(self._desk.close_manifest(_parse(body, ManifestOrder), self._now()))

    def find_manifest(self, request: Request, _body: bytes) -> tuple[int, object]:
        found = self._desk.find_manifest(*_reference(request))
        if found is None:
            raise DeskRefusalError(404, "not_found", "There is no manifest with this reference")
        return 200, _manifest(found)

    def track(self, request: Request, _body: bytes) -> tuple[int, object]:
        number = request.path_params["number"]
        scans = self._desk.scans_until(number, self._now())
        carrier = self._desk.shipment(number).order.carrier
        return 200, {"tracking_number": number, "carrier": carrier, "events": [describe(scan) for scan in scans]}

    def clock(self, _request: Request, _body: bytes) -> tuple[int, object]:
        return 200, {"now": self._now()}

    def advance(self, _request: Request, body: bytes) -> tuple[int, object]:
        received = self._simulator.advance(_parse(body, Advance).to)
        return 200, {"now": self._now(), "received": received}

    def set_faults(self, _request: Request, body: bytes) -> tuple[int, object]:
        self._switch.faults = _parse(body, Faults)
        return 200, self._switch.faults

    def _now(self) -> datetime:
        return self._simulator.clock.now().astimezone(UTC)

    def _check_key(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self._api_key}".encode()):
            raise DeskRefusalError(401, "unauthorized", "The API key is missing or wrong")


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise DeskRefusalError(413, "too_large", f"A request has at most {LARGEST_BODY} bytes")
    return bytes(body)


def _parse(body: bytes, form: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=form)
    except msgspec.ValidationError as error:
        raise DeskRefusalError(422, "invalid_request", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DeskRefusalError(400, "malformed_json", str(error)) from error


def _reference(request: Request) -> tuple[str, str]:
    return request.query_params.get("carrier", ""), request.query_params.get("reference", "")


def _shipment(shipment: Shipment) -> dict[str, object]:
    return {
        "reference": shipment.order.reference,
        "carrier": shipment.order.carrier,
        "tracking_number": shipment.tracking_number,
        "cost_minor": shipment.cost_minor,
        "currency": shipment.currency,
        "state": shipment.state,
    }


def _manifest(manifest: Manifest) -> dict[str, object]:
    return {
        "reference": manifest.order.reference,
        "carrier_reference": manifest.carrier_reference,
        "handed_over_at": manifest.handed_over_at,
        "parcels": len(manifest.order.tracking_numbers),
    }


def _json(status: int, content: object) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
