from functools import cache

from fastapi import FastAPI

from app.main import create_app


def application() -> FastAPI:
    """Return the whole application, put together once per worker: its hundreds of routes take a second to make ready.

    What counts requests lives as long as an event loop and is made anew each time.
    """
    app = _application()
    app.middleware_stack = None
    return app


@cache
def _application() -> FastAPI:
    return create_app()
