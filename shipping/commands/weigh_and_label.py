from kernel.db.transactions import UnitOfWork
from shipping.commands.request_label import label_parcel
from shipping.commands.weigh_parcel import judge_reading
from shipping.repository import lock_parcel
from shipping.views import AuditView, LabelRequest


def weigh_and_label(
    uow: UnitOfWork, *, parcel_id: str, reading_g: int, scale_code: str, tenant_id: str | None = None,
    stable: bool = True, typed: str = "",
) -> tuple[AuditView, LabelRequest | None]:  # fmt: skip
    """Weigh a parcel as `weigh_parcel`, and ask for its label at once, as `request_label`, when it passes.

    Raises:
        NotFound: this caller has no such parcel.
        IllegalTransition, TareUnknown, UnknownScale, UnusableReading: as `weigh_parcel`.
        NoServiceFits, ExportFactsMissing: as `request_label`.

    Emits:
        What the two emit.
    """
    parcel = lock_parcel(uow, tenant_id, parcel_id)
    audit = judge_reading(uow, parcel, reading_g=reading_g, scale_code=scale_code, stable=stable, typed=typed)
    return audit, label_parcel(uow, parcel) if audit.decision == "PASS" else None
