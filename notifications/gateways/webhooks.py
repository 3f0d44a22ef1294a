"""Sending signed webhooks to the receivers that merchants name."""

import contextlib
import email.utils
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import httpcore

from notifications.domain.outcomes import DeliveryKind, DeliveryOutcome
from notifications.gateways.egress import (
    Deadline,
    DeadlineExceededError,
    Destination,
    PinnedBackend,
    RefusedAddressError,
    Resolver,
    checked_addresses,
    parse_destination,
    system_resolver,
)
from notifications.gateways.trust import client_tls

TOTAL_TIMEOUT_S = 15.0
ANSWER_CAP_BYTES = 64 * 1024
EXCERPT_BYTES = 2 * 1024
USER_AGENT = "Pickstream-Webhooks/1"

_OK = range(200, 300)
_GONE = 410
_OWN_HEADERS = {
    "user-agent": USER_AGENT,
    "accept-encoding": "identity",
    # One attempt is one connection: a kept-alive one could be closed under the next request, which then looks failed.
    "connection": "close",
}


class WebhookSender(Protocol):
    """Sends one webhook once. Never raises for what the receiver does; never tries again by itself."""

    def send(self, *, url: str, headers: Mapping[str, str], body: bytes) -> DeliveryOutcome:
        """POST ``body`` to ``url`` with the signed ``headers`` and say how it ended."""
        ...


@dataclass(frozen=True, slots=True)
class HttpWebhookSender:
    """Sends over HTTPS to public addresses only.

    Every delivery looks the name up anew, checks all its addresses and connects to one of these. Redirects are not
    followed, proxies of the environment are not used, and 15 s limit the exchange from look-up to last byte.

    Attributes:
        allow_hosts: ``host:port`` authorities that are exempt from the address, port and https rules.
        resolver: name to addresses.
        ssl_context: the trusted certificate authorities.
        total_timeout_s: seconds for the whole exchange.
    """

    allow_hosts: frozenset[str] = frozenset()
    resolver: Resolver = system_resolver
    ssl_context: ssl.SSLContext = field(default_factory=client_tls)
    total_timeout_s: float = TOTAL_TIMEOUT_S

    def send(self, *, url: str, headers: Mapping[str, str], body: bytes) -> DeliveryOutcome:
        """POST once; see :class:`WebhookSender`."""
        started = time.monotonic()
        deadline = Deadline.after(self.total_timeout_s)
        try:
            answer = self._exchange(parse_destination(url, self.allow_hosts), headers, body, deadline)
        except RefusedAddressError as error:
            return _failed(DeliveryKind.REFUSED, f"refused_address: {error}", started)
        except (DeadlineExceededError, httpcore.TimeoutException):
            return _failed(DeliveryKind.RETRY, "timeout", started)
        except httpcore.ConnectError:
            return _failed(DeliveryKind.RETRY, "connection_failed", started)
        except (httpcore.NetworkError, httpcore.ProtocolError):
            return _failed(DeliveryKind.RETRY, "answer_broken", started)
        except OSError:
            return _failed(DeliveryKind.RETRY, "name_not_found", started)
        return answer.outcome(_milliseconds_since(started))

    def _exchange(
        self, destination: Destination, headers: Mapping[str, str], body: bytes, deadline: Deadline
    ) -> "_Answer":
        backend = PinnedBackend(checked_addresses(destination, self.resolver, deadline), deadline)
        pool = httpcore.ConnectionPool(ssl_context=self.ssl_context, network_backend=backend, retries=0)
        with pool, pool.stream("POST", _url(destination), headers=_lines(destination, headers), content=body) as reply:
            return _Answer(
                status_code=reply.status,
                headers={name.lower(): value for name, value in reply.headers},
                start=_read_capped(reply),
            )


@dataclass(slots=True)
class RecordingWebhookSender:
    """Keeps what was sent and answers with ``outcome``; for tests and for the dry run of an endpoint."""

    outcome: DeliveryOutcome = field(default_factory=lambda: DeliveryOutcome(DeliveryKind.DELIVERED, 200))
    allow_hosts: frozenset[str] = frozenset()
    sent: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def send(self, *, url: str, headers: Mapping[str, str], body: bytes) -> DeliveryOutcome:
        """Record the webhook unless its URL is one that is never called."""
        try:
            parse_destination(url, self.allow_hosts)
        except RefusedAddressError as error:
            return DeliveryOutcome(DeliveryKind.REFUSED, error=f"refused_address: {error}")
        self.sent.append((url, dict(headers), body))
        return self.outcome


@dataclass(frozen=True, slots=True)
class _Answer:
    status_code: int
    headers: dict[bytes, bytes]
    start: bytes

    def outcome(self, latency_ms: int) -> DeliveryOutcome:
        kind = _kind(self.status_code)
        return DeliveryOutcome(
            kind=kind,
            status_code=self.status_code,
            latency_ms=latency_ms,
            answer_excerpt=_printable(self.start[:EXCERPT_BYTES]),
            retry_after_s=_retry_after(self.headers),
            error="" if kind is DeliveryKind.DELIVERED else f"status_{self.status_code}",
        )


def _kind(status_code: int) -> DeliveryKind:
    if status_code in _OK:
        return DeliveryKind.DELIVERED
    return DeliveryKind.GONE if status_code == _GONE else DeliveryKind.RETRY


def _failed(kind: DeliveryKind, error: str, started: float) -> DeliveryOutcome:
    return DeliveryOutcome(kind, latency_ms=_milliseconds_since(started), error=error)


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1_000)


def _url(destination: Destination) -> httpcore.URL:
    return httpcore.URL(
        scheme=destination.scheme.encode(),
        host=destination.host.encode(),
        port=destination.port,
        target=destination.target,
    )


def _lines(destination: Destination, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    merged = {name.lower(): value for name, value in headers.items()} | _OWN_HEADERS
    return [(b"Host", destination.authority.encode())] + [(k.encode(), v.encode()) for k, v in merged.items()]


def _read_capped(reply: httpcore.Response) -> bytes:
    start = bytearray()
    # The status has arrived and decides; the rest is read for people only, so that an answer which breaks off or
    # drips until the deadline still counts as what its status says.
    with contextlib.suppress(
        DeadlineExceededError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError
    ):
        for chunk in reply.iter_stream():
            start += chunk
            if len(start) >= ANSWER_CAP_BYTES:
                break
    return bytes(start[:ANSWER_CAP_BYTES])


def _printable(raw: bytes) -> str:
    # PostgreSQL text holds no NUL, and control characters would let an answer forge lines in logs.
    text = raw.decode("utf-8", errors="replace")
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)


def _retry_after(headers: Mapping[bytes, bytes]) -> int | None:
    """Return the seconds of a Retry-After given as seconds or as a date (RFC 9110, section 10.2.3), else None."""
    text = headers.get(b"retry-after", b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return int(text[:9])
    until = _http_date(text)
    if until is None:
        return None
    now = _http_date(headers.get(b"date", b"").decode("latin-1")) or datetime.now(UTC)
    return max(0, round((until - now).total_seconds()))


def _http_date(text: str) -> datetime | None:
    try:
        parsed = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
