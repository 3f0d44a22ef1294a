import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import asyncpg
from sqlalchemy import make_url
from starlette.applications import Starlette

from app.hot.batching import Batcher
from kernel.settings import settings

POOL_SIZE = 6
COMMAND_SECONDS = 10


@dataclass(frozen=True, slots=True)
class HotPool:
    """What the hot routes need: their own connections, and the batcher of reservations."""

    connections: asyncpg.Pool
    reservations: Batcher
    worker: asyncio.Task[None]


async def open_hot_pool(app: Starlette, on_committed: Callable[[], None] = lambda: None) -> None:
    """Open the hot routes' own connections to `DATABASE_URL`, as the application role, on `app.state.hot`.

    `on_committed` is called on the event loop after a batch that recorded events: it must not block, and losing it
    costs latency only.
    """
    url = make_url(settings().database_url).set(drivername="postgresql")
    connections = await asyncpg.create_pool(
        url.render_as_string(hide_password=False), min_size=2, max_size=POOL_SIZE, command_timeout=COMMAND_SECONDS,
        reset=_keep,
    )  # fmt: skip
    batcher = Batcher(connections, on_committed)
    app.state.hot = HotPool(connections, batcher, asyncio.create_task(batcher.run(), name="reservations"))


async def close_hot_pool(app: Starlette) -> None:
    """Stop taking reservations and close the connections."""
    hot: HotPool = app.state.hot
    hot.worker.cancel()
    await asyncio.gather(hot.worker, return_exceptions=True)
    await hot.connections.close()


async def _keep(_: asyncpg.Connection) -> None:
    """Leave a returned connection as it is: the hot functions are told everything and set nothing on a session, so
    that the usual reset would only be one more round trip.
    """
