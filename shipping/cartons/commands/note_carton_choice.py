from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from kernel.ids import new_id
from shipping.domain.overruling import WINDOW, is_given_up, mix_key, mix_of, read_overrule
from shipping.models.overrules import CartonBarRow, CartonOutcomeRow
from shipping.site_terms import forget_terms
from shipping.views import Content

_LOOK_BACK = 5 * WINDOW


def note_carton_choice(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, reference: str, contents: Sequence[Content],
    planned: Sequence[str], chosen: Sequence[str], told: str,
) -> str:  # fmt: skip
    """Remember whether the planned cartons were taken, and return the reason if not, "" if they were.

    `told` is the reason as `read_overrule` takes it. Where one carton was planned and overruled too often for the same
    items, it is planned no more for them at this site until `lift_carton_bar`.
    """
    if not planned or not chosen:
        return ""
    reason, note = ("", "") if sorted(planned) == sorted(chosen) else read_overrule(told)
    mix = mix_of((content.item_id, content.quantity) for content in contents)
    about = {"tenant_id": tenant_id, "site_id": site_id, "mix_key": mix_key(mix), "carton_code": _one(planned)}
    before = _outcomes(uow, about)
    if reason or any(before):
        row = CartonOutcomeRow(
            **about, id=new_id("cho"), reference=reference, mix=mix, chosen_code=_one(chosen), reason=reason, note=note,
            decided_by=uow.actor.id, decided_at=uow.now,
        )  # fmt: skip
        uow.session.add(row)
    if reason and len(planned) == 1 and is_given_up([reason, *before]):
        _bar(uow, about, mix)
    return reason


def lift_carton_bar(uow: UnitOfWork, *, bar_id: str) -> None:
    """Let a carton be planned for its items again; what was overruled before counts no more. Twice changes nothing.

    Raises:
        NotFound: this caller has no such bar.
    """
    row = uow.session.scalar(select(CartonBarRow).where(CartonBarRow.id == bar_id).with_for_update())
    if row is None:
        raise NotFound("There is no such carton to take back.")
    if row.lifted_at is not None:
        return
    row.lifted_at, row.lifted_by = uow.now, uow.actor.id
    uow.audit("carton.planned_again", subject=row.id, tenant_id=row.tenant_id, carton=row.carton_code, mix=row.mix)
    uow.session.flush()
    forget_terms(uow)


def _one(codes: Sequence[str]) -> str:
    return "+".join(sorted(codes))


def _outcomes(uow: UnitOfWork, about: Mapping[str, str]) -> list[str]:
    """Return the reasons of the last outcomes of the same plan, newest first, since it was last taken back."""
    of_bar = [getattr(CartonBarRow, name) == value for name, value in about.items()]
    lifted = select(CartonBarRow.lifted_at).where(*of_bar, CartonBarRow.lifted_at.is_not(None))
    since = lifted.order_by(CartonBarRow.lifted_at.desc()).limit(1).scalar_subquery()
    of_plan = [getattr(CartonOutcomeRow, name) == value for name, value in about.items()]
    statement = select(CartonOutcomeRow.reason).where(
        *of_plan, (CartonOutcomeRow.decided_at > since) | since.is_(None)
    )  # fmt: skip
    newest = statement.order_by(CartonOutcomeRow.decided_at.desc(), CartonOutcomeRow.id.desc()).limit(_LOOK_BACK)
    return list(uow.session.scalars(newest))


def _bar(uow: UnitOfWork, about: Mapping[str, str], mix: Mapping[str, int]) -> None:
    row = {**about, "id": new_id("cbr"), "mix": dict(mix), "barred_at": uow.now, "lifted_by": ""}
    made = insert(CartonBarRow).values(row).on_conflict_do_nothing().returning(CartonBarRow.id)
    bar_id = uow.session.scalar(made)
    if bar_id is not None:
        uow.audit(
            "carton.planned_no_more",
            subject=bar_id,
            tenant_id=about["tenant_id"],
            mix=dict(mix),
            carton=about["carton_code"],
        )
        forget_terms(uow)
