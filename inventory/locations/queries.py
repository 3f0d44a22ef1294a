from collections.abc import Iterable

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork

BinOfLot = tuple[str, str, str, str]
"""Merchant, item, location code and lot (empty where there are no lots)."""

_UNITS = text(
    """
    select w.tenant_id, w.item_id, w.code, w.lot, b.quantity
    from unnest(cast(:tenants as text[]), cast(:items as text[]), cast(:codes as text[]), cast(:lots as text[]))
         w(tenant_id, item_id, code, lot)
    join location l on l.site_id = :site and l.code = w.code
    join bin_stock b on b.tenant_id = w.tenant_id and b.item_id = w.item_id and b.location_id = l.id and b.lot = w.lot
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
