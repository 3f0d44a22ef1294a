"""The application, whole or one context's API, put together once per worker: making routes ready takes long."""

from functools import cache

from fastapi import APIRouter, FastAPI

from app.edge.errors import install_error_handlers
from app.main import create_app


def application() -> FastAPI:
    """Return the whole application. What counts its requests lives as long as an event loop and is made anew."""
    app = _application()
    app.middleware_stack = None
    return app


def serving(*routers: APIRouter) -> FastAPI:
    """Return an application of one context's routes, which answers refusals as problem documents."""
    key = tuple(map(id, routers))
    app = _served.get(key)
    if app is None:
        app = _served[key] = FastAPI()
        for router in routers:
            app.include_router(router)
        install_error_handlers(app)
    return app


_served: dict[tuple[int, ...], FastAPI] = {}


@cache
def _application() -> FastAPI:
    return create_app()
