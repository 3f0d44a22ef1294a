from collections.abc import Mapping, Sequence

from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal


class DangerousFactsMissing(Refusal):
    """Hazardous goods would travel of which it is not told what carriers ask."""

    code = "dangerous_facts_missing"
    title = "Carriers have to be told more about these goods"


def require_dangerous_facts(uow: UnitOfWork, *, skus: Mapping[str, str]) -> Mapping[str, inventory.TradeFacts]:
    """Make sure that all is known of hazardous goods that their transport document says; return the trade facts of the
    hazardous ones by item id. `skus` are the goods by item id.

    Raises:
        DangerousFactsMissing: names the goods and what is missing of each.
    """
    hazardous = {key: skus[key] for key, item in inventory.items_by_id(uow, set(skus)).items() if item.hazmat}
    known = inventory.trade_facts(uow, hazardous) if hazardous else {}
    facts = {item_id: known.get(item_id, inventory.TradeFacts()) for item_id in hazardous}
    missing = {sku: found for item_id, sku in hazardous.items() if (found := _missing(facts[item_id]))}
    if missing:
        told = ", ".join(f"{sku}: {' and '.join(names)}" for sku, names in sorted(missing.items())[:5])
        remedy = "Have the merchant or the lead tell them on the item's page, under Trade; then pack it. Park the tote."
        raise DangerousFactsMissing(f"It is hazardous, and is missing {told}.", remedy=remedy, goods=missing)
    return facts


def _missing(facts: inventory.TradeFacts) -> Sequence[str]:
    told = (("UN number and class", facts.un_number), ("net quantity of a unit", facts.net_quantity))
    return [name for name, value in told if not value]
