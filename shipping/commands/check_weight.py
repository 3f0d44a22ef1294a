from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, select

from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from kernel.ids import new_id
from shipping.commands.stage_parcel import ParcelStopped, locked_parcel
from shipping.domain.sort_lanes import STOPS
from shipping.domain.typed_weights import typed_evidence
from shipping.domain.weight_checks import (
    CARRIER_SCALE,
    WeightComparison,
    WeightTolerance,
    compare_weights,
)
from shipping.domain.weight_packaging import ScaleSpec
from shipping.events.parcels import ParcelWeightDiffers
from shipping.models.parcels import ParcelRow, WeightAuditRow
from shipping.models.sorting import ParcelStageRow
from shipping.models.weight_checks import WeightCheckRow, WeightToleranceRow
from shipping.repository import about, items_of
from shipping.scale_readings import usable_scale
from shipping.weight_checks import WeightCheck, get_weight_check

_NOT_YET: Final = ("packed", "held", "cleared", "voided")
_BENCH: Final = ScaleSpec(2.5, 5)
"""What is assumed of a scale that nothing was noted of."""


class OtherReading(Refusal):
    """The scale sent another weight of this parcel under the same number before."""

    code = "other_reading"
    title = "This reading has another weight already"


@dataclass(frozen=True, slots=True)
class _Device:
    source: str
    code: str
    spec: ScaleSpec
    evidence: Mapping[str, Any]


def check_weight(
    uow: UnitOfWork, *, site_id: str, parcel: str, reading_g: int, scale_code: str, reading_id: str,
    stable: bool = True, typed: str = "",
) -> WeightCheck:  # fmt: skip
    """Hold a labelled parcel that is weighed again, by its SSCC or tracking number, against what its label and its
    manifest declare. One that differs by more than both scales and its carrier's tolerance explain is stopped before
    it is loaded; when it is gone already, the difference is a finding.

    `reading_id` is the scale's own number of the reading: sent again, it changes nothing. What a person released goes
    on differing by as much without being stopped again. `typed` is why a person typed it, empty for the scale's own.

    Raises:
        NotFound: there is no such parcel at this site.
        ParcelStopped: it has no label yet, was given up, or is another site's.
        UnknownScale, UnusableReading: nothing can be concluded from this reading.
        OtherReading: the same reading of the same parcel had another weight.

    Emits:
        shipping.parcel_weight_differs.v1 where it differs.
    """
    row = locked_parcel(uow, site_id, parcel)
    if row.state in _NOT_YET:
        reason, detail, remedy = STOPS[row.state]
        number = f"Parcel \N{HORIZONTAL ELLIPSIS}{row.sscc[-6:]}"
        raise ParcelStopped(f"{number}: {detail}", remedy=remedy, reason=reason)
    scale = usable_scale(uow, row.site_id, scale_code, reading_g, stable=stable)
    device = _Device("scale", scale.code, scale.spec, scale.evidence | typed_evidence(typed))
    return get_weight_check(uow, check_id=_checked(uow, row, reading_g, device, reading_id))


def check_carrier_weight(uow: UnitOfWork, row: ParcelRow, *, reading_g: int, scan_id: str) -> None:
    """Hold the weight at which a carrier accepted a locked parcel against what its label declared. It is gone: a
    difference is a finding. Parcels that nobody weighed here, such as returns, declare nothing.

    Emits:
        shipping.parcel_weight_differs.v1 where it differs.
    """
    if row.kind == "outbound" and row.weight_g and row.state not in _NOT_YET:
        _checked(uow, row, reading_g, _Device("carrier", row.carrier, CARRIER_SCALE, {"scan_id": scan_id}), scan_id)


def tolerance_of(uow: UnitOfWork, *, site_id: str, carrier: str) -> WeightTolerance:
    """Return what a carrier tolerates of a site's parcels; nothing where nobody said."""
    row = uow.session.get(WeightToleranceRow, (site_id, carrier), populate_existing=True)
    return WeightTolerance(row.grams, row.share_bp) if row else WeightTolerance()


