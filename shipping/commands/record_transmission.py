from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select

from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from shipping.carrier_requests import label_request
from shipping.gateways.carriers import LabelRequest, ManifestAcknowledged, ManifestOutcome, ManifestRequest, Refused
from shipping.models.accounts import CarrierLabelRow
from shipping.models.parcels import LabelRow, ManifestParcelRow, ManifestRow, ParcelRow
from shipping.models.site import CarrierServiceRow
from shipping.repository import lock_manifest
from shipping.states import MANIFEST

_RETRY = timedelta(minutes=1)
_MEMBER = ManifestParcelRow


def due_transmissions(uow: UnitOfWork) -> list[tuple[ManifestRequest, str]]:
    """Claim the manifests that are due to be sent, each with how its carrier is reached ("http" or "offline")."""
    statement = select(ManifestRow).where(ManifestRow.transmit_due_at <= uow.now).order_by(ManifestRow.id)
    due = uow.session.scalars(statement.with_for_update(skip_locked=True)).all()
    for manifest in due:
        manifest.transmit_due_at = uow.now + _RETRY
    return [(_request(uow, manifest), _mode(uow, manifest)) for manifest in due]


def record_transmission(uow: UnitOfWork, *, manifest_id: str, outcome: ManifestOutcome) -> None:
    """Record what the carrier said to a manifest. A refusal stays visible on it and is not repeated by itself.

    Raises:
        NotFound: there is no such manifest.
    """
    manifest = lock_manifest(uow, manifest_id)
    if isinstance(outcome, ManifestAcknowledged):
        if MANIFEST.allows(manifest.state, "transmit"):
            manifest.state = MANIFEST.after(manifest.state, "transmit")
        manifest.transmitted_at, manifest.carrier_reference = uow.now, outcome.carrier_reference
        manifest.transmit_due_at, manifest.transmit_error = None, ""
        return
    manifest.transmit_error = outcome.detail[:500]
    if isinstance(outcome, Refused):
        manifest.transmit_due_at = None
        uow.audit(
            "manifest.refused", subject=manifest_id, reason=manifest.transmit_error,
            tracking_numbers=list(outcome.tracking_numbers),
        )  # fmt: skip


def labels_on_manifest(
    uow: UnitOfWork, *, manifest_id: str, numbers: Collection[str]
) -> list[tuple[LabelRequest, str]]:
    """Return what a carrier has to know of parcels on a manifest, each with its tracking number.

    Raises:
        NotFound: there is no such manifest.
    """
    manifest = uow.session.get(ManifestRow, manifest_id)
    if manifest is None:
        raise NotFound("There is no such manifest.")
    found = (
        select(LabelRow, ParcelRow, _MEMBER.tracking_number)
        .select_from(_MEMBER)
        .join(LabelRow, (LabelRow.tenant_id == _MEMBER.tenant_id) & (LabelRow.id == _MEMBER.label_id))
        .join(ParcelRow, (ParcelRow.tenant_id == _MEMBER.tenant_id) & (ParcelRow.id == _MEMBER.parcel_id))
        .where(_MEMBER.manifest_id == manifest_id, _MEMBER.tracking_number.in_(numbers))
        .order_by(_MEMBER.tracking_number)
    )
    site = get_site(uow, manifest.site_id)
    return [(label_request(label, parcel, site), number) for label, parcel, number in uow.session.execute(found)]


def _request(uow: UnitOfWork, manifest: ManifestRow) -> ManifestRequest:
    """Return what the carrier is told. A real carrier knows the labels that its account bought, and takes no list."""
    at_account = (
        select(CarrierLabelRow.label_id)
        .where(CarrierLabelRow.tenant_id == _MEMBER.tenant_id, CarrierLabelRow.label_id == _MEMBER.label_id)
        .exists()
    )
    members = select(_MEMBER.tracking_number).where(_MEMBER.manifest_id == manifest.id, ~at_account)
    numbers = tuple(uow.session.scalars(members.order_by(ManifestParcelRow.tracking_number)))
    return ManifestRequest(manifest.id, manifest.carrier, manifest.ship_date, numbers)


def _mode(uow: UnitOfWork, manifest: ManifestRow) -> str:
    where = (CarrierServiceRow.site_id == manifest.site_id, CarrierServiceRow.carrier == manifest.carrier)
    return uow.session.scalar(select(CarrierServiceRow.gateway).where(*where).limit(1)) or "offline"
