"""The simulated carriers beside a live day: an HTTP server of their own, and signed pushes to the API."""

import socket
import threading
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx
import msgspec
import uvicorn

from app.simulators.carrier import create_carrier_app
from app.simulators.carrier_desk import CarrierDesk
from app.simulators.carrier_model import CarrierModel
from app.simulators.carrier_pushes import CarrierSimulator, Poster, VirtualClock, wall_clock
from app.simulators.live_crew import Steps

JOURNAL = "carrier.journal"
_REPEAT_AFTER = timedelta(seconds=3)
_STOP_SECONDS = 5.0
FORGET_EVERY_SECONDS = 600.0


class _Addressed(msgspec.Struct):
    carrier: str


class LiveCarriers:
    """The carriers of one home: they serve on `address` as long as the context lasts, and keep their books in `home`.

    Their clock is the real one; parcels travel `pace` times faster than in life.
    """

    def __init__(
        self, *, home: Path, address: str, api_key: str, secret: str, client: httpx.Client, pace: float
    ) -> None:
        self._simulator = CarrierSimulator(
            desk=CarrierDesk(CarrierModel(seed=1), journal=home / JOURNAL, pace=pace),
            clock=VirtualClock(wall_clock(), speed=1.0),
            post=_poster(client),
            secret=secret,
            repeat_after=_REPEAT_AFTER,
        )
        app = create_carrier_app(self._simulator, api_key)
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none", access_log=False))
        parts = urlsplit(address)
        self._listener = socket.create_server((parts.hostname or "127.0.0.1", parts.port or 80))
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listener]}, name="carriers", daemon=True
        )

    def keep_books(self) -> Steps:
        """Forget now and then what has come to its end, so that a day that never ends stays small."""
        while True:
            self._simulator.desk.forget_finished(wall_clock())
            yield FORGET_EVERY_SECONDS * self._simulator.desk.pace

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)
        self._listener.close()


def _poster(client: httpx.Client) -> Poster:
    """Send each push to the address of the carrier that it speaks for."""

    def post(body: bytes, headers: dict[str, str]) -> bool:
        carrier = msgspec.json.decode(body, type=_Addressed).carrier
        try:
            return client.post(f"/carriers/{carrier}/events", content=body, headers=headers).is_success
        except httpx.TransportError:
            return False

    return post
