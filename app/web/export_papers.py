"""The papers of a parcel that crosses a customs border."""

from fulfillment import api as fulfillment
from kernel.access.queries import get_merchant, get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from kernel.money import decimals
from shipping import api as shipping


class NoCustomsBorder(Refusal):
    """The parcel stays inside its customs area."""

    code = "no_customs_border"
    title = "This parcel needs no customs papers"


def crosses_border(uow: UnitOfWork, parcel: shipping.ParcelView) -> bool:
    """Say whether a parcel of an order leaves the customs area of its site."""
    site = get_site(uow, parcel.site_id)
    there = (parcel.ship_to.country, parcel.ship_to.postal_code)
    return parcel.kind == "outbound" and shipping.leaves_customs_area((site.country, site.postal_code), there)


def customs_declaration(uow: UnitOfWork, parcel_id: str) -> shipping.CustomsDeclaration:
    """Return what customs is told of a parcel, with the prices that its customer paid.

    Raises:
        NotFound: the actor sees no such parcel.
        NoCustomsBorder: it stays inside its customs area.
        CustomsFactsMissing: HS code or origin of its goods are not known.
    """
    parcel = shipping.parcel_by_id(uow, parcel_id=parcel_id)
    if not crosses_border(uow, parcel):
        detail = f"{parcel.ship_to.country} is in the customs area that it is sent from, or it is a return."
        raise NoCustomsBorder(detail, remedy="Send it without them.")
    facts = fulfillment.require_customs_facts(
        uow, site_id=parcel.site_id, country=parcel.ship_to.country, postal_code=parcel.ship_to.postal_code,
        skus={each.item_id: each.sku for each in parcel.contents},
    )  # fmt: skip
    order = fulfillment.get_order(uow, parcel.reference)
    prices = {line.id: line.unit_price_minor for line in order.lines}
    lines = tuple(
        shipping.CustomsLine(
            each.sku, each.name, facts[each.item_id].hs_code, facts[each.item_id].country_of_origin, each.quantity,
            each.quantity * each.weight_g, prices[each.line_id], each.quantity * prices[each.line_id],
        )
        for each in parcel.contents
    )  # fmt: skip
    site = get_site(uow, parcel.site_id)
    return shipping.CustomsDeclaration(
        number=fulfillment.invoice_number(order.external_id, parcel.sscc),
        seller=get_merchant(uow, parcel.tenant_id).name,
        sender=shipping.origin_of(site), recipient=shipping.address_of(parcel.ship_to), phone=parcel.ship_to.phone,
        tracking_number=parcel.tracking_number or parcel.sscc, issued_on=parcel.packed_at.date(),
        currency=parcel.currency, decimals=decimals(parcel.currency),
        gross_weight_g=parcel.weight_g or parcel.expected_g, lines=lines,
    )  # fmt: skip
