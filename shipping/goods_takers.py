"""Whether any service of a site takes the dangerous goods of a parcel, asked before anything is spent on it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from kernel.db.transactions import UnitOfWork
from shipping.domain.dangerous_goods import Goods
from shipping.domain.rates import Parcel
from shipping.domain.zones import Place
from shipping.rate_shop import DangerousGoodsRefused, NoServiceFits, origin_of, shop_parcel
from shipping.site_terms import terms_of
from shipping.views import Content, ShipTo


def goods_in(contents: Iterable[Content]) -> Goods:
    """Return the kinds of dangerous goods among contents, each with its SKUs; empty where nothing is dangerous."""
    found: dict[str, set[str]] = defaultdict(set)
    for content in contents:
        if content.dangerous_goods:
            found[content.dangerous_goods].add(content.sku or content.name)
    return {kind: tuple(sorted(skus)) for kind, skus in found.items()}


def require_taker(
    uow: UnitOfWork, *, site_id: str, contents: Sequence[Content], box: Parcel, ship_to: ShipTo, currency: str
) -> None:
    """Make sure that a service of the site takes dangerous goods to their destination. What else may keep a parcel
    from its label, such as its size, is told when the label is wanted.

    Raises:
        DangerousGoodsRefused: none does; names the goods, and what each service says.
    """
    goods = goods_in(contents)
    if not goods:
        return
    destination = Place(ship_to.country, ship_to.postal_code, is_residential=not ship_to.company)
    terms = terms_of(uow, site_id)
    try:
        shop_parcel(
            uow, terms=terms, box=box, origin=origin_of(terms), destination=destination, currency=currency,
            level="economy", promised_on=None, goods=goods,
        )  # fmt: skip
    except DangerousGoodsRefused:
        raise
    except NoServiceFits:
        return
