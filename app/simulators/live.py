"""The live day of the sample house: people, shops and carriers, working in real time until they are asked to stop."""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy.exc import SQLAlchemyError

from app.addresses import own_address
from app.edge.logs import configure_logs
from app.samples.access import read_keys
from app.samples.catalogue import sample_merchants
from app.samples.house import SITE
from app.simulators.chance import Chance
from app.simulators.live_bench import LiveBench
from app.simulators.live_carrier import LiveCarriers
from app.simulators.live_crew import Crew
from app.simulators.live_dock import collect
from app.simulators.live_floor import pick
from app.simulators.live_house import SYSTEM, LiveHouse, LiveMistakes
from app.simulators.live_returns import send_back, work_returns
from app.simulators.live_service import settle_parcels
from app.simulators.live_shop import Shops
from app.simulators.live_stock import count_bins, refill
from app.simulators.staff import simulated_staff, site_by_code
from kernel.access.queries import find_merchants
from kernel.actors import Role
from kernel.db.transactions import UnitOfWork, run
from kernel.settings import settings

MISTAKES = LiveMistakes(
    short_picks=0.01, wrong_items=0.02, wrong_contents=0.015, wrong_weights=0.02, cancellations=0.04
)
_SEED = 1
_TIMEOUT = httpx.Timeout(10.0, connect=3.0)
_log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Let the day run until SIGTERM or SIGINT. Where it was is in the database, so that it may end at any moment."""
    parser = argparse.ArgumentParser(prog="python -m app.simulators.live")
    parser.add_argument("--speed", type=float, default=60.0)
    speed = parser.parse_args(argv).speed
    configure_logs("WARNING")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    opened = _patiently(lambda: run(SYSTEM, lambda uow: _open(uow, speed)), stop)
    if opened is None:
        return 0
    house, tenants = opened
    with (
        httpx.Client(base_url=_api_address(), timeout=_TIMEOUT, trust_env=False) as client,
        LiveCarriers(
            home=settings().home, address=settings().carrier_url, api_key=settings().carrier_api_key,
            secret=settings().carrier_webhook_secret, client=client, pace=speed,
        ) as carriers,
    ):  # fmt: skip
        crew = _crew(house, tenants, client)
        crew.add("carriers' books", carriers.keep_books)
        crew.work(stop)
    return 0


def _api_address() -> str:
    return own_address(settings().host, settings().port)


def _open(uow: UnitOfWork, speed: float) -> tuple[LiveHouse, dict[str, str]]:
    """Return the site with its people, and the sample merchants' ids by code."""
    site = site_by_code(uow, SITE)
    house = LiveHouse(site.id, ZoneInfo(site.time_zone), speed, Chance(_SEED), MISTAKES, simulated_staff(uow, site))
    return house, {merchant.code: merchant.id for merchant in find_merchants(uow)}


def _patiently(
    attempt: Callable[[], tuple[LiveHouse, dict[str, str]]], stop: threading.Event
) -> tuple[LiveHouse, dict[str, str]] | None:
    """Try until it works, since the database may be on its way; None when asked to stop meanwhile."""
    while not stop.is_set():
        try:
            return attempt()
        except SQLAlchemyError as error:
            _log.warning("the database is away: %s", str(error).partition("\n")[0])
            stop.wait(1.0)
    return None


def _crew(house: LiveHouse, tenants: dict[str, str], client: httpx.Client) -> Crew:
    shops = Shops(house, client, sample_merchants(), read_keys(settings().home))
    bench = LiveBench(house)
    crew = Crew(house.speed)
    for number in range(len(house.staff[Role.PICKER])):
        crew.add(f"picker {number + 1}", partial(pick, house, number))
    for number in range(len(house.staff[Role.PACKER])):
        crew.add(f"packer {number + 1}", partial(bench.pack, number))
    crew.add("manager", bench.judge_held)
    crew.add("dock", partial(collect, house))
    crew.add("deliveries", partial(refill, house, shops.merchants, tenants))
    crew.add("counts", partial(count_bins, house))
    crew.add("shops", shops.sell)
    crew.add("cancellations", shops.cancel)
    crew.add("returns", partial(send_back, house))
    crew.add("returns bench", partial(work_returns, house))
    crew.add("service", partial(settle_parcels, house))
    return crew


if __name__ == "__main__":
    sys.exit(main())
