import ipaddress
import socket
from typing import Any

LOOPBACK_NAMES = {"", "localhost"}

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo


class NetworkBlockedError(RuntimeError):
    """A test reached for the network beyond this machine."""


def is_local(host: object) -> bool:
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in LOOPBACK_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _check(sock: socket.socket, address: Any) -> None:
    if sock.family != socket.AF_UNIX and not is_local(address[0]):
        raise NetworkBlockedError(f"tests talk to this machine only, not to {address!r}")


class _Guard:
    def connect(self: socket.socket, address: Any) -> None:  # type: ignore[misc]  # becomes a method of socket
        _check(self, address)
        _connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:  # type: ignore[misc]  # becomes a method of socket
        _check(self, address)
        return _connect_ex(self, address)


def _is_number(host: object) -> bool:
    try:
        ipaddress.ip_address(str(host).split("%")[0])
    except ValueError:
        return False
    return True


def _guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
    # Reading a literal address asks nobody; only names leave the machine.
    if not is_local(host) and not _is_number(host):
        raise NetworkBlockedError(f"tests resolve no names, not even {host!r}")
    return _getaddrinfo(host, *args, **kwargs)


def pytest_configure() -> None:
    socket.socket.connect = _Guard.connect  # type: ignore[method-assign,assignment]  # the guard is the point
    socket.socket.connect_ex = _Guard.connect_ex  # type: ignore[method-assign,assignment]  # the guard is the point
    socket.getaddrinfo = _guarded_getaddrinfo


def pytest_unconfigure() -> None:
    socket.socket.connect = _connect  # type: ignore[method-assign]  # puts the original back
    socket.socket.connect_ex = _connect_ex  # type: ignore[method-assign]  # puts the original back
    socket.getaddrinfo = _getaddrinfo
