from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from kernel.access.queries import SiteView, get_merchant
from kernel.db.transactions import UnitOfWork
from shipping.domain.customs_areas import areas_of, leaves_customs_area
from shipping.domain.exports import (
    EORI_AREAS,
    CustomsFacts,
    ExportGoods,
    OriginalExport,
    pro_forma_number,
    untold_goods,
    untold_terms,
)
from shipping.export_facts import customs_item, declared_of, export_terms, facts_missing, sale_facts
from shipping.models.parcels import ParcelRow
from shipping.repository import items_of
from shipping.views import Content

_ELSEWHERE = "Its export was not declared here: make this label in the carrier's own tool."


@dataclass(frozen=True, slots=True)
class _Exports:
    """What was declared of the goods when they were sent, by order line, and in which parcels."""

    goods: Mapping[str, ExportGoods]
    originals: tuple[OriginalExport, ...]
    unnumbered: Sequence[str]


def customs_facts(uow: UnitOfWork, parcel: ParcelRow, site: SiteView) -> CustomsFacts | None:
    """Return what a carrier has to declare for a parcel, None for one that stays in its customs area.

    Goods that come back are declared as returned goods, with what was declared when they were sent: HS code, origin and
    value of each unit. Who exported them imports them, and pays what is due (DDP); so that nothing is due, the export's
    invoice and waybill are named (relief for returned goods: Regulation (EU) No 952/2013, Article 203).

    Raises:
        ExportFactsMissing: names every fact that is missing, and where it is told.
    """
    return _return_facts(uow, parcel, site) if parcel.kind == "return" else sale_facts(uow, parcel, site)


def _return_facts(uow: UnitOfWork, parcel: ParcelRow, site: SiteView) -> CustomsFacts | None:
    here, there = (parcel.ship_to["country"], parcel.ship_to["postal_code"]), (site.country, site.postal_code)
    if not leaves_customs_area(here, there):
        return None
    contents = items_of(uow, [parcel])[parcel.id]
    exports = _exports_of(uow, parcel, {each.line_id for each in contents})
    terms = export_terms(uow, parcel.tenant_id).terms
    importer = untold_terms(terms, needs_eori=bool(EORI_AREAS & areas_of(*there)))
    missing = _missing(parcel, contents, exports, importer)
    if missing:
        raise facts_missing(f"It comes back from {here[0]} over a customs border", missing)
    return CustomsFacts(
        tuple(customs_item(each, exports.goods[each.line_id]) for each in contents), parcel.currency,
        pro_forma_number(exports.originals[0].invoice_number, parcel.sscc), parcel.packed_at.date(),
        get_merchant(uow, parcel.tenant_id).name, replace(terms, incoterm="DDP"), exports.originals,
    )  # fmt: skip


def _exports_of(uow: UnitOfWork, parcel: ParcelRow, line_ids: set[str]) -> _Exports:
    sent = select(ParcelRow).where(
        ParcelRow.tenant_id == parcel.tenant_id, ParcelRow.reference == parcel.reference,
        ParcelRow.kind == "outbound", ParcelRow.state != "voided",
    )  # fmt: skip
    goods: dict[str, ExportGoods] = {}
    originals: list[OriginalExport] = []
    unnumbered: list[str] = []
    for each in uow.session.scalars(sent.order_by(ParcelRow.packed_at, ParcelRow.id)).all():
        told = declared_of(uow, each)
        wanted = (
            {row["line_id"]: ExportGoods(**row) for row in told.goods if row["line_id"] in line_ids} if told else {}
        )
        if told is None or not wanted:
            continue
        goods |= wanted
        originals.append(OriginalExport(told.invoice_number, each.packed_at.date(), each.tracking_number))
        if not each.tracking_number:
            unnumbered.append(told.invoice_number)
    return _Exports(goods, tuple(originals), unnumbered)


def _missing(
    parcel: ParcelRow, contents: Sequence[Content], exports: _Exports, importer: list[str]
) -> dict[str, tuple[list[str], str]]:
    """Return what is missing, and where it is told, by whose it is: a SKU, an export, the importer or the sender."""
    found: dict[str, tuple[list[str], str]] = {}
    for each in contents:
        untold = untold_goods(exports.goods.get(each.line_id))
        if each.line_id not in exports.goods:
            found[each.sku] = (["export invoice", *untold], _ELSEWHERE)
        elif untold:
            found[each.sku] = (untold, _ELSEWHERE)
        elif not each.weight_g:
            found[each.sku] = (["weight"], f"Tell it at /items/{each.item_id}.")
    for number in exports.unnumbered:
        found[f"export {number}"] = (["waybill number"], _ELSEWHERE)
    if importer:
        found["importer"] = (importer, f"Tell it at /export-terms?merchant={parcel.tenant_id}.")
    if not any(char.isdigit() for char in parcel.ship_to["phone"]):
        found["sender"] = (
            ["phone"],
            "Ask the customer for it, and make this label in the carrier's own tool.",
        )
    return found
