"""The way out to addresses that merchants choose: checked, pinned, and bounded in time.

A URL that somebody else wrote can name our own network, change its address between check and call, or drip its
answer for ever (CWE-918). So a name is looked up once, every address it has must be public, the connection goes to
exactly the checked addresses while TLS and the Host header keep the name, and one deadline covers all of it.
"""

import ipaddress
import socket
import ssl
import string
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpcore
import httpx

SECURE_PORTS = frozenset({443, 8443})
MAX_URL_LENGTH = 2_000

# Addresses a public receiver has: everything else of IPv6 either is not routed, or carries an IPv4 address inside
# (v4-mapped, NAT64, 6to4, Teredo) that would slip past a check of the outer one.
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
_EMBEDDING_OR_SPECIAL_V6 = tuple(
    ipaddress.ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_SPECIAL_V4 = tuple(ipaddress.ip_network(text) for text in ("192.88.99.0/24", "192.0.0.0/24", "240.0.0.0/4"))

_HOST_CHARACTERS = frozenset(string.ascii_lowercase + string.digits + "-._")

Resolver = Callable[[str, int], Sequence[str]]


class RefusedAddressError(Exception):
    """The URL, or an address its name has, is one that we do not call."""


class DeadlineExceededError(Exception):
    """The time for the whole exchange is over."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL taken apart once, by the parser whose result is also the one that is called.

    Attributes:
        exempt: the operator named this host and port in the settings; scheme, port and address are not restricted.
    """

    scheme: str
    host: str
    port: int
    target: bytes
    authority: str
    exempt: bool


def parse_destination(url: str, allow_hosts: frozenset[str] = frozenset()) -> Destination:
    """Take ``url`` apart and check everything about it that needs no look-up.

    Args:
        url: absolute; https on port 443 or 8443, no user information.
        allow_hosts: ``host:port`` authorities of the operator, for instance ``127.0.0.1:9000``, that are exempt.

    Raises:
        RefusedAddressError: the URL is malformed or not allowed.
    """
    parsed = _parse(url)
    host = parsed.raw_host.decode("ascii").lower()
    port = parsed.port or {"https": 443, "http": 80}.get(parsed.scheme, 0)
    exempt = f"{host}:{port}" in allow_hosts
    if parsed.scheme != "https" and not (exempt and parsed.scheme == "http"):
        raise RefusedAddressError("Only https is called")
    if parsed.userinfo:
        raise RefusedAddressError("A URL with a user name or password is not called")
    if not exempt and port not in SECURE_PORTS:
        raise RefusedAddressError("Only the ports 443 and 8443 are called")
    _check_host_form(host)
    if not exempt and _literal(host) is not None:
        check_address(host)
    return Destination(parsed.scheme, host, port, parsed.raw_path, parsed.netloc.decode("ascii"), exempt)


def check_address(address: str) -> None:
    """Refuse an IP address that is not public unicast.

    Raises:
        RefusedAddressError: the address is private, local, shared, reserved, multicast or embeds another one.
    """
    parsed = _literal(address)
    if isinstance(parsed, ipaddress.IPv4Address):
        public = parsed.is_global and not parsed.is_multicast and not any(parsed in net for net in _SPECIAL_V4)
    elif isinstance(parsed, ipaddress.IPv6Address):
        special = any(parsed in net for net in _EMBEDDING_OR_SPECIAL_V6)
        public = parsed in _PUBLIC_V6 and parsed.is_global and not special
    else:
        public = False
    if not public:
        raise RefusedAddressError("The host has an address that is not public")


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Return the addresses of ``host`` as the operating system knows them.

    Raises:
        OSError: the name has none or the look-up failed.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of an exchange on the monotonic clock."""

    ends_at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Return the deadline ``seconds`` from now."""
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Return the seconds left, always positive.

        Raises:
            DeadlineExceededError: none are left.
        """
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise DeadlineExceededError("The exchange took too long")
        return left


def checked_addresses(destination: Destination, resolver: Resolver, deadline: Deadline) -> tuple[str, ...]:
    """Look the host up once and return its addresses, all of them allowed.

    One private address among public ones refuses the host: an attacker could otherwise wait for the right draw.

    Raises:
        RefusedAddressError: an address is not public.
        OSError: the look-up failed.
        DeadlineExceededError: the look-up took too long.
    """
    addresses = tuple(_resolve_in_time(destination, resolver, deadline))
    if not addresses:
        raise OSError("The host has no address")
    if not destination.exempt:
        for address in addresses:
            check_address(address)
    return addresses


@dataclass(slots=True)
class PinnedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only, whatever host name it is asked for, and keeps to the deadline."""

    addresses: tuple[str, ...]
    deadline: Deadline
    _tcp: httpcore.SyncBackend = field(default_factory=httpcore.SyncBackend)

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - the name is for TLS and the Host header; the address was checked beforehand
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline of the whole exchange is stricter
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Open a connection to the first checked address that answers; nothing was sent yet, so going on is safe."""
        *others, last = self.addresses
        for address in others:
            try:
                return self._open(address, port, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._open(last, port, local_address, socket_options)

    def _open(
        self,
        address: str,
        port: int,
        local_address: str | None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.NetworkStream:
        stream = self._tcp.connect_tcp(address, port, self.deadline.remaining(), local_address, socket_options)
        return _TimedStream(stream, self.deadline)


@dataclass(slots=True)
class _TimedStream(httpcore.NetworkStream):
    """A connection on which the deadline, not each single read, limits the waiting."""

    stream: httpcore.NetworkStream
    deadline: Deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - see the class
        return self.stream.read(max_bytes, self.deadline.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - see the class
        self.stream.write(buffer, self.deadline.remaining())

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - see the class
    ) -> httpcore.NetworkStream:
        secured = self.stream.start_tls(ssl_context, server_hostname, self.deadline.remaining())
        return _TimedStream(secured, self.deadline)

    def get_extra_info(self, info: str) -> object:
        return self.stream.get_extra_info(info)


def _parse(url: str) -> httpx.URL:
    if len(url) > MAX_URL_LENGTH or not url.isprintable() or "\\" in url or " " in url:
        raise RefusedAddressError("The URL is malformed")
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise RefusedAddressError("The URL is malformed") from error


def _check_host_form(host: str) -> None:
    if _literal(host) is not None:
        return
    if not host or not _HOST_CHARACTERS.issuperset(host):
        raise RefusedAddressError("The URL names no proper host")
    # inet_aton() and many resolvers read 2130706433, 0x7f.1 and 127.1 as addresses. A real top-level domain is
    # never numeric (RFC 3696, section 2), so a last label that begins with a digit is an address in disguise.
    last_label = host.rstrip(".").rpartition(".")[2]
    if last_label[:1].isdigit():
        raise RefusedAddressError("The host is a number that is not an address in standard form")


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def _resolve_in_time(destination: Destination, resolver: Resolver, deadline: Deadline) -> Sequence[str]:
    # getaddrinfo() knows no timeout, so it runs beside; when it hangs, the thread ends with the resolver's own limit.
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="look-up")
    answer = executor.submit(resolver, destination.host, destination.port)
    executor.shutdown(wait=False)
    try:
        return answer.result(timeout=deadline.remaining())
    except TimeoutError as error:
        raise DeadlineExceededError("The look-up took too long") from error
    except UnicodeError as error:
        # The system encodes the name itself and fails so for empty labels and labels of more than 63 characters.
        raise OSError("The name cannot be looked up") from error
