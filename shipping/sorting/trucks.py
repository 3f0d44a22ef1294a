"""What goes onto which truck: parcels and containers at the lanes, by the manifest or the carrier that takes them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import text

from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from shipping.domain.sort_lanes import STOPPED_BY_WEIGHT, STOPS
from shipping.lanes import LanePlan, lane_plan

_DOCK = text(
    "select p.id, p.sscc, p.tracking_number, p.carrier, p.service, p.ship_to, p.state, p.manifest_id, p.ship_date,"
    " p.check_hold_id is not null as weight_differs, s.lane_id, l.code as lane, s.loaded_at, s.loaded_by,"
    " c.id as box_id, c.sscc as box_sscc, c.kind as box_kind, c.state as box_state, k.code as asked_lane,"
    " f.closed_at from parcel p"
    " left join parcel_stage s on s.tenant_id = p.tenant_id and s.parcel_id = p.id"
    " left join sort_lane l on l.id = s.lane_id left join sort_container c on c.id = s.container_id"
    " left join manifest f on f.id = p.manifest_id"
    " left join manifest_parcel m on m.tenant_id = p.tenant_id and m.parcel_id = p.id and m.manifest_id = p.manifest_id"
    " left join sort_lane k on k.id = m.lane_id and k.loads_by_scan"
    " where p.site_id = :site and p.kind = 'outbound' and (p.state in ('labelled', 'manifested')"
    " or (p.state = 'voided' and s.lane_id is not null)) order by l.code, c.id, p.sscc"
)
_LIVE: Final = ("labelled", "manifested")


@dataclass(frozen=True, slots=True)
class TruckView:
    """What one driver takes: a closed manifest that is not handed over, or what of a carrier stands at the lanes for
    today and is on no manifest yet. `id` is the manifest's id, or the carrier's code; `loaded` of `parcels` are on it.
    """

    id: str
    carrier: str
    manifest_id: str
    closed_at: datetime | None
    lanes: tuple[str, ...]
    parcels: int
    loaded: int


@dataclass(frozen=True, slots=True)
class DockUnit:
    """What one scan loads: a loose parcel, or a container (`kind` pallet, cage, bag) with its `parcels`.

    `truck` is the id of the truck that it goes on, empty when it does not go today. `problem` says why it cannot be
    loaded, `detail` and `remedy` in words what is so and what to do; `codes` are what is printed on it.
    """

    id: str
    kind: str
    sscc: str
    codes: tuple[str, ...]
    carrier: str
    lane: str
    truck: str
    parcels: int
    loaded_at: datetime | None = None
    loaded_by: str = ""
    problem: str = ""
    detail: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Dock:
    """The trucks of a site, those of manifests first, the oldest one first; and all that a loader may meet there."""

    trucks: tuple[TruckView, ...]
    units: tuple[DockUnit, ...]


def dock(uow: UnitOfWork, *, site_id: str) -> Dock:
    """Return what is to be loaded at a site, and what of it is on its truck. Parcels inside containers are units too,
    with the problem `in_container`, so that a scan of one is answered.
    """
    today = uow.now.astimezone(ZoneInfo(get_site(uow, site_id).time_zone)).date()
    plan = lane_plan(uow, site_id)
    rows = uow.session.execute(_DOCK, {"site": site_id}).all()
    boxes: dict[str, list[Any]] = {}
    for row in rows:
        if row.box_id:
            boxes.setdefault(row.box_id, []).append(row)
    units = [_container(inside, today) for inside in boxes.values()]
    units += [_parcel(row, plan, today) for row in rows if not row.box_id]
    inside = [_inside(row) for row in rows if row.box_id]
    return Dock(tuple(_trucks(units, rows)), (*units, *inside))


def _trucks(units: Sequence[DockUnit], rows: Iterable[Any]) -> list[TruckView]:
    closed = {row.manifest_id: row.closed_at for row in rows if row.manifest_id}
    found = []
    for key in dict.fromkeys(unit.truck for unit in units if unit.truck):
        on_it = [unit for unit in units if unit.truck == key]
        lanes = tuple(sorted({unit.lane for unit in on_it if unit.lane}))
        loaded = sum(unit.parcels for unit in on_it if unit.loaded_at)
        total = sum(unit.parcels for unit in on_it)
        manifest = key if key in closed else ""
        found.append(TruckView(key, on_it[0].carrier, manifest, closed.get(key), lanes, total, loaded))
    return sorted(found, key=lambda truck: (not truck.closed_at, truck.closed_at, truck.id))


def _parcel(row: Any, plan: LanePlan, today: date) -> DockUnit:  # noqa: ANN401 - a row of _DOCK
    lane = row.lane or row.asked_lane or ""
    truck = _truck_of(row, today) if lane else ""
    problem = _problem(row, plan, today)
    loaded = row.loaded_at if not problem[0] else None
    return DockUnit(
        row.id, "parcel", row.sscc, _codes(row), row.carrier, lane, truck, 1, loaded, row.loaded_by or "", *problem
    )


def _truck_of(row: Any, today: date) -> str:  # noqa: ANN401 - a row of _DOCK
    if row.state == "manifested":
        return str(row.manifest_id)
    is_due = row.state == "labelled" and row.ship_date <= today and not row.weight_differs
    return str(row.carrier) if is_due else ""


def _problem(row: Any, plan: LanePlan, today: date) -> tuple[str, str, str]:  # noqa: ANN401 - a row of _DOCK
    stop = STOPS.get(row.state) or (STOPPED_BY_WEIGHT if row.weight_differs else None)
    if stop:
        return stop
    if not row.lane_id:
        right = plan.codes.get(plan.lane_of(row.carrier, row.service, row.ship_to) or "", "")
        remedy = f"Scan it onto {right} first." if right else "Take it to the floor office."
        return "not_staged", "It stands on no lane.", remedy
    if row.state == "labelled" and row.ship_date > today:
        return "later_day", "It is for a later day.", f"Put it back on {row.lane}."
    return "", "", ""


def _container(inside: Sequence[Any], today: date) -> DockUnit:
    row = inside[0]
    manifests = Counter(each.manifest_id for each in inside if each.manifest_id)
    ours = max(sorted(manifests), key=lambda manifest: manifests[manifest]) if manifests else ""
    due = {truck for each in inside if (truck := _truck_of(each, today))}
    truck = ours or next(iter(due), "")
    loaded_at = max((each.loaded_at for each in inside if each.loaded_at), default=None)
    problem = ("", "", "") if row.box_state == "loaded" else _problem_of_box(inside, ours, today)
    by = next((each.loaded_by for each in inside if each.loaded_by), "")
    return DockUnit(
        row.box_id, row.box_kind, row.box_sscc, (row.box_sscc,), row.carrier, row.lane, truck,
        sum(each.state in _LIVE for each in inside), loaded_at if row.box_state == "loaded" else None, by, *problem,
    )  # fmt: skip


def _problem_of_box(inside: Sequence[Any], ours: str, today: date) -> tuple[str, str, str]:
    row = inside[0]
    stopped = [each for each in inside if each.state not in _LIVE or each.weight_differs]
    if stopped:
        return "stopped_inside", f"Parcel {_named(stopped)} in it does not go.", "Reopen it, and take that out first."
    strangers = [each for each in inside if (each.manifest_id != ours if ours else each.ship_date > today)]
    if len(strangers) == len(inside):
        return "later_day", "It is for a later day.", f"Put it back on {row.lane}."
    if strangers:
        detail = f"Parcel {_named(strangers)} in it does not leave with the others."
        return "strangers_inside", detail, "Reopen it, and take that out first."
    if row.box_state == "open":
        return "open", "It is still open.", "Close it, then scan it again."
    return "", "", ""


def _inside(row: Any) -> DockUnit:  # noqa: ANN401 - a row of _DOCK
    detail = f"It is in the {row.box_kind} \N{HORIZONTAL ELLIPSIS}{row.box_sscc[-6:]}."
    return DockUnit(
        row.id, "parcel", row.sscc, _codes(row), row.carrier, row.lane, "", 1, row.loaded_at, row.loaded_by or "",
        "in_container", detail, f"Scan the {row.box_kind}, not the parcel.",
    )  # fmt: skip


def _codes(row: Any) -> tuple[str, ...]:  # noqa: ANN401 - a row of _DOCK
    return tuple(filter(None, (row.sscc, (row.tracking_number or "").upper())))


def _named(rows: Sequence[Any]) -> str:
    return ", ".join(f"\N{HORIZONTAL ELLIPSIS}{row.sscc[-6:]}" for row in rows)
