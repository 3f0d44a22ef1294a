from collections.abc import Sequence

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork

_TAKE = text(
    "insert into inbox (consumer, message_id, received_at)"
    " select :consumer, m, :now from unnest(cast(:ids as text[])) m order by m"
    " on conflict do nothing returning message_id"
)


def take_new(uow: UnitOfWork, consumer: str, message_ids: Sequence[str]) -> set[str]:
    """Mark messages as taken by a consumer and return those that it had not taken before.

    The marks commit with the effects: a message whose effect was rolled back is new again.
    """
    if not message_ids:
        return set()
    rows = uow.session.execute(_TAKE, {"consumer": consumer, "ids": list(message_ids), "now": uow.now})
    return set(rows.scalars())
