"""What may be sold of an item beyond or below what is there, and of what a kit is made."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from inventory.models import Item, KitPartRow
from inventory.queries import get_item
from inventory.selling.domain import KitPart, Oversell, SafetyStock
from inventory.selling.models import PlannedDemand, SafetyStockRow
from inventory.views import PlannedUnits
from kernel.db.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class SellingRules:
    """The rules by which an item is sold, and the version of the item that they belong to. `pack_together`: the parts
    of this kit share one carton wherever one holds them.
    """

    item_id: str
    sku: str
    version: int
    safety_stock: tuple[SafetyStock, ...]
    oversell: Oversell
    kit: tuple[KitPart, ...]
    pack_together: bool = False


def selling_rules(uow: UnitOfWork, item_id: str) -> SellingRules:
    """Return the rules by which an item is sold.

    Raises:
        UnknownItem: the actor sees no such item.
    """
    item = get_item(uow, item_id)
    kept = uow.session.execute(
        select(SafetyStockRow.units, SafetyStockRow.channel, SafetyStockRow.site_id)
        .where(SafetyStockRow.tenant_id == item.tenant_id, SafetyStockRow.item_id == item_id)
        .order_by(SafetyStockRow.channel, SafetyStockRow.site_id)
    )
    ahead = uow.session.execute(
        select(Item.oversell, Item.oversell_units, Item.oversell_until).where(
            Item.tenant_id == item.tenant_id, Item.id == item_id
        )
    ).one()
    parts = kit_parts(uow, tenant_id=item.tenant_id, kit_ids=[item_id]) if item.kit else {}
    return SellingRules(
        item_id, item.sku, item.version, tuple(SafetyStock(*row) for row in kept), Oversell(*ahead),
        parts.get(item_id, ()), item.pack_together,
    )  # fmt: skip


def kit_parts(uow: UnitOfWork, *, tenant_id: str, kit_ids: Iterable[str]) -> dict[str, tuple[KitPart, ...]]:
    """Return the parts of these kits by SKU; what is no kit is left out."""
    rows = uow.session.execute(
        select(KitPartRow.kit_id, KitPartRow.item_id, KitPartRow.quantity, KitPartRow.value_share, Item.sku, Item.name)
        .join(Item, (Item.tenant_id == KitPartRow.tenant_id) & (Item.id == KitPartRow.item_id))
        .where(KitPartRow.tenant_id == tenant_id, KitPartRow.kit_id.in_(set(kit_ids)))
        .order_by(KitPartRow.kit_id, Item.sku)
    )
    found: dict[str, list[KitPart]] = defaultdict(list)
    for row in rows:
        found[row.kit_id].append(KitPart(row.item_id, row.quantity, row.value_share, row.sku, row.name))
    return {kit_id: tuple(parts) for kit_id, parts in found.items()}


def kits_with(uow: UnitOfWork, *, tenant_id: str, item_ids: Iterable[str]) -> set[str]:
    """Return the ids of the kits that any of these items is a part of."""
    of_parts = KitPartRow.tenant_id == tenant_id, KitPartRow.item_id.in_(set(item_ids))
    return set(uow.session.scalars(select(KitPartRow.kit_id).where(*of_parts)))


def lock_oversell(uow: UnitOfWork, *, tenant_id: str, item_ids: Iterable[str]) -> dict[str, Oversell]:
    """Lock items in key order and return how far each may be sold ahead: until the end of the transaction nobody else
    decides about it. Whoever promises stock locks the stock levels before.
    """
    rows = uow.session.execute(
        select(Item.id, Item.oversell, Item.oversell_units, Item.oversell_until)
        .where(Item.tenant_id == tenant_id, Item.id.in_(set(item_ids)))
        .order_by(Item.id)
        .with_for_update(key_share=True)
    )
    return {row.id: Oversell(row.oversell, row.oversell_units, row.oversell_until) for row in rows}


def planned_units(uow: UnitOfWork, *, tenant_id: str, item_id: str) -> list[PlannedUnits]:
    """Return what orders want of an item on later days, by site and day: nothing of it is promised yet."""
    day, orders = PlannedDemand.ship_on, PlannedDemand.order_id.distinct()
    rows = uow.session.execute(
        select(PlannedDemand.site_id, day, func.sum(PlannedDemand.quantity), func.count(orders))
        .where(PlannedDemand.tenant_id == tenant_id, PlannedDemand.item_id == item_id)
        .group_by(PlannedDemand.site_id, day)
        .order_by(PlannedDemand.site_id, day)
    )
    return [PlannedUnits(site_id, ship_on, int(units), count) for site_id, ship_on, units, count in rows]
