"""Floors are drawn or loaded as versions; one of them is in force, and any sound one can be put in force again."""

from dataclasses import dataclass

from sqlalchemy import func, select

from fulfillment.domain.floor_document import plan_from_document, plan_to_document
from fulfillment.domain.floor_faults import check_floor
from fulfillment.domain.layout import GridLayout, LayoutError, LayoutFault, WarehousePlan
from fulfillment.floor.checking import refuse_lost_stock, stock_off_plan
from fulfillment.floor.reading import UnknownFloorPlan
from fulfillment.models import FloorPlan, FloorPlanChange, FloorPlanVersion
from fulfillment.queries.floor import floor_plan
from fulfillment.walks import resequence_site
from kernel.access.models import Site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal

LONGEST_NOTE = 400


class StaleFloorPlan(Refusal):
    """Another version came into force since the caller looked."""

    code = "floor_plan_stale"
    title = "Another floor plan is in force"


@dataclass(frozen=True, slots=True)
class CheckedFloor:
    """What checking a plan came to: `kind` is grid, graph or faulty."""

    kind: str
    faults: tuple[LayoutFault, ...] = ()


def store_floor_plan(
    uow: UnitOfWork, *, site_id: str, plan: WarehousePlan, note: str = "", source: str = "stored",
    based_on: int | None = None,
) -> int:  # fmt: skip
    """Keep a drawn floor as a new version, put it in force, and return its number.

    Raises:
        LayoutError: names every part of the plan that cannot be walked, and where; the former plan stays in force.
    """
    layout = check_floor(plan)
    _lock(uow, site_id)
    kind = "grid" if isinstance(layout, GridLayout) else "graph"
    version = _keep(uow, site_id=site_id, plan=plan, kind=kind, note=note, source=source, based_on=based_on)
    _enforce(uow, site_id, version)
    uow.audit("floor_plan.stored", subject=site_id, version=version, kind=kind, bins=len(plan.bins))
    return version


def draft_floor_plan(
    uow: UnitOfWork, *, site_id: str, plan: WarehousePlan, note: str = "", source: str = "drawn",
    based_on: int | None = None,
) -> int:  # fmt: skip
    """Keep a drawn floor as a new version, whatever is wrong with it, and return its number; nothing else changes."""
    return keep_checked_floor(
        uow, site_id=site_id, plan=plan, floor=checked_floor(plan), note=note, source=source, based_on=based_on
    )


def checked_floor(plan: WarehousePlan) -> CheckedFloor:
    """Return what a plan is: straight aisles, other ways, or faulty."""
    try:
        return CheckedFloor("grid" if isinstance(check_floor(plan), GridLayout) else "graph")
    except LayoutError as error:
        return CheckedFloor("faulty", error.faults)


def keep_checked_floor(
    uow: UnitOfWork, *, site_id: str, plan: WarehousePlan, floor: CheckedFloor, note: str, source: str,
    based_on: int | None, created_by: str = "",
) -> int:  # fmt: skip
    """Keep a floor that was checked already as a new version of who sent it, and return its number."""
    _lock(uow, site_id)
    version = _keep(
        uow, site_id=site_id, plan=plan, kind=floor.kind, faults=floor.faults, note=note, source=source,
        based_on=based_on, created_by=created_by,
    )  # fmt: skip
    uow.audit("floor_plan.drafted", subject=site_id, version=version, kind=floor.kind, bins=len(plan.bins))
    return version


