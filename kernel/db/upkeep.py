from datetime import timedelta

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork

KEEP_KEYS = timedelta(hours=72)
KEEP_INBOX = timedelta(days=30)
_KEYS = text("delete from idempotency_key where created_at < :before")
_SESSIONS = text("delete from staff_session where expires_at < :before")
_INBOX = text("delete from inbox where received_at < :before")


def forget_old_keys(uow: UnitOfWork) -> int:
    """Delete idempotency keys after 72 hours, ended sessions after a day, and inbox marks after 30 days.

    The longest retry schedule that we publish ends within 76 hours of the first try, and a receiver's own keys last as
    long; the inbox outlives the feed's slowest reader.
    """
    done = uow.session.execute(_KEYS, {"before": uow.now - KEEP_KEYS}).rowcount  # type: ignore[attr-defined]
    done += uow.session.execute(_SESSIONS, {"before": uow.now - timedelta(days=1)}).rowcount  # type: ignore[attr-defined]
    done += uow.session.execute(_INBOX, {"before": uow.now - KEEP_INBOX}).rowcount  # type: ignore[attr-defined]
    return int(done)
