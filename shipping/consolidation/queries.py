"""Hubs of a site, and plans of what should ride to them on pallets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from kernel import runs
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from shipping.consolidation.views import InjectionHub
from shipping.models.consolidation import ConsolidationPlanRow, InjectionHubRow
from shipping.site_terms import terms_of


@dataclass(frozen=True, slots=True)
class PlannedHub:
    """What should go to one hub; `why` says of one that gets nothing what speaks against it."""

    code: str
    name: str
    parcels: int
    pallets: int
    volume_mm3: int
    weight_g: int
    linehaul_minor: int
    last_mile_minor: int
    direct_minor: int
    saved_minor: int
    why: str


@dataclass(frozen=True, slots=True)
class PlannedParcel:
    """Where one parcel should go: `hub` is "" for straight from the house; then there is no price from a hub."""

    reference: str
    hub: str
    direct_minor: int
    via_minor: int | None


@dataclass(frozen=True, slots=True)
class ConsolidationPlan:
    """A proposal. `baseline_minor` is what all parcels cost straight, `saved_minor` what the plan saves of it after all
    pallets are paid, and `bound_minor` what no plan can save more than.
    """

    id: str
    site_id: str
    state: str
    source: str
    ship_on: date
    currency: str
    progress: int
    note: str
    parcels: int
    baseline_minor: int
    saved_minor: int
    bound_minor: int
    hubs: tuple[PlannedHub, ...]
    created_at: datetime
    created_by: str
    finished_at: datetime | None

    @property
    def is_under_way(self) -> bool:
        """Whether a worker has it still before it."""
        return self.state in ConsolidationPlanRow.UNDER_WAY

    @property
    def direct_parcels(self) -> int:
        """How many parcels should go straight."""
        return self.parcels - sum(hub.parcels for hub in self.hubs)


def injection_hubs(uow: UnitOfWork, *, site_id: str) -> list[InjectionHub]:
    """Return a site's hubs by code."""
    statement = select(InjectionHubRow).where(InjectionHubRow.site_id == site_id).order_by(InjectionHubRow.code)
    return [
        InjectionHub(
            row.code, row.name, row.country, row.postal_code, row.currency, row.fixed_minor, row.pallet_minor,
            row.max_volume_mm3, row.max_weight_g, row.transit_days, row.carrier, row.service,
        )
        for row in uow.session.scalars(statement)
    ]  # fmt: skip


def last_miles(uow: UnitOfWork, *, site_id: str) -> list[tuple[str, str, str]]:
    """Return the services that may deliver from a hub: carrier, service, and both in words.

    Raises:
        NotFound: there is no such site.
    """
    services = terms_of(uow, site_id).services
    return [(each.carrier, each.service, f"{each.carrier_name}: {each.service_name}") for each in services]


def get_consolidation(uow: UnitOfWork, plan_id: str, *, site_id: str) -> ConsolidationPlan:
    """Return a plan.

    Raises:
        NotFound: the site has no such plan.
    """
    unknown = NotFound("There is no such plan.", remedy="Look at the list of plans.")
    return _view(runs.find(uow, ConsolidationPlanRow, plan_id, site_id=site_id, unknown=unknown))


def find_consolidations(uow: UnitOfWork, *, site_id: str, limit: int = 20) -> Sequence[ConsolidationPlan]:
    """Return the latest plans of a site, newest first."""
    return [_view(row) for row in runs.newest(uow, ConsolidationPlanRow, site_id=site_id, limit=limit)]


def planned_parcels(uow: UnitOfWork, plan_id: str, *, site_id: str) -> list[PlannedParcel]:
    """Return where a plan sends each parcel; none before it is ready.

    Raises:
        NotFound: the site has no such plan.
    """
    statement = select(ConsolidationPlanRow.lines).where(
        ConsolidationPlanRow.id == plan_id, ConsolidationPlanRow.site_id == site_id
    )
    lines = uow.session.scalar(statement)
    if lines is None:
        raise NotFound("There is no such plan.", remedy="Look at the list of plans.")
    return [PlannedParcel(**line) for line in lines]


def _view(row: ConsolidationPlanRow) -> ConsolidationPlan:
    return ConsolidationPlan(
        row.id, row.site_id, row.state, row.source, row.ship_on, row.currency, row.progress, row.note, row.parcels,
        row.baseline_minor, row.saved_minor, row.bound_minor, tuple(PlannedHub(**each) for each in row.loads),
        row.created_at, row.created_by, row.finished_at,
    )  # fmt: skip
