from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from app.hot.routes import close_hot_pool, hot_routes, open_hot_pool


def create() -> Starlette:
    """Return an application with nothing but the hot routes."""
    return Starlette(routes=hot_routes, lifespan=_lifespan)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    await open_hot_pool(app)
    yield
    await close_hot_pool(app)
