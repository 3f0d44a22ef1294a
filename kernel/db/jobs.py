from datetime import datetime, timedelta

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork

_TAKE_SLOT = text(
    "insert into job_run (job, slot, ran_at) values (:job, :slot, :now) on conflict do nothing returning 1"
)
_FORGET = text("delete from job_run where job = :job and slot < :before")


def take_slot(uow: UnitOfWork, job: str, every: timedelta) -> bool:
    """Claim the present slot of a periodic job: True for exactly one caller, however many schedulers tick."""
    seconds = int(every.total_seconds())
    slot = datetime.fromtimestamp(uow.now.timestamp() // seconds * seconds, tz=uow.now.tzinfo)
    uow.session.execute(_FORGET, {"job": job, "before": slot - 10 * every})
    return uow.session.execute(_TAKE_SLOT, {"job": job, "slot": slot, "now": uow.now}).scalar_one_or_none() == 1
