from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from kernel.ids import new_id
from shipping.commands.weigh_parcel import learn_weight
from shipping.events.parcels import ParcelHoldReleased
from shipping.models.parcels import HoldReleaseRow, ParcelRow, WeightAuditRow
from shipping.repository import about, items_of, lock_parcel, parcel_view
from shipping.states import PARCEL
from shipping.views import ParcelView


class SamePerson(Refusal):
    """Whoever packed a parcel does not judge it."""

    code = "same_person"
    status = 403
    title = "Somebody else has to release this parcel"


def release_held_parcel(
    uow: UnitOfWork, *, tenant_id: str, parcel_id: str, reason: str, evidence: str, contents_confirmed: bool = False
) -> ParcelView:
    """Let a parcel go on that the weight audit holds, on a person's word: role, reason and evidence are kept.

    `evidence` says what was looked at ("opened, 3 of 3 counted", a photo's reference). With `contents_confirmed` the
    person vouches for the contents, so that the reading may teach the items' weights. The route checks the scope
    `audit:release`.

    Raises:
        NotFound: this caller has no such parcel.
        IllegalTransition: the parcel is not held.
        SamePerson: the releaser packed it.
        Invalid: reason or evidence is missing.

    Emits:
        shipping.parcel_hold_released.v1
    """
    for name, value in (("reason", reason), ("evidence", evidence)):
        if not value.strip():
            raise Invalid(f"A release needs its {name}.", pointer=f"/{name}")
    parcel = lock_parcel(uow, tenant_id, parcel_id)
    state = PARCEL.after(parcel.state, "release")
    if parcel.packed_by == uow.actor.id:
        raise SamePerson("You packed this parcel.", remedy="Ask somebody else who may release parcels.")
    parcel.state, parcel.clearance = state, "released"
    _record(uow, parcel, reason.strip(), evidence.strip(), contents_confirmed=contents_confirmed)
    items = items_of(uow, [parcel])[parcel.id]
    if contents_confirmed:
        learn_weight(uow, parcel, items, parcel.weight_g or parcel.expected_g, _last_scale(uow, parcel))
    released = ParcelHoldReleased(
        **about(parcel, items), role=uow.actor.role.value, contents_confirmed=contents_confirmed
    )
    uow.emit(released)
    return parcel_view(parcel, items)


def _record(uow: UnitOfWork, parcel: ParcelRow, reason: str, evidence: str, *, contents_confirmed: bool) -> None:
    release = HoldReleaseRow(
        tenant_id=parcel.tenant_id, id=new_id("rel"), parcel_id=parcel.id, role=uow.actor.role.value, reason=reason,
        evidence=evidence, contents_confirmed=contents_confirmed, released_by=uow.actor.id, released_at=uow.now,
    )  # fmt: skip
    uow.session.add(release)
    uow.audit(
        "parcel.hold_released", subject=parcel.id, tenant_id=parcel.tenant_id, reason=reason, evidence=evidence,
        reading_g=parcel.weight_g, expected_g=parcel.expected_g,
    )  # fmt: skip


def _last_scale(uow: UnitOfWork, parcel: ParcelRow) -> str:
    statement = (
        select(WeightAuditRow.scale)
        .where(WeightAuditRow.tenant_id == parcel.tenant_id, WeightAuditRow.parcel_id == parcel.id)
        .order_by(WeightAuditRow.attempt.desc())
        .limit(1)
    )
    return str(uow.session.scalars(statement).one()["code"])
