from collections.abc import Callable

from starlette.requests import Request

from kernel import actors
from kernel.access.commands import authenticate_key, authenticate_session
from kernel.actors import Actor
from kernel.db.transactions import single_statement
from kernel.errors import Forbidden, Unauthenticated

COOKIE = "pickstream_session"
SECURE_COOKIE = "__Host-pickstream_session"


def requires(scope: str) -> Callable[[Request], Actor]:
    """Return the dependency that lets only holders of `scope` through, and hands on who they are.

    Raises (when called):
        Unauthenticated: neither a valid API key (`Authorization: Bearer`) nor a session cookie came with the request.
        Forbidden: the caller lacks the scope.
    """

    def allowed(request: Request) -> Actor:
        actor = authenticate(request)
        if actor is None:
            raise Unauthenticated("This needs an API key or a signed-in user.", remedy="Send Authorization: Bearer.")
        if not actor.may(scope):
            raise Forbidden(f"This needs the scope {scope}.", remedy="Ask an administrator.", scope=scope)
        return actor

    allowed.scope = scope  # type: ignore[attr-defined]  # the access matrix test reads it
    return allowed


def authenticate(request: Request) -> Actor | None:
    """Return who sends a request, None when nobody valid does.

    It is looked up at every request, so that a revoked key or a closed account ends at once.
    """
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    token = request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE)
    if scheme.lower() == "bearer" and secret:
        with single_statement(actors.system("authentication")) as uow:
            return authenticate_key(uow, secret=secret.strip())
    if token:
        with single_statement(actors.system("authentication")) as uow:
            return authenticate_session(uow, token=token)
    return None
