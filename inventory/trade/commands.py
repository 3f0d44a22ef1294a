from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from inventory.errors import UnknownItem
from inventory.events import ItemChanged
from inventory.models import Item
from inventory.trade.domain import TradeFacts, trade_faults
from inventory.trade.models import TradeFactsRow
from inventory.trade.queries import ItemTrade, item_trade
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, VersionConflict


def set_trade_facts(
    uow: UnitOfWork, *, tenant_id: str, item_id: str, facts: TradeFacts, version: int | None = None
) -> ItemTrade:
    """Replace the trade facts of an item.

    Emits:
        ItemChanged, when something changed.

    Raises:
        UnknownItem: the merchant has no such item.
        VersionConflict: `version` was given and is not the item's newest.
        Invalid: names every value that cannot be right; a UN number needs an item that is stored as hazardous.
    """
    wrong = trade_faults(facts)
    if wrong:
        raise Invalid(wrong[0].message, errors=tuple(wrong))
    found = uow.session.scalar(
        select(Item).where(Item.tenant_id == tenant_id, Item.id == item_id).with_for_update(),
        execution_options={"populate_existing": True},
    )
    if found is None:
        raise UnknownItem("There is no such item.", remedy="Search for it by SKU.")
    if version is not None and found.version != version:
        raise VersionConflict("The item was changed since you read it.", remedy="Read it again, then repeat the edit.")
    if facts.un_number and not found.hazmat:
        remedy = "Mark the item as hazardous goods first: that is how it is stored, too."
        raise Invalid("The item is not kept as hazardous goods.", remedy=remedy, pointer="/un_number")
    if item_trade(uow, item_id).facts == facts:
        return item_trade(uow, item_id)
    values = asdict(facts) | {"changed_at": uow.now, "changed_by": uow.actor.id}
    statement = insert(TradeFactsRow).values(tenant_id=tenant_id, item_id=item_id, **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "item_id"], set_=values))
    found.version, found.updated_at = found.version + 1, uow.now
    uow.session.flush()
    uow.audit("item.trade_facts_set", subject=item_id, tenant_id=tenant_id, **asdict(facts))
    uow.emit(ItemChanged(tenant_id=tenant_id, item_id=item_id, sku=found.sku, fields=["trade"], active=found.active))
    return item_trade(uow, item_id)
