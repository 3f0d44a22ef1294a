"""What waits to be sorted, and what a sorter may meet that does not go."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork
from shipping.domain.sort_lanes import STOPPED_BY_WEIGHT, STOPS
from shipping.lanes import lane_plan

_WAITING = text(
    "select p.id, p.sscc, p.tracking_number, p.carrier, p.service, p.ship_to, s.lane_id from parcel p"
    " left join parcel_stage s on s.tenant_id = p.tenant_id and s.parcel_id = p.id"
    " where p.site_id = :site and p.kind = 'outbound' and p.state = 'labelled'"
    " and p.check_hold_id is null order by p.ship_date, p.packed_at, p.id"
)
_STOPPED = text(
    "select p.sscc, p.tracking_number, p.state, p.check_hold_id from parcel p where p.site_id = :site"
    " and p.kind = 'outbound'"
    " and (p.state in ('packed', 'held', 'cleared') or (p.state = 'voided' and p.voided_at > :since)"
    " or (p.state in ('labelled', 'manifested') and p.check_hold_id is not null))"
    " order by p.packed_at desc limit :limit"
)
_LANES_OF_BOXES = text("select sscc, lane_id from sort_container where site_id = :site and state = 'open' order by id")
_MOST = 200
_TWO_DAYS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class WaitingParcel:
    """A labelled parcel that is not on its lane, with the codes that are on it, its lane, and the SSCCs of the open
    containers there.
    """

    parcel_id: str
    sscc: str
    tracking_number: str
    lane: str
    containers: tuple[str, ...]
    destination: str


@dataclass(frozen=True, slots=True)
class StoppedParcel:
    """A parcel that does not go, and in words why and where to take it."""

    sscc: str
    tracking_number: str
    words: str


def parcels_to_sort(uow: UnitOfWork, *, site_id: str, limit: int = _MOST) -> list[WaitingParcel]:
    """Return labelled parcels that a lane takes and that do not stand on it, the earliest collection first."""
    plan = lane_plan(uow, site_id)
    if not plan.rules:
        return []
    boxes: dict[str, list[str]] = {}
    for box in uow.session.execute(_LANES_OF_BOXES, {"site": site_id}):
        boxes.setdefault(box.lane_id, []).append(box.sscc)
    found = []
    for row in uow.session.execute(_WAITING, {"site": site_id}):
        lane = plan.lane_of(row.carrier, row.service, row.ship_to)
        if lane is None or lane == row.lane_id:
            continue
        destination = " ".join(str(row.ship_to[key]) for key in ("country", "postal_code", "city"))
        containers = tuple(boxes.get(lane, ()))
        found.append(WaitingParcel(row.id, row.sscc, row.tracking_number, plan.codes[lane], containers, destination))
        if len(found) == limit:
            break
    return found


def stopped_parcels(uow: UnitOfWork, *, site_id: str, limit: int = _MOST) -> list[StoppedParcel]:
    """Return the newest parcels of a site that may not stand on a lane; those given up for two days."""
    since = uow.now - _TWO_DAYS
    rows = uow.session.execute(_STOPPED, {"site": site_id, "since": since, "limit": limit})
    return [
        StoppedParcel(row.sscc, row.tracking_number, " ".join(STOPS.get(row.state, STOPPED_BY_WEIGHT)[1:]))
        for row in rows
    ]
