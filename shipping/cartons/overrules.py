"""Which plans packers overrule, and which cartons are planned no more for the same items."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, text

from kernel.db.transactions import UnitOfWork
from shipping.models.overrules import CartonBarRow

_DAYS: Final = 90
_PLANS = text(
    """
    select tenant_id, carton_code, mix, count(*) filter (where reason <> '') as overruled,
      count(*) filter (where reason = '') as followed, max(decided_at) filter (where reason <> '') as last_at,
      mode() within group (order by chosen_code) filter (where reason <> '') as instead,
      (select jsonb_object_agg(r.reason, r.units) from (
         select o.reason, count(*) as units from carton_outcome o
         where o.tenant_id = c.tenant_id and o.site_id = :site and o.mix_key = c.mix_key
           and o.carton_code = c.carton_code and o.reason <> '' and o.decided_at >= :since
         group by o.reason) r) as reasons,
      (array_agg(note order by decided_at desc) filter (where note <> ''))[1] as note
    from carton_outcome c where site_id = :site and decided_at >= :since
    group by tenant_id, mix_key, carton_code, mix having bool_or(reason <> '')
    order by overruled desc, last_at desc limit :most
    """
)


@dataclass(frozen=True, slots=True)
class OverruledPlan:
    """A planned carton that packers did not take for the same items (units by item id) in 90 days, and why: how often
    for each reason, which carton they took most often, and the newest note. `followed` counts since the first time.
    """

    tenant_id: str
    carton_code: str
    mix: dict[str, int]
    overruled: int
    followed: int
    last_at: datetime
    instead: str
    reasons: dict[str, int]
    note: str


@dataclass(frozen=True, slots=True)
class CartonBar:
    """A carton that is planned no more for a multiset of items (units by item id), and since when."""

    id: str
    tenant_id: str
    carton_code: str
    mix: dict[str, int]
    barred_at: datetime


def overruled_plans(uow: UnitOfWork, *, site_id: str, limit: int = 100) -> list[OverruledPlan]:
    """Return the plans of a site that packers overruled in the last 90 days, the most often first."""
    asked = {"site": site_id, "since": uow.now - timedelta(days=_DAYS), "most": limit}
    return [
        OverruledPlan(
            row.tenant_id, row.carton_code, row.mix, row.overruled, row.followed, row.last_at, row.instead, row.reasons,
            row.note or "",
        )
        for row in uow.session.execute(_PLANS, asked)
    ]  # fmt: skip


def carton_bars(uow: UnitOfWork, *, site_id: str, limit: int = 200) -> list[CartonBar]:
    """Return the cartons that a site plans no more for some items, newest first."""
    statement = select(CartonBarRow).where(CartonBarRow.site_id == site_id, CartonBarRow.lifted_at.is_(None))
    rows = uow.session.scalars(statement.order_by(CartonBarRow.barred_at.desc(), CartonBarRow.id).limit(limit))
    return [CartonBar(row.id, row.tenant_id, row.carton_code, row.mix, row.barred_at) for row in rows]
