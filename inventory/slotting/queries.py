"""What a site stores, as slotting looks at it: all pick and bulk locations, and each item's own pick face."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import text

from inventory.moves.domain.places import Goods, Slot, why_not
from inventory.moves.repository import slots_of
from kernel.db.transactions import UnitOfWork

_FACES = text(
    """
    select b.tenant_id, b.item_id, b.location_id, l.code, i.sku, i.name, i.hazmat, i.temperature_class, i.weight_g,
           i.length_mm * i.width_mm * i.height_mm as volume_mm3, coalesce(c.abc, 'C') as abc,
           f.item_id is not null as is_face, b.lot, b.quantity - b.allocated as free, b.quantity
    from location l join bin_stock b on b.location_id = l.id and b.quantity > 0
    join item i on i.tenant_id = b.tenant_id and i.id = b.item_id
    left join forward_pick f on f.tenant_id = b.tenant_id and f.item_id = b.item_id and f.location_id = l.id
    left join item_class c on c.tenant_id = b.tenant_id and c.item_id = b.item_id and c.site_id = l.site_id
    where l.site_id = :site and l.kind = 'pick'
    order by b.tenant_id, b.item_id, l.code, b.lot
    """
)


@dataclass(frozen=True, slots=True)
class Faced:
    """An item where it is picked: its face, or the pick location that holds most of it.

    `lots` are (lot, units that can be moved), those that no order waits for.
    """

    tenant_id: str
    item_id: str
    sku: str
    name: str
    location_id: str
    code: str
    goods: Goods
    lots: tuple[tuple[str, int], ...]

    @property
    def units(self) -> int:
        """Units that can be moved."""
        return sum(units for _, units in self.lots)


@dataclass(frozen=True, slots=True)
class SiteContents:
    """All locations of a site that units are put into, by code, and the items that are picked there."""

    slots: dict[str, Slot]
    faced: tuple[Faced, ...]

    def fits(self, faced: Faced, code: str) -> bool:
        """Say whether the units of an item can be put into a location, beside what lies there."""
        slot = self.slots.get(code)
        return slot is not None and slot.kind == "pick" and not why_not(slot, faced.goods, faced.units)


def site_contents(uow: UnitOfWork, *, site_id: str) -> SiteContents:
    """Return what a site stores. Items whose pick location is frozen are left out: nobody may carry them."""
    slots = slots_of(uow, site_id=site_id)
    rows = defaultdict(list)
    for row in uow.session.execute(_FACES, {"site": site_id}):
        if not slots[row.location_id].frozen:
            rows[row.tenant_id, row.item_id].append(row)
    faced = []
    for (tenant_id, item_id), held in rows.items():
        places = {row.location_id for row in held}
        total = {p: sum(r.quantity for r in held if r.location_id == p) for p in places}
        best = min(held, key=lambda row: (not row.is_face, -total[row.location_id], row.code))
        goods = Goods(
            tenant_id, item_id, "", best.weight_g, best.volume_mm3, best.hazmat, best.abc, best.temperature_class
        )
        lots = tuple((r.lot, int(r.free)) for r in held if r.location_id == best.location_id and r.free > 0)
        faced.append(Faced(tenant_id, item_id, best.sku, best.name, best.location_id, best.code, goods, lots))
    return SiteContents({slot.code: slot for slot in slots.values()}, tuple(faced))
