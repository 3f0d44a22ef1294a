from collections.abc import Sequence

from sqlalchemy import Row, text

from kernel.db.transactions import UnitOfWork
from kernel.events import Audience, Envelope

_LOCK = text("select pg_try_advisory_xact_lock(hashtext('pickstream.event_feed'))")
_SEQUENCE = text(
    """
    with ready as (
      delete from outbox where n in (select n from outbox order by n limit :limit) returning n, event_id),
    placed as (
      select event_id, row_number() over (order by n) as step from ready)
    insert into event_feed (pos, event_id, tenant_id, stream, type)
    select (select coalesce(max(pos), 0) from event_feed) + placed.step, e.id, e.tenant_id, e.stream, e.type
    from placed join event e on e.id = placed.event_id
    """
)
_COLUMNS = (
    "select f.pos, e.id, e.tenant_id, e.stream, e.seq, e.type, e.audience, e.occurred_at, e.recorded_at, e.order_id,"
    " e.customer_id, e.actor, e.summary, e.body from event_feed f join event e on e.id = f.event_id "
)
_AFTER = text(
    _COLUMNS + "where f.pos > :after and (cast(:types as text[]) is null or f.type = any(:types)) and f.pos <= :until"
    " and (cast(:customer as text) is null or e.customer_id = :customer) order by f.pos limit :limit"
)
_AT = text(_COLUMNS + "where f.pos = any(:positions) order by f.pos")
_HEAD = text("select coalesce(max(pos), 0) from event_feed")
SEQUENCED_AT_ONCE = 2000


def sequence_feed(uow: UnitOfWork) -> int:
    """Give committed events their place in the feed, and return how many.

    Commit order is not insert order, so a reader that trusted serial numbers would step over events that commit late.
    Here one sequencer at a time consumes the outbox by deleting from it: what commits late is simply still there. In a
    stream the order is right, because a transaction holds the stream's row while it takes numbers: when event 6 can be
    seen, event 5 was committed before it was even numbered. Positions become visible in their own order, without gap.
    (Ordering by xid8 below pg_snapshot_xmin, the usual cure, would misplace a stream's events whenever a transaction
    wrote elsewhere before it locked the stream: its xid is then older than its place.)
    """
    if not uow.session.execute(_LOCK).scalar_one():
        return 0
    return uow.session.execute(_SEQUENCE, {"limit": SEQUENCED_AT_ONCE}).rowcount  # type: ignore[no-any-return, attr-defined]


def feed_head(uow: UnitOfWork) -> int:
    """Return the newest position of the feed, 0 when it is empty."""
    return int(uow.session.execute(_HEAD).scalar_one())


def read_feed(
    uow: UnitOfWork,
    *,
    after: int,
    limit: int,
    types: Sequence[str] | None = None,
    customer_id: str | None = None,
    until: int | None = None,
) -> list[Envelope]:
    """Return the events after a position, in order, as far as the actor may see them."""
    wanted = {
        "after": after,
        "limit": limit,
        "types": list(types) if types is not None else None,
        "customer": customer_id,
    }
    rows = uow.session.execute(_AFTER, wanted | {"until": until if until is not None else 2**62}).all()
    return [_envelope(row) for row in rows]


def read_positions(uow: UnitOfWork, positions: Sequence[int]) -> list[Envelope]:
    """Return the events at these positions, in order."""
    return [_envelope(row) for row in uow.session.execute(_AT, {"positions": list(positions)})]


def _envelope(row: Row[tuple[object, ...]]) -> Envelope:
    values = row._asdict()
    return Envelope(**values | {"audience": Audience(values["audience"])})
