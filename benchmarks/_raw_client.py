"""A cheap load generator: keep-alive HTTP/1.1 over raw sockets, in a process of its own."""

import asyncio
import json
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import cast

import uvloop

CLIENTS = 32
SKUS = 10_000


@dataclass(frozen=True, slots=True)
class Load:
    """What the clients saw: requests answered 2xx, refused 409, failed otherwise; and the milliseconds of the first."""

    seconds: float
    done: int
    refused: int
    failed: int
    milliseconds: list[float]

    @property
    def per_second(self) -> float:
        """Requests answered 2xx in a second."""
        return self.done / self.seconds

    def percentile(self, percent: float) -> float:
        """Return the milliseconds that so many percent of the answers did not exceed."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0

    @staticmethod
    def from_json(told: str) -> "Load":
        """Read back what `main` printed."""
        return Load(**json.loads(told))


@dataclass(slots=True)
class Tally:
    """The counts while the clients run."""

    done: int = 0
    refused: int = 0
    failed: int = 0
    milliseconds: list[float] = field(default_factory=list)


def three_lines() -> str:
    """Return three lines of different items as JSON."""
    first, step = secrets.randbelow(SKUS), 1 + secrets.randbelow(SKUS // 3)
    skus = [(first + n * step) % SKUS + 1 for n in range(3)]
    return (
        f'[{{"sku":"SKU-{skus[0]}","quantity":1}},{{"sku":"SKU-{skus[1]}","quantity":2}},'
        f'{{"sku":"SKU-{skus[2]}","quantity":1}}]'
    )


LINES: dict[str, Callable[[], str]] = {
    "reserve": three_lines,
    "hot": lambda: '[{"sku":"HOT","quantity":1}]',
    "race": lambda: '[{"sku":"RACE","quantity":1}]',
}
ASKED = {"atp1": 1, "atp20": 20}
"""How many SKUs each kind of question names."""


async def drive(port: int, key: str, kind: str, seconds: float) -> Load:
    """Send one request after the other on each of the connections, until the time is over or a race is lost."""
    tally, loop = Tally(), asyncio.get_running_loop()
    start = time.perf_counter()
    clients = [_Client(key, kind, start + seconds, tally, loop.create_future()) for _ in range(CLIENTS)]
    for client in clients:
        await loop.create_connection(partial(_itself, client), "127.0.0.1", port)
    await asyncio.gather(*(client.finished for client in clients))
    return Load(time.perf_counter() - start, tally.done, tally.refused, tally.failed, tally.milliseconds)


def _itself(client: "_Client") -> "_Client":
    return client


class _Client(asyncio.Protocol):
    """One connection. It parses no more of an answer than its status and where it ends."""

    def __init__(self, key: str, kind: str, until: float, tally: Tally, finished: asyncio.Future[None]) -> None:
        self.finished = finished
        self._head = f"HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
        self._kind, self._until, self._tally = kind, until, tally
        self._sent = 0.0
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.finished.done():
            self._tally.failed += 1
            self.finished.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        at = self._received.find(b"content-length: ", 0, end) + 16
        length = int(self._received[at : self._received.index(b"\r\n", at)])
        if len(self._received) < end + 4 + length:
            return
        status, self._received = self._received[9:12], b""
        if self._counts(status) and time.perf_counter() < self._until:
            self._send()
        else:
            self.finished.set_result(None)
            self._transport.close()

    def _send(self) -> None:
        request = self._question(ASKED[self._kind]) if self._kind in ASKED else self._reservation()
        self._sent = time.perf_counter()
        self._transport.write(request.encode())

    def _question(self, count: int) -> str:
        first = secrets.randbelow(SKUS)
        skus = "&".join(f"sku=SKU-{(first + n * 37) % SKUS + 1}" for n in range(count))
        return f"GET /v1/availability?{skus} {self._head}\r\n"

    def _reservation(self) -> str:
        own = secrets.token_hex(16)
        body = f'{{"reference":"{own}","lines":{LINES[self._kind]()}}}'
        return (
            f"POST /v1/reservations {self._head}Idempotency-Key: {own}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def _counts(self, status: bytes) -> bool:
        """Count an answer, and say whether there is a reason to go on: a race ends at the first refusal."""
        if status in (b"200", b"201"):
            self._tally.done += 1
            self._tally.milliseconds.append((time.perf_counter() - self._sent) * 1000)
        elif status == b"409":
            self._tally.refused += 1
        else:
            self._tally.failed += 1
        return status != b"409" or self._kind != "race"


def main() -> None:
    port, key, kind, seconds = sys.argv[1:5]
    print(json.dumps(asdict(uvloop.run(drive(int(port), key, kind, float(seconds))))))


if __name__ == "__main__":
    main()
