import asyncio
from collections.abc import Sequence

from app.hot.flights import FLIGHTS, WORTH_A_FLIGHT, Flights


class Landings(Flights[int]):
    """Batches that stay under way until they are let down."""

    def __init__(self) -> None:
        super().__init__()
        self.departed: list[list[int]] = []
        self.runways: list[asyncio.Event] = []

    def _gather(self) -> list[int]:
        batch = list(self._waiting)
        self._waiting.clear()
        return batch

    async def _fly(self, batch: Sequence[int]) -> None:
        self.departed.append(list(batch))
        self.runways.append(asyncio.Event())
        await self.runways[-1].wait()


async def _join(flights: Landings, count: int) -> list[int]:
    for n in range(count):
        flights.join(n)
    await _turns()
    return [len(batch) for batch in flights.departed]


async def _turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_other_batches_depart_when_they_are_as_large_as_the_first() -> None:
    async def story() -> None:
        flights, large = Landings(), 2 * WORTH_A_FLIGHT
        assert await _join(flights, large) == [large]
        for number in range(2, FLIGHTS + 1):
            assert await _join(flights, large - 1) == [large] * (number - 1)
            assert await _join(flights, 1) == [large] * number
        assert await _join(flights, 3 * large) == [large] * FLIGHTS
        flights.runways[0].set()
        await _turns()
        assert [len(batch) for batch in flights.departed] == [large] * FLIGHTS + [3 * large]
        for runway in flights.runways:
            runway.set()
        await flights.finish()

    asyncio.run(story())


def test_what_waits_departs_at_once_when_nothing_is_under_way_any_more() -> None:
    async def story() -> None:
        flights = Landings()
        assert await _join(flights, 1) == [1]
        assert await _join(flights, WORTH_A_FLIGHT - 1) == [1]
        flights.runways[0].set()
        await _turns()
        assert [len(batch) for batch in flights.departed] == [1, WORTH_A_FLIGHT - 1]
        flights.runways[1].set()
        await flights.finish()

    asyncio.run(story())
