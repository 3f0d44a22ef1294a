from sqlalchemy import or_, select

from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from shipping.domain.sort_lanes import plain_code
from shipping.events.labels import LabelVerified
from shipping.models.parcels import ParcelRow
from shipping.repository import about, items_of, lock_label, lock_parcel


class WrongLabel(Refusal):
    """The label on the parcel is another parcel's."""

    code = "wrong_label"
    title = "This label belongs to another parcel"


class NotLabelled(Refusal):
    """The parcel has no label that could be on it."""

    code = "not_labelled"
    title = "This parcel has no label"


def verify_label(uow: UnitOfWork, *, parcel_id: str, scanned: str, tenant_id: str | None = None) -> None:
    """Prove that a parcel carries its own label: `scanned` is its SSCC in any form, or its tracking number, read from
    the box. Scanned again, nothing changes. Without a tenant it is whoever's the caller sees.

    Raises:
        NotFound: this caller has no such parcel.
        NotLabelled: no label was bought for it, or it was given up.
        WrongLabel: the code is another parcel's, or nobody's.

    Emits:
        shipping.label_verified.v1
    """
    parcel = lock_parcel(uow, tenant_id, parcel_id)
    if parcel.label_id is None or not parcel.tracking_number or parcel.state == "voided":
        raise NotLabelled("No label was bought for it.", remedy="Put it aside, and take it to the floor office.")
    code = plain_code(scanned)
    if code not in (parcel.sscc, parcel.tracking_number):
        raise WrongLabel(
            f"Parcel \N{HORIZONTAL ELLIPSIS}{parcel.sscc[-6:]} carries {_whose(uow, parcel, code)}.",
            remedy="Take it off, and scan the label that was printed for this parcel.",
        )
    label = lock_label(uow, parcel.tenant_id, parcel.label_id)
    if label.verified_at is not None:
        return
    label.verified_at, label.verified_by = uow.now, uow.actor.id
    uow.emit(LabelVerified(**about(parcel, items_of(uow, [parcel])[parcel.id]), tracking_number=parcel.tracking_number))


def _whose(uow: UnitOfWork, parcel: ParcelRow, code: str) -> str:
    """Name the parcel of this site that the label is of: the two may have been swapped."""
    named = or_(ParcelRow.sscc == code, ParcelRow.tracking_number == code)
    statement = select(ParcelRow.sscc).where(named, ParcelRow.site_id == parcel.site_id).order_by(ParcelRow.id.desc())
    other = uow.session.scalar(statement.limit(1)) if code else None
    return f"the label of parcel \N{HORIZONTAL ELLIPSIS}{other[-6:]}" if other else "a label that is not ours"
