"""A merchant, events about its customers, and a receiver on this machine that remembers what arrived."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import msgspec
import pytest

from kernel import actors
from kernel.access.commands import create_merchant
from kernel.actors import Actor, Role
from kernel.db.feed import sequence_feed
from kernel.db.transactions import run, transaction
from kernel.events import Event
from kernel.invariants import check
from kernel.settings import settings
from notifications.api import DeliveryView, EndpointView, find_deliveries, get_endpoint, register_endpoint
from notifications.gateways.webhooks import HttpWebhookSender
from notifications.invariants import INVARIANTS
from notifications.jobs import deliver_due

SYSTEM = actors.system("tests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(Event):
    """Something about a customer."""

    TYPE: ClassVar[str] = "tests.happened.v1"
    number: int = 0

    @property
    def stream(self) -> str:
        return self.order_id or self.customer_id

    def summary(self) -> str:
        return f"Thing {self.number} happened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whispered(Happened):
    """Something that filters leave out."""

    TYPE: ClassVar[str] = "whispers.heard.v1"


@dataclass
class Arrived:
    """One request that reached the receiver."""

    id: str
    customer: str
    number: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers each request with what `answer` says about it, and keeps all that it took with success."""

    answer: Callable[[Arrived], int] = lambda _: 204
    seen: list[Arrived] = field(default_factory=list)
    taken: list[Arrived] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    def numbers(self, customer: str) -> list[int]:
        return [one.number for one in self.taken if one.customer == customer]

    def take(self, arrived: Arrived) -> int:
        status = self.answer(arrived)
        with self.lock:
            self.seen.append(arrived)
            if status < 300:
                self.taken.append(arrived)
        return status


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            event = msgspec.json.decode(body)
            headers = {name.lower(): value for name, value in self.headers.items()}
            customer, number = event.get("customerid", ""), event["data"].get("number", 0)
            status = receiver.take(Arrived(headers["webhook-id"], customer, number, headers, body))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False
        request_queue_size = 64

    with Server(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True, slots=True)
class Desk:
    """A merchant of a fresh database with a receiver."""

    tenant: str
    receiver: Receiver

    @property
    def owner(self) -> Actor:
        return Actor("key_test", Role.MERCHANT, "tester", self.tenant, scopes=frozenset({"webhooks:manage"}))

    def act(self, command: Callable[..., Any], **facts: Any) -> Any:
        with transaction(self.owner) as uow:
            return command(uow, **facts)

    def register(self, *, types: tuple[str, ...] = (), url: str = "") -> str:
        return str(self.act(register_endpoint, tenant_id=self.tenant, url=url or self.receiver.url, types=types))

    def tell(self, *numbers: int, customer: str = "cus_a", event: type[Happened] = Happened) -> None:
        with transaction(SYSTEM) as uow:
            for number in numbers:
                uow.emit(event(tenant_id=self.tenant, customer_id=customer, number=number))
        run(SYSTEM, sequence_feed)

    def deliver(self, *, limit: int = 2_000) -> int:
        return deliver_due(self.sender(), limit=limit)

    def sender(self) -> HttpWebhookSender:
        return HttpWebhookSender(allow_hosts=frozenset(settings().webhook_allow_hosts), total_timeout_s=5)

    def endpoint(self, endpoint_id: str) -> EndpointView:
        with transaction(self.owner) as uow:
            return get_endpoint(uow, endpoint_id)

    def deliveries(self, endpoint_id: str) -> list[DeliveryView]:
        """The endpoint's deliveries, oldest event first."""
        with transaction(self.owner) as uow:
            return list(find_deliveries(uow, endpoint_id, limit=200).items)[::-1]

    def states(self, endpoint_id: str, customer: str = "cus_a") -> list[str]:
        found = [one for one in self.deliveries(endpoint_id) if one.stream == customer]
        return [one.state for one in sorted(found, key=lambda one: one.n)]


@contextmanager
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with receiving() as receiver:
        monkeypatch.setenv("PICKSTREAM_SECRET_KEY", "a key of tests")
        monkeypatch.setenv("PICKSTREAM_WEBHOOK_ALLOW_HOSTS", f'["127.0.0.1:{receiver.port}"]')
        settings.cache_clear()
        with transaction(SYSTEM) as uow:
            tenant = create_merchant(uow, code="nordhus", name="Nordhus & Co", currency="EUR")
        yield Desk(tenant, receiver)
        assert broken() == {}
    settings.cache_clear()


def broken() -> dict[str, tuple[str, ...]]:
    """Return the invariants of notifications that do not hold, with examples."""
    with transaction(SYSTEM) as uow:
        findings = [check(uow, invariant) for invariant in INVARIANTS]
    return {finding.invariant.name: finding.examples for finding in findings if finding.violated}
