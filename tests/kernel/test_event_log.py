import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel import actors
from kernel.access.commands import create_merchant
from kernel.db.feed import read_feed, sequence_feed
from kernel.db.invariants import INVARIANTS
from kernel.db.relay import Subscription, relay, retry_parked
from kernel.db.transactions import UnitOfWork, transaction
from kernel.events import Audience, Envelope, Event
from kernel.invariants import check

SYSTEM = actors.system("test")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingDone(Event):
    TYPE: ClassVar[str] = "sample.thing_done.v1"
    AUDIENCE: ClassVar[Audience] = Audience.CUSTOMER
    number: int

    def summary(self) -> str:
        return f'Thing "{self.number}" was done'


def tell(tenant: str, order: str, *numbers: int) -> None:
    with transaction(SYSTEM) as uow:
        for number in numbers:
            uow.emit(ThingDone(tenant_id=tenant, order_id=order, customer_id="cus_1", number=number))


@pytest.fixture
def tenant(fresh_database: object) -> str:
    with transaction(SYSTEM) as uow:
        return create_merchant(uow, code="acme", name="Acme", currency="EUR")


class Recorder:
    """A subscriber that writes down what it was given, and refuses what it was told to refuse."""

    def __init__(self, *poison: int) -> None:
        self.poison = set(poison)
        self.seen: list[tuple[str, int]] = []

    def take(self, uow: UnitOfWork, envelope: Envelope) -> None:
        event = envelope.event(ThingDone)
        if event.number in self.poison:
            raise ValueError(f"cannot take {event.number}")
        uow.session.execute(
            text("insert into inbox (consumer, message_id, received_at) values ('effect', :id, :now)"),
            {"id": envelope.id, "now": uow.now},
        )
        self.seen.append((event.order_id, event.number))

    @property
    def subscription(self) -> Subscription:
        return Subscription("recorder", {ThingDone.TYPE: self.take})

    def effects(self) -> int:
        with transaction(SYSTEM) as uow:
            return uow.session.execute(text("select count(*) from inbox where consumer = 'effect'")).scalar_one()


def test_event_is_recorded_if_and_only_if_its_transaction_commits(tenant: str) -> None:
    def fails() -> None:
        with transaction(SYSTEM) as uow:
            uow.emit(ThingDone(tenant_id=tenant, order_id="ord_1", number=1))
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError):
        fails()
    tell(tenant, "ord_1", 2)
    with transaction(SYSTEM) as uow:
        rows = uow.session.execute(text("select seq, summary, body from event")).all()
    assert [(r.seq, r.summary) for r in rows] == [(1, 'Thing "2" was done')]
    body = msgspec.json.decode(rows[0].body)
    assert body["specversion"] == "1.0"
    assert body["data"] == {"number": 2}
    assert body["sequence"] == "00000000000000000001"
    assert body["summary"] == 'Thing "2" was done'


def test_feed_keeps_a_streams_order_when_the_later_event_has_the_older_transaction_id(tenant: str) -> None:
    """T1 writes elsewhere first (older xid), T2 tells event 1 and commits, T1 tells event 2: the feed says 1, 2.

    A third transaction stays open with an xid between the two, which is where ordering by xid goes wrong.
    """
    first_wrote, second_told = threading.Event(), threading.Event()

    def early_writer() -> None:
        with transaction(SYSTEM) as uow:
            uow.audit("wrote.early", subject="elsewhere")
            first_wrote.set()
            assert second_told.wait(10)
            uow.emit(ThingDone(tenant_id=tenant, order_id="ord_1", number=2))

    thread = threading.Thread(target=early_writer)
    thread.start()
    assert first_wrote.wait(10)
    tell(tenant, "ord_1", 1)
    second_told.set()
    thread.join()
    with transaction(SYSTEM) as uow:
        sequence_feed(uow)
        told = [e.event(ThingDone).number for e in read_feed(uow, after=0, limit=10)]
    assert told == [1, 2]


