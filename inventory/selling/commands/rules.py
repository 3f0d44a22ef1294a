from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import delete, exists, insert, select, text

from inventory.domain.buckets import Bucket
from inventory.errors import UnknownItem
from inventory.models import BucketStock, Item, KitPartRow, StockLevel
from inventory.repository import lock_levels
from inventory.selling.domain import KitPart, Oversell, SafetyStock, kit_faults, oversell_faults, safety_faults
from inventory.selling.errors import NoKit
from inventory.selling.events import SellingRulesChanged
from inventory.selling.models import SafetyStockRow
from inventory.selling.queries import SellingRules, selling_rules
from kernel.access.models import MerchantSite
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Invalid, VersionConflict

_SPREAD = text(
    "update stock_level l set held_back = s.held_back, held_for = s.held_for"
    " from (select k.site_id, f.held_back, f.held_for from stock_level k"
    "       cross join lateral safety_of(k.tenant_id, k.item_id, k.site_id) f"
    "       where k.tenant_id = :tenant and k.item_id = :item) s"
    " where l.tenant_id = :tenant and l.item_id = :item and l.site_id = s.site_id"
    " and (l.held_back, l.held_for) is distinct from (s.held_back, s.held_for)"
)


def set_selling_rules(
    uow: UnitOfWork, *, tenant_id: str, item_id: str, safety_stock: Sequence[SafetyStock] | None = None,
    oversell: Oversell | None = None, kit: Sequence[KitPart] | None = None, pack_together: bool | None = None,
    version: int | None = None,
) -> SellingRules:  # fmt: skip
    """Replace those rules of an item that are given; what is promised already keeps its units.

    Emits:
        SellingRulesChanged.

    Raises:
        UnknownItem: the merchant has no such item.
        VersionConflict: `version` was given and is not the item's newest.
        Invalid: names every value that cannot be right; nothing was changed.
        NoKit: the item has stock of its own, or is a part of a kit, or one of its parts is a kit.
    """
    _check(uow, item_id, safety_stock, oversell, kit)
    found = _lock(uow, tenant_id, item_id, version)
    if safety_stock is not None:
        _replace_safety(uow, found, safety_stock)
    if oversell is not None:
        found.oversell, found.oversell_units, found.oversell_until = oversell.policy, oversell.units, oversell.until
    if kit is not None:
        _replace_parts(uow, found, kit)
    found.pack_together = found.kit and (found.pack_together if pack_together is None else pack_together)
    if pack_together and not found.kit:
        raise Invalid("Only a kit has parts to pack together.", remedy="Name its parts too.", pointer="/pack_together")
    found.version, found.updated_at = found.version + 1, uow.now
    uow.session.flush()
    rules = selling_rules(uow, item_id)
    uow.emit(SellingRulesChanged(tenant_id=tenant_id, item_id=item_id, **_told(rules)))
    uow.audit("item.selling_rules_changed", subject=item_id, tenant_id=tenant_id)
    return rules


def _check(
    uow: UnitOfWork, item_id: str, safety_stock: Sequence[SafetyStock] | None, oversell: Oversell | None,
    kit: Sequence[KitPart] | None,
) -> None:  # fmt: skip
    wrong = [
        *safety_faults(safety_stock or ()),
        *(oversell_faults(oversell, uow.now.date()) if oversell else ()),
        *kit_faults(item_id, kit or ()),
    ]
    if wrong:
        raise Invalid(wrong[0].message, errors=tuple(wrong))


def _lock(uow: UnitOfWork, tenant_id: str, item_id: str, version: int | None) -> Item:
    """Lock the item's stock levels and then the item, as those do who promise its stock."""
    sites = uow.session.scalars(
        select(StockLevel.site_id).where(StockLevel.tenant_id == tenant_id, StockLevel.item_id == item_id)
    )
    lock_levels(uow, [(tenant_id, item_id, site_id) for site_id in sites])
    statement = select(Item).where(Item.tenant_id == tenant_id, Item.id == item_id).with_for_update()
    found = uow.session.scalar(statement, execution_options={"populate_existing": True})
    if found is None:
        raise UnknownItem("There is no such item.", remedy="Search for it by SKU.")
    if version is not None and found.version != version:
        raise VersionConflict("The item was changed since you read it.", remedy="Read it again, then repeat the edit.")
    return found


