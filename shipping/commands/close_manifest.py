from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import text

from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from kernel.ids import new_id
from shipping.cut_offs import FARTHEST
from shipping.events.dock import ParcelManifested
from shipping.lanes import LanePlan, lane_plan
from shipping.models.parcels import ManifestRow
from shipping.repository import lines_on_manifest, manifest_view
from shipping.states import MANIFEST
from shipping.views import ManifestView

CONTENT_HASH: Final = (
    "encode(sha256(convert_to(string_agg(m.tenant_id || '|' || m.parcel_id || '|' || m.label_id || '|' || m.sscc"
    " || '|' || m.tracking_number || '|' || m.weight_g || '|' || m.price_minor"
    " || coalesce('|' || m.container_sscc, ''), E'\\n'"
    " order by m.parcel_id collate \"C\"), 'UTF8')), 'hex')"
)
"""SHA-256 (hex) over the sorted members of a manifest, as SQL over `manifest_parcel m`; the container only where there
is one.
"""

_LOCK = text(
    "select tenant_id, id, ship_date, service, ship_to from parcel where site_id = :site and carrier = :carrier"
    " and ship_date <= :day and state = 'labelled' and kind = 'outbound' and check_hold_id is null"
    " order by tenant_id, id for update"
)
_JOIN = text(
    "insert into manifest_parcel (tenant_id, parcel_id, manifest_id, label_id, tracking_number, sscc, weight_g,"
    " price_minor, lane_id, staged_at, staging_required, container_id, container_sscc, container_kind, contained_at)"
    " select p.tenant_id, p.id, :manifest, p.label_id, p.tracking_number, p.sscc, p.weight_g,"
    " coalesce(l.charged_minor, l.price_minor), nullif(k.lane_id, ''), s.staged_at, k.required,"
    " c.id, c.sscc, c.kind, b.staged_at"
    " from unnest(cast(:parcels as text[]), cast(:lanes as text[]), cast(:required as boolean[]))"
    " as k(id, lane_id, required) join parcel p on p.id = k.id"
    " join label l on l.tenant_id = p.tenant_id and l.id = p.label_id"
    " left join parcel_stage s on s.tenant_id = p.tenant_id and s.parcel_id = p.id and s.lane_id = k.lane_id"
    " left join parcel_stage b on b.tenant_id = p.tenant_id and b.parcel_id = p.id and b.container_id is not null"
    " left join sort_container c on c.id = b.container_id"
    " where p.id = any(:parcels) and p.site_id = :site and p.state = 'labelled'"
)
_LOCK_CONTAINERS = text(
    "select 1 from sort_container where id in (select container_id from parcel_stage where parcel_id = any(:parcels))"
    " order by id for key share"
)
_MIXED = text(
    "select count(*) from parcel_stage s join parcel p on p.tenant_id = s.tenant_id and p.id = s.parcel_id"
    " join sort_container c on c.id = s.container_id and c.state <> 'open' where p.state in ('labelled', 'manifested')"
    " and p.manifest_id is distinct from :manifest"
    " and exists (select 1 from manifest_parcel m where m.manifest_id = :manifest and m.container_id = c.id)"
)
_STAGED = text("select parcel_id, lane_id from parcel_stage where parcel_id = any(:parcels)")
_MARK = text(
    "update parcel p set state = 'manifested', manifest_id = m.manifest_id, ship_date = :day from manifest_parcel m"
    " where m.manifest_id = :manifest and p.tenant_id = m.tenant_id and p.id = m.parcel_id"
    " returning p.tenant_id, p.id, p.reference, p.party, p.carrier, p.service, p.tracking_number"
)
_TOTALS = text(
    "select count(*) as parcels, coalesce(sum(m.weight_g), 0) as weight_g, coalesce(sum(m.price_minor), 0) as cost,"  # noqa: S608 - composed of our own constants
    f" {CONTENT_HASH} as content_hash from manifest_parcel m where m.manifest_id = :manifest"
)
_LEFT = text(
    "select count(*) filter (where state = 'packed') as not_weighed, count(*) filter (where state = 'held') as held,"
    " count(*) filter (where state = 'cleared') as label_pending,"
    " count(*) filter (where state = 'labelled' and carrier = :carrier and check_hold_id is null) as for_a_later_day,"
    " count(*) filter (where state = 'labelled' and carrier = :carrier and check_hold_id is not null) as weight_differs"
    " from parcel where site_id = :site and kind = 'outbound' and state in ('packed', 'held', 'cleared', 'labelled')"
)


class NothingToManifest(Refusal):
    """No labelled parcel waits for this carrier."""

    code = "nothing_to_manifest"
    title = "No parcel is ready for this carrier"


