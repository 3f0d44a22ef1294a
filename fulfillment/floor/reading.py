"""Reads of floor plans: which versions a site has, and what is drawn on each."""

from typing import Any

import msgspec
from sqlalchemy import Select, func, select, true
from sqlalchemy.orm import defer

from fulfillment.floor.views import FloorFaultView, FloorPlanHead, FloorPlanView
from fulfillment.models import FloorPlan, FloorPlanChange, FloorPlanVersion
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor


class UnknownFloorPlan(NotFound):
    """The site has no such version of its floor."""

    code = "floor_plan_unknown"


def find_floor_plans(
    uow: UnitOfWork, *, site_id: str, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[FloorPlanHead]:
    """Return the versions of a site's floor, latest first.

    Raises:
        Invalid: the cursor was not given out by this service.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    statement = _heads(site_id).order_by(FloorPlanVersion.version.desc()).limit(limit + 1)
    if cursor:
        (before,) = decode_cursor("floor", cursor)
        statement = statement.where(FloorPlanVersion.version < int(before))
    uow.session.flush()
    rows = uow.session.execute(statement).all()
    page = tuple(_head(row) for row in rows[:limit])
    return Page(page, encode_cursor("floor", page[-1].version) if len(rows) > limit else None)


def get_floor_plan(uow: UnitOfWork, *, site_id: str, version: int = 0) -> FloorPlanView:
    """Return one version of a site's floor, or the one in force.

    Raises:
        UnknownFloorPlan: the site has no such version, or none is in force.
    """
    wanted = FloorPlanVersion.version == version if version else FloorPlan.version.is_not(None)
    uow.session.flush()
    row = uow.session.execute(_heads(site_id).where(wanted)).one_or_none()
    if row is None:
        raise UnknownFloorPlan("There is no such floor plan.", remedy="Look at the list of the site's versions.")
    kept = FloorPlanVersion.site_id == site_id, FloorPlanVersion.version == row[0].version
    found = uow.session.execute(select(FloorPlanVersion.document, FloorPlanVersion.faults).where(*kept)).one()
    return FloorPlanView(_head(row), found.document, msgspec.convert(found.faults, list[FloorFaultView]))


def _heads(site_id: str) -> Select[*tuple[Any, ...]]:
    version = FloorPlanVersion
    is_it = (FloorPlan.site_id == version.site_id) & (FloorPlan.version == version.version)
    of_it = (FloorPlanChange.site_id == version.site_id) & (FloorPlanChange.version == version.version)
    latest = select(FloorPlanChange.at, FloorPlanChange.changed_by).where(of_it).correlate(version)
    last = latest.order_by(FloorPlanChange.number.desc()).limit(1).lateral()
    told = select(version, FloorPlan.version, last.c.at, last.c.changed_by, func.jsonb_array_length(version.faults))
    joined = told.outerjoin(FloorPlan, is_it).outerjoin(last, true())
    return joined.options(defer(version.document), defer(version.faults)).where(version.site_id == site_id)


def _head(row: Any) -> FloorPlanHead:  # noqa: ANN401 - a row of `_heads`
    version, in_force, at, by, faults = row
    return FloorPlanHead(
        version.site_id, version.version, version.kind, version.bins, faults, version.note, version.source,
        version.based_on, version.created_at, version.created_by, in_force is not None, at, by or "",
    )  # fmt: skip
