from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select, text

from kernel.access.queries import SiteView, get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from shipping.domain.cartons import CartonType
from shipping.domain.weight_learning import ItemWeight
from shipping.models import ItemWeightRow, LabelRow, ManifestRow, ParcelItemRow, ParcelRow
from shipping.site_models import CarrierServiceRow, CartonRow, ScaleRow
from shipping.views import Content, ParcelView, ShipTo

_SERIAL = text("select next_serial(:series)")
_COPIED = (
    "tenant_id", "id", "site_id", "kind", "reference", "party", "state", "clearance", "sscc", "carton_code",
    "expected_g", "weight_g", "service_level", "promised_on", "value_minor", "currency", "tote", "packed_by",
    "packed_at", "label_id", "carrier", "service", "tracking_number", "ship_date", "arrives_on", "manifest_id",
    "handed_over_at", "voided_at", "tracking_status", "tracking_reason", "tracking_place", "tracked_at",
    "delivered_at",
)  # fmt: skip


def lock_parcel(uow: UnitOfWork, tenant_id: str, parcel_id: str) -> ParcelRow:
    """Load one parcel and lock its row.

    Raises:
        NotFound: this caller has no such parcel.
    """
    statement = select(ParcelRow).where(ParcelRow.tenant_id == tenant_id, ParcelRow.id == parcel_id)
    row = uow.session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound("There is no such parcel.")
    return row


def lock_manifest(uow: UnitOfWork, manifest_id: str) -> ManifestRow:
    """Load one manifest and lock its row.

    Raises:
        NotFound: this caller has no such manifest.
    """
    statement = select(ManifestRow).where(ManifestRow.id == manifest_id)
    row = uow.session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound("There is no such manifest.")
    return row


def lock_label(uow: UnitOfWork, tenant_id: str, label_id: str) -> LabelRow:
    """Load one label and lock its row; lock its parcel first.

    Raises:
        NotFound: this caller has no such label.
    """
    statement = select(LabelRow).where(LabelRow.tenant_id == tenant_id, LabelRow.id == label_id)
    row = uow.session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound("There is no such label.")
    return row


def items_of(uow: UnitOfWork, parcels: Sequence[ParcelRow]) -> dict[str, list[ParcelItemRow]]:
    """Return the contents of parcels, by parcel id, in line order."""
    found: dict[str, list[ParcelItemRow]] = {parcel.id: [] for parcel in parcels}
    statement = select(ParcelItemRow).where(
        ParcelItemRow.tenant_id.in_({parcel.tenant_id for parcel in parcels}), ParcelItemRow.parcel_id.in_(found)
    )
    for row in uow.session.scalars(statement.order_by(ParcelItemRow.parcel_id, ParcelItemRow.line_id)):
        found[row.parcel_id].append(row)
    return found


def item_weights(
    uow: UnitOfWork, tenant_id: str, item_ids: Iterable[str], *, lock: bool = False
) -> dict[str, ItemWeight]:
    """Return what weighing taught about items, by item id; what nothing is known of is left out."""
    statement = (
        select(ItemWeightRow)
        .where(ItemWeightRow.tenant_id == tenant_id, ItemWeightRow.item_id.in_(set(item_ids)))
        .order_by(ItemWeightRow.item_id)
    )
    rows = uow.session.scalars(statement.with_for_update() if lock else statement)
    return {r.item_id: ItemWeight(r.item_id, r.mean_g, r.mean_sd_g, r.unit_sd_g, r.parcels, r.master_g) for r in rows}


def cartons_of(uow: UnitOfWork, site_id: str) -> dict[str, CartonRow]:
    """Return the cartons of a site by code."""
    rows = uow.session.scalars(select(CartonRow).where(CartonRow.site_id == site_id).order_by(CartonRow.code))
    return {row.code: row for row in rows}


def services_of(uow: UnitOfWork, site_id: str) -> dict[tuple[str, str], CarrierServiceRow]:
    """Return the enabled services of a site by carrier and service."""
    statement = select(CarrierServiceRow).where(CarrierServiceRow.site_id == site_id, CarrierServiceRow.enabled)
    rows = uow.session.scalars(statement.order_by(CarrierServiceRow.carrier, CarrierServiceRow.service))
    return {(row.carrier, row.service): row for row in rows}


def scale_of(uow: UnitOfWork, site_id: str, code: str) -> ScaleRow | None:
    """Return a site's scale by its code."""
    return uow.session.get(ScaleRow, (site_id, code))


def site_of(uow: UnitOfWork, site_id: str) -> SiteView:
    """Return a site."""
    return get_site(uow, site_id)


def next_serial(uow: UnitOfWork, series: str) -> int:
    """Draw the next number of a series ("sscc_<site id>", "tracking_<carrier>"); none is ever drawn twice."""
    return int(uow.session.execute(_SERIAL, {"series": series}).scalar_one())


def carton_type(row: CartonRow) -> CartonType:
    """Give a stocked carton the form that the packing domain takes."""
    inner = (row.inner_length_mm, row.inner_width_mm, row.inner_height_mm)
    outer = (row.outer_length_mm, row.outer_width_mm, row.outer_height_mm)
    return CartonType(row.code, inner, outer, row.tare_g, row.tare_sd_g, row.max_weight_g, row.cost_minor)


def parcel_view(row: ParcelRow, items: Sequence[ParcelItemRow]) -> ParcelView:
    """Return a parcel as others see it."""
    contents = tuple(
        Content(i.item_id, i.line_id, i.sku, i.name, i.quantity, i.weight_g, i.length_mm, i.width_mm, i.height_mm)
        for i in items
    )
    return ParcelView(
        **{name: getattr(row, name) for name in _COPIED},
        outer_mm=(row.length_mm, row.width_mm, row.height_mm),
        ship_to=ShipTo(**row.ship_to),
        contents=contents,
        tracking_flags=tuple(row.tracking_flags),
    )


def about(parcel: ParcelRow, items: Sequence[ParcelItemRow]) -> dict[str, Any]:
    """Return what every event of a parcel says: whose it is, and what is inside."""
    lines = [{"line_id": i.line_id, "item_id": i.item_id, "quantity": i.quantity} for i in items]
    return {
        "tenant_id": parcel.tenant_id, "order_id": parcel.reference, "customer_id": parcel.party,
        "parcel_id": parcel.id, "lines": lines,
    }  # fmt: skip
