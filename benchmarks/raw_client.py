"""A cheap load generator: keep-alive HTTP/1.1 over raw asyncio streams, in a process of its own."""

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from uuid import uuid4

CLIENTS = 16
SKUS = 10_000


@dataclass(frozen=True, slots=True)
class Load:
    """What the clients saw: requests answered 201, refused 409, failed otherwise; and each 201's milliseconds."""

    seconds: float
    done: int
    refused: int
    failed: int
    milliseconds: list[float]

    @property
    def per_second(self) -> float:
        """Requests answered 201 in a second."""
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


def three_lines() -> list[dict[str, object]]:
    skus = random.sample(range(1, SKUS + 1), 3)
    return [{"sku": f"SKU-{sku}", "quantity": quantity} for sku, quantity in zip(skus, (1, 2, 1), strict=True)]


BODIES: dict[str, Callable[[], list[dict[str, object]]]] = {
    "reserve": three_lines,
    "hot": lambda: [{"sku": "HOT", "quantity": 1}],
    "race": lambda: [{"sku": "RACE", "quantity": 1}],
}


async def drive(port: int, key: str, kind: str, seconds: float) -> Load:
    tally = Tally()
    start = time.perf_counter()
    until = start + seconds
    await asyncio.gather(*(_client(port, key, kind, until, tally) for _ in range(CLIENTS)))
    return Load(time.perf_counter() - start, tally.done, tally.refused, tally.failed, tally.milliseconds)


async def _client(port: int, key: str, kind: str, until: float, tally: Tally) -> None:
    """Send one request after the other; a race ends at the first refusal, all else with the time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (sent := time.perf_counter()) < until:
        writer.write(_request(key, BODIES[kind]()))
        status = await _answer(reader)
        if status == 201:
            tally.done += 1
            tally.milliseconds.append((time.perf_counter() - sent) * 1000)
        elif status == 409:
            tally.refused += 1
            if kind == "race":
                break
        else:
            tally.failed += 1
    writer.close()
    await writer.wait_closed()


def _request(key: str, lines: list[dict[str, object]]) -> bytes:
    own = uuid4().hex
    body = json.dumps({"reference": own, "lines": lines}).encode()
    head = (
        f"POST /v1/reservations HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: {own}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lowered = head.lower()
    at = lowered.index(b"content-length:") + 15
    await reader.readexactly(int(lowered[at : lowered.index(b"\r\n", at)]))
    return int(head[9:12])


def main() -> None:
    port, key, kind, seconds = sys.argv[1:5]
    print(json.dumps(asdict(asyncio.run(drive(int(port), key, kind, float(seconds))))))


if __name__ == "__main__":
    main()
