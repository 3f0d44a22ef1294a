from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from kernel.access.secrets import digest
from kernel.db.inbox import take_new
from kernel.db.transactions import UnitOfWork

_SPENT = text("select count(*) from inbox where consumer = :consumer and message_id = any(:marks)")

_RETURN = text(
    "delete from inbox where consumer = :consumer and message_id ="
    " (select max(message_id) from inbox where consumer = :consumer and message_id = any(:marks))"
)


def tries_left(uow: UnitOfWork, what: str, subject: str, *, limit: int) -> int:
    """Return how many of its `limit` tries a subject has left in this clock hour."""
    marks = _marks(subject, uow.now, limit)
    return limit - int(uow.session.execute(_SPENT, {"consumer": what, "marks": marks}).scalar_one())


def take_try(uow: UnitOfWork, what: str, subject: str, *, limit: int) -> bool:
    """Use up one try of a subject in this clock hour, and say whether there was one.

    Tries are marks in PostgreSQL: all processes count together, and a restart forgives nothing. The subject (an
    address, an order) is kept as a hash.
    """
    return any(take_new(uow, what, [mark]) for mark in _marks(subject, uow.now, limit))


def give_back_try(uow: UnitOfWork, what: str, subject: str, *, limit: int) -> None:
    """Give a subject back the try that it took: it was right, and only wrong ones count. All marks are alike."""
    uow.session.execute(_RETURN, {"consumer": what, "marks": _marks(subject, uow.now, limit)})


def seconds_to_next_hour(now: datetime) -> int:
    """Return after how many seconds everybody has new tries."""
    following = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return max(1, round((following - now).total_seconds()))


def _marks(subject: str, now: datetime, limit: int) -> Sequence[str]:
    hour = f"{now.astimezone(UTC):%Y%m%d%H}"
    return [f"{digest(subject)[:32]}:{hour}:{number}" for number in range(limit)]