def close_manifest(uow: UnitOfWork, *, site_id: str, carrier: str, ship_date: date) -> ManifestView:
    """Close what a carrier takes from a site on a day (in the site's own time): from then on it never changes.

    On it are all parcels of the carrier with a live label for this day or an earlier one; the earlier ones are
    re-dated. Of lanes that ask for a scan only those that stand there; the others keep their label for the next
    manifest and are counted as `not_staged`; those that a second weighing stopped stay, as `weight_differs`. What stays
    behind is counted with its reason; what stands in a closed
    container with others that go, and does not go itself, as `in_container_only`. A later collection of the day closes
    another manifest.
    `transmit_manifests` of `shipping.jobs` sends it to the carrier.

    Raises:
        Invalid: the day is over, or farther away than a collection is ever planned.
        NothingToManifest: no parcel is ready, or none of them is staged; `left_behind` counts what is not.

    Emits:
        shipping.parcel_manifested.v1 for each parcel.
    """
    site = get_site(uow, site_id)
    today = uow.now.astimezone(ZoneInfo(site.time_zone)).date()
    if not today <= ship_date <= today + FARTHEST:
        detail = f"A manifest is for today or one of the next {FARTHEST.days} days."
        raise Invalid(detail, remedy="Its labels are dated to that day.", pointer="/ship_date")
    ready = uow.session.execute(_LOCK, {"site": site_id, "carrier": carrier, "day": ship_date}).all()
    plan = lane_plan(uow, site_id)
    going = _going(uow, plan, carrier, ready)
    asks = bool(plan.requiring & {rule.lane_id for rule in plan.rules if rule.carrier == carrier})
    not_staged = {"not_staged": len(ready) - len(going)} if asks else {}
    if not going:
        left = _left_behind(uow, site_id, carrier, not_staged)
        remedy = "Scan them onto their lane first." if ready else ""
        raise NothingToManifest(f"No {_what(ready)} parcel waits for {carrier}.", remedy=remedy, left_behind=left)
    manifest = _open(uow, site_id, carrier, ship_date)
    lanes = [lane for _, lane in going]
    keys = {
        "parcels": [row.id for row, _ in going],
        "lanes": lanes,
        "required": [lane in plan.requiring for lane in lanes],
    }
    uow.session.execute(_LOCK_CONTAINERS, {"parcels": keys["parcels"]})
    uow.session.execute(_JOIN, keys | {"manifest": manifest.id, "site": site_id})
    _mark(uow, manifest)
    redated = sum(row.ship_date < ship_date for row, _ in going)
    _close(uow, manifest, ready=len(going), redated=redated, not_staged=not_staged)
    return manifest_view(manifest)


def _what(ready: Sequence[Any]) -> str:
    return "staged" if ready else "labelled"


def _going(uow: UnitOfWork, plan: LanePlan, carrier: str, ready: Sequence[Any]) -> list[tuple[Any, str]]:
    """Return the parcels that go, each with the id of its lane or "": all but those that a lane still waits for."""
    found = [(row, plan.lane_of(carrier, row.service, row.ship_to) or "") for row in ready]
    if not plan.requiring:
        return found
    stages = uow.session.execute(_STAGED, {"parcels": [row.id for row in ready]})
    staged = {row.parcel_id: row.lane_id for row in stages}
    return [(row, lane) for row, lane in found if lane not in plan.requiring or staged.get(row.id) == lane]


def _open(uow: UnitOfWork, site_id: str, carrier: str, ship_date: date) -> ManifestRow:
    manifest = ManifestRow(
        id=new_id("man"), site_id=site_id, carrier=carrier, ship_date=ship_date, state="open", content_hash="",
        parcel_count=0, total_weight_g=0, total_cost_minor=0, reconciliation={}, closed_at=uow.now,
        closed_by=uow.actor.id, transmitted_at=None, carrier_reference="", transmit_due_at=None, transmit_error="",
        handed_over_at=None, handed_over_by="", driver="",
    )  # fmt: skip
    uow.session.add(manifest)
    uow.session.flush()
    return manifest


def _mark(uow: UnitOfWork, manifest: ManifestRow) -> None:
    """Put every member's own row on the manifest, and tell it."""
    marked = uow.session.execute(_MARK, {"manifest": manifest.id, "day": manifest.ship_date}).all()
    lines = lines_on_manifest(uow, manifest.id)
    for p in sorted(marked, key=lambda row: str(row.id)):
        joined = ParcelManifested(
            tenant_id=p.tenant_id, order_id=p.reference, customer_id=p.party, parcel_id=p.id,
            lines=lines.get(p.id, []), carrier=p.carrier, service=p.service, tracking_number=p.tracking_number,
            manifest_id=manifest.id, ship_date=manifest.ship_date.isoformat(),
        )  # fmt: skip
        uow.emit(joined)


def _close(uow: UnitOfWork, manifest: ManifestRow, *, ready: int, redated: int, not_staged: Mapping[str, int]) -> None:
    totals = uow.session.execute(_TOTALS, {"manifest": manifest.id}).one()
    left = _left_behind(uow, manifest.site_id, manifest.carrier, not_staged)
    counts = {"ready": ready, "on_manifest": totals.parcels, "redated": redated, "unreconciled": ready - totals.parcels}
    if mixed := uow.session.scalar(_MIXED, {"manifest": manifest.id}):
        counts["in_container_only"] = mixed
    manifest.state = MANIFEST.after(manifest.state, "close")
    manifest.content_hash, manifest.parcel_count = totals.content_hash, totals.parcels
    manifest.total_weight_g, manifest.total_cost_minor = int(totals.weight_g), int(totals.cost)
    manifest.reconciliation, manifest.transmit_due_at = counts | left, uow.now
    uow.session.flush()
    uow.audit(
        "manifest.closed", subject=manifest.id, carrier=manifest.carrier, parcels=totals.parcels,
        content_hash=totals.content_hash,
    )  # fmt: skip


def _left_behind(uow: UnitOfWork, site_id: str, carrier: str, not_staged: Mapping[str, int]) -> dict[str, Any]:
    row = uow.session.execute(_LEFT, {"site": site_id, "carrier": carrier}).one()
    counts: dict[str, Any] = {**row._mapping, **not_staged}  # noqa: SLF001 - the public name of a row's mapping in SQLAlchemy
    counts["for_a_later_day"] -= sum(not_staged.values())
    if not counts["weight_differs"]:
        del counts["weight_differs"]
    return counts
