from datetime import timedelta

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork
from kernel.db.upkeep import note_forgotten
from kernel.ids import id_since

SHORTEST = timedelta(days=30)
"""Promises younger than this stay: a payment that settles late is told until when its goods were held."""

# Ids rise with time, so that the key finds the oldest without another index on the table that every order writes to.
_FORGET = text(
    """
    with old as (
      select r.tenant_id, r.id from merchant m cross join lateral (
        select tenant_id, id from reservation
        where tenant_id = m.id and id < :last_id and quantity = 0 and created_at < :before order by id limit :limit) r
      limit :limit)
    delete from reservation r using old where r.tenant_id = old.tenant_id and r.id = old.id and r.quantity = 0
    """
)
# Whoever sorts reads all that is old for each batch of it: the key gives the oldest first.
_IN_KEY_ORDER = text("set local enable_sort = off")


def forget_promises(uow: UnitOfWork, *, keep: timedelta, limit: int) -> int:
    """Delete up to `limit` promises, made longer ago than `keep`, of which nothing is left: picked, given back or
    expired; return how many. What became of their units is in the ledger and in the events.
    """
    before = uow.now - max(keep, SHORTEST)
    columns = {"before": before, "last_id": id_since("rsv", before), "limit": limit}
    uow.session.execute(_IN_KEY_ORDER)
    found = uow.session.execute(_FORGET, columns)
    return note_forgotten(uow, "reservation", int(found.rowcount), keep=keep)  # type: ignore[attr-defined]  # of a delete, there is one
