from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kernel import clock
from kernel.actors import Actor
from kernel.crashpoints import crashpoint
from kernel.db.engine import new_session
from kernel.events import Event
from kernel.ids import new_id

T = TypeVar("T")
_open: ContextVar[bool] = ContextVar("transaction_open", default=False)
_SCOPE = text(
    "select set_config('app.tenant', :tenant, true), set_config('app.site', :site, true),"
    " set_config('app.actor', :actor, true)"
)
_APPEND_EVENTS = text(
    "select append_events(:ids, :tenants, :streams, :types, :audiences, :occurred, :recorded, :orders, :customers,"
    " :actor, :summaries, :data)"
)
_RECORD_AUDIT = text(
    "insert into audit_entry (id, tenant_id, at, actor, role, action, subject, reason, details)"
    " values (:id, :tenant, :at, :actor, :role, :action, :subject, :reason, cast(:details as jsonb))"
)
_RETRYABLE = {"40001", "40P01"}
_ATTEMPTS = 5


@dataclass(slots=True)
class UnitOfWork:
    """One transaction: its session, who acts, its single instant, and the facts it will tell when it commits."""

    session: Session
    actor: Actor
    now: datetime
    _events: list[Event] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        """Record a fact in this transaction: it is in the log if and only if the change is."""
        self._events.append(event)

    def audit(self, action: str, *, subject: str, tenant_id: str = "", reason: str = "", **details: Any) -> None:  # noqa: ANN401
        """Write who did what to which subject, and why, into the append-only audit trail."""
        entry = {
            "id": new_id("aud"),
            "tenant": tenant_id,
            "at": self.now,
            "actor": self.actor.id,
            "role": self.actor.role.value,
            "action": action,
            "subject": subject,
            "reason": reason,
            "details": msgspec.json.encode(details).decode(),
        }
        self.session.execute(_RECORD_AUDIT, entry)

    @property
    def emitted(self) -> tuple[Event, ...]:
        """The facts emitted so far, in order."""
        return tuple(self._events)

    def forget_since(self, count: int) -> None:
        """Drop the facts emitted after the first `count`: their changes were rolled back to a savepoint."""
        del self._events[count:]

    def write_events(self) -> None:
        """Append the emitted facts to the log: the last statements before the commit, so that stream rows are locked
        for the shortest time and always in the same order.
        """
        if not self._events:
            return
        events, self._events = self._events, []
        self.session.execute(_APPEND_EVENTS, self._columns(events))

    def _columns(self, events: list[Event]) -> dict[str, Any]:
        return {
            "ids": [new_id("evt") for _ in events],
            "tenants": [e.tenant_id for e in events],
            "streams": [e.stream for e in events],
            "types": [e.TYPE for e in events],
            "audiences": [e.AUDIENCE.value for e in events],
            "occurred": [e.occurred_at or self.now for e in events],
            "recorded": self.now,
            "orders": [e.order_id for e in events],
            "customers": [e.customer_id for e in events],
            "actor": self.actor.id,
            "summaries": [e.summary() for e in events],
            "data": [msgspec.json.encode(e.data()).decode() for e in events],
        }


@contextmanager
def transaction(actor: Actor, *, now: datetime | None = None, snapshot: bool = False) -> Iterator[UnitOfWork]:
    """Run one transaction as `actor`; it commits when the block ends, before any answer is built. Never nested.

    Row-level security sees the actor's tenant and site through settings that end with the transaction. With `snapshot`
    all its queries see the database as of one instant (repeatable read), for checks and exports.
    """
    if _open.get():
        raise RuntimeError("transactions are never nested: pass the unit of work on")
    token = _open.set(True)
    try:
        with new_session() as session, session.begin():
            if snapshot:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            uow = UnitOfWork(session, actor, now or clock.now())
            session.execute(_SCOPE, {"tenant": actor.tenant, "site": actor.site, "actor": actor.id})
            yield uow
            session.flush()
            told = bool(uow.emitted)
            uow.write_events()
            crashpoint("transaction.before_commit")
        crashpoint("transaction.after_commit")
    finally:
        _open.reset(token)
    if told:
        _wake()


@contextmanager
def single_statement(actor: Actor) -> Iterator[UnitOfWork]:
    """Yield a unit of work for one statement that is a transaction of its own: one exchange with the database instead
    of four. Row-level security hides everything from it but what the statement itself asks as somebody.
    """
    with new_session(in_transactions=False) as session:
        yield UnitOfWork(session, actor, clock.now())
        session.commit()


def run(actor: Actor, work: Callable[[UnitOfWork], T], *, now: datetime | None = None) -> T:
    """Run `work` in a transaction of its own, and again (up to five times) when PostgreSQL reports a serialization
    failure or a deadlock. Only for work that may be repeated as a whole.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction(actor, now=now) as uow:
                return work(uow)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in _RETRYABLE or attempt == _ATTEMPTS:
                raise
    raise AssertionError("unreachable")


_listeners: list[Callable[[], None]] = []


def on_events(listener: Callable[[], None]) -> None:
    """Call `listener` after each commit that recorded events. It may only hint: losing the call costs latency."""
    _listeners.append(listener)


def _wake() -> None:
    for listener in _listeners:
        listener()
