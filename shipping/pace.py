"""How fast parcels are packed, from those of the last hours."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork
from kernel.pace import hourly_pace

LOOKS_BACK = timedelta(hours=4)
PAUSE = timedelta(minutes=20)
"""Who packed nothing for so long had a break, or other work."""
USUAL_PARCELS_PER_HOUR = 30

_MEASURE = text(
    """
    with done as (
      select packed_by, packed_at,
             packed_at - lag(packed_at) over (partition by packed_by order by packed_at) as took
      from parcel where site_id = :site and kind = 'outbound' and packed_at > :since and packed_by <> ''
    )
    select count(took) filter (where took <= :pause),
           coalesce(extract(epoch from sum(took) filter (where took <= :pause)), 0),
           count(distinct packed_by) filter (where packed_at > :lately)
    from done
    """
)


@dataclass(frozen=True, slots=True)
class PackingPace:
    """Who packs now, the parcels that one packs in an hour of work, and from how many parcels that was measured."""

    packers: int
    parcels_per_hour: int
    measured_on: int


def packing_pace(uow: UnitOfWork, *, site_id: str) -> PackingPace:
    """Return the pace of a site's benches; before anything was packed, the usual one."""
    parameters = {"site": site_id, "since": uow.now - LOOKS_BACK, "lately": uow.now - PAUSE, "pause": PAUSE}
    parcels, seconds, packers = uow.session.execute(_MEASURE, parameters).one()
    return PackingPace(packers, hourly_pace(parcels, float(seconds), usual=USUAL_PARCELS_PER_HOUR), parcels)
