from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, select

from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from kernel.ids import new_id
from shipping.commands.create_parcel import FOREIGN_CONTAINER
from shipping.domain.typed_weights import typed_evidence
from shipping.domain.weight_audit import AuditDecision, AuditOutcome, Expectation, audit
from shipping.domain.weight_belief import ItemWeight
from shipping.domain.weight_learning import learn_parcel
from shipping.events.parcels import ParcelHeld, ParcelWeighed
from shipping.expectations import beliefs_about, expect_parcel
from shipping.models.parcels import ParcelRow, WeightAuditRow
from shipping.repository import about, audit_view, item_weights, items_of, lock_parcel, save_item_weights
from shipping.scale_readings import usable_scale
from shipping.site_terms import terms_of
from shipping.states import PARCEL
from shipping.views import AuditView, Content


class TareUnknown(Refusal):
    """The parcel is in somebody else's container, and nobody knows what that weighs empty."""

    code = "tare_unknown"
    title = "Weigh the empty container first"


def weigh_parcel(
    uow: UnitOfWork, *, parcel_id: str, reading_g: int, scale_code: str, tenant_id: str | None = None,
    stable: bool = True, typed: str = "",
) -> AuditView:  # fmt: skip
    """Judge a scale reading in g against what the parcel should weigh: PASS, RECHECK (once), or HOLD.

    The expectation uses learned weights where there are any, of items, cartons and scales. A parcel that passed teaches
    the weights of its items; a held one teaches nothing until a person confirmed its contents. The evidence keeps
    the scale, its calibration and that the reading was stable; of one that a person typed also why (`typed`, of
    `TYPED_REASONS`, empty for one that the scale told itself). Without a tenant it is whoever's the caller sees.

    Raises:
        NotFound: this caller has no such parcel.
        IllegalTransition: the parcel is not waiting for the scale.
        TareUnknown: it is in somebody else's container, which was neither weighed nor stated.
        UnknownScale, UnusableReading: nothing can be concluded from this reading.

    Emits:
        shipping.parcel_weighed.v1, and shipping.parcel_held.v1 when it is held.
    """
    parcel = lock_parcel(uow, tenant_id, parcel_id)
    return judge_reading(uow, parcel, reading_g=reading_g, scale_code=scale_code, stable=stable, typed=typed)


def judge_reading(
    uow: UnitOfWork, parcel: ParcelRow, *, reading_g: int, scale_code: str, stable: bool = True, typed: str = ""
) -> AuditView:
    """Do as `weigh_parcel` for a parcel whose row is locked."""
    PARCEL.after(parcel.state, "pass")
    if parcel.carton_code == FOREIGN_CONTAINER and parcel.tare_proof is None:
        raise TareUnknown("Its container's tare is not known.", remedy="Weigh it empty, or state what it weighs.")
    scale = usable_scale(uow, parcel.site_id, scale_code, reading_g, stable=stable)
    items = items_of(uow, [parcel])[parcel.id]
    attempt = _attempts(uow, parcel) + 1
    beliefs, expectation = _expected(uow, parcel, items, scale.code)
    decision = _judge(uow, parcel, expectation, reading_g=reading_g, attempt=attempt)
    row = _record(uow, parcel, scale.evidence | typed_evidence(typed), decision, attempt)
    verb = {AuditOutcome.PASS: "pass", AuditOutcome.RECHECK: "recheck", AuditOutcome.HOLD: "hold"}[decision.outcome]
    parcel.state = PARCEL.after(parcel.state, verb)
    parcel.weight_g, parcel.expected_g = reading_g, row.expected_g
    if decision.outcome is AuditOutcome.PASS:
        parcel.clearance = "passed"
        _learn(uow, parcel.tenant_id, beliefs, expectation, reading_g)
    _tell(uow, parcel, items, decision, row)
    return audit_view(row)


def learn_weight(uow: UnitOfWork, parcel: ParcelRow, items: Sequence[Content], reading_g: int, scale: str) -> None:
    """Learn the items' weights from a parcel whose contents are confirmed, as far as it tells them apart.

    What it cannot tell now, the next fit of all parcels may (`refit_weights`).
    """
    beliefs, expectation = _expected(uow, parcel, items, scale)
    _learn(uow, parcel.tenant_id, beliefs, expectation, reading_g)


def _expected(
    uow: UnitOfWork, parcel: ParcelRow, items: Sequence[Content], scale: str
) -> tuple[dict[str, ItemWeight], Expectation]:
    """Return what is believed of a parcel's items, which stay locked for what it teaches, and what it should weigh."""
    known = item_weights(uow, parcel.tenant_id, [item.item_id for item in items], lock=True)
    beliefs = beliefs_about(items, known)
    return beliefs, expect_parcel(items, beliefs, parcel, terms_of(uow, parcel.site_id).packaging, scale)


def _learn(
    uow: UnitOfWork, tenant_id: str, beliefs: dict[str, ItemWeight], expectation: Expectation, reading_g: int
) -> None:
    learned = learn_parcel(tuple(beliefs.values()), expectation, reading_g)
    save_item_weights(uow, tenant_id, [new for new in learned if new != beliefs[new.ref]])


def _attempts(uow: UnitOfWork, parcel: ParcelRow) -> int:
    if parcel.weight_g is None:
        return 0
    statement = select(func.count()).where(
        WeightAuditRow.tenant_id == parcel.tenant_id, WeightAuditRow.parcel_id == parcel.id
    )
    return uow.session.scalar(statement) or 0


def _judge(
    uow: UnitOfWork, parcel: ParcelRow, expectation: Expectation, *, reading_g: int, attempt: int
) -> AuditDecision:
    terms = terms_of(uow, parcel.site_id)
    # The likeliest mistakes are worth naming; which other cartons it could have been is asked along with them.
    tares = [(c.code, float(c.tare_g)) for c in terms.cartons if c.code != parcel.carton_code]
    return audit(reading_g, expectation, terms.limits, other_tares_g=tares, goods=terms.goods, readings_taken=attempt)


def _record(
    uow: UnitOfWork, parcel: ParcelRow, scale: dict[str, Any], decision: AuditDecision, attempt: int
) -> WeightAuditRow:
    row = WeightAuditRow(
        tenant_id=parcel.tenant_id, id=new_id("wgh"), parcel_id=parcel.id, site_id=parcel.site_id, attempt=attempt,
        reading_g=decision.reading_g, stable=True, scale=scale, expected_g=round(decision.expected_g),
        sigma_g=decision.sigma_g, z=decision.z, score=decision.score, decision=decision.outcome.name,
        explanations=[asdict(cause) for cause in decision.explanations],
        visibility=[
            {"sku": v.ref, "unit_g": v.unit_weight_g, "needed_g": v.needed_g, "visible": v.is_visible}
            for v in decision.visibility
        ],
        caution=decision.caution or "", weighed_by=uow.actor.id, weighed_at=uow.now,
    )  # fmt: skip
    uow.session.add(row)
    return row


def _tell(
    uow: UnitOfWork, parcel: ParcelRow, items: Sequence[Content], decision: AuditDecision, row: WeightAuditRow
) -> None:
    told = about(parcel, items)
    weighed = ParcelWeighed(
        **told, decision=row.decision, reading_g=row.reading_g, expected_g=row.expected_g, attempt=row.attempt
    )
    uow.emit(weighed)
    if decision.outcome is AuditOutcome.HOLD:
        cause = decision.explanations[0].sentence if decision.explanations else ""
        uow.emit(ParcelHeld(**told, difference_g=row.reading_g - row.expected_g, likely_cause=cause))
