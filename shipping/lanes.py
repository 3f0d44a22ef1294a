"""The lanes of a site and what stands on them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from shipping.domain.sort_lanes import LaneRule, lane_for
from shipping.models.sorting import SortContainerRow, SortLaneRow, SortLaneRuleRow

_FILL = text(
    "select s.lane_id, count(*) as parcels, coalesce(sum(p.weight_g), 0) as weight_g, min(s.staged_at) as oldest_at,"
    " count(*) filter (where p.state = 'voided') as to_take_off from parcel_stage s"
    " join parcel p on p.tenant_id = s.tenant_id and p.id = s.parcel_id"
    " where s.site_id = :site and p.state in ('labelled', 'manifested', 'voided') group by s.lane_id"
)
_UNITS = text(
    "select s.container_id, count(*) as parcels, coalesce(sum(p.weight_g), 0) as weight_g from parcel_stage s"
    " join parcel p on p.tenant_id = s.tenant_id and p.id = s.parcel_id"
    " where s.container_id = any(:containers) group by s.container_id"
)
_BOXES = text(
    "select parcel_id, container_sscc, contained_at from manifest_parcel"
    " where manifest_id = :manifest and container_id is not null"
)


@dataclass(frozen=True, slots=True)
class LaneView:
    """A lane and what it takes; `services` and `routes` (country, or country and postcode prefix) are empty for any.

    `parcels`, `weight_g` and `oldest_at` are of what stands on it now; `to_take_off` of those were given up.
    """

    id: str
    site_id: str
    code: str
    carrier: str
    services: tuple[str, ...]
    routes: tuple[str, ...]
    requires_staging: bool
    loads_by_scan: bool
    parcels: int
    weight_g: int
    oldest_at: datetime | None
    to_take_off: int


@dataclass(frozen=True, slots=True)
class ContainerView:
    """A pallet, cage or bag on a lane; `state` is open, closed or loaded, the weight that of the parcels in g."""

    id: str
    site_id: str
    lane_id: str
    lane_code: str
    carrier: str
    kind: str
    sscc: str
    state: str
    parcels: int
    weight_g: int
    opened_at: datetime
    closed_at: datetime | None


def sort_lanes(uow: UnitOfWork, *, site_id: str) -> list[LaneView]:
    """Return the open lanes of a site by code; a site without any loads straight from the bench."""
    statement = select(SortLaneRow).where(SortLaneRow.site_id == site_id, SortLaneRow.closed_at.is_(None))
    rows = uow.session.scalars(statement.order_by(SortLaneRow.code)).all()
    fill = {row.lane_id: row for row in uow.session.execute(_FILL, {"site": site_id})} if rows else {}
    return [_lane(row, fill.get(row.id)) for row in rows]


def get_lane(uow: UnitOfWork, *, lane_id: str) -> LaneView:
    """Return an open lane.

    Raises:
        NotFound: there is no such open lane for this caller.
    """
    row = uow.session.get(SortLaneRow, lane_id, populate_existing=True)
    if row is None or row.closed_at is not None:
        raise NotFound("There is no such lane.", remedy="List the lanes of the site.")
    return next(lane for lane in sort_lanes(uow, site_id=row.site_id) if lane.id == lane_id)


def sort_containers(
    uow: UnitOfWork, *, site_id: str, states: Iterable[str] = ("open", "closed")
) -> list[ContainerView]:
    """Return the containers of a site in some states, newest first."""
    statement = select(SortContainerRow).where(
        SortContainerRow.site_id == site_id, SortContainerRow.state.in_(list(states))
    )
    return container_views(uow, uow.session.scalars(statement.order_by(SortContainerRow.id.desc())).all())


def get_container(uow: UnitOfWork, *, container_id: str) -> ContainerView:
    """Return a container.

    Raises:
        NotFound: there is no such container for this caller.
    """
    row = uow.session.get(SortContainerRow, container_id, populate_existing=True)
    if row is None:
        raise NotFound("There is no such container.", remedy="List the containers of the site.")
    return container_views(uow, [row])[0]


def container_of_parcels(uow: UnitOfWork, *, manifest_id: str) -> dict[str, tuple[str, datetime]]:
    """Return the SSCC of each container that parcels of a manifest stood in when it was closed, and since when, by
    parcel id.
    """
    rows = uow.session.execute(_BOXES, {"manifest": manifest_id})
    return {row.parcel_id: (row.container_sscc, row.contained_at) for row in rows}


def container_views(uow: UnitOfWork, rows: Iterable[SortContainerRow]) -> list[ContainerView]:
    """Return containers as others see them."""
    found = list(rows)
    if not found:
        return []
    keys = {"containers": [row.id for row in found]}
    units = {row.container_id: row for row in uow.session.execute(_UNITS, keys)}
    lanes = select(SortLaneRow.id, SortLaneRow.code).where(SortLaneRow.id.in_({row.lane_id for row in found}))
    codes = {row.id: row.code for row in uow.session.execute(lanes)}
    return [
        ContainerView(
            row.id, row.site_id, row.lane_id, codes[row.lane_id], row.carrier, row.kind, row.sscc, row.state,
            units[row.id].parcels if row.id in units else 0, int(units[row.id].weight_g) if row.id in units else 0,
            row.opened_at, row.closed_at,
        )
        for row in found
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class LanePlan:
    """The rules of a site's open lanes, to find the lane of many parcels."""

    rules: tuple[LaneRule, ...]
    codes: Mapping[str, str]
    requiring: frozenset[str]

    def lane_of(self, carrier: str, service: str, ship_to: Mapping[str, Any]) -> str | None:
        """Return the id of the lane of a parcel, None when no lane takes it."""
        return lane_for(
            self.rules, carrier=carrier, service=service, country=str(ship_to.get("country", "")),
            postal_code=str(ship_to.get("postal_code", "")),
        )  # fmt: skip


def lane_plan(uow: UnitOfWork, site_id: str) -> LanePlan:
    """Return the rules of a site's open lanes."""
    rows = uow.session.scalars(select(SortLaneRuleRow).where(SortLaneRuleRow.site_id == site_id)).all()
    rules = tuple(LaneRule(row.lane_id, row.carrier, row.service, row.country, row.postal_prefix) for row in rows)
    lanes = select(SortLaneRow.id, SortLaneRow.code, SortLaneRow.requires_staging)
    open_lanes = uow.session.execute(lanes.where(SortLaneRow.site_id == site_id, SortLaneRow.closed_at.is_(None))).all()
    requiring = frozenset(row.id for row in open_lanes if row.requires_staging)
    return LanePlan(rules, {row.id: row.code for row in open_lanes}, requiring)


def _lane(row: SortLaneRow, fill: Any) -> LaneView:  # noqa: ANN401 - a row of _FILL
    return LaneView(
        row.id, row.site_id, row.code, row.carrier, tuple(row.services), tuple(row.routes), row.requires_staging,
        row.loads_by_scan, fill.parcels if fill else 0, int(fill.weight_g) if fill else 0,
        fill.oldest_at if fill else None, fill.to_take_off if fill else 0,
    )  # fmt: skip
