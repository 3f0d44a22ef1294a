from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Mount, Router
from starlette.types import ASGIApp, Receive, Scope, Send

_Words = tuple[str | None, str | None]
"""The first two words of an address; None where any word may stand."""


class RouteIndex:
    """Shows a request only to the routers that hold addresses with its first two words, in the order they were added.

    Asking hundreds of routes one after the other would take longer than most requests need for all else. What none of
    these routers takes (another method's refusal aside) goes on to the framework: it redirects, or knows nothing of it.
    """

    def __init__(self, router: Router) -> None:
        self._all = router
        self._app: ASGIApp = router.middleware_stack
        self._routers: dict[_Words, Router] = {}

    def prepare(self) -> None:
        """Read all routes, which takes a second; otherwise the first request does. Routes added later stay unknown."""
        asked: dict[_Words, list[BaseRoute]] = {}
        patterns = [(route, _patterns(route)) for route in self._all.routes]
        for words in {words for _, found in patterns for words in found}:
            asked[words] = [route for route, found in patterns if any(_may_meet(words, other) for other in found)]
        self._routers = {
            words: Router(routes, redirect_slashes=False, default=self._app) for words, routes in asked.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        app = self._app
        if scope["type"] == "http" and not scope.get("root_path"):
            if not self._routers:
                self.prepare()
            first, second = _first_two(scope["path"])
            routers = self._routers
            found = routers.get((first, second)) or routers.get((first, None)) or routers.get((None, None))
            if found is not None:
                # Addresses are made from names by the router that knows them all.
                scope["router"] = self._all
                app = found.app
        await app(scope, receive, send)


def _patterns(route: BaseRoute) -> set[_Words]:
    """What the first two words of a route's addresses may be."""
    return {_pattern(context.path or "", is_mount=isinstance(route, Mount)) for context in iter_route_contexts([route])}


def _pattern(path: str, *, is_mount: bool) -> _Words:
    first, second = _first_two(path)
    if "{" in first or (is_mount and not first):
        return None, None
    return first, None if "{" in second or (is_mount and not second) else second


def _first_two(path: str) -> tuple[str, str]:
    _, first, second, *_ = [*path.split("/", 3), "", ""]
    return first, second


def _may_meet(words: _Words, pattern: _Words) -> bool:
    """Whether an address of these words may be one of the pattern; words that are open stand for all not named."""
    return all(theirs is None or ours == theirs for ours, theirs in zip(words, pattern, strict=True))
