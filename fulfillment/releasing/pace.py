"""How fast a floor picks, from the picks of the last hours."""

from datetime import timedelta

from sqlalchemy import text

from fulfillment.domain.release import Pace
from kernel.db.transactions import UnitOfWork
from kernel.pace import hourly_pace

LOOKS_BACK = timedelta(hours=4)
PAUSE = timedelta(minutes=10)
"""Who finished nothing for so long had a break, which says nothing about the pace."""
AT_WORK = timedelta(minutes=20)
"""Who finished a pick, or claimed a walk, within so long is counted as picking now."""
USUAL_LINES_PER_HOUR = 60

_MEASURE = text(
    """
    with done as (
      select finished_by, finished_at,
             finished_at - lag(finished_at) over (partition by finished_by order by finished_at) as took
      from pick_task
      where site_id = :site and kind = 'pick' and finished_at > :since and state in ('PICKED', 'SHORT')
    ), at_work as (
      select finished_by as person from done where finished_at > :lately
      union
      select picker from pick_batch
      where site_id = :site and state in ('ASSIGNED', 'IN_PROGRESS') and lease_until > :now and picker <> ''
    )
    select coalesce(count(took) filter (where took <= :pause), 0),
           coalesce(extract(epoch from sum(took) filter (where took <= :pause)), 0),
           (select count(*) from at_work)
    from done
    """
)


def measured_pace(uow: UnitOfWork, *, site_id: str) -> Pace:
    """Return who picks on a site now, and the lines that each of them picks in an hour of work, breaks left out."""
    parameters = {
        "site": site_id, "now": uow.now, "since": uow.now - LOOKS_BACK, "lately": uow.now - AT_WORK, "pause": PAUSE,
    }  # fmt: skip
    lines, seconds, pickers = uow.session.execute(_MEASURE, parameters).one()
    return Pace(pickers, hourly_pace(lines, float(seconds), usual=USUAL_LINES_PER_HOUR), measured_on=lines)
