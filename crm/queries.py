from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, text, tuple_

from crm.models import CustomerNote, TimelineEntry
from kernel.db.transactions import UnitOfWork
from kernel.events import Audience
from kernel.web.paging import Page, decode_cursor, encode_cursor

_LAG = text(
    """
    select coalesce((select max(pos) from event_feed), 0)
             - coalesce((select position from subscription where name = 'crm.timeline'), 0)
             + (select count(*) from outbox) as behind,
           coalesce((select extract(epoch from :now - min(e.recorded_at)) from event_feed f
                     join event e on e.id = f.event_id
                     where f.pos > coalesce((select position from subscription where name = 'crm.timeline'), 0)),
                    (select extract(epoch from :now - min(e.recorded_at)) from outbox o
                     join event e on e.id = o.event_id), 0) as oldest
    """
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline; `note` holds the text when it is a note."""

    event_id: str
    kind: str
    type: str
    audience: str
    occurred_at: datetime
    recorded_at: datetime
    order_id: str
    customer_id: str
    actor: str
    summary: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far timelines are behind the event log: events, and the age of the oldest in seconds."""

    events: int
    oldest_seconds: float


def customer_timeline(
    uow: UnitOfWork, customer_id: str, *, kinds: Sequence[str] = (), limit: int = 50, cursor: str | None = None
) -> Page[Entry]:
    """Return what happened with a customer, newest first, across all orders."""
    return _page(uow, select(TimelineEntry).where(TimelineEntry.customer_id == customer_id), kinds, limit, cursor)


def order_timeline(
    uow: UnitOfWork, order_id: str, *, kinds: Sequence[str] = (), limit: int = 200, cursor: str | None = None
) -> Page[Entry]:
    """Return what happened with an order, newest first."""
    return _page(uow, select(TimelineEntry).where(TimelineEntry.order_id == order_id), kinds, limit, cursor)


def public_timeline(uow: UnitOfWork, *, tenant_id: str, order_id: str, limit: int = 100) -> tuple[Entry, ...]:
    """Return what the customer may read about an order, newest first."""
    mine = (TimelineEntry.tenant_id == tenant_id, TimelineEntry.order_id == order_id)
    statement = select(TimelineEntry).where(*mine, TimelineEntry.audience == Audience.CUSTOMER.value)
    return _page(uow, statement, (), limit, None).items


def timeline_lag(uow: UnitOfWork) -> Lag:
    """Return how far timelines are behind the log."""
    row = uow.session.execute(_LAG, {"now": uow.now}).one()
    return Lag(int(row.behind), float(row.oldest))


def _page(
    uow: UnitOfWork, statement: Select[TimelineEntry], kinds: Sequence[str], limit: int, cursor: str | None
) -> Page[Entry]:
    if kinds:
        statement = statement.where(TimelineEntry.kind.in_(kinds))
    if cursor:
        at, pos = decode_cursor("timeline", cursor)
        key = (datetime.fromisoformat(str(at)), int(pos))
        statement = statement.where(tuple_(TimelineEntry.occurred_at, TimelineEntry.pos) < key)
    ordered = statement.order_by(TimelineEntry.occurred_at.desc(), TimelineEntry.pos.desc()).limit(limit + 1)
    rows = list(uow.session.scalars(ordered))
    last = rows[limit - 1] if len(rows) > limit else None
    following = encode_cursor("timeline", last.occurred_at.isoformat(), last.pos) if last else None
    return Page(_entries(uow, rows[:limit]), following)


def _entries(uow: UnitOfWork, rows: Sequence[TimelineEntry]) -> tuple[Entry, ...]:
    orders = {row.order_id or row.customer_id for row in rows if row.kind == "note"}
    notes = _notes(uow, orders) if orders else {}
    return tuple(
        Entry(
            row.event_id, row.kind, row.type, row.audience, row.occurred_at, row.recorded_at, row.order_id,
            row.customer_id, row.actor, row.summary, notes.get((row.recorded_at, row.actor), ""),
        )
        for row in rows
    )  # fmt: skip


def _notes(uow: UnitOfWork, subjects: set[str]) -> dict[tuple[datetime, str], str]:
    """Notes by (instant, author): the event and its note are written in one transaction with one instant."""
    about = CustomerNote.order_id.in_(subjects) | CustomerNote.customer_id.in_(subjects)
    return {
        (note.written_at, note.author): note.body for note in uow.session.scalars(select(CustomerNote).where(about))
    }