def put_floor_plan_in_force(
    uow: UnitOfWork, *, site_id: str, version: int, instead_of: int | None = None, confirmed: bool = False
) -> None:
    """Have walks computed on a version from now on, a new one or an earlier one; the other versions stay. Walks under
    way go on on it at once, and a worker plans those anew that nobody has claimed.

    `instead_of` is the version that the caller knows to be in force, 0 for none. Locations with stock that only the
    floor in force draws must be `confirmed`.

    Raises:
        UnknownFloorPlan: the site has no such version.
        LayoutError: it has faults; the plan in force stays.
        StaleFloorPlan: another one than `instead_of` is in force.
        StockOffPlan: names the locations whose stock nobody would be led to any more, unless confirmed.
    """
    _lock(uow, site_id)
    now = uow.session.scalar(select(FloorPlan.version).where(FloorPlan.site_id == site_id)) or 0
    if instead_of is not None and instead_of != now:
        raise StaleFloorPlan(f"Version {now} is in force.", remedy="Look at it, then decide again.", version=now)
    statement = select(FloorPlanVersion.document).where(
        FloorPlanVersion.site_id == site_id, FloorPlanVersion.version == version
    )
    document = uow.session.scalar(statement)
    if document is None:
        raise UnknownFloorPlan("There is no such floor plan.", remedy="Look at the list of the site's versions.")
    if now == version:
        return
    plan = plan_from_document(document)
    check_floor(plan)
    if not confirmed:
        refuse_lost_stock(stock_off_plan(uow, site_id=site_id, plan=plan))
    _enforce(uow, site_id, version)
    uow.audit("floor_plan.put_in_force", subject=site_id, version=version, instead_of=now)


def locked_plan(uow: UnitOfWork, site_id: str) -> tuple[int, WarehousePlan]:
    """Return the version in force and its plan; nobody else changes it until the transaction ends.

    Raises:
        UnknownFloorPlan: none is in force.
    """
    _lock(uow, site_id)
    version, plan = uow.session.scalar(select(FloorPlan.version).where(FloorPlan.site_id == site_id)), None
    if version is not None:
        plan = floor_plan(uow, site_id)
    if version is None or plan is None:
        raise UnknownFloorPlan("No floor plan is in force.", remedy="Load one first.")
    return version, plan


def _lock(uow: UnitOfWork, site_id: str) -> None:
    """Let nobody else number versions of the site; who only refers to the site does not wait."""
    uow.session.execute(select(Site.id).where(Site.id == site_id).with_for_update(key_share=True))


def _keep(
    uow: UnitOfWork, *, site_id: str, plan: WarehousePlan, kind: str, faults: tuple[LayoutFault, ...] = (), note: str,
    source: str, based_on: int | None, created_by: str = "",
) -> int:  # fmt: skip
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"A note has at most {LONGEST_NOTE} characters.", remedy="Shorten it.", pointer="/note")
    of_site = FloorPlanVersion.site_id == site_id
    if based_on and not uow.session.scalar(select(func.count()).where(of_site, FloorPlanVersion.version == based_on)):
        raise UnknownFloorPlan(f"There is no version {based_on}.", remedy="Look at the list.", pointer="/based_on")
    latest = select(func.max(FloorPlanVersion.version)).where(FloorPlanVersion.site_id == site_id)
    version = (uow.session.scalar(latest) or 0) + 1
    uow.session.add(
        FloorPlanVersion(
            site_id=site_id, version=version, kind=kind, document=plan_to_document(plan),
            faults=[fault.told() for fault in faults], bins=len(plan.bins), note=note, source=source,
            based_on=based_on, created_at=uow.now, created_by=created_by or uow.actor.id,
        )
    )  # fmt: skip
    uow.session.flush()
    return version


def _enforce(uow: UnitOfWork, site_id: str, version: int) -> None:
    latest = select(func.max(FloorPlanChange.number)).where(FloorPlanChange.site_id == site_id)
    number = (uow.session.scalar(latest) or 0) + 1
    change = FloorPlanChange(
        site_id=site_id, number=number, version=version, at=uow.now, changed_by=uow.actor.id
    )  # fmt: skip
    uow.session.add(change)
    plan = uow.session.get(FloorPlan, site_id)
    if plan is None:
        uow.session.add(FloorPlan(site_id=site_id, version=version, updated_at=uow.now))
    else:
        plan.version, plan.updated_at = version, uow.now
    uow.session.flush()
    resequence_site(uow, site_id)
