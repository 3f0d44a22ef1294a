import hashlib
import time
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

from prometheus_client import Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.edge.json_bodies import is_json, require_one_meaning
from app.edge.metrics import REQUEST_SECONDS
from app.edge.rates import Rates
from app.edge.told import tell_refusal
from kernel.access.secrets import digest
from kernel.errors import Forbidden, Invalid, Refusal
from kernel.ids import new_id
from kernel.web.access import COOKIE, SECURE_COOKIE

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_USUAL = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_USUAL.append((b"cache-control", b"no-store"))
_Headers = Mapping[bytes, bytes]
"""A request's headers by their names in small letters. Of one that comes twice the last counts."""
_SAFE = {"GET", "HEAD", "OPTIONS"}
_UNLIMITED = ("/static/", "/healthz", "/readyz", "/metrics")


class TooLarge(Refusal):
    """A body over the limit; it was not read further."""

    code = "body_too_large"
    status = 413
    title = "The body is too large"


class Compressed(Refusal):
    """A body that would have to be unpacked first, to a size that nobody knows."""

    code = "unsupported_content_encoding"
    status = 415
    title = "The body's encoding is not understood"


class TooMany(Refusal):
    """A caller over its rate."""

    code = "too_many_requests"
    status = 429
    title = "Too many requests"


class Edge:
    """What every request passes: an id, limits on rate and size, the cross-site check, security headers, timing."""

    def __init__(
        self, app: ASGIApp, *, max_body_bytes: int, rate: str, redis_url: str = "",
        larger_bodies: Mapping[str, int] | None = None,
    ) -> None:  # fmt: skip
        self._app = app
        self._max_body = max_body_bytes
        self._larger_bodies = larger_bodies or {}
        self._rates = Rates(rate, redis_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._serve_other(scope, receive, send)
            return
        headers = dict(scope["headers"])
        # Whatever can be got can be asked about: the framework answers HEAD only where it is named, which is nowhere.
        is_head = scope["method"] == "HEAD"
        scope = {**scope, "pickstream.request_id": new_id("req"), "method": "GET" if is_head else scope["method"]}
        watched = _Watched(scope, send, is_head=is_head)
        as_json = is_json(_text(headers, b"content-type"))
        try:
            limit = self._max_body if as_json else max(self._max_body, self._larger_bodies.get(scope["path"], 0))
            self._admit(scope, headers, limit)
            bounded = _bounded(receive, limit)
            await self._app(scope, _read_once(bounded) if as_json else bounded, watched.send)
        except Refusal as refusal:
            if watched.status:
                raise
            await tell_refusal(Request(scope, receive), refusal, _retry(refusal))(scope, receive, watched.send)
        finally:
            watched.observe()

    async def _serve_other(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is no request; the end of the application's life is the end of its counts."""
        try:
            await self._app(scope, receive, send)
        finally:
            if scope["type"] == "lifespan":
                await self._rates.close()

    def _admit(self, scope: Scope, headers: _Headers, limit: int) -> None:
        if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
            raise Invalid("The address holds a NUL character.", remedy="Remove it.", pointer="/path")
        if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
            raise Compressed("A compressed body is not read.", remedy="Send it as it is.")
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            raise _too_large(limit)
        if scope["method"] not in _SAFE and _has_cookie(headers) and _is_cross_site(headers):
            raise Forbidden("The request comes from another site.", remedy="Use the form on this site.")
        if not scope["path"].startswith(_UNLIMITED):
            self._limit(_caller(scope, headers))

    def _limit(self, caller: str) -> None:
        wait = self._rates.hit(caller)
        if wait:
            raise TooMany(
                f"More than {self._rates} came from this caller.", remedy=f"Wait {wait} s.", retry_after_seconds=wait
            )


def _bounded(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def receive_bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large(limit)
        return message

    return receive_bounded


def _read_once(receive: Receive) -> Receive:
    """Look at a JSON body as a whole before whoever reads it: no reader hears of names that were sent twice."""
    parts: list[bytes] = []

    async def receive_json() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                require_one_meaning(b"".join(parts))
        return message

    return receive_json


class _Watched:
    """Wraps `send`: adds the headers that every answer carries, and remembers what was answered and how fast."""

    def __init__(self, scope: Scope, send: Send, *, is_head: bool) -> None:
        self._scope = scope
        self._send = send
        self._is_head = is_head
        self._started = time.perf_counter()
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            told = message.get("headers", ())
            named = {name for name, _ in told}
            usual = (pair for pair in _USUAL if pair[0] not in named)
            message["headers"] = [*told, *usual, (b"x-request-id", self._scope["pickstream.request_id"].encode())]
        elif self._is_head and "body" in message:
            message = {**message, "body": b""}
        await self._send(message)

    def observe(self) -> None:
        route = self._scope.get("route")
        path = getattr(route, "path", "unmatched")
        seconds = time.perf_counter() - self._started
        status = self.status or HTTPStatus.INTERNAL_SERVER_ERROR.value
        _seconds_of(self._scope["method"], path, status // 100).observe(seconds)


@lru_cache
def _seconds_of(method: str, path: str, hundreds: int) -> Histogram:
    return REQUEST_SECONDS.labels(method, path, f"{hundreds}xx")


def _text(headers: _Headers, name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"At most {limit:,} bytes are read.", remedy="Send it in several parts.")


def _retry(refusal: Refusal) -> dict[str, str]:
    seconds = refusal.facts.get("retry_after_seconds")
    return {} if seconds is None else {"retry-after": str(seconds)}


def _caller(scope: Scope, headers: _Headers) -> str:
    credential = headers.get(b"authorization", b"")
    if credential:
        return hashlib.blake2b(credential, digest_size=12).hexdigest()
    client = scope.get("client")
    return digest(client[0] if client else "unknown")


def _has_cookie(headers: _Headers) -> bool:
    cookies = _text(headers, b"cookie")
    return COOKIE in cookies or SECURE_COOKIE in cookies


def _is_cross_site(headers: _Headers) -> bool:
    """Browsers say where a request comes from (Fetch Metadata); without that, Origin must name this host."""
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site not in (b"same-origin", b"none")
    return b"origin" in headers and _host_of(_text(headers, b"origin")) != _text(headers, b"host")


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
