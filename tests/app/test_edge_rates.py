"""Rates are counted over all processes, without a request waiting for it, and without Redis too."""

import asyncio
import time
from collections.abc import Callable, Coroutine

import httpx
import pytest
import redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.edge.middleware import Edge
from app.edge.rates import Rates

NOWHERE = "redis://127.0.0.1:1/0"


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 1_000_000_020.0

    def __call__(self) -> float:
        return self.time


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


def run(work: Coroutine[object, object, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 20))


def test_a_caller_over_the_rate_waits_for_the_next_window_and_others_do_not() -> None:
    async def work() -> None:
        clock = Clock()
        limiter = Rates("3/minute", now=clock)
        assert [limiter.hit("a") for _ in range(4)] == [0, 0, 0, 60 - 1_000_000_020 % 60]
        assert limiter.hit("b") == 0
        clock.time += 60
        assert limiter.hit("a") == 0

    run(work())


def test_two_processes_share_one_count(redis_url: str) -> None:
    async def work() -> None:
        clock = Clock()
        one, other = (Rates("10/minute", redis_url, now=clock) for _ in range(2))
        for _ in range(6):
            assert one.hit("a") == 0
        await until(lambda: one._exchanging is None)
        for _ in range(3):
            assert other.hit("a") == 0
        await until(lambda: other._exchanging is None)
        assert other.hit("a") == 0
        await until(lambda: other._exchanging is None)
        assert other.hit("a") > 0
        assert one.hit("a") == 0, "it has not heard of the others yet"
        await until(lambda: one._exchanging is None)
        assert one.hit("a") > 0
        assert one.hit("b") == 0
        await one.close()
        await other.close()

    run(work())
    with redis.Redis.from_url(redis_url) as client:
        keys = client.keys("pickstream:rate:*")
        assert keys
        assert all(0 < client.ttl(key) <= 120 for key in keys)


def test_without_redis_each_process_counts_alone_and_tells_later(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        clock = Clock()
        limiter = Rates("5/minute", NOWHERE, now=clock)
        for _ in range(3):
            assert limiter.hit("a") == 0
        await until(lambda: limiter._exchanging is None)
        assert [limiter.hit("a") for _ in range(3)][:2] == [0, 0]
        assert limiter.hit("a") > 0
        assert limiter._exchanging is None, "it does not ask again at once"
        monkeypatch.setattr(limiter, "_redis_url", redis_url)
        monkeypatch.setattr(limiter, "_away_until", 0.0)
        assert limiter.hit("b") == 0
        await until(lambda: limiter._exchanging is None)
        fresh = Rates("5/minute", redis_url, now=clock)
        assert fresh.hit("a") == 0
        await until(lambda: fresh._exchanging is None)
        assert fresh.hit("a") > 0, "what was counted alone was told"

    run(work())
    assert "counted by each process alone" in caplog.text


def test_a_process_that_ends_in_the_middle_leaves_nothing_open(redis_url: str) -> None:
    async def work() -> None:
        limiter = Rates("5/minute", redis_url)
        limiter.hit("a")
        await asyncio.sleep(0)
        await limiter.close()
        assert limiter._exchanging is None
        limiter.hit("a")

    run(work())


async def hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


def test_the_edge_says_when_to_come_back_whether_redis_is_there_or_not(redis_url: str) -> None:
    async def work() -> None:
        for url in (redis_url, NOWHERE, ""):
            app = Edge(Starlette(routes=[Route("/x", hello)]), max_body_bytes=1_000, rate="2/hour", redis_url=url)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house.test") as client:
                answers = [await client.get("/x", headers={"authorization": f"Bearer {url}"}) for _ in range(3)]
            assert [answer.status_code for answer in answers] == [200, 200, 429]
            assert 0 < int(answers[-1].headers["retry-after"]) <= 3_600
            await app._rates.close()

    run(work())
