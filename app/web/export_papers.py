"""The papers of a parcel that crosses a customs border."""

from dataclasses import replace

from fulfillment import api as fulfillment
from kernel.access.queries import SiteView, get_merchant, get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from kernel.money import decimals
from shipping import api as shipping


class NoCustomsBorder(Refusal):
    """The parcel stays inside its customs area."""

    code = "no_customs_border"
    title = "This parcel needs no customs papers"


def crosses_border(uow: UnitOfWork, parcel: shipping.ParcelView) -> bool:
    """Say whether a parcel of an order leaves the customs area of its site, or comes back to it."""
    site = get_site(uow, parcel.site_id)
    there = (parcel.ship_to.country, parcel.ship_to.postal_code)
    return shipping.leaves_customs_area((site.country, site.postal_code), there)


def customs_declaration(uow: UnitOfWork, parcel_id: str) -> shipping.CustomsDeclaration:
    """Return what customs is told of a parcel, with the prices that its customer paid; of one that comes back, as goods
    that return to who exported them.

    Raises:
        NotFound: the actor sees no such parcel.
        NoCustomsBorder: it stays inside its customs area.
        CustomsFactsMissing: HS code or origin of its goods are not known.
    """
    parcel = shipping.parcel_by_id(uow, parcel_id=parcel_id)
    if not crosses_border(uow, parcel):
        detail = f"{parcel.ship_to.country} and its site are in one customs area."
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
    told = shipping.CustomsDeclaration(
        number=fulfillment.invoice_number(order.external_id, parcel.sscc),
        seller=get_merchant(uow, parcel.tenant_id).name,
        sender=shipping.origin_of(site), recipient=shipping.address_of(parcel.ship_to), phone=parcel.ship_to.phone,
        tracking_number=parcel.tracking_number or parcel.sscc, issued_on=parcel.packed_at.date(),
        currency=parcel.currency, decimals=decimals(parcel.currency),
        gross_weight_g=parcel.weight_g or parcel.expected_g, lines=lines,
    )  # fmt: skip
    return _as_return(uow, parcel, order, told) if parcel.kind == "return" else told


def _as_return(
    uow: UnitOfWork, parcel: shipping.ParcelView, order: fulfillment.OrderView, told: shipping.CustomsDeclaration
) -> shipping.CustomsDeclaration:
    """Turn the ends around, and say with what the goods were exported."""
    line_ids = {each.line_id for each in parcel.contents}
    sent = [
        each
        for each in shipping.parcels_of(uow, tenant_id=parcel.tenant_id, reference=parcel.reference)
        if each.kind == "outbound" and each.state != "voided" and line_ids & {line.line_id for line in each.contents}
    ]
    originals = [
        shipping.OriginalExport(
            fulfillment.invoice_number(order.external_id, each.sscc), each.packed_at.date(),
            each.tracking_number or each.sscc,
        )
        for each in sent
    ]  # fmt: skip
    terms, site = shipping.export_terms(uow, parcel.tenant_id).terms, get_site(uow, parcel.site_id)
    first = originals[0].invoice_number if originals else order.external_id
    return replace(
        told, number=shipping.pro_forma_number(first, parcel.sscc), sender=told.recipient, recipient=told.sender,
        phone=terms.phone, is_return=True,
        notes=(
            *(f"Exported with {each.words}." for each in originals),
            f"The goods come back unaltered to who exported them, and are not sold. {_relief(site)}",
            f"Terms DDP: the importer pays what is due.{f' EORI number {terms.eori}.' if terms.eori else ''}",
        ),
    )  # fmt: skip


def _relief(site: SiteView) -> str:
    areas = shipping.areas_of(site.country, site.postal_code)
    law = "Regulation (EU) No 952/2013, Article 203" if "EU" in areas else "returned goods relief"
    return f"Relief from import duty is asked for returned goods ({law})."