def test_event_that_commits_late_is_not_stepped_over(tenant: str) -> None:
    emitted, finish = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction(SYSTEM) as uow:
            uow.emit(ThingDone(tenant_id=tenant, order_id="ord_slow", number=1))
            uow.write_events()
            emitted.set()
            assert finish.wait(10)

    thread = threading.Thread(target=slow_writer)
    thread.start()
    assert emitted.wait(10)
    tell(tenant, "ord_fast", 2)
    recorder = Recorder()
    relay([recorder.subscription])
    assert recorder.seen == [("ord_fast", 2)]
    finish.set()
    thread.join()
    relay([recorder.subscription])
    assert sorted(recorder.seen) == [("ord_fast", 2), ("ord_slow", 1)]


def test_poison_parks_its_own_stream_in_order_and_nothing_else(tenant: str) -> None:
    tell(tenant, "ord_bad", 1, 2, 3)
    tell(tenant, "ord_good", 4)
    recorder = Recorder(2)
    relay([recorder.subscription])
    assert set(recorder.seen) == {("ord_bad", 1), ("ord_good", 4)}
    assert recorder.effects() == 2

    tell(tenant, "ord_bad", 5)
    relay([recorder.subscription])
    recorder.poison.clear()
    recorder.seen.clear()
    with transaction(SYSTEM) as uow:
        uow.session.execute(text("update parked_event set next_at = now() - interval '1 second'"))
    assert retry_parked(recorder.subscription) == 3
    assert recorder.seen == [("ord_bad", 2), ("ord_bad", 3), ("ord_bad", 5)]
    assert recorder.effects() == 5


def test_relay_told_twice_has_one_effect(tenant: str) -> None:
    tell(tenant, "ord_1", 1, 2)
    recorder = Recorder()
    relay([recorder.subscription])
    with transaction(SYSTEM) as uow:
        uow.session.execute(text("update subscription set position = 0"))
    relay([recorder.subscription])
    assert recorder.effects() == 2


def test_concurrent_writers_and_relays_lose_double_and_misorder_nothing(tenant: str) -> None:
    writers, each = 8, 40
    recorders = [Recorder(), Recorder()]
    start, stop = threading.Barrier(writers + 2), threading.Event()

    def write(writer: int) -> None:
        start.wait()
        for number in range(each):
            tell(tenant, f"ord_{(writer + number) % 3}", writer * 1000 + number)

    def read(recorder: Recorder) -> None:
        start.wait()
        while not stop.is_set():
            relay([recorder.subscription])

    threads = [threading.Thread(target=write, args=(w,)) for w in range(writers)]
    readers = [threading.Thread(target=read, args=(r,)) for r in recorders]
    for thread in (*threads, *readers):
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    for thread in readers:
        thread.join()
    relay([recorders[0].subscription])
    assert recorders[0].effects() == writers * each
    with transaction(SYSTEM) as uow:
        findings = [check(uow, invariant) for invariant in INVARIANTS]
    assert [f.invariant.name for f in findings if f.violated] == []
    assert findings[1].checked == writers * each


def test_log_refuses_changes_even_from_the_system(tenant: str) -> None:
    tell(tenant, "ord_1", 1)
    for statement in ("update event set summary = 'x'", "delete from event", "delete from audit_entry"):
        with pytest.raises(DBAPIError), transaction(SYSTEM) as uow:
            uow.session.execute(text(statement))


def test_a_bulk_subscriber_gets_the_batch_at_once_and_a_poisoned_event_still_parks_alone(tenant: str) -> None:
    recorder = Recorder(2)
    batches: list[list[int]] = []

    def take_all(uow: UnitOfWork, envelopes: Sequence[Envelope]) -> None:
        batches.append([envelope.event(ThingDone).number for envelope in envelopes])
        for envelope in envelopes:
            recorder.take(uow, envelope)

    subscription = Subscription("bulky", {ThingDone.TYPE: recorder.take}, bulk=take_all)
    tell(tenant, "ord_1", 1)
    tell(tenant, "ord_2", 3)
    relay([subscription])
    assert batches == [[1, 3]]
    tell(tenant, "ord_1", 2)
    tell(tenant, "ord_2", 4)
    relay([subscription])
    assert recorder.seen == [("ord_1", 1), ("ord_2", 3), ("ord_2", 4)]
    assert batches == [[1, 3], [2, 4]]
