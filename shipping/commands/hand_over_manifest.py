from typing import Any

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork
from shipping.events import ParcelHandedOver
from shipping.repository import lines_on_manifest, lock_manifest, manifest_view, pulled_counts
from shipping.states import MANIFEST
from shipping.views import ManifestView

_LOCK = text("select 1 from parcel where manifest_id = :manifest order by tenant_id, id for update")
_LEAVE = text(
    "update parcel set state = 'handed_over', handed_over_at = :now"
    " where manifest_id = :manifest and state = 'manifested'"
    " returning tenant_id, id, reference, party, carrier, service, tracking_number, arrives_on"
)
_LOCK_CONTAINERS = text(
    "select 1 from sort_container where id in (select s.container_id from parcel_stage s join parcel p"
    " on p.tenant_id = s.tenant_id and p.id = s.parcel_id where p.manifest_id = :manifest) order by id for update"
)
_LOAD = text(
    "update sort_container c set state = 'loaded', loaded_at = :now, closed_at = coalesce(c.closed_at, :now)"
    " where c.state <> 'loaded' and exists (select 1 from parcel_stage s"
    " join parcel p on p.tenant_id = s.tenant_id and p.id = s.parcel_id"
    " where s.container_id = c.id and p.manifest_id = :manifest)"
    " and not exists (select 1 from parcel_stage s join parcel p on p.tenant_id = s.tenant_id and p.id = s.parcel_id"
    " where s.container_id = c.id and p.state <> 'handed_over')"
)


def hand_over_manifest(uow: UnitOfWork, *, manifest_id: str, driver: str = "") -> ManifestView:
    """Record that the carrier's driver took everything on a closed manifest but what was pulled off it, and with it the
    containers of which nothing stays.

    Raises:
        NotFound: there is no such manifest for this caller.
        IllegalTransition: it was handed over already.

    Emits:
        shipping.parcel_handed_over.v1 for each parcel.
    """
    manifest = lock_manifest(uow, manifest_id)
    manifest.state = MANIFEST.after(manifest.state, "hand over")
    manifest.handed_over_at, manifest.handed_over_by, manifest.driver = uow.now, uow.actor.id, driver.strip()[:200]
    uow.session.flush()
    keys: dict[str, Any] = {"manifest": manifest_id, "now": uow.now}
    uow.session.execute(_LOCK, keys)
    lines = lines_on_manifest(uow, manifest_id)
    for p in sorted(uow.session.execute(_LEAVE, keys), key=lambda row: str(row.id)):
        left = ParcelHandedOver(
            tenant_id=p.tenant_id, order_id=p.reference, customer_id=p.party, parcel_id=p.id,
            lines=lines.get(p.id, []), carrier=p.carrier, service=p.service, tracking_number=p.tracking_number,
            manifest_id=manifest_id, arrives_on=p.arrives_on.isoformat() if p.arrives_on else "",
        )  # fmt: skip
        uow.emit(left)
    uow.session.execute(_LOCK_CONTAINERS, {"manifest": manifest_id})
    uow.session.execute(_LOAD, keys)
    pulled = pulled_counts(uow, [manifest_id]).get(manifest_id, 0)
    uow.audit("manifest.handed_over", subject=manifest_id, parcels=manifest.parcel_count - pulled)
    return manifest_view(manifest, pulled=pulled)
