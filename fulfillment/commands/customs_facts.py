from collections.abc import Mapping, Sequence

from inventory import api as inventory
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from shipping import api as shipping


class CustomsFactsMissing(Refusal):
    """Goods would cross a customs border of which it is not told what customs asks."""

    code = "customs_facts_missing"
    title = "Customs has to be told more about these goods"


def require_customs_facts(
    uow: UnitOfWork, *, site_id: str, country: str, postal_code: str, skus: Mapping[str, str]
) -> Mapping[str, inventory.TradeFacts]:
    """Make sure that HS code and origin of all goods are known, if they cross a customs border; return the trade facts
    of the goods by item id, none for goods that stay inside. `skus` are the goods by item id.

    Raises:
        CustomsFactsMissing: names the goods and what is missing of each.
    """
    site = get_site(uow, site_id)
    if not shipping.leaves_customs_area((site.country, site.postal_code), (country, postal_code)):
        return {}
    facts = inventory.trade_facts(uow, skus)
    missing = {sku: found for item_id, sku in skus.items() if (found := _missing(facts.get(item_id)))}
    if missing:
        told = ", ".join(f"{sku}: {' and '.join(names)}" for sku, names in sorted(missing.items())[:5])
        remedy = "Have the merchant or the lead tell them on the item's page, under Trade; then pack it. Park the tote."
        raise CustomsFactsMissing(f"It goes to {country}, and is missing {told}.", remedy=remedy, goods=missing)
    return facts


def _missing(facts: inventory.TradeFacts | None) -> Sequence[str]:
    known = facts or inventory.TradeFacts()
    told = (("HS code", known.hs_code), ("country of origin", known.country_of_origin))
    return [name for name, value in told if not value]
