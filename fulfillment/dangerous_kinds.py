"""How dangerous goods travel, by what is told of them: what carrier services are chosen by."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

_PACKED_ALONE: Final = ("UN3090", "UN3480", "UN3551")
"""Batteries neither with nor in equipment: special provision 188 frees them on the ground, and nothing by air."""


def dangerous_kind(item: inventory.ItemView, facts: inventory.TradeFacts | None) -> str:
    """Return the kind of dangerous goods that an item is, "" for none. Hazardous goods of which nobody told the UN
    number are fully regulated: nothing frees them.
    """
    if not item.hazmat:
        return ""
    if facts is None or not facts.un_number:
        return shipping.REGULATED
    if facts.battery_mark:
        return shipping.EXCEPTED_ON_GROUND if facts.un_number in _PACKED_ALONE else shipping.EXCEPTED
    return shipping.LIMITED if facts.limited_quantity else shipping.REGULATED


def dangerous_kinds(uow: UnitOfWork, items: Iterable[inventory.ItemView]) -> dict[str, str]:
    """Return the kinds of dangerous goods that items are, by item id, "" for none."""
    found = {item.id: item for item in items}
    hazardous = [item.id for item in found.values() if item.hazmat]
    facts = inventory.trade_facts(uow, hazardous) if hazardous else {}
    return {item_id: dangerous_kind(item, facts.get(item_id)) for item_id, item in found.items()}


def order_goods(
    uow: UnitOfWork, item_ids: Iterable[str], known: Iterable[inventory.ItemView] = ()
) -> dict[str, tuple[str, ...]]:
    """Return the kinds of dangerous goods among items, each with its SKUs, as carrier services are asked. What is not
    among the `known` items is read.
    """
    ids = set(item_ids)
    items = {item.id: item for item in known if item.id in ids}
    unknown = ids - items.keys()
    items |= inventory.items_by_id(uow, unknown) if unknown else {}
    found: dict[str, list[str]] = defaultdict(list)
    for item_id, kind in dangerous_kinds(uow, items.values()).items():
        if kind:
            found[kind].append(items[item_id].sku)
    return {kind: tuple(sorted(skus)) for kind, skus in found.items()}