def _replace_safety(uow: UnitOfWork, item: Item, rules: Sequence[SafetyStock]) -> None:
    served = set(uow.session.scalars(select(MerchantSite.site_id).where(MerchantSite.merchant_id == item.tenant_id)))
    wrong = tuple(
        FieldError(f"/safety_stock/{n}/site", "unknown_site", "No such site handles these goods.")
        for n, rule in enumerate(rules)
        if rule.site_id and rule.site_id not in served
    )
    if wrong:
        raise Invalid(wrong[0].message, errors=wrong)
    own = SafetyStockRow.tenant_id == item.tenant_id, SafetyStockRow.item_id == item.id
    uow.session.execute(delete(SafetyStockRow).where(*own))
    if rules:
        key = {"tenant_id": item.tenant_id, "item_id": item.id}
        uow.session.execute(insert(SafetyStockRow), [key | asdict(rule) for rule in rules])
    uow.session.execute(_SPREAD, {"tenant": item.tenant_id, "item": item.id})


def _replace_parts(uow: UnitOfWork, item: Item, parts: Sequence[KitPart]) -> None:
    if parts:
        _require_no_stock(uow, item)
        _require_plain(uow, item, parts)
    own = KitPartRow.tenant_id == item.tenant_id, KitPartRow.kit_id == item.id
    uow.session.execute(delete(KitPartRow).where(*own))
    for part in parts:
        uow.session.add(
            KitPartRow(
                tenant_id=item.tenant_id, kit_id=item.id, item_id=part.item_id, quantity=part.quantity,
                value_share=part.value_share,
            )
        )  # fmt: skip
    item.kit = bool(parts)


def _require_no_stock(uow: UnitOfWork, item: Item) -> None:
    levels = StockLevel.tenant_id == item.tenant_id, StockLevel.item_id == item.id, StockLevel.on_hand > 0
    buckets = BucketStock.tenant_id == item.tenant_id, BucketStock.item_id == item.id
    inside = *buckets, BucketStock.quantity > 0, BucketStock.bucket != Bucket.SHIPPED.value
    if uow.session.scalar(select(exists().where(*levels) | exists().where(*inside))):
        raise NoKit(
            f"{item.sku} has units of its own in the house.",
            remedy="Book them out first, or give the kit a SKU of its own.",
            pointer="/kit",
        )


def _require_plain(uow: UnitOfWork, item: Item, parts: Sequence[KitPart]) -> None:
    """Make sure that kits do not nest. The parts' rows are locked, so that none of them becomes a kit meanwhile."""
    part_of = KitPartRow.tenant_id == item.tenant_id, KitPartRow.item_id == item.id
    if uow.session.scalar(select(exists().where(*part_of))):
        raise NoKit(f"{item.sku} is a part of a kit itself.", remedy="Take it out of that kit first.", pointer="/kit")
    wanted = [part.item_id for part in parts]
    rows = uow.session.execute(
        select(Item.id, Item.kit)
        .where(Item.tenant_id == item.tenant_id, Item.id.in_(wanted))
        .order_by(Item.id)
        .with_for_update(read=True)
    )
    kits = {row.id: row.kit for row in rows}
    for n, item_id in enumerate(wanted):
        if item_id not in kits:
            raise UnknownItem("The merchant has no such item.", remedy="Create it first.", pointer=f"/kit/{n}/sku")
        if kits[item_id]:
            raise NoKit("A kit cannot be a part of another kit.", remedy="Name its parts.", pointer=f"/kit/{n}/sku")


def _told(rules: SellingRules) -> dict[str, Any]:
    until = rules.oversell.until
    return {
        "sku": rules.sku,
        "safety_stock": [asdict(rule) for rule in rules.safety_stock],
        "oversell": asdict(replace(rules.oversell, until=None)) | {"until": until.isoformat() if until else ""},
        "kit": [{"item_id": part.item_id, "quantity": part.quantity} for part in rules.kit],
    }
