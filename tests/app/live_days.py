"""The sample house with its live crew and its shops, on a database of its own."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import httpx

from app.lanes import run_lane
from app.rooms import SUBSCRIPTIONS
from app.samples.catalogue import sample_merchants
from app.samples.house import open_sample_house
from app.simulators.chance import Chance
from app.simulators.live_bench import LiveBench
from app.simulators.live_crew import Steps
from app.simulators.live_floor import pick
from app.simulators.live_house import LiveHouse, LiveMistakes
from app.simulators.live_shop import Shops
from app.simulators.staff import simulated_staff, site_by_code
from fulfillment.api import OrderFilter, find_orders
from kernel.actors import Role, system
from kernel.db.relay import relay
from kernel.db.transactions import UnitOfWork, run
from tests.application import application

CALM = LiveMistakes(0, 0, 0, 0, 0, 0, 0, 0, 0)


class InProcess(httpx.BaseTransport):
    """Takes requests to the application without a socket."""

    def __init__(self) -> None:
        self._application = httpx.ASGITransport(app=application())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._send(request))

    async def _send(self, request: httpx.Request) -> httpx.Response:
        answer = await self._application.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


@contextmanager
def open_shops() -> Iterator[Shops]:
    """The sample house with its shops, whose orders reach the API without a network."""
    access = run(system(), open_sample_house)
    keys = {key.merchant: key.secret for key in access.keys}
    with httpx.Client(transport=InProcess(), base_url="http://house.test") as client:
        yield Shops(run(system(), live_house), client, sample_merchants(), keys)


def live_house(uow: UnitOfWork) -> LiveHouse:
    site = site_by_code(uow, "main")
    return LiveHouse(
        site.id, ZoneInfo(site.time_zone), 3_600, Chance(1), CALM, simulated_staff(uow, site),
        timedelta(), random.Random(7),  # noqa: S311 - chance in a test that must repeat itself
    )  # fmt: skip


def let(steps: Steps, acts: int) -> None:
    """Let somebody act so many times, however long they would rest between."""
    for _ in islice(steps, acts):
        pass


def states(house: LiveHouse) -> list[str]:
    page = house.do(house.person(Role.MANAGER), lambda uow: find_orders(uow, OrderFilter(), limit=200))
    return sorted(order.state for order in page.items)


def work(house: LiveHouse) -> None:
    """Let the lanes and everybody in the house do what there is to do, once."""
    run_lane("floor")
    let(pick(house, 0), 80)
    bench = LiveBench(house)
    let(bench.pack(0), 60)
    relay(SUBSCRIPTIONS)
    run_lane("labels")
    relay(SUBSCRIPTIONS)
