import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from notifications.domain.outcomes import DeliveryKind
from notifications.domain.signing import new_secret, signed_headers, verify
from notifications.gateways.webhooks import HttpWebhookSender, RecordingWebhookSender, WebhookSender

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
BODY = '{"type":"order.shipped","data":{"name":"Zoë"}}'.encode()
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"

Answer = Callable[[socket.socket, threading.Event], None]
Accepting = tuple[WebhookSender, str, Callable[[], tuple[str, bytes]]]


@dataclass
class Receiver:
    """A server of one socket that reads a request and answers with exact bytes."""

    answer: Answer
    requests: list[bytes] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def serve(self, listener: socket.socket) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                if self.closing.is_set():
                    return
                try:
                    self.requests.append(read_request(connection))
                    self.answer(connection, self.closing)
                except OSError:
                    continue


def read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65_536)
        if not chunk:
            return received
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


@contextmanager
def receiver(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    plain = socket.create_server(("127.0.0.1", 0))
    listener = tls.wrap_socket(plain, server_side=True) if tls else plain
    server = Receiver(answer, port=listener.getsockname()[1])
    thread = threading.Thread(target=server.serve, args=(listener,))
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        with socket.socket() as waker:
            waker.connect_ex(("127.0.0.1", server.port))
        thread.join()
        listener.close()


def saying(raw: bytes) -> Answer:
    return lambda connection, _: connection.sendall(raw)


def status(line: str, headers: str = "", body: bytes = b"") -> Answer:
    return saying(f"HTTP/1.1 {line}\r\ncontent-length: {len(body)}\r\n{headers}\r\n".encode() + body)


def sender_for(server: Receiver, **options: float) -> HttpWebhookSender:
    return HttpWebhookSender(allow_hosts=frozenset({f"127.0.0.1:{server.port}"}), **options)


def url_of(server: Receiver) -> str:
    return f"http://127.0.0.1:{server.port}/hooks?a=b"


@pytest.fixture(params=["http", "recording"])
def accepting(request: pytest.FixtureRequest) -> Iterator[Accepting]:
    """Every implementation of the port, a URL it may call, and what arrived there."""
    if request.param == "recording":
        double = RecordingWebhookSender(allow_hosts=frozenset({"crm.test:80"}))
        yield double, "http://crm.test/", lambda: (double.sent[0][1]["webhook-id"], double.sent[0][2])
        return
    with receiver(saying(NO_CONTENT)) as server:

        def arrived() -> tuple[str, bytes]:
            head, _, body = server.requests[0].partition(b"\r\n\r\n")
            lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
            return lines["webhook-id"], body

        yield sender_for(server), url_of(server), arrived


def test_every_sender_delivers_the_exact_bytes_and_headers(accepting: Accepting) -> None:
    sender, url, arrived = accepting
    outcome = sender.send(url=url, headers=signed_headers("evt_1", NOW, BODY, [new_secret()]), body=BODY)
    assert outcome.kind is DeliveryKind.DELIVERED
    assert outcome.error == ""
    assert arrived() == ("evt_1", BODY)


@pytest.mark.parametrize("url", ["http://example.com/", "https://127.0.0.1/", "https://u:p@example.com/", "nonsense"])
def test_every_sender_refuses_a_forbidden_url_without_raising(accepting: Accepting, url: str) -> None:
    outcome = accepting[0].send(url=url, headers={}, body=BODY)
    assert outcome.kind is DeliveryKind.REFUSED
    assert outcome.status_code is None
    assert outcome.error.startswith("refused_address")


def test_the_signature_verifies_at_the_receiver() -> None:
    secret = new_secret()
    with receiver(saying(NO_CONTENT)) as server:
        sender_for(server).send(url=url_of(server), headers=signed_headers("evt_1", NOW, BODY, [secret]), body=BODY)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert head.startswith(b"POST /hooks?a=b HTTP/1.1")
    assert verify(lines, body, [secret], now=NOW) == "evt_1"
    assert lines["Host"] == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("200 OK", DeliveryKind.DELIVERED),
        ("299 Fine", DeliveryKind.DELIVERED),
        ("304 Not Modified", DeliveryKind.RETRY),
        ("400 Bad Request", DeliveryKind.RETRY),
        ("404 Not Found", DeliveryKind.RETRY),
        ("410 Gone", DeliveryKind.GONE),
        ("429 Too Many Requests", DeliveryKind.RETRY),
        ("500 Internal Server Error", DeliveryKind.RETRY),
    ],
)
def test_the_status_decides(line: str, kind: DeliveryKind) -> None:
    with receiver(status(line)) as server:
        outcome = sender_for(server).send(url=url_of(server), headers={}, body=BODY)
    assert (outcome.kind, outcome.status_code) == (kind, int(line[:3]))
    assert outcome.latency_ms >= 0
    assert len(server.requests) == 1


