import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

from app.hot.refusals import Unavailable

Waiting = TypeVar("Waiting")

FLIGHTS = 3
WORTH_A_FLIGHT = 8
MAX_WAITING = 1_000


class Flights(ABC, Generic[Waiting]):
    """Gathers requests while others are being decided, and has each batch decided in one round trip.

    There is no timer: when nothing is under way, whatever waits departs at once, so that little load means no waiting.
    Behind one batch others depart as soon as they are as large, and worth their fixed cost, so that one is prepared
    while another is decided or waits for the disk. No request waits longer for that than until the first batch is back.
    """

    def __init__(self) -> None:
        self._waiting: deque[Waiting] = deque()
        self._flights: dict[asyncio.Task[None], int] = {}

    def join(self, waiting: Waiting) -> None:
        """Let a request go with the next batch.

        Raises:
            Unavailable: too many wait already.
        """
        if len(self._waiting) >= MAX_WAITING:
            raise Unavailable("Too many requests wait already.", remedy="Repeat it in a second with the same key.")
        self._waiting.append(waiting)
        # What this turn of the event loop still brings in shall go with the same batch.
        asyncio.get_running_loop().call_soon(self._depart)

    async def finish(self) -> None:
        """Wait for what is under way, for as long as there is any."""
        while self._flights:
            await asyncio.gather(*self._flights, return_exceptions=True)

    @abstractmethod
    def _gather(self) -> list[Waiting]:
        """Take a batch from what waits."""

    @abstractmethod
    async def _fly(self, batch: Sequence[Waiting]) -> None:
        """Have a batch decided, and tell each request of it."""

    def _depart(self) -> None:
        while self._waiting and (
            not self._flights
            or (len(self._flights) < FLIGHTS and len(self._waiting) >= max(WORTH_A_FLIGHT, *self._flights.values()))
        ):
            batch = self._gather()
            flight = asyncio.create_task(self._fly(batch))
            self._flights[flight] = len(batch)
            flight.add_done_callback(self._land)

    def _land(self, flight: asyncio.Task[None]) -> None:
        del self._flights[flight]
        self._depart()
