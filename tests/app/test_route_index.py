"""The index lets in whom the framework lets in, and refuses as it does: for the real house and for houses made up."""

import asyncio
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from httpx import ASGITransport, AsyncClient
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from app.edge.route_index import RouteIndex
from app.main import create_app

Answer = tuple[int, str | None, str | None, str]
"""A status, the methods allowed, where to go instead, and a body."""
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
LITERALS = ("v1", "orders", "items", "static", "orders.csv", "ü")
PARAMETERS = ("{name}", "{name}.csv", "{number:int}", "{rest:path}")
SAID = (*LITERALS, "", "..", "17", "x.csv", "%2F", "a" * 300)


@dataclass
class Pair:
    """The same house twice: with the index in front of its routes, and without."""

    make: Callable[[], FastAPI]

    def __post_init__(self) -> None:
        self._with, self._without = self.make(), self.make()
        if not isinstance(self._with.router.middleware_stack, RouteIndex):
            self._with.router.middleware_stack = RouteIndex(self._with.router)
        self._without.router.middleware_stack = self._without.router.app

    def answers(self, asked: list[tuple[str, str]]) -> tuple[list[Answer], list[Answer]]:
        """What both answer to the same requests."""
        return asyncio.run(_answers(self._with, asked)), asyncio.run(_answers(self._without, asked))


async def _answers(app: FastAPI, asked: list[tuple[str, str]]) -> list[Answer]:
    async with AsyncClient(transport=ASGITransport(_entered(app)), base_url="http://house.example") as client:
        answers = [await client.request(method, path) for method, path in asked]
    return [(each.status_code, each.headers.get("allow"), each.headers.get("location"), each.text) for each in answers]


def _entered(app: FastAPI) -> ASGIApp:
    """The application behind its edge, which would ask who comes how often."""
    app.user_middleware.clear()
    return app


def made_up(seed: int) -> FastAPI:
    """A house with routers of every form, of which some stand in another's way."""
    random_of = random.Random(seed)  # noqa: S311  # a repeatable draw
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for number in range(random_of.randint(1, 12)):
        router = APIRouter(prefix=random_of.choice(("", "/v1", "/v1/orders", "/{name}")))
        for _ in range(random_of.randint(1, 5)):
            _add(router, random_of)
        if random_of.random() < 0.5:
            inner, router = router, APIRouter(prefix=random_of.choice(("", "/static")))
            router.include_router(inner, prefix=random_of.choice(("", "/items")))
        app.include_router(router, prefix=random_of.choice(("", "/items")))
        if random_of.random() < 0.2:
            app.mount(random_of.choice(("", "/static", "/v1/{name}")), PlainTextResponse(f"mounted {number}"))
    return app


def _add(router: APIRouter, random_of: random.Random) -> None:
    words = [random_of.choice((*LITERALS, *PARAMETERS)) for _ in range(random_of.randint(1, 4))]
    path = "/" + "/".join(words) + random_of.choice(("", "", "/"))
    if path.count("{name}") + path.count("{number") + path.count("{rest") > 1 or "{name}" in router.prefix:
        path = re.sub(r"{[^}]+}", "orders", path)
    method = random_of.choice(METHODS)
    router.add_api_route(path, lambda: f"{method} {path}", methods=[method])


@pytest.mark.parametrize("seed", range(24))
def test_houses_made_up(seed: int) -> None:
    """Same status, same route, same redirect, same methods named, whatever is asked."""
    random_of = random.Random(seed)  # noqa: S311  # a repeatable draw
    pair = Pair(lambda: made_up(seed))
    held = [re.sub(r"{[^}]+}", "17", context.path or "/") for context in iter_route_contexts(made_up(seed).routes)]
    said = [random_of.choice(held) + random_of.choice(("", "", "/")) for _ in range(75)]
    said += [_said(random_of) for _ in range(75)]
    asked = [(random_of.choice(METHODS), path) for path in said]
    with_index, without = pair.answers(asked)
    assert with_index == without
    assert {answer[0] for answer in without} - {404}, "no address was met"


def _said(random_of: random.Random) -> str:
    words = [random_of.choice(SAID) for _ in range(random_of.randint(0, 5))]
    return "/" + "/".join(words) + random_of.choice(("", "", "", "/"))


@pytest.mark.thorough
def test_every_route_of_the_house() -> None:
    """Each address comes to the router to which the framework brings it, also by a method that is refused there."""
    pair = Pair(lambda: _naming(create_app()))
    contexts = iter_route_contexts(create_app().routes)
    paths = sorted({re.sub(r"{[^}]+}", "x", context.path or "/") for context in contexts})
    words = sorted({word for path in paths for word in path.split("/")})
    random_of = random.Random(7)  # noqa: S311  # a repeatable draw
    nobodys = ["/" + "/".join(random_of.choices(words, k=random_of.randint(1, 4))) for _ in range(300)]
    asked = [(method, path) for path in [*paths, *nobodys] for method in random_of.sample(METHODS, 2)]
    with_index, without = pair.answers(asked)
    assert len(paths) > 400
    assert with_index == without


def _naming(app: FastAPI) -> FastAPI:
    """The house, where each router says its number instead of serving."""
    for number, route in enumerate(app.router.routes):
        route.handle = _say(number, route)  # type: ignore[method-assign]  # nothing is to be served
    return app


def _say(number: int, route: BaseRoute) -> ASGIApp:
    async def say(scope: Scope, receive: Receive, send: Send) -> None:
        match, _ = route.matches(scope)
        await PlainTextResponse(f"{number} {match}")(scope, receive, send)

    return say
