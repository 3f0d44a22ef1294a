from dataclasses import dataclass

from sqlalchemy import select, text

from kernel.db.transactions import UnitOfWork
from kernel.invariants import Invariant
from shipping.commands.close_manifest import CONTENT_HASH
from shipping.models.parcels import ParcelRow
from shipping.models.tracking import TrackingScanRow
from shipping.scan_intake import derived, derived_columns

_PARCELS = "select count(*) from parcel"
_ON_IT = (
    "select m.* from manifest_parcel m where not exists (select 1 from manifest_carve_out c where"
    " c.tenant_id = m.tenant_id and c.parcel_id = m.parcel_id and c.manifest_id = m.manifest_id)"
)

_CHANGED = (
    "select f.id from manifest f left join manifest_parcel m on m.manifest_id = f.id where f.state <> 'open'"  # noqa: S608 - composed of our own constants
    " group by f.id, f.content_hash, f.parcel_count, f.total_weight_g"
    f" having f.content_hash is distinct from {CONTENT_HASH} or f.parcel_count <> count(m.parcel_id)"
    " or f.total_weight_g <> sum(m.weight_g) union all select id from manifest where state = 'open'"
)

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "shipping.held_goes_nowhere",
        "Nothing that the weight audit holds has a live label or is on a manifest.",
        "select p.tenant_id, p.id from parcel p where p.state = 'held' and (p.label_id is not null"
        " or p.manifest_id is not null or exists (select 1 from label l where l.tenant_id = p.tenant_id"
        " and l.parcel_id = p.id and l.state in ('requested', 'purchased'))"
        " or exists (select 1 from manifest_parcel m where m.tenant_id = p.tenant_id and m.parcel_id = p.id))",
        "select count(*) from parcel where state = 'held'",
    ),
    Invariant(
        "shipping.cleared_by_audit_or_person",
        "Every labelled outbound parcel passed its last audit, or was released by a person.",
        "select p.tenant_id, p.id from parcel p"
        " where p.kind = 'outbound' and p.state in ('cleared', 'labelled', 'manifested', 'handed_over') and not case"
        " p.clearance when 'released' then exists (select 1 from hold_release r where r.tenant_id = p.tenant_id"
        " and r.parcel_id = p.id) else coalesce((select a.decision = 'PASS' from weight_audit a"
        " where a.tenant_id = p.tenant_id and a.parcel_id = p.id order by a.attempt desc limit 1), false) end",
        "select count(*) from parcel where kind = 'outbound' and clearance <> ''",
    ),
    Invariant(
        "shipping.override_is_told",
        "Every release of a held parcel has a role, a reason and evidence, by somebody who did not pack it.",
        "select r.tenant_id, r.id from hold_release r join parcel p on p.tenant_id = r.tenant_id and p.id = r.parcel_id"
        " where btrim(r.role) = '' or btrim(r.reason) = '' or btrim(r.evidence) = '' or r.released_by = p.packed_by",
        "select count(*) from hold_release",
    ),
    Invariant(
        "shipping.one_manifest_each",
        "No parcel is on two manifests, a parcel and its manifest agree, and what was pulled off stays in the house.",
        "select p.tenant_id, p.id from parcel p"  # noqa: S608 - composed of our own constants
        f" left join ({_ON_IT}) m on m.tenant_id = p.tenant_id and m.parcel_id = p.id"
        " where m.manifest_id is distinct from p.manifest_id"
        " union all select c.tenant_id, c.parcel_id from manifest_carve_out c"
        " join parcel p on p.tenant_id = c.tenant_id and p.id = c.parcel_id"
        " where not c.left_behind and (p.manifest_id is not null or p.state <> 'voided')"
        f" union all select m.tenant_id, m.parcel_id from ({_ON_IT}) m group by m.tenant_id, m.parcel_id"
        " having count(*) > 1",
        "select count(*) from manifest_parcel",
    ),
    Invariant(
        "shipping.closed_manifest_unchanged",
        "A closed manifest's content hash and totals are those of its members.",
        _CHANGED,
        "select count(*) from manifest",
    ),
    Invariant(
        "shipping.members_have_live_labels",
        "Every parcel that left or will leave on a manifest has the bought label that it was closed with.",
        f"select m.tenant_id, m.parcel_id from ({_ON_IT}) m"  # noqa: S608 - composed of our own constants
        " left join label l on l.tenant_id = m.tenant_id and l.id = m.label_id"
        " left join parcel p on p.tenant_id = m.tenant_id and p.id = m.parcel_id"
        " where l.state is distinct from 'purchased' or l.tracking_number <> m.tracking_number"
        " or p.label_id is distinct from m.label_id or p.state not in ('manifested', 'handed_over')",
        "select count(*) from manifest_parcel",
    ),
    Invariant(
        "shipping.one_paid_label",
        "No parcel has two labels that are paid for, and no voided parcel has one that is not owed a void.",
        "select tenant_id, parcel_id from label where state = 'purchased' group by tenant_id, parcel_id"
        " having count(*) > 1 union all select l.tenant_id, l.parcel_id from label l"
        " join parcel p on p.tenant_id = l.tenant_id and p.id = l.parcel_id"
        " where p.state = 'voided' and (l.state in ('requested', 'purchased')"
        " or (l.state = 'voided' and l.tracking_number <> '' and l.carrier_void = ''))",
        "select count(*) from label",
    ),
    Invariant(
        "shipping.parcel_numbers_unique",
        "No two live labels of one carrier share a tracking number.",
        "select carrier, tracking_number from label where state = 'purchased'"
        " group by carrier, tracking_number having count(*) > 1",
        "select count(*) from label where state = 'purchased'",
    ),
    Invariant(
        "shipping.parcels_have_contents",
        "Every parcel has contents.",
        "select p.tenant_id, p.id from parcel p where not exists (select 1 from parcel_item i"
        " where i.tenant_id = p.tenant_id and i.parcel_id = p.id)",
        _PARCELS,
    ),
    Invariant(
        "shipping.one_place_each",
        "No parcel stands on two lanes or in two containers, and each stands at its own site.",
        "select s.tenant_id, s.parcel_id from parcel_stage s"
        " left join parcel p on p.tenant_id = s.tenant_id and p.id = s.parcel_id"
        " left join sort_lane l on l.id = s.lane_id where l.site_id is distinct from s.site_id"
        " or p.site_id is distinct from s.site_id"
        " union all select tenant_id, parcel_id from parcel_stage group by tenant_id, parcel_id having count(*) > 1",
        "select count(*) from parcel_stage",
    ),
    Invariant(
        "shipping.containers_keep_carriers_apart",
        "Every parcel in a container is of the container's carrier and stands on the container's lane.",
        "select s.tenant_id, s.parcel_id from parcel_stage s join sort_container c on c.id = s.container_id"
        " join parcel p on p.tenant_id = s.tenant_id and p.id = s.parcel_id"
        " where c.lane_id <> s.lane_id or p.carrier <> c.carrier",
        "select count(*) from parcel_stage where container_id is not null",
    ),
    Invariant(
        "shipping.staged_before_manifested",
        "Every parcel that left a lane which asks for a scan had been scanned onto it before its manifest was closed.",
        "select m.tenant_id, m.parcel_id from manifest_parcel m join manifest f on f.id = m.manifest_id"
        " where m.staging_required and (m.lane_id is null or m.staged_at is null or m.staged_at > f.closed_at)",
        "select count(*) from manifest_parcel where staging_required",
    ),
    Invariant(
        "shipping.stopped_weight_is_not_loaded",
        "No parcel that a second weighing stopped is on the truck or gone, and each such hold is told once.",
        "select p.tenant_id, p.id from parcel p left join parcel_stage s on s.tenant_id = p.tenant_id"
        " and s.parcel_id = p.id left join weight_check w on w.tenant_id = p.tenant_id and w.id = p.check_hold_id"
        " where p.check_hold_id is not null and (p.state not in ('labelled', 'manifested') or s.loaded_at is not null"
        " or w.parcel_id is distinct from p.id or w.outcome <> 'stopped' or w.closed_at is not null)"
        " union all select w.tenant_id, w.id from weight_check w"
        " join parcel p on p.tenant_id = w.tenant_id and p.id = w.parcel_id"
        " where w.outcome = 'stopped' and w.closed_at is null and p.check_hold_id is null",
        "select count(*) from weight_check where outcome = 'stopped'",
    ),
    Invariant(
        "shipping.second_weighing_is_told",
        "Every parcel that was released after a second weighing has a role, a reason and evidence, by another person.",
        "select w.tenant_id, w.id from weight_check w"
        " join parcel p on p.tenant_id = w.tenant_id and p.id = w.parcel_id where w.verdict = 'released'"
        " and (btrim(w.role) = '' or btrim(w.reason) = '' or btrim(w.proof) = '' or w.closed_by = p.packed_by)",
        "select count(*) from weight_check where verdict = 'released'",
    ),
    Invariant(
        "shipping.scans_are_kept_raw",
        "Every scan of a parcel has the raw scan that it came from, with the same number.",
        "select t.tenant_id, t.id from tracking_scan t left join raw_scan r on r.id = t.id"
        " and r.tenant_id in (t.tenant_id, '') left join parcel p on p.tenant_id = t.tenant_id and p.id = t.parcel_id"
        " where r.id is null or p.tracking_number is distinct from r.tracking_number",
        "select count(*) from tracking_scan",
    ),
)


