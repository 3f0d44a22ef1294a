import asyncio
import logging
import time
from collections.abc import Callable

from limits import RateLimitItem, parse
from redis.asyncio import Redis
from redis.exceptions import RedisError

EXCHANGE_SECONDS = 0.1
"""How often a busy process tells the others what it admitted, and hears of them."""
AWAY_SECONDS = 5.0
_TIMEOUT_SECONDS = 1.0
_PREFIX = "pickstream:rate"
_log = logging.getLogger(__name__)


class Rates:
    """Counts what each caller sent in a fixed window, over all processes that share a Redis.

    A request is decided from what this process knows, so that it never waits: the processes exchange their counts
    beside the requests, while there are any. Within one exchange a caller may thus get past the limit by what the other
    processes admitted meanwhile. When Redis is away (or there is none) each process goes on counting by itself, and
    what it counted is told when Redis is back. Belongs to one event loop at a time.
    """

    def __init__(self, rate: str, redis_url: str = "", *, now: Callable[[], float] = time.time) -> None:
        self._item: RateLimitItem = parse(rate)
        self._seconds = self._item.get_expiry()
        self._redis_url = redis_url
        self._now = now
        self._window = -1
        self._told: dict[str, int] = {}
        self._untold: dict[str, int] = {}
        self._away_until = 0.0
        self._exchanging: asyncio.Task[None] | None = None

    def __str__(self) -> str:
        """Say the rate in words: "100 per 1 minute"."""
        return str(self._item)

    def hit(self, caller: str) -> int:
        """Count a request and return 0, or, for a caller over the rate, the seconds until the next window.

        Call it on the event loop; it waits for nothing.
        """
        now = self._now()
        window = int(now // self._seconds)
        if window != self._window:
            self._window, self._told, self._untold = window, {}, {}
        untold = self._untold.get(caller, 0)
        if self._told.get(caller, 0) + untold >= self._item.amount:
            return max(1, round((window + 1) * self._seconds - now))
        self._untold[caller] = untold + 1
        if self._redis_url and self._exchanging is None and time.monotonic() >= self._away_until:
            self._exchanging = asyncio.get_running_loop().create_task(self._exchange_while_busy())
        return 0

    async def close(self) -> None:
        """Stop exchanging counts."""
        task, self._exchanging = self._exchanging, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _exchange_while_busy(self) -> None:
        """Exchange counts until there is nothing new to tell; the connection lasts no longer."""
        try:
            async with self._client() as client:
                while self._untold:
                    await asyncio.sleep(EXCHANGE_SECONDS)
                    await self._exchange(client)
        except (RedisError, OSError) as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            _log.warning("Redis away, rates are counted by each process alone: %s", type(error).__name__)
        finally:
            self._exchanging = None

    def _client(self) -> Redis:
        return Redis.from_url(
            self._redis_url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS, retry=None,
            decode_responses=True,
        )  # fmt: skip

    async def _exchange(self, client: Redis) -> None:
        window, sent = self._window, dict(self._untold)
        pipeline = client.pipeline(transaction=False)
        for caller, count in sent.items():
            key = f"{_PREFIX}:{self._item.amount}:{self._seconds}:{window}:{caller}"
            pipeline.incrby(key, count)
            pipeline.expire(key, 2 * self._seconds)
        answers = await pipeline.execute()
        if window != self._window:
            return
        for (caller, count), total in zip(sent.items(), answers[::2], strict=True):
            self._told[caller] = int(total)
            left = self._untold[caller] - count
            if left:
                self._untold[caller] = left
            else:
                del self._untold[caller]
