from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from kernel.db.transactions import UnitOfWork
from shipping.models.weights import WeightFindingRow

_DAYS = 30
# A parcel was overridden when a person released it; found wrong when it was held and given up to be packed anew.
_OVERRIDES = text(
    """
    select p.packed_by, count(*) as weighed, count(*) filter (where a.held) as held,
      count(*) filter (where r.parcel_id is not null) as released,
      count(*) filter (where a.held and p.state = 'voided') as packed_anew, count(*) filter (where a.typed) as typed
    from (select tenant_id, parcel_id, bool_or(decision = 'HOLD') as held,
            coalesce(bool_or(scale ->> 'entry' = 'typed'), false) as typed from weight_audit
          where site_id = :site and weighed_at >= :since group by tenant_id, parcel_id) a
    join parcel p on p.tenant_id = a.tenant_id and p.id = a.parcel_id
    left join hold_release r on r.tenant_id = p.tenant_id and r.parcel_id = p.id
    group by p.packed_by having bool_or(a.held or a.typed) order by p.packed_by
    """
)


@dataclass(frozen=True, slots=True)
class WeightFinding:
    """Something that weighing shows and nobody settled yet. `kind` is catalog, item, scale, packer or carton."""

    id: str
    tenant_id: str
    kind: str
    code: str
    name: str
    what: str
    believed_g: float
    learned_g: float
    parcels: int
    found_at: datetime


@dataclass(frozen=True, slots=True)
class OverrideRate:
    """What became of a packer's parcels at the scale in 30 days: held, released on somebody's word, packed anew; and of
    how many a weight was typed.
    """

    packer: str
    weighed: int
    held: int
    released: int
    packed_anew: int
    typed: int = 0


def weight_findings(uow: UnitOfWork, *, site_id: str, limit: int = 100) -> list[WeightFinding]:
    """Return what weighing shows at a site and nobody settled, oldest first."""
    statement = select(WeightFindingRow).where(
        WeightFindingRow.site_id == site_id, WeightFindingRow.settled_at.is_(None)
    )
    rows = uow.session.scalars(statement.order_by(WeightFindingRow.found_at, WeightFindingRow.id).limit(limit))
    return [
        WeightFinding(
            r.id, r.tenant_id, r.kind, r.code, r.name, r.what, r.believed_g, r.learned_g, r.parcels, r.found_at
        )
        for r in rows
    ]


def count_weight_findings(uow: UnitOfWork, *, site_id: str) -> tuple[int, datetime | None]:
    """Return how many findings of a site wait for a person, and since when the oldest does."""
    count, oldest = func.count(), func.min(WeightFindingRow.found_at)
    where = (WeightFindingRow.site_id == site_id, WeightFindingRow.settled_at.is_(None))
    row = uow.session.execute(select(count, oldest).where(*where)).one()
    return row[0], row[1]


def override_rates(uow: UnitOfWork, *, site_id: str) -> list[OverrideRate]:
    """Return, for each packer of whom a parcel was held, or weighed by typing, in the last 30 days, what became of
    their parcels.
    """
    rows = uow.session.execute(_OVERRIDES, {"site": site_id, "since": uow.now - timedelta(days=_DAYS)})
    return [OverrideRate(*row) for row in rows]
