from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from shipping.commands.stock_cartons import give_back_carton
from shipping.events.parcels import ParcelVoided
from shipping.models.parcels import ManifestCarveOutRow, ParcelRow
from shipping.repository import about, items_of, lock_label, lock_parcel, parcel_view
from shipping.states import PARCEL, WEIGHT_CHECK
from shipping.views import ParcelView
from shipping.weight_checks import close_holds


def void_parcel(
    uow: UnitOfWork, *, tenant_id: str, parcel_id: str, reason: str, carton_reusable: bool = False
) -> ParcelView:
    """Give a parcel up before it is on a manifest; its label is voided with it, at the carrier too. A carton that is
    `carton_reusable` is on hand again, where the site counts it.

    Raises:
        NotFound: this caller has no such parcel.
        IllegalTransition: it is on a closed manifest, or voided already.
        Invalid: no reason was given.

    Emits:
        shipping.parcel_voided.v1
    """
    parcel = _void(uow, tenant_id, parcel_id, reason, back_to_packing=False)
    return _given_back(uow, parcel, is_reusable=carton_reusable)


def reopen_parcel(
    uow: UnitOfWork, *, tenant_id: str, parcel_id: str, reason: str, carton_reusable: bool = False
) -> ParcelView:
    """Take a parcel back to packing, as when the audit found wrong contents: it is voided, and packed anew as another.

    Raises and emits as `void_parcel`; the event says that its units are back at packing.
    """
    parcel = _void(uow, tenant_id, parcel_id, reason, back_to_packing=True)
    return _given_back(uow, parcel, is_reusable=carton_reusable)


def _given_back(uow: UnitOfWork, parcel: ParcelView, *, is_reusable: bool) -> ParcelView:
    if is_reusable:
        give_back_carton(uow, site_id=parcel.site_id, carton_code=parcel.carton_code, parcel_id=parcel.id)
    return parcel


def pull_parcel(uow: UnitOfWork, *, tenant_id: str, parcel_id: str, reason: str) -> ParcelView:
    """Take a parcel off its closed manifest before it is loaded: it is voided, and its units are back at packing. The
    manifest itself stays as it was closed; what was pulled is noted beside it.

    Raises:
        NotFound: this caller has no such parcel.
        IllegalTransition: it is on no closed manifest, or the carrier has it already.
        Invalid: no reason was given.

    Emits:
        shipping.parcel_voided.v1
    """
    parcel = lock_parcel(uow, tenant_id, parcel_id)
    PARCEL.after(parcel.state, "pull")
    uow.session.add(
        ManifestCarveOutRow(
            tenant_id=tenant_id, parcel_id=parcel_id, manifest_id=parcel.manifest_id, reason=_told(reason),
            pulled_at=uow.now, pulled_by=uow.actor.id,
        )
    )  # fmt: skip
    parcel.manifest_id = None
    return _give_up(uow, parcel, "pull", reason, back_to_packing=True)


def _void(uow: UnitOfWork, tenant_id: str, parcel_id: str, reason: str, *, back_to_packing: bool) -> ParcelView:
    return _give_up(uow, lock_parcel(uow, tenant_id, parcel_id), "void", reason, back_to_packing=back_to_packing)


def _told(reason: str) -> str:
    if not reason.strip():
        raise Invalid("Giving a parcel up needs a reason.", pointer="/reason")
    return reason.strip()


def _give_up(uow: UnitOfWork, parcel: ParcelRow, verb: str, reason: str, *, back_to_packing: bool) -> ParcelView:
    state, why = PARCEL.after(parcel.state, verb), _told(reason)
    parcel.state, parcel.voided_at, parcel.void_reason = state, uow.now, why
    _void_label(uow, parcel)
    parcel.label_id = None
    if parcel.check_hold_id:
        close_holds(uow, parcel, verdict=WEIGHT_CHECK.after("stopped", "give up"), reason=why)
    items = items_of(uow, [parcel])[parcel.id]
    uow.emit(ParcelVoided(**about(parcel, items), reason=why, back_to_packing=back_to_packing))
    done = "parcel.pulled" if verb == "pull" else "parcel.voided"
    uow.audit(done, subject=parcel.id, tenant_id=parcel.tenant_id, reason=why)
    return parcel_view(parcel, items)


def _void_label(uow: UnitOfWork, parcel: ParcelRow) -> None:
    """Give the label up as well. Once the carrier was asked for it, it may have been bought whatever we know, so that
    a void is owed; so it is for one that was bought at once, without asking twice.
    """
    if parcel.label_id is None:
        return
    label = lock_label(uow, parcel.tenant_id, parcel.label_id)
    label.state, label.voided_at = "voided", uow.now
    label.carrier_void = "due" if label.attempts or label.tracking_number else ""
    label.next_attempt_at = uow.now
