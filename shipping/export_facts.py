from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from kernel.access.queries import SiteView, get_merchant
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from shipping.domain.customs_areas import areas_of, leaves_customs_area
from shipping.domain.exports import (
    EORI_AREAS,
    CustomsFacts,
    CustomsItem,
    ExportGoods,
    ExportTerms,
    untold_goods,
    untold_terms,
)
from shipping.models.exports import ExportTermsRow, ParcelExportRow
from shipping.models.parcels import ParcelRow
from shipping.repository import items_of
from shipping.views import Content

_LONGEST_DESCRIPTION = 200


class ExportFactsMissing(Refusal):
    """A carrier would have to declare a parcel of which it is not told what customs asks."""

    code = "export_facts_missing"
    title = "Customs has to be told more before this label is bought"


@dataclass(frozen=True, slots=True)
class ExportTermsView:
    """A merchant's export terms; `version` is 0 while nobody has told any."""

    tenant_id: str
    terms: ExportTerms
    version: int


def export_terms(uow: UnitOfWork, tenant_id: str) -> ExportTermsView:
    """Return who exports a merchant's goods, and on which terms."""
    row = uow.session.scalar(
        select(ExportTermsRow).where(ExportTermsRow.tenant_id == tenant_id),
        execution_options={"populate_existing": True},
    )
    if row is None:
        return ExportTermsView(tenant_id, ExportTerms(), 0)
    terms = ExportTerms(row.eori, row.vat_number, row.signer, row.phone, row.incoterm)
    return ExportTermsView(tenant_id, terms, row.version)


def sale_facts(uow: UnitOfWork, parcel: ParcelRow, site: SiteView) -> CustomsFacts | None:
    """Return what a carrier has to declare for a parcel that was sold, None for one that stays in its customs area.

    Raises:
        ExportFactsMissing: names every fact that is missing, and where it is told.
    """
    here, there = (site.country, site.postal_code), (parcel.ship_to["country"], parcel.ship_to["postal_code"])
    if not leaves_customs_area(here, there):
        return None
    told = declared_of(uow, parcel)
    goods = {each["line_id"]: ExportGoods(**each) for each in told.goods} if told else {}
    terms = export_terms(uow, parcel.tenant_id).terms
    contents = items_of(uow, [parcel])[parcel.id]
    missing = _missing(parcel, contents, goods, untold_terms(terms, needs_eori=bool(EORI_AREAS & areas_of(*here))))
    if missing:
        raise facts_missing(f"It goes to {there[0]}", missing)
    assert told is not None, "its goods would be missing"
    return CustomsFacts(
        tuple(customs_item(each, goods[each.line_id]) for each in contents), parcel.currency, told.invoice_number,
        parcel.packed_at.date(), get_merchant(uow, parcel.tenant_id).name, terms,
    )  # fmt: skip


def declared_of(uow: UnitOfWork, parcel: ParcelRow) -> ParcelExportRow | None:
    """Return what was kept of a parcel for customs when it was packed."""
    return uow.session.scalar(
        select(ParcelExportRow).where(
            ParcelExportRow.tenant_id == parcel.tenant_id, ParcelExportRow.parcel_id == parcel.id
        ),
        execution_options={"populate_existing": True},
    )


def facts_missing(where_to: str, missing: Mapping[str, tuple[list[str], str]]) -> ExportFactsMissing:
    """Return the refusal that names what is missing, and where each is told, by whose it is."""
    named = ", ".join(f"{whose}: {' and '.join(facts)}" for whose, (facts, _) in list(missing.items())[:6])
    return ExportFactsMissing(
        f"{where_to}, and is missing {named}.",
        remedy=" ".join(dict.fromkeys(where for _, where in missing.values())),
        missing={whose: {"facts": facts, "where": where} for whose, (facts, where) in missing.items()},
    )


def _missing(
    parcel: ParcelRow, contents: Sequence[Content], goods: Mapping[str, ExportGoods], exporter: list[str]
) -> dict[str, tuple[list[str], str]]:
    """Return what is missing, and where it is told, by whose it is: a SKU, the exporter or the recipient."""
    found: dict[str, tuple[list[str], str]] = {}
    for each in contents:
        untold = untold_goods(goods.get(each.line_id))
        if "value" in untold:
            where = "Give the parcel up, set the price in the order and pack it again."
            found[each.sku] = (untold, where)
        elif untold:
            found[each.sku] = (untold, f"Tell it at /items/{each.item_id}/trade.")
        elif not each.weight_g:
            found[each.sku] = (["weight"], f"Tell it at /items/{each.item_id}, and pack the parcel again.")
    if exporter:
        found["exporter"] = (exporter, f"Tell it at /export-terms?merchant={parcel.tenant_id}.")
    if not any(char.isdigit() for char in parcel.ship_to["phone"]):
        where = "Give the parcel up, complete the address of the order and pack it again."
        found["recipient"] = (["phone"], where)
    return found


def customs_item(content: Content, goods: ExportGoods) -> CustomsItem:
    """Return a line as it is declared; all that customs asks of it is known."""
    assert goods.unit_value_minor is not None, "checked before"
    name = " ".join(content.name.split())[:_LONGEST_DESCRIPTION] or content.sku
    return CustomsItem(
        content.sku, name, goods.hs_code, goods.country_of_origin, content.quantity,
        content.quantity * content.weight_g, goods.unit_value_minor,
    )  # fmt: skip
