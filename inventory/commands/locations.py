from collections.abc import Sequence

from sqlalchemy import select, text

from inventory.domain.buckets import UNSOLD_KINDS
from inventory.domain.checks import check_locations
from inventory.domain.values import LocationDraft
from inventory.errors import LocationInUse
from inventory.models import BinStock, Location
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id

_UPSERT_LOCATIONS = text(
    """
    insert into location (id, site_id, code, kind, zone, aisle, bay, level, x_mm, y_mm, max_weight_g, max_volume_mm3,
                          hazmat_ok, temperature_class)
    select u.id, :site, u.code, u.kind, u.zone, u.aisle, u.bay, u.level, u.x, u.y, u.weight, u.volume, u.hazmat,
           coalesce(nullif(u.temperature, ''), k.temperature_class, 'ambient')
    from unnest(cast(:ids as text[]), cast(:codes as text[]), cast(:kinds as text[]), cast(:zones as text[]),
                cast(:aisles as text[]), cast(:bays as text[]), cast(:levels as text[]), cast(:xs as bigint[]),
                cast(:ys as bigint[]), cast(:weights as bigint[]), cast(:volumes as bigint[]),
                cast(:hazmats as boolean[]), cast(:temperatures as text[]))
         u(id, code, kind, zone, aisle, bay, level, x, y, weight, volume, hazmat, temperature)
         left join location k on k.site_id = :site and k.code = u.code
    order by u.code
    on conflict (site_id, code) do update set kind = excluded.kind, zone = excluded.zone, aisle = excluded.aisle,
      bay = excluded.bay, level = excluded.level, x_mm = excluded.x_mm, y_mm = excluded.y_mm,
      max_weight_g = excluded.max_weight_g, max_volume_mm3 = excluded.max_volume_mm3, hazmat_ok = excluded.hazmat_ok,
      temperature_class = excluded.temperature_class
    returning code, id
    """
)


def create_locations(uow: UnitOfWork, *, site_id: str, locations: Sequence[LocationDraft]) -> dict[str, str]:
    """Create locations of a site, or bring those with these codes up to date; return their ids by code.

    Raises:
        Invalid: names every value that cannot be right; nothing was changed.
        LocationInUse: a location was to become one from which nothing is sold, and what lies there is for sale.
    """
    check_locations(locations)
    unique = {draft.code: draft for draft in locations}
    _require_nothing_for_sale(uow, site_id, [code for code, draft in unique.items() if draft.kind in UNSOLD_KINDS])
    columns = {
        "site": site_id,
        "ids": [new_id("loc") for _ in unique],
        "codes": list(unique),
        "kinds": [d.kind for d in unique.values()],
        "zones": [d.zone for d in unique.values()],
        "aisles": [d.aisle for d in unique.values()],
        "bays": [d.bay for d in unique.values()],
        "levels": [d.level for d in unique.values()],
        "xs": [d.x_mm for d in unique.values()],
        "ys": [d.y_mm for d in unique.values()],
        "weights": [d.max_weight_g for d in unique.values()],
        "volumes": [d.max_volume_mm3 for d in unique.values()],
        "hazmats": [d.hazmat_ok for d in unique.values()],
        "temperatures": [d.temperature_class for d in unique.values()],
    }
    return {row.code: row.id for row in uow.session.execute(_UPSERT_LOCATIONS, columns)}


def _require_nothing_for_sale(uow: UnitOfWork, site_id: str, codes: Sequence[str]) -> None:
    """Lock locations against whoever is about to put units there (see `spots_of`), and look what lies there."""
    if not codes:
        return
    known = select(Location.id).where(Location.site_id == site_id, Location.code.in_(codes))
    places = uow.session.scalars(known.order_by(Location.code).with_for_update()).all()
    held = select(Location.code).join(BinStock, BinStock.location_id == Location.id)
    in_use = uow.session.scalars(held.where(Location.id.in_(places), BinStock.quantity > 0).distinct()).all()
    if in_use:
        raise LocationInUse(
            f"Units that are for sale lie in {', '.join(sorted(in_use)[:5])}.",
            remedy="Move them to another location first.",
            pointer="/locations",
            location_codes=sorted(in_use)[:100],
        )
