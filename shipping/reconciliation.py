"""What is ready for a carrier's collection and what is not, parcel by parcel, before its manifest is closed."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork
from shipping.lanes import LanePlan, lane_plan

_CANDIDATES = text(
    "select p.tenant_id, p.id, p.reference, p.sscc, p.tracking_number, p.state, p.clearance, p.carrier, p.service,"
    " p.ship_date, p.ship_to, p.check_hold_id, s.lane_id, s.loaded_at, c.sscc as container from parcel p"
    " left join parcel_stage s on s.tenant_id = p.tenant_id and s.parcel_id = p.id"
    " left join sort_container c on c.id = s.container_id and c.state <> 'open'"
    " where p.site_id = :site and p.kind = 'outbound' and (p.state in ('packed', 'held', 'cleared')"
    " or (p.carrier = :carrier and p.state = 'labelled')"
    " or (p.carrier = :carrier and p.state = 'voided' and s.lane_id is not null)"
    " or (p.carrier = :carrier and p.state = 'manifested' and (p.check_hold_id is not null or c.carrier = :carrier)))"
    " order by p.packed_at, p.id"
)
_UNITS = text(
    "select m.manifest_id, count(distinct m.container_id) as containers,"
    " count(*) filter (where m.container_id is not null) as inside, count(*) filter (where m.container_id is null) as"
    " loose, count(*) filter (where s.loaded_at is not null) as loaded from manifest_parcel m"
    " join parcel p on p.tenant_id = m.tenant_id and p.id = m.parcel_id and p.manifest_id = m.manifest_id"
    " left join parcel_stage s on s.tenant_id = m.tenant_id and s.parcel_id = m.parcel_id"
    " where m.manifest_id = any(:manifests) group by m.manifest_id"
)
_UNLOADED = text(
    "select p.tenant_id, p.id, p.reference, p.party, p.carrier, p.sscc, p.tracking_number,"
    " p.check_hold_id is not null as weight_differs, p.manifest_id from manifest_parcel m"
    " left join sort_lane l on l.id = m.lane_id and l.loads_by_scan"
    " join parcel p on p.tenant_id = m.tenant_id and p.id = m.parcel_id and p.manifest_id = m.manifest_id"
    " and p.state = 'manifested' left join parcel_stage s on s.tenant_id = p.tenant_id and s.parcel_id = p.id"
    " where m.manifest_id = any(:manifests)"
    " and ((l.id is not null and s.loaded_at is null) or p.check_hold_id is not null) order by p.sscc"
)
_BY_STATE: Final = {
    "packed": "not_weighed",
    "held": "held",
    "cleared": "label_pending",
    "voided": "to_take_off",
}

_WAITING: Final = ("packed", "held", "cleared")


@dataclass(frozen=True, slots=True)
class Difference:
    """A parcel that would not leave with the next collection, and why: not_weighed, held, label_pending (each of any
    carrier, since none is chosen or bought yet), not_staged, wrong_lane, later_day, to_take_off (given up, but standing
    on a lane), not_on_manifest (in a closed container with others that go), weight_differs (a second weighing stopped
    it, on a closed manifest or not). `lane` is where it belongs, `stands_on`
    where it is, `container` the SSCC of the closed or loaded one it is in; each may be empty.
    """

    parcel_id: str
    order_id: str
    sscc: str
    tracking_number: str
    reason: str
    lane: str
    stands_on: str
    container: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Counts of a collection from packing to the truck, and each parcel that differs.

    `packed` are all that are packed for it or for no carrier yet, `audited` those that the scale or a person cleared,
    `labelled` those with a live label for this day or an earlier one, `staged` those of them on their lane, `going`
    what a manifest closed now would hold, `loaded` what was scanned onto the truck.
    """

    site_id: str
    carrier: str
    ship_date: date
    packed: int
    audited: int
    labelled: int
    staged: int
    loaded: int
    going: int
    stages_by_scan: bool
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class ManifestUnits:
    """How the parcels of a manifest stood at the dock when it was closed: in how many containers, how many inside and
    loose; and how many are loaded now. What was pulled off it does not count.
    """

    containers: int
    inside: int
    loose: int
    loaded: int


