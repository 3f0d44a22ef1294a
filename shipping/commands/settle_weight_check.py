from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound
from shipping.commands.release_held_parcel import SamePerson
from shipping.events.parcels import ParcelWeightSettled
from shipping.models.parcels import ParcelRow
from shipping.models.weight_checks import WeightCheckRow
from shipping.repository import about, items_of, lock_parcel
from shipping.states import WEIGHT_CHECK
from shipping.weight_checks import WeightCheck, close_check, close_holds, get_weight_check


def release_weight_check(uow: UnitOfWork, *, check_id: str, reason: str, evidence: str) -> WeightCheck:
    """Let a parcel go on that a second weighing stopped, on a person's word: role, reason and evidence are kept.
    Weighed again, it passes with about the same reading. The route checks the scope `audit:release`.

    Raises:
        NotFound: this caller has no such second weighing.
        IllegalTransition: it stops no parcel, or not any more.
        SamePerson: the releaser packed the parcel.
        Invalid: reason or evidence is missing.

    Emits:
        shipping.parcel_weight_settled.v1
    """
    why, proof = _told("reason", reason), _told("evidence", evidence)
    parcel, row = _locked(uow, check_id)
    verdict = WEIGHT_CHECK.after(row.verdict or row.outcome, "release")
    if parcel.packed_by == uow.actor.id:
        raise SamePerson("You packed this parcel.", remedy="Ask somebody else who may release parcels.")
    close_holds(uow, parcel, verdict=verdict, reason=why, proof=proof)
    _settled(uow, parcel, row)
    return get_weight_check(uow, check_id=check_id)


def settle_weight_check(uow: UnitOfWork, *, check_id: str, note: str) -> WeightCheck:
    """Say what came of a difference that was found after its parcel was gone.

    Raises:
        NotFound: this caller has no such second weighing.
        IllegalTransition: it found nothing, stops its parcel, or is settled already.
        Invalid: there is no note.

    Emits:
        shipping.parcel_weight_settled.v1
    """
    why = _told("note", note)
    parcel, row = _locked(uow, check_id)
    verdict = WEIGHT_CHECK.after(row.verdict or row.outcome, "settle")
    close_check(uow, row, verdict=verdict, reason=why)
    _settled(uow, parcel, row)
    return get_weight_check(uow, check_id=check_id)


def _told(name: str, value: str) -> str:
    if not value.strip():
        raise Invalid(f"This needs its {name}.", pointer=f"/{name}")
    return value.strip()


def _locked(uow: UnitOfWork, check_id: str) -> tuple[ParcelRow, WeightCheckRow]:
    statement = select(WeightCheckRow).where(WeightCheckRow.id == check_id)
    seen = uow.session.scalar(statement)
    if seen is None:
        raise NotFound("There is no such second weighing.", remedy="List those that are open.")
    parcel = lock_parcel(uow, seen.tenant_id, seen.parcel_id)
    row = uow.session.scalars(statement.with_for_update().execution_options(populate_existing=True)).one()
    return parcel, row


def _settled(uow: UnitOfWork, parcel: ParcelRow, row: WeightCheckRow) -> None:
    uow.session.flush()
    items = items_of(uow, [parcel])[parcel.id]
    uow.emit(ParcelWeightSettled(**about(parcel, items), check_id=row.id, verdict=row.verdict, role=row.role))
    uow.audit(
        "parcel.weight_settled", subject=parcel.id, tenant_id=parcel.tenant_id, verdict=row.verdict, reason=row.reason,
        evidence=row.proof, reading_g=row.reading_g, declared_g=row.declared_g,
    )  # fmt: skip
