from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from kernel.db.transactions import UnitOfWork
from shipping.documents.despatch import Despatch, DespatchLine, DespatchParcel
from shipping.documents.epcis import despatch_epcis
from shipping.documents.x12_856 import ship_notice_x12
from shipping.lanes import container_of_parcels
from shipping.models.parcels import ManifestRow
from shipping.printing import address_of, origin_of
from shipping.queries import get_manifest, manifest_parcels
from shipping.site_terms import terms_of
from shipping.views import ManifestView, ParcelView


def manifest_x12(
    uow: UnitOfWork, *, manifest_id: str, printed_number: str = "", printed_references: Mapping[str, str] | None = None
) -> bytes:
    """Return a closed manifest as X12 856 ship notice, under the names that `manifest_pdf` prints.

    Raises:
        NotFound: there is no such manifest for this caller.
    """
    return ship_notice_x12(_despatch(uow, manifest_id, printed_number, printed_references or {}))


def manifest_epcis(
    uow: UnitOfWork, *, manifest_id: str, printed_number: str = "", printed_references: Mapping[str, str] | None = None
) -> bytes:
    """Return a closed manifest as EPCIS 2.0 document (JSON-LD), under the names that `manifest_pdf` prints.

    Raises:
        NotFound: there is no such manifest for this caller.
    """
    return despatch_epcis(_despatch(uow, manifest_id, printed_number, printed_references or {}))


def _despatch(uow: UnitOfWork, manifest_id: str, number: str, references: Mapping[str, str]) -> Despatch:
    manifest = get_manifest(uow, manifest_id=manifest_id)
    terms = terms_of(uow, manifest.site_id)
    name = next((s.carrier_name for s in terms.services if s.carrier == manifest.carrier), manifest.carrier)
    boxes = container_of_parcels(uow, manifest_id=manifest_id)
    loaded = [each for each in manifest_parcels(uow, manifest_id=manifest_id) if each.manifest_id == manifest_id]
    parcels = (_parcel(each, references.get(each.reference, each.reference), boxes.get(each.id)) for each in loaded)
    return Despatch(
        id=manifest.id, number=number or manifest.id, serial=_serial(uow, manifest), carrier=manifest.carrier,
        carrier_name=name, site_code=terms.site.code, origin=origin_of(terms.site), time_zone=terms.site.time_zone,
        ship_on=manifest.ship_date, closed_at=manifest.closed_at,
        left_at=manifest.handed_over_at or manifest.closed_at,
        parcels=tuple(parcels),
    )  # fmt: skip


def _serial(uow: UnitOfWork, manifest: ManifestView) -> int:
    """Count the manifests of a site up to this one. None is ever deleted, and their ids rise with time."""
    earlier = select(func.count()).where(ManifestRow.site_id == manifest.site_id, ManifestRow.id <= manifest.id)
    return uow.session.scalar(earlier) or 0


def _parcel(parcel: ParcelView, order: str, box: tuple[str, datetime] | None) -> DespatchParcel:
    return DespatchParcel(
        parcel.sscc, parcel.tracking_number, order, address_of(parcel.ship_to), parcel.weight_g or parcel.expected_g,
        parcel.packed_at, tuple(DespatchLine(c.sku, c.name, c.quantity) for c in parcel.contents),
        *(box or ()),
    )  # fmt: skip
