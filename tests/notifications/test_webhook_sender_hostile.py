"""No request reaches our own network, whatever URL a merchant writes (CWE-918)."""

import socket
import ssl
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.domain.outcomes import DeliveryKind
from notifications.gateways.egress import RefusedAddressError, check_address, parse_destination
from notifications.gateways.webhooks import HttpWebhookSender

BODY = b"{}"

# Reading the authorities of the machine takes longer than refusing a URL does.
TRUST = ssl.create_default_context()

# Audit hooks cannot be removed, so one stays for the process and writes only while a test listens.
_attempts: list[object] | None = None


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and _attempts is not None:
        _attempts.append(arguments[1])


sys.addaudithook(_watch)


@pytest.fixture
def attempts() -> Iterator[list[object]]:
    """Addresses to which this process tried to connect during the test."""
    global _attempts  # noqa: PLW0603 - the hook outlives the test, the list must not
    _attempts = []
    yield _attempts
    _attempts = None


INTERNAL = [
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 - an address to refuse, nothing binds to it
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456:789a::1",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"]

DISGUISES = [
    "https://2130706433/",
    "https://017700000001/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://0177.0.0.1/",
    "https://127.0.0.1./",
    "https://127.000.000.001/",
    "https://0/",
    "https://00/",
    "https://example.com.1/",
    "https://127。0。0。1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://%31%32%37.0.0.1/",
    "https://127.0.0.1%00.example.com/",
    "https://127.0.0.1%2f.example.com/",
    "https://[::1%25lo]/",
    "https://[fe80::1%25eth0]/",
    "https://[::]/",
    "https://[0:0:0:0:0:ffff:7f00:0001]/",
    "https://[::ffff:7f00:1]:8443/",
]
MALFORMED = [
    "",
    "https://",
    "https:///path",
    "//example.com/",
    "example.com",
    "http://example.com/",
    "http://example.com:443/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "unix:///var/run/docker.sock",
    "javascript:alert(1)",
    "https://user@example.com/",
    "https://user:pass@example.com/",
    "https://example.com:443@127.0.0.1/",
    "https://example.com\\@127.0.0.1/",
    "https://example.com/ HTTP/1.1",
    "https://exam\nple.com/",
    "https://example.com/\r\nX-Injected: 1",
    "https://example.com/\x00",
    "https://example.com:22/",
    "https://example.com:80/",
    "https://example.com:6379/",
    "https://example.com:99999/",
    "https://example.com:-1/",
    "https://example.com:port/",
    "https://[::1/",
    "https://[not-an-address]/",
    "https://exa mple.com/",
    "https://exa<mple.com/",
    "https://" + "a" * 3_000 + ".com/",
]


def url_of(address: str, port: int = 443) -> str:
    host = f"[{address.partition('%')[0]}]" if ":" in address else address
    return f"https://{host}:{port}/"


@pytest.mark.parametrize("url", [*map(url_of, INTERNAL), *(url_of(a, 8443) for a in INTERNAL), *DISGUISES, *MALFORMED])
def test_a_hostile_url_is_refused_before_any_look_up(attempts: list[object], url: str) -> None:
    look_ups: list[str] = []

    def resolver(host: str, _port: int) -> tuple[str, ...]:
        look_ups.append(host)
        return ("127.0.0.1",)

    outcome = HttpWebhookSender(ssl_context=TRUST, resolver=resolver).send(url=url, headers={}, body=BODY)
    assert outcome.kind is DeliveryKind.REFUSED
    assert attempts == []
    assert look_ups == []


@pytest.mark.parametrize("address", INTERNAL)
@pytest.mark.parametrize("company", [(), ("93.184.215.14",)], ids=["alone", "among public ones"])
def test_a_name_with_an_internal_address_is_refused(
    attempts: list[object], address: str, company: tuple[str, ...]
) -> None:
    sender = HttpWebhookSender(ssl_context=TRUST, resolver=lambda _h, _p: (*company, address))
    outcome = sender.send(url="https://rebound.test/", headers={}, body=BODY)
    assert outcome.kind is DeliveryKind.REFUSED
    assert attempts == []


def test_the_operating_systems_own_names_for_this_machine_are_refused(attempts: list[object]) -> None:
    for name in ("localhost", "LOCALHOST"):
        assert (
            HttpWebhookSender(ssl_context=TRUST).send(url=f"https://{name}/", headers={}, body=BODY).kind
            is DeliveryKind.REFUSED
        )
    assert attempts == []


def test_a_name_that_changes_its_address_after_the_check_is_called_where_it_was_checked(attempts: list[object]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as checked, socket.create_server(("127.0.0.3", 0)) as rebound:
        port = checked.getsockname()[1]
        answers = iter([("127.0.0.1",), ("127.0.0.3",), ("127.0.0.3",)])
        sender = HttpWebhookSender(
            ssl_context=TRUST,
            allow_hosts=frozenset({f"rebinding.test:{port}"}),
            resolver=lambda _h, _p: next(answers),
            total_timeout_s=0.2,
        )
        sender.send(url=f"http://rebinding.test:{port}/", headers={}, body=BODY)
        assert attempts == [("127.0.0.1", port)]
        assert rebound.getsockname()[0] == "127.0.0.3"


def test_a_name_is_looked_up_again_for_every_delivery(attempts: list[object]) -> None:
    answers = iter([("127.0.0.1",), ("10.0.0.1",)])
    sender = HttpWebhookSender(ssl_context=TRUST, resolver=lambda _h, _p: next(answers))
    for _ in range(2):
        assert sender.send(url="https://a.test/", headers={}, body=BODY).kind is DeliveryKind.REFUSED
    assert attempts == []
    assert next(answers, None) is None


def test_an_exemption_covers_one_port_of_one_host_only(attempts: list[object]) -> None:
    sender = HttpWebhookSender(ssl_context=TRUST, allow_hosts=frozenset({"127.0.0.1:9000"}))
    for url in ("http://127.0.0.1:9001/", "https://127.0.0.1/", "http://127.0.0.2:9000/", "http://[::1]:9000/"):
        assert sender.send(url=url, headers={}, body=BODY).kind is DeliveryKind.REFUSED
    assert attempts == []


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    check_address(address)
    assert parse_destination(url_of(address, 8443)).port == 8443


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_an_ipv6_one_is_refused(inner: object) -> None:
    for outer in (f"::{inner}", f"::ffff:{inner}", f"64:ff9b::{inner}"):
        with pytest.raises(RefusedAddressError):
            check_address(outer)


def test_the_parsed_destination_is_what_is_called() -> None:
    destination = parse_destination("https://MÜNCHEN.example:8443/ä?q=1#fragment")
    assert (destination.host, destination.port) == ("xn--mnchen-3ya.example", 8443)
    assert destination.target == b"/%C3%A4?q=1"
    assert destination.authority == "xn--mnchen-3ya.example:8443"
