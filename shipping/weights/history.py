from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork
from shipping.domain.weight_refit import NEWEST

# A parcel is confirmed when it passed and went on, or when somebody opened it and vouched for its contents. Its last
# reading counts; a parcel that was given up says nothing.
_CONFIRMED = text(
    """
    select p.tenant_id, p.carton_code, p.tare_g, p.void_ml, p.packed_by, a.scale->>'code' as scale, a.reading_g, a.z,
      a.expected_g, a.score, a.weighed_at,
      (select coalesce(sum((e ->> 'quantity')::float * (e ->> 'mean_g')::float), 0)
       from jsonb_array_elements(p.extras) e) as extras_g,
      (select jsonb_agg(jsonb_build_array(i.item_id, i.sku, i.quantity, i.weight_g) order by i.line_id)
       from parcel_item i where i.tenant_id = p.tenant_id and i.parcel_id = p.id) as lines
    from (select * from weight_audit where site_id = :site order by weighed_at desc limit :newest) a
    join parcel p on p.tenant_id = a.tenant_id and p.id = a.parcel_id
    where p.kind = 'outbound' and p.state in ('cleared', 'labelled', 'manifested', 'handed_over')
      and not exists (select 1 from weight_audit b where b.tenant_id = a.tenant_id and b.parcel_id = a.parcel_id
                      and b.attempt > a.attempt)
      and (p.clearance = 'passed' or exists (select 1 from hold_release r where r.tenant_id = p.tenant_id
                                             and r.parcel_id = p.id and r.contents_confirmed))
    order by a.weighed_at, a.id
    """
)


@dataclass(frozen=True, slots=True)
class Line:
    """Units of an item in a parcel, with the catalog's weight of the day it was packed."""

    item_id: str
    sku: str
    quantity: int
    master_g: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A parcel whose contents are confirmed, with its last reading and how that was judged. `extras_g` is what was
    added beside goods and carton.
    """

    tenant_id: str
    carton_code: str
    tare_g: int
    void_ml: int
    packed_by: str
    scale: str
    reading_g: int
    z: float
    expected_g: int
    score: float | None
    weighed_at: datetime
    lines: tuple[Line, ...]
    extras_g: float = 0.0


def confirmed_parcels(uow: UnitOfWork, *, site_id: str, newest: int = NEWEST) -> Sequence[Confirmed]:
    """Return the newest parcels of a site whose contents are confirmed, oldest first."""
    rows = uow.session.execute(_CONFIRMED, {"site": site_id, "newest": newest})
    return [
        Confirmed(**(row | {"lines": tuple(Line(*line) for line in row["lines"])}))
        for row in map(dict, rows.mappings())
    ]
