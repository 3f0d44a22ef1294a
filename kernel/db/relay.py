import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from kernel import actors
from kernel.crashpoints import crashpoint
from kernel.db.feed import feed_head, read_feed, read_positions, sequence_feed
from kernel.db.inbox import take_new
from kernel.db.transactions import UnitOfWork, run
from kernel.events import Envelope

Handler = Callable[[UnitOfWork, Envelope], None]
BulkHandler = Callable[[UnitOfWork, Sequence[Envelope]], None]
BATCH = 200
_FIRST_RETRY = timedelta(seconds=1)
_LONGEST_RETRY = timedelta(minutes=15)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who reacts to which events: `{event type: handler}`, or one handler for every type under `"*"`.

    `bulk` does for many events at once what the handlers do one by one; events that have to be isolated still go to the
    handlers.
    """

    name: str
    handlers: Mapping[str, Handler]
    bulk: BulkHandler | None = None

    @property
    def types(self) -> list[str] | None:
        """The types to read from the feed; None stands for all."""
        return None if "*" in self.handlers else sorted(self.handlers)

    def handle(self, uow: UnitOfWork, envelope: Envelope) -> None:
        """Give the event to its handler."""
        handler = self.handlers.get(envelope.type) or self.handlers["*"]
        handler(uow, envelope)


def relay(subscriptions: Sequence[Subscription], *, rounds: int = 1_000) -> int:
    """Sequence what was committed and deliver it to every subscriber, until nothing is left; return the deliveries.

    Delivery is at least once; the subscriber's position, its inbox rows and its effects commit together, so the effect
    is there exactly once. Handlers may emit: the next round delivers that.
    """
    total = 0
    for _ in range(rounds):
        done, reached = run(actors.system("relay"), _sequence)
        done += sum(deliver(subscription) for subscription in subscriptions if subscription.name not in reached)
        total += done
        if not done:
            break
    return total


_REACHED = text("select name from subscription where position = (select coalesce(max(pos), 0) from event_feed)")


def _sequence(uow: UnitOfWork) -> tuple[int, frozenset[str]]:
    """Sequence the feed; return how many events it took in, and who has read it to the end."""
    return sequence_feed(uow), frozenset(uow.session.scalars(_REACHED))


def deliver(subscription: Subscription) -> int:
    """Deliver the next batch to one subscriber and return how many feed positions it advanced.

    The batch goes through as one transaction; only when an event fails is it gone through again with a savepoint for
    each event, so that the poisoned one parks its own stream and nothing else.
    """
    actor = actors.system(f"relay:{subscription.name}")
    try:
        return run(actor, lambda uow: _deliver(uow, subscription, isolate=False))
    except Exception:  # noqa: BLE001 - whatever a handler raises, the batch is gone through again event by event
        _log.exception("subscriber %s failed; isolating the event", subscription.name)
        return run(actor, lambda uow: _deliver(uow, subscription, isolate=True))


_CLAIM = text("select position from subscription where name = :name for update skip locked")
_CREATE = text("insert into subscription (name, position) values (:name, 0) on conflict do nothing")
_ADVANCE = text("update subscription set position = :position where name = :name")
_PARKED = text("select distinct tenant_id, stream from parked_event where subscription = :name")
_PARK = text(
    "insert into parked_event (subscription, pos, tenant_id, stream, attempts, error, next_at)"
    " values (:name, :pos, :tenant, :stream, :attempts, :error, :next_at)"
    " on conflict (subscription, pos) do update set attempts = parked_event.attempts + 1,"
    " error = excluded.error, next_at = excluded.next_at"
)
_UNPARK = text("delete from parked_event where subscription = :name and pos = :pos")
_DUE = text(
    "select h.tenant_id, h.stream from (select distinct on (tenant_id, stream) tenant_id, stream, next_at"
    " from parked_event where subscription = :name order by tenant_id, stream, pos) h where h.next_at <= :now"
)
_QUEUE = text(
    "select pos, attempts from parked_event where subscription = :name and tenant_id = :tenant and stream = :stream"
    " order by pos for update"
)


def _deliver(uow: UnitOfWork, subscription: Subscription, *, isolate: bool) -> int:
    position = uow.session.execute(_CLAIM, {"name": subscription.name}).scalar_one_or_none()
    if position is None:
        uow.session.execute(_CREATE, {"name": subscription.name})
        return 0
    until = feed_head(uow)
    batch = read_feed(uow, after=position, limit=BATCH, types=subscription.types, until=until)
    reached = batch[-1].pos if len(batch) == BATCH else until
    if reached == position:
        return 0
    new = take_new(uow, subscription.name, [envelope.id for envelope in batch])
    _hand_over(uow, subscription, [e for e in batch if e.id in new], isolate=isolate)
    uow.session.execute(_ADVANCE, {"name": subscription.name, "position": reached})
    crashpoint("relay.before_commit")
    return len(batch)


def _hand_over(uow: UnitOfWork, subscription: Subscription, batch: Sequence[Envelope], *, isolate: bool) -> None:
    parked = {tuple(row) for row in uow.session.execute(_PARKED, {"name": subscription.name})}
    if subscription.bulk and not parked and not isolate:
        subscription.bulk(uow, batch)
        return
    for envelope in batch:
        stream = (envelope.tenant_id, envelope.stream)
        if stream in parked:
            _park(uow, subscription, envelope, attempts=0, error="waits behind a failed event of its stream")
        elif isolate:
            if not _try(uow, subscription, envelope, attempts=0):
                parked.add(stream)
        else:
            subscription.handle(uow, envelope)


def _try(uow: UnitOfWork, subscription: Subscription, envelope: Envelope, *, attempts: int) -> bool:
    emitted = len(uow.emitted)
    try:
        with uow.session.begin_nested():
            subscription.handle(uow, envelope)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises must stop at its own stream
        uow.forget_since(emitted)
        _park(uow, subscription, envelope, attempts=attempts + 1, error=f"{type(error).__name__}: {error}"[:2000])
        _log.warning("parked %s of %s for %s: %s", envelope.id, envelope.stream, subscription.name, error)
        return False
    return True


def _park(uow: UnitOfWork, subscription: Subscription, envelope: Envelope, *, attempts: int, error: str) -> None:
    wait = min(_FIRST_RETRY * 2 ** min(attempts, 12), _LONGEST_RETRY) if attempts else timedelta()
    row = {
        "name": subscription.name,
        "pos": envelope.pos,
        "tenant": envelope.tenant_id,
        "stream": envelope.stream,
        "attempts": attempts,
        "error": error,
        "next_at": uow.now + wait,
    }
    uow.session.execute(_PARK, row)


def retry_parked(subscription: Subscription) -> int:
    """Try the streams whose first parked event is due again, each in order up to its next failure; return successes."""
    return run(actors.system(f"relay:{subscription.name}"), lambda uow: _retry_due(uow, subscription))


def _retry_due(uow: UnitOfWork, subscription: Subscription) -> int:
    if uow.session.execute(_CLAIM, {"name": subscription.name}).scalar_one_or_none() is None:
        return 0
    due = uow.session.execute(_DUE, {"name": subscription.name, "now": uow.now}).all()
    return sum(_retry_stream(uow, subscription, tenant, stream) for tenant, stream in due)


def _retry_stream(uow: UnitOfWork, subscription: Subscription, tenant: str, stream: str) -> int:
    key = {"name": subscription.name, "tenant": tenant, "stream": stream}
    attempts = {row.pos: row.attempts for row in uow.session.execute(_QUEUE, key)}
    done = 0
    for envelope in read_positions(uow, list(attempts)):
        if not _try(uow, subscription, envelope, attempts=attempts[envelope.pos]):
            break
        uow.session.execute(_UNPARK, {"name": subscription.name, "pos": envelope.pos})
        done += 1
    return done
