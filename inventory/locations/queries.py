from collections.abc import Iterable

from sqlalchemy import text

from inventory.errors import UnknownLocation
from inventory.locations.views import LocationHead, LocationMovement
from kernel.db.transactions import UnitOfWork
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor

BinOfLot = tuple[str, str, str, str]
"""Merchant, item, location code and lot (empty where there are no lots)."""
LOOKED_THROUGH = 500
"""So many movements of each item are looked through for those of one location: the ledger has no order by location."""

_UNITS = text(
    """
    select w.tenant_id, w.item_id, w.code, w.lot, b.quantity
    from unnest(cast(:tenants as text[]), cast(:items as text[]), cast(:codes as text[]), cast(:lots as text[]))
         w(tenant_id, item_id, code, lot)
    join location l on l.site_id = :site and l.code = w.code
    join bin_stock b on b.tenant_id = w.tenant_id and b.item_id = w.item_id and b.location_id = l.id and b.lot = w.lot
    """
)
# What lies inside is asked of the locations of one page only.
_HEADS = """
    select l.id, l.site_id, l.code, l.kind, l.zone, l.aisle, l.bay, l.level, l.x_mm, l.y_mm, l.max_weight_g,
           l.max_volume_mm3, l.hazmat_ok, l.temperature_class, coalesce(s.items, 0), coalesce(s.units, 0),
           coalesce(s.weight_g, 0), coalesce(s.volume_mm3, 0), coalesce(s.is_frozen, false)
    from ({page}) l
    left join lateral (
      select count(distinct (b.tenant_id, b.item_id)) filter (where b.quantity > 0) as items,
             cast(sum(b.quantity) as bigint) as units, cast(sum(b.quantity * i.weight_g) as bigint) as weight_g,
             cast(sum(b.quantity * i.length_mm * i.width_mm * i.height_mm) as bigint) as volume_mm3,
             bool_or(b.frozen) as is_frozen
      from bin_stock b join item i on i.tenant_id = b.tenant_id and i.id = b.item_id
      where b.location_id = l.id and (b.quantity > 0 or b.frozen)) s on true
    order by l.code, l.id
"""
_PAGE = text(
    _HEADS.format(
        page="""
      select * from location l
      where (cast(:site as text) = '' or l.site_id = :site) and (cast(:kind as text) = '' or l.kind = :kind)
        and (cast(:search as text) = '' or starts_with(upper(l.code), upper(:search)))
        and (not cast(:frozen as boolean)
             or exists (select 1 from bin_stock b where b.location_id = l.id and b.frozen))
        and (cast(:code as text) is null or (l.code, l.id) > (:code, :id))
      order by l.code, l.id limit :limit"""
    )
)
_ONE = text(_HEADS.format(page="select * from location l where l.id = :id"))
_KINDS = text(
    "select kind, count(*) as locations from location where cast(:site as text) = '' or site_id = :site group by kind"
)
_MOVEMENTS = text(
    """
    select m.at, h.tenant_id, h.item_id, i.sku, i.name, m.lot,
           case when m.to_location_id = :id then m.quantity else -m.quantity end as quantity, m.reason, m.reference,
           coalesce(o.code, '') as other, m.actor
    from (select distinct tenant_id, item_id from bin_stock where location_id = :id) h
    join item i on i.tenant_id = h.tenant_id and i.id = h.item_id
    cross join lateral (
      select * from (
        select * from stock_movement n where n.tenant_id = h.tenant_id and n.item_id = h.item_id
        order by n.id desc limit :looked) n
      where n.to_location_id = :id or n.from_location_id = :id
      order by n.id desc limit :limit) m
    left join location o on o.id = case when m.to_location_id = :id then m.from_location_id else m.to_location_id end
    order by m.id desc limit :limit
    """
)

_STOCKED = text(
    """
    select l.code from location l
    where l.site_id = :site and l.kind = 'pick'
      and exists (select 1 from bin_stock b where b.location_id = l.id and b.quantity > 0)
    """
)


def units_in_bins(uow: UnitOfWork, *, site_id: str, bins: Iterable[BinOfLot]) -> dict[BinOfLot, int]:
    """Return how many units of items and lots the book has in locations of a site; empty ones are 0."""
    wanted = sorted(set(bins))
    if not wanted:
        return {}
    columns = {
        "site": site_id, "tenants": [each[0] for each in wanted], "items": [each[1] for each in wanted],
        "codes": [each[2] for each in wanted], "lots": [each[3] for each in wanted],
    }  # fmt: skip
    found = {(r.tenant_id, r.item_id, r.code, r.lot): r.quantity for r in uow.session.execute(_UNITS, columns)}
    return dict.fromkeys(wanted, 0) | found


def stocked_locations(uow: UnitOfWork, *, site_id: str) -> frozenset[str]:
    """Return the codes of a site's pick locations in which stock lies."""
    return frozenset(uow.session.scalars(_STOCKED, {"site": site_id}))


def search_locations(
    uow: UnitOfWork, *, site_id: str = "", search: str = "", kind: str = "", frozen: bool = False, cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[LocationHead]:  # fmt: skip
    """Return locations by code with what lies in them, those whose code begins with `search`, of all sites or of one;
    with `frozen` only those in which something waits for a count.

    Raises:
        Invalid: the cursor was not given out by this service for this list.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    code, location_id = decode_cursor("locations", cursor) if cursor else (None, None)
    wanted = {
        "site": site_id, "search": search, "kind": kind, "frozen": frozen, "code": code, "id": location_id,
        "limit": limit + 1,
    }  # fmt: skip
    rows = [LocationHead(*row) for row in uow.session.execute(_PAGE, wanted)]
    page = tuple(rows[:limit])
    return Page(page, encode_cursor("locations", page[-1].code, page[-1].id) if len(rows) > limit else None)


def get_location(uow: UnitOfWork, location_id: str) -> LocationHead:
    """Return a location with what lies in it.

    Raises:
        UnknownLocation: there is none with this id.
    """
    row = uow.session.execute(_ONE, {"id": location_id}).one_or_none()
    if row is None:
        raise UnknownLocation("There is no such location.", remedy="Search for it by its code.")
    return LocationHead(*row)


def location_kinds(uow: UnitOfWork, *, site_id: str = "") -> dict[str, int]:
    """Return how many locations there are of each kind, at all sites or at one."""
    return {row.kind: row.locations for row in uow.session.execute(_KINDS, {"site": site_id})}


def location_movements(uow: UnitOfWork, location_id: str, *, limit: int = 20) -> tuple[LocationMovement, ...]:
    """Return what came into a location and left it, latest first, of the last 500 movements of each item that lay
    there.
    """
    wanted = {"id": location_id, "looked": LOOKED_THROUGH, "limit": limit}
    return tuple(LocationMovement(*row) for row in uow.session.execute(_MOVEMENTS, wanted))
