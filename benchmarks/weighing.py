"""How long a packer waits for the verdict of the scale: weighings over HTTP, so many a second.

`python -m benchmarks.weighing [--per-second 20] [--parcels 600]` packs parcels of one to five items out of 200 that
parcels have taught, then weighs each once through the whole service, at a fixed pace whether it keeps up or not. Prints
one JSON line: p50 and p99 in milliseconds from the moment a request was due, processor time of service and database for
one, and what was decided.
"""

import argparse
import asyncio
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks._stand import Stand, a_house, a_postgresql
from kernel.access.commands import create_user, sign_in
from kernel.access.queries import find_merchants, find_sites
from kernel.actors import Role, system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.access import COOKIE
from shipping.api import Content, ParcelView, ShipTo, create_parcel, seed_site_defaults, weigh_parcel

ITEMS, TAUGHT = 200, 400
_TO = ShipTo(name="Ann Example", street="Weg 1", city="Leipzig", postal_code="04109", country="DE")
_PASSWORD = "a long one for a benchmark"  # noqa: S105 - of a house that lives for a minute


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--per-second", type=float, default=20.0)
    parser.add_argument("--parcels", type=int, default=600)
    asked = parser.parse_args()
    with a_postgresql() as postgresql, a_house(postgresql, "weighing") as stand:
        token, parcels = _packed(asked.parcels)
        before = stand.cpu_seconds()
        found = asyncio.run(_measure(stand, token, parcels, asked.per_second))
        cpu_ms = 1000 * (stand.cpu_seconds() - before) / len(parcels)
        asked_for = {"weighings": len(parcels), "per_second": asked.per_second}
        print(json.dumps(asked_for | found | {"cpu_ms": round(cpu_ms, 2)}))


def _packed(count: int) -> tuple[str, list[ParcelView]]:
    """Teach the items' weights with other parcels, and return a packer's session and parcels to weigh."""
    dice = random.Random(1)  # noqa: S311 - chance that must repeat itself
    with transaction(system("benchmark")) as uow:
        site, tenant = find_sites(uow)[0].id, find_merchants(uow)[0].id
        seed_site_defaults(uow, site_id=site)
        create_user(uow, email="pat@house.example", name="Pat", role=Role.PACKER, password=_PASSWORD, site_id=site)
    with transaction(system("benchmark")) as uow:
        for parcel in _parcels(uow, tenant, site, TAUGHT, dice):
            reading_g = parcel.expected_g
            weigh_parcel(uow, tenant_id=tenant, parcel_id=parcel.id, scale_code="PACK-1", reading_g=reading_g)
        return sign_in(uow, email="pat@house.example", password=_PASSWORD), _parcels(uow, tenant, site, count, dice)


def _parcels(uow: UnitOfWork, tenant: str, site: str, count: int, dice: random.Random) -> list[ParcelView]:
    return [
        create_parcel(
            uow, tenant_id=tenant, site_id=site, reference=f"ord_{n}", party="cus_1", ship_to=_TO, value_minor=4_900,
            currency="EUR", contents=[_content(item, dice) for item in dice.sample(range(ITEMS), dice.randint(1, 5))],
        )
        for n in range(count)
    ]  # fmt: skip


def _content(item: int, dice: random.Random) -> Content:
    weight_g = 50 + 7 * item
    return Content(f"itm_{item}", f"lin_{item}", f"SKU-{item}", "Thing", dice.randint(1, 3), weight_g, 90, 60, 30)


async def _measure(stand: Stand, token: str, parcels: Sequence[ParcelView], per_second: float) -> dict[str, object]:
    told: Counter[str] = Counter()
    waited: list[float] = []
    free: list[_Line] = []

    async def weigh(parcel: ParcelView, due: float) -> None:
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        # The service closes what rests for long.
        while free and free[-1].reader.at_eof():
            free.pop()
        line = free.pop() if free else _Line(*await asyncio.open_connection("127.0.0.1", stand.port))
        body = {"reading_g": parcel.expected_g, "scale_code": "PACK-1"}
        answer = await line.post(f"/v1/parcels/{parcel.id}/weigh", token, body, key=parcel.id)
        waited.append(1000 * (time.perf_counter() - due))
        free.append(line)
        told[answer.get("decision", str(answer.get("status")))] += 1

    start = time.perf_counter() + 0.5
    await asyncio.gather(*(weigh(parcel, start + n / per_second) for n, parcel in enumerate(parcels)))
    for line in free:
        line.writer.close()
    ranks = statistics.quantiles(waited, n=100)
    return {"p50_ms": round(ranks[49], 1), "p99_ms": round(ranks[98], 1), "decisions": dict(told)}


@dataclass(frozen=True, slots=True)
class _Line:
    """A connection that stays open: what a client library would do beside is not the service's time."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def post(self, path: str, token: str, content: object, *, key: str) -> dict[str, str]:
        body = json.dumps(content)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nCookie: {COOKIE}={token}\r\nIdempotency-Key: {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.writer.write(f"{head}{body}".encode())
        told = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        at = told.index(b"content-length: ") + 16
        answer: dict[str, str] = json.loads(await self.reader.readexactly(int(told[at : told.index(b"\r", at)])))
        return answer


if __name__ == "__main__":
    main()
