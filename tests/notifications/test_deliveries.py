import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from kernel import clock
from kernel.db.feed import read_feed
from kernel.db.transactions import transaction
from kernel.errors import Invalid
from kernel.states import IllegalTransition
from notifications.api import (
    BeingSent,
    NotNext,
    newest_secret,
    pause_endpoint,
    replay_events,
    replay_failed,
    replay_range,
    resume_endpoint,
    retry_delivery,
    rotate_secret,
    send_test_event,
    skip_delivery,
)
from notifications.commands.claim_deliveries import claim_deliveries
from notifications.commands.feed_endpoints import feed_endpoints
from notifications.commands.record_attempts import Attempt, Sent, record_attempts
from notifications.domain.outcomes import DeliveryKind, DeliveryOutcome
from notifications.domain.schedule import DELAYS, DISABLE_AFTER
from notifications.domain.signing import verify
from notifications.jobs import deliver_due
from tests.notifications.desk import SYSTEM, Arrived, Desk, Whispered, opened
from tests.plugin.databases import FreshDatabase

LATER = timedelta(days=1, hours=5)
"""Longer than any wait of the schedule with its jitter."""


@pytest.fixture
def desk(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with opened(monkeypatch) as found:
        yield found


def poison(*numbers: int, customer: str = "cus_a", status: int = 500) -> object:
    return lambda one: status if one.customer == customer and one.number in numbers else 204


def test_events_arrive_in_order_signed_and_byte_for_byte(desk: Desk) -> None:
    endpoint = desk.register()
    desk.tell(1, 2, 3)
    desk.tell(7, customer="cus_b")
    assert desk.deliver() == 4
    assert desk.receiver.numbers("cus_a") == [1, 2, 3]
    assert desk.receiver.numbers("cus_b") == [7]
    with transaction(desk.owner) as uow:
        bodies = {event.id: event.body.encode() for event in read_feed(uow, after=0, limit=10)}
        secret = newest_secret(uow, endpoint)
    for one in desk.receiver.taken:
        assert one.body == bodies[one.id]
        assert verify(one.headers, one.body, [secret], now=datetime.now(UTC)) == one.id
        assert one.headers["content-type"] == "application/cloudevents+json"
    assert desk.deliver() == 0
    assert [one.attempts[0].status for one in desk.deliveries(endpoint)] == [204] * 4
    assert desk.endpoint(endpoint).waiting == 0


def test_an_endpoint_gets_what_its_filter_lets_through_and_nothing_from_before(desk: Desk) -> None:
    desk.tell(1)
    desk.register(types=("tests.*",))
    desk.tell(2)
    desk.tell(3, event=Whispered)
    assert desk.deliver() == 1
    assert desk.receiver.numbers("cus_a") == [2]


def test_a_failure_holds_its_own_stream_back_and_no_other(desk: Desk) -> None:
    endpoint = desk.register()
    desk.receiver.answer = poison(2)
    desk.tell(1, 2, 3)
    desk.tell(1, 2, 3, customer="cus_b")
    assert desk.deliver() == 4
    assert desk.receiver.numbers("cus_a") == [1]
    assert desk.receiver.numbers("cus_b") == [1, 2, 3]
    assert desk.states(endpoint) == ["delivered", "retry", "pending"]
    desk.receiver.answer = lambda _: 204
    assert desk.deliver() == 0, "the retry is not due yet"
    with clock.at(datetime.now(UTC) + timedelta(seconds=7)):
        assert desk.deliver() == 2
    assert desk.receiver.numbers("cus_a") == [1, 2, 3]
    second = desk.deliveries(endpoint)[1]
    assert [(a.number, a.status, a.error) for a in second.attempts] == [(1, 500, "status_500"), (2, 204, "")]
    assert len({one.id for one in desk.receiver.seen if (one.customer, one.number) == ("cus_a", 2)}) == 1


@pytest.mark.thorough
def test_a_poisoned_event_parks_its_stream_until_somebody_skips_it(desk: Desk) -> None:
    endpoint = desk.register()
    desk.receiver.answer = poison(2, status=400)
    desk.tell(1, 2, 3)
    for day in range(len(DELAYS)):
        with clock.at(datetime.now(UTC) + day * LATER):
            desk.tell(day, customer="cus_b")
            desk.deliver()
    assert desk.states(endpoint) == ["delivered", "parked", "pending"]
    assert desk.receiver.numbers("cus_b") == list(range(len(DELAYS)))
    view = desk.endpoint(endpoint)
    assert (view.state, view.parked_streams, view.waiting) == ("active", 1, 2)
    assert len(desk.deliveries(endpoint)[1].attempts) == len(DELAYS)
    with pytest.raises(NotNext):
        desk.act(skip_delivery, endpoint_id=endpoint, stream="cus_a", n=3, reason="wrong one")
    desk.act(skip_delivery, endpoint_id=endpoint, stream="cus_a", n=2, reason="entered by hand")
    desk.deliver()
    assert desk.states(endpoint) == ["delivered", "skipped", "delivered"]
    assert desk.receiver.numbers("cus_a") == [1, 3]


@pytest.mark.thorough
def test_a_parked_event_goes_on_when_somebody_retries_it(desk: Desk) -> None:
    endpoint = desk.register()
    desk.receiver.answer = poison(1)
    desk.tell(1, 2)
    for day in range(len(DELAYS)):
        with clock.at(datetime.now(UTC) + day * LATER):
            desk.tell(day, customer="cus_b")
            desk.deliver()
    desk.receiver.answer = lambda _: 204
    desk.act(retry_delivery, endpoint_id=endpoint, stream="cus_a", n=1)
    desk.deliver()
    assert desk.states(endpoint) == ["delivered", "delivered"]
    assert desk.receiver.numbers("cus_a") == [1, 2]
    assert [one.number for one in desk.deliveries(endpoint)[0].attempts] == list(range(1, 12))
    with pytest.raises(IllegalTransition):
        desk.act(resume_endpoint, endpoint_id=endpoint)


@pytest.mark.thorough
def test_a_dead_endpoint_is_probed_once_in_a_while_and_turned_off_after_five_days(desk: Desk) -> None:
    endpoint = desk.register()
    desk.receiver.answer = lambda _: 503
    start = datetime.now(UTC)
    for number in range(40):
        desk.tell(number, customer=f"cus_{number}")
    desk.deliver()
    first = len(desk.receiver.seen)
    assert 3 <= first <= 16, "once it is suspect, the other streams are not tried"
    with clock.at(start + timedelta(seconds=10)):
        desk.deliver()
    assert len(desk.receiver.seen) == first
    with clock.at(start + timedelta(minutes=1)):
        desk.deliver()
    assert len(desk.receiver.seen) == first + 1
    with clock.at(start + DISABLE_AFTER + timedelta(hours=1)):
        desk.deliver()
        assert desk.endpoint(endpoint).state == "disabled"
        assert desk.endpoint(endpoint).disabled_reason == "failing_for_five_days"
        with transaction(SYSTEM) as uow:
            told = uow.session.execute(text("select type, summary from event where stream = :e"), {"e": endpoint}).all()
        assert [row.type for row in told] == ["notifications.endpoint_disabled.v1"]
        assert "five days" in told[0].summary
        desk.receiver.answer = lambda _: 204
        desk.tell(99, customer="cus_0")
        assert desk.deliver() == 0
        desk.act(resume_endpoint, endpoint_id=endpoint)
        assert desk.deliver() == 42
    assert desk.receiver.numbers("cus_0") == [0, 99]
    assert desk.endpoint(endpoint).failing_since is None


def test_gone_turns_the_endpoint_off_at_once_and_loses_nothing(desk: Desk) -> None:
    endpoint = desk.register()
    desk.receiver.answer = lambda _: 410
    desk.tell(1, 2)
    desk.deliver()
    view = desk.endpoint(endpoint)
    assert (view.state, view.disabled_reason, view.waiting) == ("disabled", "gone", 2)
    desk.tell(3)
    desk.receiver.answer = lambda _: 204
    desk.act(resume_endpoint, endpoint_id=endpoint)
    desk.deliver()
    assert desk.receiver.numbers("cus_a") == [1, 2, 3]


def test_a_paused_endpoint_catches_up_in_order(desk: Desk) -> None:
    endpoint = desk.register()
    desk.tell(1)
    desk.deliver()
    desk.act(pause_endpoint, endpoint_id=endpoint)
    desk.tell(*range(2, 60))
    assert desk.deliver() == 0
    assert desk.deliveries(endpoint)[-1].n == 1, "a paused endpoint is not fed"
    desk.act(resume_endpoint, endpoint_id=endpoint)
    desk.deliver()
    assert desk.receiver.numbers("cus_a") == list(range(1, 60))


def test_a_replay_keeps_the_ids_and_goes_behind_what_waits(desk: Desk) -> None:
    endpoint = desk.register()
    desk.tell(1, 2)
    desk.deliver()
    first = desk.receiver.taken[0].id
    desk.tell(3)
    desk.deliver(limit=0)
    with transaction(SYSTEM) as uow:
        feed_endpoints(uow)
    assert desk.act(replay_events, endpoint_id=endpoint, event_ids=[first]).queued == 1
    desk.deliver()
    assert desk.receiver.numbers("cus_a") == [1, 2, 3, 1]
    assert desk.receiver.taken[3].id == first
    assert desk.receiver.taken[3].body == desk.receiver.taken[0].body
    with pytest.raises(Invalid):
        desk.act(replay_events, endpoint_id=endpoint, event_ids=["evt_unknown"])


def test_a_range_replays_also_what_was_before_the_endpoint(desk: Desk) -> None:
    since = datetime.now(UTC)
    desk.tell(1, 2)
    desk.tell(5, event=Whispered)
    endpoint = desk.register(types=("tests.*",))
    desk.tell(3)
    desk.deliver()
    done = desk.act(replay_range, endpoint_id=endpoint, since=since)
    assert (done.queued, done.reopened) == (3, 0)
    desk.deliver()
    assert desk.receiver.numbers("cus_a") == [3, 1, 2, 3]
    empty = desk.act(replay_range, endpoint_id=endpoint, since=since, until=since)
    assert (empty.queued, empty.reopened) == (0, 0)


def test_all_that_failed_is_replayed_where_it_stands(desk: Desk) -> None:
    since = datetime.now(UTC)
    endpoint = desk.register()
    desk.receiver.answer = poison(1)
    desk.tell(1, 2)
    desk.tell(1, 2, customer="cus_b")
    desk.deliver()
    desk.receiver.answer = lambda _: 204
    done = desk.act(replay_failed, endpoint_id=endpoint, since=since)
    assert (done.queued, done.reopened) == (0, 1)
    desk.deliver()
    assert desk.receiver.numbers("cus_a") == [1, 2]
    assert desk.receiver.numbers("cus_b") == [1, 2]


def test_a_skipped_event_is_among_what_failed(desk: Desk) -> None:
    since = datetime.now(UTC)
    endpoint = desk.register()
    desk.receiver.answer = poison(1)
    desk.tell(1, 2)
    desk.deliver()
    desk.act(skip_delivery, endpoint_id=endpoint, stream="cus_a", n=1, reason="receiver broken")
    desk.receiver.answer = lambda _: 204
    desk.deliver()
    assert desk.act(replay_failed, endpoint_id=endpoint, since=since).queued == 1
    assert desk.act(replay_failed, endpoint_id=endpoint, since=since).queued == 0
    desk.deliver()
    assert desk.receiver.numbers("cus_a") == [2, 1]


def test_a_rotated_secret_signs_beside_the_old_one_for_a_while(desk: Desk) -> None:
    endpoint = desk.register()
    old = desk.act(newest_secret, endpoint_id=endpoint)
    desk.act(rotate_secret, endpoint_id=endpoint, overlap=timedelta(hours=1))
    new = desk.act(newest_secret, endpoint_id=endpoint)
    assert new != old
    desk.tell(1)
    desk.deliver()
    one = desk.receiver.taken[0]
    for secret in (old, new):
        assert verify(one.headers, one.body, [secret], now=datetime.now(UTC)) == one.id
    with clock.at(datetime.now(UTC) + timedelta(hours=2)):
        desk.tell(2)
        desk.deliver()
    assert len(desk.receiver.taken[1].headers["webhook-signature"].split(" ")) == 1
    with transaction(SYSTEM) as uow:
        stored = str(uow.session.execute(text("select salts from webhook_endpoint")).all())
    assert old.removeprefix("whsec_") not in stored
    assert new.removeprefix("whsec_") not in stored


def test_a_test_event_reaches_only_its_endpoint_whatever_the_filter(desk: Desk) -> None:
    one = desk.register(types=("orders.never",))
    other = desk.register(url=f"{desk.receiver.url}/other")
    desk.act(send_test_event, endpoint_id=one)
    desk.tell()
    desk.deliver()
    assert [d.type for d in desk.deliveries(one)] == ["notifications.endpoint_tested.v1"]
    assert desk.deliveries(other) == []


def test_an_expired_claim_records_nothing(desk: Desk) -> None:
    endpoint = desk.register()
    desk.tell(1)
    with transaction(SYSTEM) as uow:
        feed_endpoints(uow)
    with transaction(SYSTEM) as uow:
        (stale,) = claim_deliveries(uow, limit=5)
    assert desk.deliver() == 0, "the stream is leased"
    with pytest.raises(BeingSent):
        desk.act(skip_delivery, endpoint_id=endpoint, stream="cus_a", n=1, reason="too slow")
    expire_leases()
    assert desk.deliver() == 1
    late = Attempt(stale.deliveries[0], datetime.now(UTC), DeliveryOutcome(DeliveryKind.RETRY, 500))
    with transaction(SYSTEM) as uow:
        record_attempts(uow, [Sent(stale, (late,))], jitter=0)
    assert desk.states(endpoint) == ["delivered"]
    assert len(desk.deliveries(endpoint)[0].attempts) == 1


def expire_leases() -> None:
    with transaction(SYSTEM) as uow:
        uow.session.execute(text("update webhook_stream set claimed_until = claimed_until - interval '1 hour'"))


@pytest.mark.thorough
def test_workers_beside_each_other_keep_the_order(desk: Desk) -> None:
    desk.register()
    customers = [f"cus_{n}" for n in range(12)]
    for number in range(8):
        for customer in customers:
            desk.tell(number, customer=customer)
    sender = desk.sender()
    workers = [threading.Thread(target=deliver_due, args=(sender,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    desk.deliver()
    for customer in customers:
        assert desk.receiver.numbers(customer) == list(range(8))
    assert len({one.id for one in desk.receiver.seen}) == len(desk.receiver.seen) == 96


@pytest.mark.thorough
def test_a_worker_that_dies_after_sending_sends_the_same_ids_again(desk: Desk, home: Path) -> None:
    endpoint = desk.register()
    desk.tell(1, 2)
    program = (
        "from kernel.settings import settings\n"
        "from notifications.jobs import default_sender, deliver_due\n"
        "deliver_due(default_sender(settings()))\n"
    )
    environment = os.environ | {"PICKSTREAM_CRASHPOINT": "webhooks.before_record", "PICKSTREAM_HOME": str(home)}
    died = subprocess.run([sys.executable, "-c", program], env=environment, check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    assert desk.receiver.numbers("cus_a") == [1, 2]
    assert desk.states(endpoint) == ["pending", "pending"]
    assert desk.deliver() == 0
    expire_leases()
    assert desk.deliver() == 2
    assert desk.receiver.numbers("cus_a") == [1, 2, 1, 2]
    ids = [one.id for one in desk.receiver.taken]
    assert ids[:2] == ids[2:]
    assert desk.states(endpoint) == ["delivered", "delivered"]


def test_a_slow_receiver_does_not_hold_up_the_others(desk: Desk) -> None:
    released = threading.Event()

    def slow_for_one(one: Arrived) -> int:
        if one.customer == "cus_slow":
            released.wait(4)
        elif sum(seen.customer != "cus_slow" for seen in desk.receiver.seen) >= 29:
            released.set()
        return 204

    desk.receiver.answer = slow_for_one
    desk.register()
    desk.tell(0, customer="cus_slow")
    for number in range(30):
        desk.tell(number, customer=f"cus_{number}")
    assert desk.deliver() == 31
    assert desk.receiver.taken[-1].customer == "cus_slow", "the thirty others went by while one was waiting"