@dataclass(frozen=True, slots=True)
class UnloadedParcel:
    """A parcel of a manifest that is not on the truck: its lane is loaded by scan and nobody scanned it, or a second
    weighing stopped it (`weight_differs`).
    """

    tenant_id: str
    parcel_id: str
    order_id: str
    party: str
    carrier: str
    sscc: str
    tracking_number: str
    weight_differs: bool = False


def reconcile(uow: UnitOfWork, *, site_id: str, carrier: str, ship_date: date) -> Reconciliation:
    """Compare what is packed, audited, labelled, staged and loaded for a carrier's collection of a day."""
    plan = lane_plan(uow, site_id)
    rows = uow.session.execute(_CANDIDATES, {"site": site_id, "carrier": carrier}).all()
    due = [row for row in rows if row.state == "labelled" and row.ship_date <= ship_date]
    staged = [row for row in due if row.lane_id and row.lane_id == _right(plan, row)]
    going = {row.id for row in due if _goes(plan, row)}
    boxes = {row.container for row in due if row.id in going and row.container}
    reasons = [(row, _reason(plan, row, ship_date, going, boxes)) for row in rows]
    live = [*(row for row in rows if row.state in _WAITING), *due]
    return Reconciliation(
        site_id, carrier, ship_date, packed=len(live), audited=sum(bool(row.clearance) for row in live),
        labelled=len(due), staged=len(staged), loaded=sum(row.loaded_at is not None for row in staged),
        going=len(going),
        stages_by_scan=any(rule.carrier == carrier for rule in plan.rules),
        differences=tuple(_difference(plan, row, reason) for row, reason in reasons if reason),
    )  # fmt: skip


def manifest_units(uow: UnitOfWork, *, manifest_ids: Sequence[str]) -> dict[str, ManifestUnits]:
    """Return how the parcels of manifests stand at the dock, by manifest id."""
    rows = uow.session.execute(_UNITS, {"manifests": list(manifest_ids)}) if manifest_ids else ()
    return {row.manifest_id: ManifestUnits(row.containers, row.inside, row.loose, row.loaded) for row in rows}


def unloaded_parcels(uow: UnitOfWork, *, manifest_ids: Sequence[str]) -> dict[str, tuple[UnloadedParcel, ...]]:
    """Return what would stay behind if the driver left now, by manifest id and license plate: parcels of lanes that are
    loaded by scan, not scanned onto the truck, and those that a second weighing stopped. Manifests without any are
    left out.
    """
    found: dict[str, tuple[UnloadedParcel, ...]] = {}
    for *parcel, manifest in uow.session.execute(_UNLOADED, {"manifests": list(manifest_ids)}) if manifest_ids else ():
        found[manifest] = (*found.get(manifest, ()), UnloadedParcel(*parcel))
    return found


def _right(plan: LanePlan, row: Any) -> str | None:  # noqa: ANN401 - a row of _CANDIDATES
    return plan.lane_of(row.carrier, row.service, row.ship_to)


def _goes(plan: LanePlan, row: Any) -> bool:  # noqa: ANN401 - a row of _CANDIDATES
    right = _right(plan, row)
    return row.check_hold_id is None and (right not in plan.requiring or row.lane_id == right)


def _reason(plan: LanePlan, row: Any, day: date, going: AbstractSet[str], boxes: AbstractSet[str]) -> str:  # noqa: ANN401 - a row of _CANDIDATES
    if row.state in _BY_STATE or row.check_hold_id:
        return _BY_STATE.get(row.state, "weight_differs")
    if row.container and row.id not in going and row.container in boxes:
        return "not_on_manifest"
    if row.state == "manifested":
        return ""
    if row.ship_date > day:
        return "later_day"
    right = _right(plan, row)
    if row.lane_id and row.lane_id != right:
        return "wrong_lane"
    return "not_staged" if right and not row.lane_id else ""


def _difference(plan: LanePlan, row: Any, reason: str) -> Difference:  # noqa: ANN401 - a row of _CANDIDATES
    right = (_right(plan, row) or "") if row.carrier else ""
    return Difference(
        row.id, row.reference, row.sscc, row.tracking_number, reason, plan.codes.get(right, ""),
        plan.codes.get(row.lane_id or "", ""), row.container or "",
    )  # fmt: skip
