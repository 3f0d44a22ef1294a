from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from shipping.events.dock import ParcelHandedOver, ParcelLeftBehind
from shipping.models.parcels import ManifestCarveOutRow
from shipping.reconciliation import UnloadedParcel, unloaded_parcels
from shipping.repository import lines_on_manifest, lock_manifest, manifest_view, pulled_counts
from shipping.states import MANIFEST, PARCEL
from shipping.views import ManifestView

_LOCK = text("select 1 from parcel where manifest_id = :manifest order by tenant_id, id for update")
_LEAVE = text(
    "update parcel set state = 'handed_over', handed_over_at = :now"
    " where manifest_id = :manifest and state = 'manifested'"
    " returning tenant_id, id, reference, party, carrier, service, tracking_number, arrives_on"
)
_STAY = text(
    "update parcel set state = :state, manifest_id = null where manifest_id = :manifest and id = any(:parcels)"
)
_COUNT = text("select count(*) from parcel where manifest_id = :manifest and state = 'manifested'")
_NAMED = 12
_WHY = {False: "Not scanned onto the truck", True: "Weighs otherwise than its label says"}
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


class NotAllLoaded(Refusal):
    """Parcels were not scanned onto the truck, or weigh otherwise than declared; `parcels` are their ids and license
    plates. Those that stay behind are
    confirmed by their ids.
    """

    code = "not_all_loaded"
    title = "Not everything is on the truck"


def hand_over_manifest(
    uow: UnitOfWork, *, manifest_id: str, driver: str = "", left_behind: Collection[str] = ()
) -> ManifestView:
    """Record that the carrier's driver took everything on a closed manifest but what was pulled off it, and with it the
    containers of which nothing stays.

    Parcels of lanes that are loaded by scan, and that nobody scanned onto the truck, and those that a second weighing
    stopped stay behind: `left_behind`
    confirms them by their ids. They keep their labels and their place on the lane, and go on the next manifest.

    Raises:
        NotFound: there is no such manifest for this caller.
        IllegalTransition: it was handed over already.
        NotAllLoaded: other parcels than those confirmed were not scanned onto the truck, or none was.

    Emits:
        shipping.parcel_handed_over.v1 for each parcel, shipping.parcel_left_behind.v1 for each that stays.
    """
    manifest = lock_manifest(uow, manifest_id)
    manifest.state = MANIFEST.after(manifest.state, "hand over")
    manifest.handed_over_at, manifest.handed_over_by, manifest.driver = uow.now, uow.actor.id, driver.strip()[:200]
    uow.session.flush()
    keys: dict[str, Any] = {"manifest": manifest_id, "now": uow.now}
    uow.session.execute(_LOCK, keys)
    lines = lines_on_manifest(uow, manifest_id)
    _leave_behind(uow, manifest_id, left_behind, lines)
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


def _leave_behind(
    uow: UnitOfWork, manifest_id: str, confirmed: Collection[str], lines: dict[str, list[dict[str, Any]]]
) -> None:
    unloaded = unloaded_parcels(uow, manifest_ids=[manifest_id]).get(manifest_id, ())
    _require_confirmed(uow, manifest_id, unloaded, set(confirmed))
    if not unloaded:
        return
    state = PARCEL.after("manifested", "leave behind")
    for parcel in unloaded:
        uow.session.add(
            ManifestCarveOutRow(
                tenant_id=parcel.tenant_id, parcel_id=parcel.parcel_id, manifest_id=manifest_id,
                reason=_WHY[parcel.weight_differs], pulled_at=uow.now, pulled_by=uow.actor.id, left_behind=True,
            )
        )  # fmt: skip
        stays = ParcelLeftBehind(
            tenant_id=parcel.tenant_id, order_id=parcel.order_id, customer_id=parcel.party, parcel_id=parcel.parcel_id,
            lines=lines.get(parcel.parcel_id, []), carrier=parcel.carrier, manifest_id=manifest_id,
        )  # fmt: skip
        uow.emit(stays)
        uow.audit("parcel.left_behind", subject=parcel.parcel_id, tenant_id=parcel.tenant_id, manifest=manifest_id)
    uow.session.flush()
    keys = {"state": state, "manifest": manifest_id, "parcels": [parcel.parcel_id for parcel in unloaded]}
    uow.session.execute(_STAY, keys)


def _require_confirmed(
    uow: UnitOfWork, manifest_id: str, unloaded: tuple[UnloadedParcel, ...], confirmed: set[str]
) -> None:
    facts = [{"parcel_id": each.parcel_id, "sscc": each.sscc} for each in unloaded]
    on_it = uow.session.scalar(_COUNT, {"manifest": manifest_id}) or 0
    stopped = [each for each in unloaded if each.weight_differs]
    if stopped and len(unloaded) == on_it:
        detail = f"{_named(stopped)} weigh otherwise than their labels say, and nothing else was loaded."
        raise NotAllLoaded(detail, remedy="Release them at the second weighing, or pull them off.", parcels=facts)
    if unloaded and len(unloaded) == on_it:
        remedy = "Scan what is on the truck."
        raise NotAllLoaded(f"None of its {on_it:,} parcels was scanned onto the truck.", remedy=remedy, parcels=facts)
    if {each.parcel_id for each in unloaded} == confirmed:
        return
    if not unloaded:
        raise NotAllLoaded("All are loaded now.", remedy="Hand over without leaving any behind.", parcels=facts)
    unscanned = [each for each in unloaded if not each.weight_differs]
    told = [f"{len(unscanned):,} of {on_it:,} parcels were not scanned onto the truck: {_named(unscanned)}."]
    if stopped:
        told = [*(told if unscanned else ()), f"{_named(stopped)} weigh otherwise than their labels say."]
    remedy = "Scan them, or confirm that they stay behind." if unscanned else "Release them, or confirm that they stay."
    raise NotAllLoaded(" ".join(told), remedy=remedy, parcels=facts)


def _named(parcels: Sequence[UnloadedParcel]) -> str:
    numbers = ", ".join(f"\N{HORIZONTAL ELLIPSIS}{each.sscc[-6:]}" for each in parcels[:_NAMED])
    return f"{numbers} and {len(parcels) - _NAMED:,} more" if len(parcels) > _NAMED else numbers
