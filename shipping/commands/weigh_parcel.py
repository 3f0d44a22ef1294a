from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from kernel.ids import new_id
from shipping.domain.weight_audit import AuditDecision, AuditOutcome, AuditThresholds, ScaleSpec, audit
from shipping.domain.weight_learning import item_weight_from_master, update_item_weight
from shipping.events import ParcelHeld, ParcelWeighed
from shipping.expectations import expect_parcel, lesson
from shipping.models.parcels import ItemWeightRow, ParcelRow, WeightAuditRow
from shipping.repository import about, audit_view, item_weights, items_of, lock_parcel
from shipping.site_terms import Scale, terms_of
from shipping.states import PARCEL
from shipping.views import AuditView, Content

THRESHOLDS = AuditThresholds()


class UnknownScale(Invalid):
    """The site has no scale with this code."""

    code = "unknown_scale"
    title = "The site has no such scale"


class UnusableReading(Refusal):
    """A reading that proves nothing: it moved, lies outside the scale's range, or its calibration is over."""

    code = "unusable_reading"
    title = "This reading cannot be used"


def weigh_parcel(
    uow: UnitOfWork, *, tenant_id: str, parcel_id: str, reading_g: int, scale_code: str, stable: bool = True
) -> AuditView:
    """Judge a scale reading in g against what the parcel should weigh: PASS, RECHECK (once), or HOLD.

    The expectation uses learned item weights where there are any. A parcel that passed with one kind of item inside
    teaches its weight; a held one teaches nothing until a person confirmed its contents. The evidence keeps the scale,
    its calibration and that the reading was stable.

    Raises:
        NotFound: this caller has no such parcel.
        IllegalTransition: the parcel is not waiting for the scale.
        UnknownScale, UnusableReading: nothing can be concluded from this reading.

    Emits:
        shipping.parcel_weighed.v1, and shipping.parcel_held.v1 when it is held.
    """
    parcel = lock_parcel(uow, tenant_id, parcel_id)
    PARCEL.after(parcel.state, "pass")
    scale = _usable_scale(uow, parcel, scale_code, reading_g, stable=stable)
    items = items_of(uow, [parcel])[parcel.id]
    attempt = _attempts(uow, parcel) + 1
    decision = _judge(uow, parcel, items, scale, reading_g=reading_g, attempt=attempt)
    row = _record(uow, parcel, scale, decision, attempt)
    verb = {AuditOutcome.PASS: "pass", AuditOutcome.RECHECK: "recheck", AuditOutcome.HOLD: "hold"}[decision.outcome]
    parcel.state = PARCEL.after(parcel.state, verb)
    parcel.weight_g, parcel.expected_g = reading_g, row.expected_g
    if decision.outcome is AuditOutcome.PASS:
        parcel.clearance = "passed"
        learn_weight(uow, parcel, items, reading_g, scale.spec)
    _tell(uow, parcel, items, decision, row)
    return audit_view(row)


def learn_weight(
    uow: UnitOfWork, parcel: ParcelRow, items: Sequence[Content], reading_g: int, scale: ScaleSpec
) -> None:
    """Learn an item's weight from a parcel whose contents are confirmed; several kinds of items teach nothing."""
    taught = lesson(
        items, reading_g=reading_g, tare_g=parcel.tare_g, tare_sd_g=parcel.tare_sd_g, void_ml=parcel.void_ml,
        scale=scale,
    )  # fmt: skip
    if taught is None:
        return
    item = items[0]
    known = item_weights(uow, parcel.tenant_id, [item.item_id], lock=True).get(item.item_id)
    learned = update_item_weight(known or item_weight_from_master(item.item_id, item.weight_g), taught)
    belief = {
        "mean_g": learned.mean_g, "mean_sd_g": learned.mean_sd_g, "unit_sd_g": learned.unit_sd_g,
        "parcels": learned.parcels, "master_g": learned.master_g, "updated_at": uow.now,
    }  # fmt: skip
    statement = insert(ItemWeightRow).values(tenant_id=parcel.tenant_id, item_id=item.item_id, **belief)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "item_id"], set_=belief))


def _usable_scale(uow: UnitOfWork, parcel: ParcelRow, code: str, reading_g: int, *, stable: bool) -> Scale:
    scale = terms_of(uow, parcel.site_id).scale(code)
    if scale is None:
        raise UnknownScale(f"The site has no scale {code}.", pointer="/scale_code")
    if not stable:
        raise UnusableReading("The reading was still moving.", remedy="Wait until the scale shows it is stable.")
    if not 0 < reading_g <= scale.max_g:
        raise UnusableReading(f"{reading_g:,} g is outside the range of scale {code}, 1 to {scale.max_g:,} g.")
    if scale.calibrated_until < uow.now.date():
        raise UnusableReading(
            f"The calibration of scale {code} ended on {scale.calibrated_until}.", remedy="Use another scale."
        )
    return scale


def _attempts(uow: UnitOfWork, parcel: ParcelRow) -> int:
    if parcel.weight_g is None:
        return 0
    statement = select(func.count()).where(
        WeightAuditRow.tenant_id == parcel.tenant_id, WeightAuditRow.parcel_id == parcel.id
    )
    return uow.session.scalar(statement) or 0


def _judge(
    uow: UnitOfWork, parcel: ParcelRow, items: Sequence[Content], scale: Scale, *, reading_g: int, attempt: int
) -> AuditDecision:
    known = item_weights(uow, parcel.tenant_id, [item.item_id for item in items])
    expectation = expect_parcel(
        items, known, tare_g=parcel.tare_g, tare_sd_g=parcel.tare_sd_g, void_ml=parcel.void_ml,
        scale=scale.spec,
    )  # fmt: skip
    decision = audit(reading_g, expectation, THRESHOLDS, readings_taken=attempt)
    if decision.outcome is AuditOutcome.PASS:
        return decision
    # Only a reading that needs explaining is worth asking which other cartons it could have been.
    tares = [(c.code, float(c.tare_g)) for c in terms_of(uow, parcel.site_id).cartons if c.code != parcel.carton_code]
    return audit(reading_g, expectation, THRESHOLDS, other_tares_g=tares, readings_taken=attempt)


def _record(uow: UnitOfWork, parcel: ParcelRow, scale: Scale, decision: AuditDecision, attempt: int) -> WeightAuditRow:
    evidence = {
        "code": scale.code, "sd_g": scale.sd_g, "interval_g": scale.interval_g, "max_g": scale.max_g,
        "calibrated_until": scale.calibrated_until.isoformat(),
    }  # fmt: skip
    row = WeightAuditRow(
        tenant_id=parcel.tenant_id, id=new_id("wgh"), parcel_id=parcel.id, site_id=parcel.site_id, attempt=attempt,
        reading_g=decision.reading_g, stable=True, scale=evidence, expected_g=round(decision.expected_g),
        sigma_g=decision.sigma_g, z=decision.z, decision=decision.outcome.name,
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