def _checked(uow: UnitOfWork, row: ParcelRow, reading_g: int, device: _Device, reading_id: str) -> str:
    """Return the id of the check of a reading, that of an earlier one where it was sent again."""
    known = _known(uow, row, device, reading_id)
    if known is not None:
        if known.reading_g != reading_g:
            detail = f"Reading {reading_id} of this parcel was {known.reading_g:,} g."
            raise OtherReading(detail, remedy="Give each reading a number of its own.")
        return known.id
    comparison, evidence = _compared(uow, row, reading_g, device)
    outcome = _outcome(uow, row, comparison, device)
    check = WeightCheckRow(
        tenant_id=row.tenant_id, id=new_id("wck"), parcel_id=row.id, site_id=row.site_id, source=device.source,
        device=device.code, reading_id=reading_id, evidence=evidence, reading_g=reading_g,
        declared_g=comparison.declared_g, sigma_g=comparison.sigma_g, limit_g=comparison.limit_g, outcome=outcome,
        manifest_id=row.manifest_id, checked_by=uow.actor.id, checked_at=uow.now, closed_at=None, closed_by="",
        role="", verdict="", reason="", proof="",
    )  # fmt: skip
    uow.session.add(check)
    uow.session.flush()
    if outcome == "stopped":
        row.check_hold_id = check.id
    if outcome in ("stopped", "found"):
        _tell(uow, row, check)
    return check.id


def _known(uow: UnitOfWork, row: ParcelRow, device: _Device, reading_id: str) -> WeightCheckRow | None:
    statement = select(WeightCheckRow).where(
        WeightCheckRow.tenant_id == row.tenant_id, WeightCheckRow.parcel_id == row.id,
        WeightCheckRow.source == device.source, WeightCheckRow.device == device.code,
        WeightCheckRow.reading_id == reading_id,
    )  # fmt: skip
    return uow.session.scalar(statement)


def _compared(
    uow: UnitOfWork, row: ParcelRow, reading_g: int, device: _Device
) -> tuple[WeightComparison, dict[str, Any]]:
    statement = (
        select(WeightAuditRow.scale)
        .where(WeightAuditRow.tenant_id == row.tenant_id, WeightAuditRow.parcel_id == row.id)
        .order_by(WeightAuditRow.attempt.desc())
        .limit(1)
    )
    first = uow.session.scalar(statement) or {}
    spec = ScaleSpec(first["sd_g"], first["interval_g"]) if first else _BENCH
    tolerance = tolerance_of(uow, site_id=row.site_id, carrier=row.carrier)
    comparison = compare_weights(reading_g, row.weight_g or row.expected_g, (spec, device.spec), tolerance)
    said = {"grams": tolerance.grams, "share_bp": tolerance.share_bp}
    return comparison, {"scale": dict(device.evidence), "first_scale": first, "tolerance": said}


def _outcome(uow: UnitOfWork, row: ParcelRow, comparison: WeightComparison, device: _Device) -> str:
    if comparison.agrees:
        return "agrees"
    if device.source == "carrier" or _is_gone(uow, row):
        return "vouched" if _is_known(uow, row, comparison, WeightCheckRow.outcome == "found") else "found"
    return "vouched" if _is_known(uow, row, comparison, WeightCheckRow.verdict == "released") else "stopped"


def _is_gone(uow: UnitOfWork, row: ParcelRow) -> bool:
    if row.state == "handed_over":
        return True
    stage = uow.session.get(ParcelStageRow, (row.tenant_id, row.id), populate_existing=True)
    return stage is not None and stage.loaded_at is not None


def _is_known(uow: UnitOfWork, row: ParcelRow, comparison: WeightComparison, kind: ColumnElement[bool]) -> bool:
    """Say whether an earlier weighing of a kind showed about the same."""
    statement = select(WeightCheckRow.reading_g).where(
        WeightCheckRow.tenant_id == row.tenant_id, WeightCheckRow.parcel_id == row.id, kind
    )
    return any(abs(comparison.reading_g - seen) <= comparison.limit_g for seen in uow.session.scalars(statement))


def _tell(uow: UnitOfWork, row: ParcelRow, check: WeightCheckRow) -> None:
    differs = ParcelWeightDiffers(
        **about(row, items_of(uow, [row])[row.id]), check_id=check.id, source=check.source, device=check.device,
        reading_g=check.reading_g, declared_g=check.declared_g, stopped=check.outcome == "stopped",
    )  # fmt: skip
    uow.emit(differs)
    uow.audit(
        "parcel.weight_differs", subject=row.id, tenant_id=row.tenant_id, outcome=check.outcome,
        reading_g=check.reading_g, declared_g=check.declared_g,
    )  # fmt: skip
