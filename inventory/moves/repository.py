"""Locations as units can be put into them, and how many units orders wait for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select, text

from inventory.counts.domain import AbcClass
from inventory.counts.models import ItemClass
from inventory.domain.bins import PICKABLE
from inventory.models import Item, Location
from inventory.moves.domain.places import STORED, Goods, Slot
from inventory.repository import LevelKey
from kernel.db.transactions import UnitOfWork

# What is on its way to a location lies there already, for who looks for room. The parts are read one by one: a join of
# their sums is planned as if each location had to look at all of them.
_INSIDE = text(
    """
    select b.location_id, b.tenant_id, b.item_id, b.lot, b.quantity, b.frozen, i.weight_g,
           i.length_mm * i.width_mm * i.height_mm as volume_mm3
    from location l join bin_stock b on b.location_id = l.id
    join item i on i.tenant_id = b.tenant_id and i.id = b.item_id
    where l.site_id = :site and (b.quantity > 0 or b.frozen)
      and (cast(:places as text[]) is null or l.id = any(:places))
    union all
    select t.to_location_id, t.tenant_id, t.item_id, t.lot, t.quantity - t.moved, false, i.weight_g,
           i.length_mm * i.width_mm * i.height_mm
    from move_task t join item i on i.tenant_id = t.tenant_id and i.id = t.item_id
    where t.site_id = :site and t.state in ('open', 'claimed') and t.to_location_id is not null and t.id <> :without
      and (cast(:places as text[]) is null or t.to_location_id = any(:places))
    """
)
_FACES = text(
    """
    select p.location_id, p.tenant_id, p.item_id, p.max_units
    from forward_pick p join location l on l.id = p.location_id
    where l.site_id = :site and (cast(:places as text[]) is null or l.id = any(:places))
    """
)
PROMISED = """
  (select coalesce(sum(r.quantity), 0) from reservation r
   where r.tenant_id = {of}.tenant_id and r.item_id = {of}.item_id and r.site_id = {of}.site_id and r.quantity > 0
     and not r.hold)
  - (select coalesce(sum(a.quantity), 0) from allocation a
     where a.tenant_id = {of}.tenant_id and a.item_id = {of}.item_id and a.site_id = {of}.site_id)
"""
"""SQL: units that orders are promised and no bin is set aside for yet; `of` is a row with tenant, item and site."""
PICKED_FROM = """
  (select coalesce(sum(b.quantity - b.allocated), 0)
   from bin_stock b join location l on l.id = b.location_id
   where b.tenant_id = {of}.tenant_id and b.item_id = {of}.item_id and l.site_id = {of}.site_id and not b.frozen
     and l.kind in ({kinds}))
"""
"""SQL: units in locations of these kinds that can be set aside."""
WAITING = f"({PROMISED} - {PICKED_FROM.replace('{kinds}', ', '.join(repr(kind) for kind in PICKABLE))})"
"""SQL: units that orders are promised and that lie where nobody picks."""
_WAITING = text(
    f"select w.tenant_id, w.item_id, w.site_id, {WAITING.format(of='w')} as units"  # noqa: S608 - composed of constants
    " from unnest(cast(:tenants as text[]), cast(:items as text[]), cast(:sites as text[]))"
    " w(tenant_id, item_id, site_id)"
)


def slots_of(
    uow: UnitOfWork, *, site_id: str, places: Sequence[str] | None = None, without: str = ""
) -> dict[str, Slot]:
    """Return the pick and bulk locations of a site, or these locations of any kind, by id: what lies there and what is
    on its way, but for the move `without`.
    """
    columns = {"site": site_id, "places": None if places is None else list(places), "without": without}
    uow.session.flush()
    wanted = select(Location).where(Location.site_id == site_id)
    wanted = wanted.where(Location.kind.in_(STORED) if places is None else Location.id.in_(places))
    inside: dict[str, list[Any]] = defaultdict(list)
    for row in uow.session.execute(_INSIDE, columns):
        inside[row.location_id].append(row)
    faces: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in uow.session.execute(_FACES, columns):
        faces[row.location_id][row.tenant_id, row.item_id] = row.max_units
    found = uow.session.scalars(wanted.order_by(Location.code), execution_options={"populate_existing": True})
    return {place.id: _slot(place, inside[place.id], faces[place.id]) for place in found}


def goods_of(uow: UnitOfWork, *, site_id: str, tenant_id: str, item_id: str, lot: str = "") -> Goods:
    """Return units of an item as they want a place at a site."""
    item = uow.session.get_one(Item, (tenant_id, item_id))
    found = uow.session.get(ItemClass, (tenant_id, site_id, item_id))
    return Goods(
        tenant_id, item_id, lot, item.weight_g, item.length_mm * item.width_mm * item.height_mm, item.hazmat,
        found.abc if found else AbcClass.C.value, item.temperature_class,
    )  # fmt: skip


def waiting_units(uow: UnitOfWork, levels: Iterable[LevelKey]) -> dict[LevelKey, int]:
    """Return for stock levels how many units orders are promised that lie where nobody picks."""
    wanted = sorted(set(levels))
    columns = {"tenants": [k[0] for k in wanted], "items": [k[1] for k in wanted], "sites": [k[2] for k in wanted]}
    uow.session.flush()
    rows = uow.session.execute(_WAITING, columns)
    return {(row.tenant_id, row.item_id, row.site_id): max(0, int(row.units)) for row in rows}


def packing_at(uow: UnitOfWork, site_id: str) -> tuple[int, int] | None:
    """Return where a site packs, in floor coordinates (mm); None when its floor has no such place."""
    packing = select(Location.x_mm, Location.y_mm).where(Location.site_id == site_id, Location.kind == "pack")
    row = uow.session.execute(packing.order_by(Location.code).limit(1)).one_or_none()
    return (row.x_mm, row.y_mm) if row else None


def _slot(place: Location, inside: Sequence[Any], face: dict[tuple[str, str], int]) -> Slot:
    held: Counter[tuple[str, str, str]] = Counter()
    for row in inside:
        if row.quantity:
            held[row.tenant_id, row.item_id, row.lot] += row.quantity
    return Slot(
        place.id, place.code, place.kind, place.x_mm, place.y_mm, place.max_weight_g, place.max_volume_mm3,
        place.hazmat_ok, any(row.frozen for row in inside), sum(row.quantity * row.weight_g for row in inside),
        sum(row.quantity * row.volume_mm3 for row in inside), dict(held), face,
        place.temperature_class,
    )  # fmt: skip