@pytest.mark.parametrize("line", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_redirects_are_failures_and_are_not_followed(line: str) -> None:
    with receiver(saying(NO_CONTENT)) as inside:
        redirect = status(line, f"location: http://127.0.0.1:{inside.port}/admin\r\n")
        with receiver(redirect) as server:
            sender = HttpWebhookSender(
                allow_hosts=frozenset({f"127.0.0.1:{server.port}", f"127.0.0.1:{inside.port}"}),
            )
            outcome = sender.send(url=url_of(server), headers={}, body=BODY)
    assert (outcome.kind, outcome.error) == (DeliveryKind.RETRY, f"status_{line[:3]}")
    assert inside.requests == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ("", None),
        ("retry-after: 120\r\n", 120),
        ("retry-after: -5\r\n", None),
        ("retry-after: soon\r\n", None),
        ("retry-after: 999999999999999999999\r\n", 999_999_999),
        ("date: Sat, 21 Nov 2026 10:00:00 GMT\r\nretry-after: Sat, 21 Nov 2026 10:02:30 GMT\r\n", 150),
        ("date: Sat, 21 Nov 2026 10:00:00 GMT\r\nretry-after: Sat, 21 Nov 2026 09:00:00 GMT\r\n", 0),
        ("retry-after: Sat, 99 Nov 2026 10:02:30 GMT\r\n", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(headers: str, seconds: int | None) -> None:
    with receiver(status("503 Busy", headers)) as server:
        outcome = sender_for(server).send(url=url_of(server), headers={}, body=BODY)
    assert outcome.retry_after_s == seconds


def test_two_kilobytes_of_the_answer_are_kept_and_are_printable() -> None:
    with receiver(status("500 Oh", body=b"a\x00b\x1b[31m\r\nc\xff" + b"x" * 5_000)) as server:
        outcome = sender_for(server).send(url=url_of(server), headers={}, body=BODY)
    assert len(outcome.answer_excerpt) == 2_048
    assert outcome.answer_excerpt.startswith("a\ufffdb\ufffd[31m\ufffd\nc\ufffdx")


def test_an_endless_answer_is_cut_at_its_cap() -> None:
    sent: list[int] = []

    def flood(connection: socket.socket, closing: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not closing.is_set():
            sent.append(connection.send(b"x" * 4_096))

    with receiver(flood) as server:
        outcome = sender_for(server).send(url=url_of(server), headers={}, body=BODY)
    assert outcome.kind is DeliveryKind.DELIVERED
    # What lies in the socket buffers of both sides comes on top of the 64 kB that were read.
    assert sum(sent) < 16 * 1024 * 1024


def drip(start: bytes) -> Answer:
    def answer(connection: socket.socket, closing: threading.Event) -> None:
        connection.sendall(start)
        while not closing.wait(0.02):
            connection.sendall(b"x")

    return answer


def test_dripping_headers_end_at_the_deadline() -> None:
    with receiver(drip(b"HTTP/1.1 200 OK\r\nx-a: ")) as server:
        outcome = sender_for(server, total_timeout_s=0.3).send(url=url_of(server), headers={}, body=BODY)
    assert (outcome.kind, outcome.error) == (DeliveryKind.RETRY, "timeout")
    assert 250 <= outcome.latency_ms < 3_000


def test_a_dripping_body_ends_at_the_deadline_and_counts_as_its_status() -> None:
    with receiver(drip(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n")) as server:
        outcome = sender_for(server, total_timeout_s=0.3).send(url=url_of(server), headers={}, body=BODY)
    assert outcome.kind is DeliveryKind.DELIVERED
    assert outcome.latency_ms < 3_000


def test_a_silent_receiver_times_out() -> None:
    with receiver(lambda _, closing: closing.wait() and None) as server:
        outcome = sender_for(server, total_timeout_s=0.2).send(url=url_of(server), headers={}, body=BODY)
        server.closing.set()
    assert (outcome.kind, outcome.error) == (DeliveryKind.RETRY, "timeout")


def test_a_slow_look_up_times_out() -> None:
    done = threading.Event()

    def slow(_host: str, _port: int) -> tuple[str, ...]:
        done.wait(10)
        return ("127.0.0.1",)

    sender = HttpWebhookSender(resolver=slow, total_timeout_s=0.2)
    outcome = sender.send(url="https://slow.test/", headers={}, body=BODY)
    done.set()
    assert (outcome.kind, outcome.error) == (DeliveryKind.RETRY, "timeout")


@pytest.mark.parametrize(
    "raw", [b"", b"HTTP/1.1 2", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n"]
)
def test_a_broken_answer_is_tried_again_later_and_only_later(raw: bytes) -> None:
    with receiver(saying(raw)) as server:
        outcome = sender_for(server).send(url=url_of(server), headers={}, body=BODY)
    assert (outcome.kind, outcome.error, outcome.status_code) == (DeliveryKind.RETRY, "answer_broken", None)
    assert len(server.requests) == 1


def test_a_closed_port_is_a_failed_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    sender = HttpWebhookSender(allow_hosts=frozenset({f"127.0.0.1:{port}"}))
    outcome = sender.send(url=f"http://127.0.0.1:{port}/", headers={}, body=BODY)
    assert (outcome.kind, outcome.error) == (DeliveryKind.RETRY, "connection_failed")


def test_the_next_address_is_used_where_the_first_does_not_listen() -> None:
    with receiver(saying(NO_CONTENT)) as server:
        sender = HttpWebhookSender(
            allow_hosts=frozenset({f"two.test:{server.port}"}), resolver=lambda _h, _p: ("127.99.99.99", "127.0.0.1")
        )
        outcome = sender.send(url=f"http://two.test:{server.port}/", headers={}, body=BODY)
    assert outcome.kind is DeliveryKind.DELIVERED
    assert len(server.requests) == 1


def test_a_name_that_does_not_resolve_is_tried_again() -> None:
    def unknown(_host: str, _port: int) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    outcome = HttpWebhookSender(resolver=unknown).send(url="https://gone.test/", headers={}, body=BODY)
    assert (outcome.kind, outcome.error) == (DeliveryKind.RETRY, "name_not_found")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for receiver.test."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate of this test")
    folder = tmp_path_factory.mktemp("tls")
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=receiver.test"]
    command += ["-addext", "subjectAltName=DNS:receiver.test"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize(
    ("name", "kind", "error"),
    [
        ("receiver.test", DeliveryKind.DELIVERED, ""),
        ("other.test", DeliveryKind.RETRY, "connection_failed"),
    ],
)
def test_tls_names_the_host_and_checks_its_certificate_on_the_pinned_address(
    certificates: Path, name: str, kind: DeliveryKind, error: str
) -> None:
    asked_for: list[str | None] = []
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    server_side.sni_callback = lambda _socket, server_name, _context: asked_for.append(server_name)
    look_ups: list[str] = []

    def resolver(host: str, _port: int) -> tuple[str, ...]:
        look_ups.append(host)
        return ("127.0.0.1",)

    with receiver(saying(NO_CONTENT), server_side) as server:
        sender = HttpWebhookSender(
            allow_hosts=frozenset({f"{name}:{server.port}"}),
            resolver=resolver,
            ssl_context=ssl.create_default_context(cafile=str(certificates / "cert.pem")),
        )
        outcome = sender.send(url=f"https://{name}:{server.port}/x", headers={}, body=BODY)
    assert (outcome.kind, outcome.error) == (kind, error)
    assert asked_for[0] == name
    assert look_ups == [name]
    if kind is DeliveryKind.DELIVERED:
        assert f"Host: {name}:{server.port}".encode() in server.requests[0]
