import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound, Refusal
from kernel.ids import new_id
from shipping.domain.sort_lanes import read_route
from shipping.lanes import LaneView, get_lane
from shipping.models.parcels import ParcelRow
from shipping.models.sorting import ParcelStageRow, SortContainerRow, SortLaneRow, SortLaneRuleRow
from shipping.site_terms import terms_of

_CODE: Final = re.compile(r"^[A-Z0-9][A-Z0-9-]{0,39}$")
_MOST_RULES: Final = 500


class LaneTaken(Refusal):
    """Another open lane has this code, or takes the same parcels."""

    code = "lane_taken"
    title = "Another lane has this already"


class LaneNotEmpty(Refusal):
    """Parcels or open containers stand on the lane."""

    code = "lane_not_empty"
    title = "Something still stands on this lane"


@dataclass(frozen=True, slots=True)
class LaneDraft:
    """What a lane takes: a carrier's parcels of some services to some routes, of all where none is named.

    A route is a country, or a country and the beginning of a postcode: DE, DE-04.
    """

    carrier: str
    services: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    requires_staging: bool = True
    loads_by_scan: bool = False


def open_lane(uow: UnitOfWork, *, site_id: str, code: str, draft: LaneDraft) -> LaneView:
    """Open a lane at a site.

    Raises:
        NotFound: there is no such site.
        Invalid: the code, the carrier, a service or a route cannot be right.
        LaneTaken: another open lane has the code, or one of the rules.
    """
    code = code.strip().upper()
    if not _CODE.match(code):
        raise Invalid("A lane's code has letters, digits and hyphens.", remedy="Such as LANE-1.", pointer="/code")
    checked = _checked(uow, site_id, draft)
    taken = select(SortLaneRow.id).where(
        SortLaneRow.site_id == site_id, SortLaneRow.code == code, SortLaneRow.closed_at.is_(None)
    )
    if uow.session.scalar(taken):
        raise LaneTaken(f"There is a lane {code} already.", remedy="Change that one, or choose another code.")
    row = SortLaneRow(
        id=new_id("lan"), site_id=site_id, code=code, carrier=checked.carrier, services=list(checked.services),
        routes=list(checked.routes), requires_staging=checked.requires_staging, loads_by_scan=checked.loads_by_scan,
        opened_at=uow.now, closed_at=None,
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    _set_rules(uow, row)
    uow.audit("lane.opened", subject=row.id, code=code, carrier=row.carrier)
    return get_lane(uow, lane_id=row.id)


def change_lane(uow: UnitOfWork, *, lane_id: str, draft: LaneDraft) -> LaneView:
    """Change what an open lane takes; what stands on it stays there, and is told where it is no longer right.

    Raises:
        NotFound: there is no such open lane for this caller.
        Invalid: the carrier, a service or a route cannot be right.
        LaneTaken: another open lane has one of the rules.
        LaneNotEmpty: the carrier is to change under containers that stand there.
    """
    row = lock_lane(uow, lane_id)
    checked = _checked(uow, row.site_id, draft)
    if checked.carrier != row.carrier and _standing(uow, lane_id):
        raise LaneNotEmpty("Its parcels are another carrier's.", remedy="Empty it first, or open another lane.")
    row.carrier, row.services, row.routes = checked.carrier, list(checked.services), list(checked.routes)
    row.requires_staging, row.loads_by_scan = checked.requires_staging, checked.loads_by_scan
    uow.session.execute(delete(SortLaneRuleRow).where(SortLaneRuleRow.lane_id == lane_id))
    _set_rules(uow, row)
    uow.audit("lane.changed", subject=lane_id, code=row.code, carrier=row.carrier)
    return get_lane(uow, lane_id=lane_id)


def close_lane(uow: UnitOfWork, *, lane_id: str) -> None:
    """Close a lane on which nothing stands; its code and its rules are free again.

    Raises:
        NotFound: there is no such open lane for this caller.
        LaneNotEmpty: parcels or containers stand on it.
    """
    row = lock_lane(uow, lane_id)
    standing = _standing(uow, lane_id)
    if standing:
        detail = f"{standing} parcels or containers stand on {row.code}."
        raise LaneNotEmpty(detail, remedy="Load them, or scan them onto another lane first.", standing=standing)
    row.closed_at = uow.now
    uow.session.execute(delete(SortLaneRuleRow).where(SortLaneRuleRow.lane_id == lane_id))
    uow.session.flush()
    uow.audit("lane.closed", subject=lane_id, code=row.code)


def lock_lane(uow: UnitOfWork, lane_id: str) -> SortLaneRow:
    """Load one open lane and lock its row.

    Raises:
        NotFound: there is no such open lane for this caller.
    """
    statement = select(SortLaneRow).where(SortLaneRow.id == lane_id, SortLaneRow.closed_at.is_(None))
    row = uow.session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound("There is no such lane.", remedy="List the lanes of the site.")
    return row


def _checked(uow: UnitOfWork, site_id: str, draft: LaneDraft) -> LaneDraft:
    services = {each.service for each in terms_of(uow, site_id).services if each.carrier == draft.carrier}
    if not services:
        raise Invalid(f"The site has no carrier {draft.carrier}.", remedy="Name one of its own.", pointer="/carrier")
    unknown = sorted(set(draft.services) - services)
    if unknown:
        remedy = f"It has {', '.join(sorted(services))}."
        raise Invalid(f"{draft.carrier} has no service {unknown[0]}.", remedy=remedy, pointer="/services")
    routes = tuple(dict.fromkeys(_route(each) for each in draft.routes))
    if len(routes) * max(len(draft.services), 1) > _MOST_RULES:
        raise Invalid(f"A lane has at most {_MOST_RULES} rules.", remedy="Name shorter postcodes.", pointer="/routes")
    return LaneDraft(
        draft.carrier, tuple(sorted(set(draft.services))), routes, draft.requires_staging, draft.loads_by_scan
    )


def _route(text: str) -> str:
    found = read_route(text)
    if found is None:
        raise Invalid(
            f"{text} is no route.", remedy="Write DE, or DE-04 for a postcode's beginning.", pointer="/routes"
        )
    return "-".join(filter(None, found))


def _set_rules(uow: UnitOfWork, row: SortLaneRow) -> None:
    rules = [
        {"site_id": row.site_id, "carrier": row.carrier, "service": service, "country": country,
         "postal_prefix": prefix, "lane_id": row.id}
        for service in row.services or [""]
        for country, prefix in _routes(row.routes)
    ]  # fmt: skip
    statement = insert(SortLaneRuleRow).values(rules).on_conflict_do_nothing().returning(SortLaneRuleRow.lane_id)
    if len(uow.session.execute(statement).all()) == len(rules):
        return
    other = _holder(uow, row.site_id, rules, row.id)
    raise LaneTaken(f"Lane {other} takes some of these parcels.", remedy="Make one of the two more specific.")


def _routes(routes: Sequence[str]) -> Iterable[tuple[str, str]]:
    return [(country, prefix) for country, _, prefix in (route.partition("-") for route in routes)] or [("", "")]


def _holder(uow: UnitOfWork, site_id: str, rules: Sequence[dict[str, str]], lane_id: str) -> str:
    keys = {(each["carrier"], each["service"], each["country"], each["postal_prefix"]) for each in rules}
    statement = (
        select(SortLaneRuleRow, SortLaneRow.code)
        .join(SortLaneRow, SortLaneRow.id == SortLaneRuleRow.lane_id)
        .where(SortLaneRuleRow.site_id == site_id, SortLaneRuleRow.lane_id != lane_id)
    )
    for rule, code in uow.session.execute(statement):
        if (rule.carrier, rule.service, rule.country, rule.postal_prefix) in keys:
            return str(code)
    return "?"


def _standing(uow: UnitOfWork, lane_id: str) -> int:
    parcels = (
        select(func.count())
        .select_from(ParcelStageRow)
        .join(ParcelRow, (ParcelRow.tenant_id == ParcelStageRow.tenant_id) & (ParcelRow.id == ParcelStageRow.parcel_id))
        .where(ParcelStageRow.lane_id == lane_id, ParcelRow.state != "handed_over")
    )
    boxes = select(func.count()).where(SortContainerRow.lane_id == lane_id, SortContainerRow.state != "loaded")
    return (uow.session.scalar(parcels) or 0) + (uow.session.scalar(boxes) or 0)