@dataclass(frozen=True, slots=True)
class StatusDifference:
    """A parcel whose stored status is not what its scans say."""

    tenant_id: str
    parcel_id: str
    stored: str
    derived: str


def recompute_statuses(uow: UnitOfWork, *, at_once: int = 2_000) -> list[StatusDifference]:
    """Derive the status of every scanned parcel again and return the differences: there should be none."""
    differences: list[StatusDifference] = []
    after = ("", "")
    while True:
        keys = uow.session.execute(_SCANNED, {"tenant": after[0], "id": after[1], "limit": at_once}).all()
        if not keys:
            return differences
        differences += _compare(uow, [key.id for key in keys])
        after = (keys[-1].tenant_id, keys[-1].id)


_SCANNED = text(
    "select p.tenant_id, p.id from parcel p where (p.tenant_id, p.id) > (:tenant, :id)"
    " and exists (select 1 from tracking_scan t where t.tenant_id = p.tenant_id and t.parcel_id = p.id)"
    " order by p.tenant_id, p.id limit :limit"
)


def _compare(uow: UnitOfWork, parcel_ids: list[str]) -> list[StatusDifference]:
    scans: dict[str, list[TrackingScanRow]] = {parcel_id: [] for parcel_id in parcel_ids}
    for row in uow.session.scalars(select(TrackingScanRow).where(TrackingScanRow.parcel_id.in_(parcel_ids))):
        scans[row.parcel_id].append(row)
    found: list[StatusDifference] = []
    for parcel in uow.session.scalars(select(ParcelRow).where(ParcelRow.id.in_(parcel_ids))):
        columns = derived_columns(derived(scans[parcel.id]))
        if any(getattr(parcel, name) != value for name, value in columns.items()):
            status = columns["tracking_status"]
            found.append(StatusDifference(parcel.tenant_id, parcel.id, parcel.tracking_status, status))
    return found
