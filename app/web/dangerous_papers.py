"""The transport document and the marks of parcels with dangerous goods."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from app.web.labels import manifest_label
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.access.queries import get_merchant, get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from shipping import api as shipping

_NOT_OURS: Final = (shipping.OWN_CONTAINER, shipping.FOREIGN_CONTAINER)


class NoDangerousGoods(Refusal):
    """Nothing in it is kept as hazardous goods."""

    code = "no_dangerous_goods"
    title = "There are no dangerous goods in it"


def marks_of(uow: UnitOfWork, parcel: shipping.ParcelView) -> shipping.TransportMarks:
    """Return which marks of dangerous goods a parcel carries, as far as it is told of its goods; none for a return."""
    if parcel.kind != "outbound":
        return shipping.TransportMarks()
    known = inventory.trade_facts(uow, {each.item_id for each in parcel.contents}).values()
    numbers = {facts.un_number for facts in known if facts.battery_mark}
    return shipping.TransportMarks(any(facts.limited_quantity for facts in known), tuple(sorted(numbers)))


def has_dangerous_goods(uow: UnitOfWork, parcels: Iterable[shipping.ParcelView]) -> bool:
    """Say whether a parcel of orders holds goods that are kept as hazardous."""
    goods = {each.item_id for parcel in parcels if parcel.kind == "outbound" for each in parcel.contents}
    return any(item.hazmat for item in inventory.items_by_id(uow, goods).values())


def dangerous_manifests(uow: UnitOfWork, manifest_ids: Sequence[str]) -> set[str]:
    """Return which of these manifests have hazardous goods on them."""
    items = shipping.items_on_manifests(uow, manifest_ids=manifest_ids)
    known = inventory.items_by_id(uow, set[str]().union(*items.values()))
    return {key for key, inside in items.items() if any(known[each].hazmat for each in inside if each in known)}


def parcel_declaration(uow: UnitOfWork, parcel_id: str) -> shipping.DangerousGoodsDocument:
    """Return the transport document of a parcel.

    Raises:
        NotFound: the actor sees no such parcel.
        NoDangerousGoods: nothing in it is hazardous.
        DangerousFactsMissing: something that the document says is not known.
    """
    parcel = shipping.parcel_by_id(uow, parcel_id=parcel_id)
    order = fulfillment.order_heads(uow, [parcel.reference]).get(parcel.reference)
    number = f"{order.external_id if order else parcel.reference}-{parcel.sscc[-6:]}"
    return _document(uow, [parcel], number, get_merchant(uow, parcel.tenant_id).name)


def manifest_declaration(uow: UnitOfWork, manifest_id: str) -> shipping.DangerousGoodsDocument:
    """Return the transport document of all parcels with dangerous goods that are on a manifest.

    Raises:
        NotFound: the actor sees no such manifest.
        NoDangerousGoods: nothing on it is hazardous.
        DangerousFactsMissing: something that the document says is not known.
    """
    shipping.get_manifest(uow, manifest_id=manifest_id)
    parcels = shipping.manifest_parcels(uow, manifest_id=manifest_id)
    on_it = [parcel for parcel in parcels if parcel.manifest_id == manifest_id]
    return _document(uow, on_it, manifest_label(manifest_id), "")


def _document(
    uow: UnitOfWork, parcels: Sequence[shipping.ParcelView], number: str, merchant: str
) -> shipping.DangerousGoodsDocument:  # fmt: skip
    """Write what is hazardous in parcels of one site and one carrier."""
    outbound = [parcel for parcel in parcels if parcel.kind == "outbound"]
    skus = {each.item_id: each.sku for parcel in outbound for each in parcel.contents}
    facts = fulfillment.require_dangerous_facts(uow, skus=skus)
    found = [parcel for parcel in outbound if any(each.item_id in facts for each in parcel.contents)]
    if not found:
        raise NoDangerousGoods("Nothing in it is kept as hazardous goods.", remedy="Send it without this document.")
    heads = fulfillment.order_heads(uow, [parcel.reference for parcel in found])
    first, site = found[0], get_site(uow, found[0].site_id)
    names = {each.carrier: each.carrier_name for each in shipping.next_cut_offs(uow, site_id=site.id, now=uow.now)}
    return shipping.DangerousGoodsDocument(
        number, shipping.consignor_of(site, merchant), names.get(first.carrier, first.carrier),
        first.ship_date or first.packed_at.date(),
        tuple(
            _package(parcel, facts, heads[parcel.reference].external_id if parcel.reference in heads else "")
            for parcel in found
        ),
    )  # fmt: skip


def _package(
    parcel: shipping.ParcelView, facts: Mapping[str, inventory.TradeFacts], order: str
) -> shipping.DangerousPackage:  # fmt: skip
    return shipping.DangerousPackage(
        parcel.tracking_number or parcel.sscc, order or parcel.reference,
        "package" if parcel.carton_code in _NOT_OURS else "fiberboard box",
        parcel.weight_g or parcel.expected_g, shipping.address_of(parcel.ship_to),
        tuple(_line(each, facts[each.item_id]) for each in parcel.contents if each.item_id in facts),
    )  # fmt: skip


def _line(content: shipping.Content, facts: inventory.TradeFacts) -> shipping.DangerousLine:
    further = f" ({facts.subsidiary_hazards})" if facts.subsidiary_hazards else ""
    return shipping.DangerousLine(
        facts.un_number, facts.proper_shipping_name or content.name, facts.hazard_class + further, facts.packing_group,
        facts.tunnel_code, content.quantity, content.quantity * facts.net_quantity, facts.net_unit,
        facts.limited_quantity, facts.battery_mark,
    )  # fmt: skip
