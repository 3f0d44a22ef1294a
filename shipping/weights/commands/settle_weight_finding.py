from typing import Final, Literal, get_args

from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound
from shipping.models.weights import WeightFindingRow

Outcome = Literal["corrected", "kept"]
OUTCOMES: Final = frozenset(get_args(Outcome))


def settle_weight_finding(uow: UnitOfWork, *, finding_id: str, outcome: str, note: str) -> None:
    """Settle what weighing showed: something was `corrected` (entry, scale, carton), or it is `kept` as it is.

    The note says what was done or seen. The same finding comes again only if what is weighed from now on shows it; a
    catalog entry that is kept is not named again while it stays the same. Settling it twice changes nothing.

    Raises:
        Invalid: the outcome is not one of the two, or there is no note.
        NotFound: this caller has no such finding.
    """
    if outcome not in OUTCOMES:
        raise Invalid("A finding is settled as corrected or as kept.", pointer="/outcome")
    if not note.strip():
        raise Invalid("Say what was done or seen.", pointer="/note")
    statement = select(WeightFindingRow).where(WeightFindingRow.id == finding_id)
    row = uow.session.scalar(statement.with_for_update())
    if row is None:
        raise NotFound("There is no such finding.")
    if row.settled_at is not None:
        return
    row.settled_at, row.settled_by, row.outcome, row.note = uow.now, uow.actor.id, outcome, note.strip()
    uow.audit(
        "weight_finding.settled", subject=row.id, tenant_id=row.tenant_id, reason=row.note, outcome=outcome,
        kind=row.kind, code=row.code,
    )  # fmt: skip
