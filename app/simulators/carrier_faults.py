import asyncio
import random

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.simulators.carrier_wire import Faults

_OWN_PATHS = "/simulator/"
_UNAVAILABLE: tuple[Message, ...] = (
    {
        "type": "http.response.start",
        "status": 503,
        "headers": [(b"content-type", b"application/json"), (b"retry-after", b"2")],
    },
    {"type": "http.response.body", "body": b'{"code":"unavailable","detail":"Try again later"}'},
)


class FaultSwitch:
    """What goes wrong now, and the chance that decides whom it hits."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self.faults = faults
        self._draws = random.Random(seed)  # noqa: S311 - chance in a simulation that must repeat itself

    def draw(self) -> tuple[bool, bool]:
        """Say whether the next request is refused, and whether its answer is cut."""
        refused = self._draws.random() < self.faults.error_rate
        return refused, self._draws.random() < self.faults.cut_after_commit_rate


class FaultInjection:
    """Delays requests, refuses some before they take hold, and cuts the answers of others after they did."""

    def __init__(self, app: ASGIApp, switch: FaultSwitch) -> None:
        self._app = app
        self._switch = switch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with its fault."""
        if scope["type"] != "http" or scope["path"].startswith(_OWN_PATHS):
            await self._app(scope, receive, send)
            return
        refused, cut = self._switch.draw()
        await asyncio.sleep(self._switch.faults.latency_s)
        if refused:
            for message in _UNAVAILABLE:
                await send(message)
        else:
            await self._app(scope, receive, _without_body(send) if cut else send)


def _without_body(send: Send) -> Send:
    async def send_head_only(message: Message) -> None:
        # The head promises a body that never comes: the server closes the connection, the caller knows nothing.
        if message["type"] == "http.response.start":
            await send(message)

    return send_head_only
