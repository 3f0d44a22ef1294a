from collections.abc import Callable
from dataclasses import dataclass

import asyncpg
from sqlalchemy import make_url
from starlette.applications import Starlette

from app.hot.batching import Batcher
from app.hot.questions import Questions
from kernel.settings import settings

POOL_SIZE = 6
COMMAND_SECONDS = 10


@dataclass(frozen=True, slots=True)
class HotPool:
    """What the hot routes need: their own connections, and what gathers reservations and questions over them."""

    connections: asyncpg.Pool
    reservations: Batcher
    questions: Questions


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
    app.state.hot = HotPool(connections, Batcher(connections, on_committed), Questions(connections))


async def close_hot_pool(app: Starlette) -> None:
    """Finish what is under way and close the connections."""
    hot: HotPool = app.state.hot
    await hot.reservations.finish()
    await hot.questions.finish()
    await hot.connections.close()


async def _keep(_: asyncpg.Connection) -> None:
    """Leave a returned connection as it is: the hot functions are told everything and set nothing on a session, so
    that the usual reset would only be one more round trip.
    """
