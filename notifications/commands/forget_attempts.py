from datetime import timedelta

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork
from kernel.db.upkeep import note_forgotten

SHORTEST = timedelta(days=1)
"""Attempts younger than this are never forgotten: they are what a person looks at who is called about a failure."""

# All attempts of a delivery go together, so that what is left of one is never half of a story.
_FORGET = text(
    """
    with old as (
      select a.tenant_id, a.endpoint_id, a.stream, a.n from webhook_attempt a
      join webhook_delivery d on d.tenant_id = a.tenant_id and d.endpoint_id = a.endpoint_id and d.stream = a.stream
        and d.n = a.n and d.settled_at < :before
      where a.at < :before order by a.at limit :limit)
    delete from webhook_attempt a using (select distinct tenant_id, endpoint_id, stream, n from old) o
    where a.tenant_id = o.tenant_id and a.endpoint_id = o.endpoint_id and a.stream = o.stream and a.n = o.n
    """
)


def forget_attempts(uow: UnitOfWork, *, keep: timedelta, limit: int) -> int:
    """Delete attempts of deliveries that were settled longer ago than `keep`, oldest first, and return how many.

    `limit` attempts at most are looked for; the delivery itself stays, with its count of attempts. What still waits or
    is parked keeps all its attempts, whatever their age.
    """
    found = {"before": uow.now - max(keep, SHORTEST), "limit": limit}
    gone = int(uow.session.execute(_FORGET, found).rowcount)  # type: ignore[attr-defined]  # of a delete, there is one
    return note_forgotten(uow, "webhook_attempt", gone, keep=keep)
