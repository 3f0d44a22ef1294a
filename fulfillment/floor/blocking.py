"""Something stands in the way: walks go around it, those under way from where they are, until it is gone."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from typing import Final

from shapely import LineString, Polygon
from shapely import Point as ShapelyPoint
from shapely.ops import substring

from fulfillment.domain.floor_faults import check_floor
from fulfillment.domain.layout import LayoutError, Obstacle, WarehousePlan
from fulfillment.floor.keeping import locked_plan, store_floor_plan
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal

BAY_MM: Final = 1_200
"""How long the stretch is that is blocked at one bin."""
_UNREACHED: Final = frozenset({"bin_cut_off", "bin_outside_aisle", "aisle_closed"})
_MOST_NAMED = 500
_SHOWN = 5


class BinsCutOff(Refusal):
    """Nobody would get to some locations any more; `bins` names them."""

    code = "bins_cut_off"
    title = "Nobody would get to some locations"


def block_floor(
    uow: UnitOfWork, *, site_id: str, way: str, reason: str, start: str = "", end: str = "", confirmed: bool = False
) -> int:
    """Block an aisle, or a stretch of any way, at once: a new version of the floor comes into force. Return its number.

    `start` and `end` are locations on the way, or for a cross-aisle two aisles; one location alone blocks its bay, none
    the aisle along all its locations. Locations that nobody gets to then must be `confirmed`: they stay closed, and no
    walk leads there.

    Raises:
        UnknownFloorPlan: no plan is in force.
        Invalid: there is no such way, or no such stretch of it; or no reason is given.
        BinsCutOff: names the locations that would be cut off, unless confirmed.
        LayoutError: nobody would get anywhere.
    """
    if not reason.strip():
        raise Invalid("Say what stands in the way.", pointer="/reason")
    version, plan = locked_plan(uow, site_id)
    taken = {each.code for each in plan.obstacles}
    code = next(name for name in (f"BLOCK-{n}" for n in count(1)) if name not in taken)
    obstacle = Obstacle(code, _stretch(plan, way, start, end), reason.strip())
    drawn = replace(plan, obstacles=(*plan.obstacles, obstacle))
    lost = _lost(drawn) - plan.closed_bins
    if lost and not confirmed:
        named = sorted(lost)
        more = f" and {len(named) - _SHOWN} more" if named[_SHOWN:] else ""
        raise BinsCutOff(
            f"Nobody would get to {', '.join(named[:_SHOWN])}{more}.",
            remedy="Confirm that they are closed, or block less.", bins=named[:_MOST_NAMED], count=len(named),
        )  # fmt: skip
    drawn = replace(drawn, closed_bins=plan.closed_bins | lost)
    note = f"{way} blocked: {reason.strip()}"
    return store_floor_plan(uow, site_id=site_id, plan=drawn, note=note, source="blocked", based_on=version)


def open_floor(uow: UnitOfWork, *, site_id: str, obstacle: str) -> int:
    """Take an obstacle away: a new version comes into force, in which nobody goes around it. Return its number.

    Raises:
        UnknownFloorPlan: no plan is in force.
        Invalid: there is no such obstacle on it.
    """
    version, plan = locked_plan(uow, site_id)
    left = tuple(each for each in plan.obstacles if each.code != obstacle)
    if len(left) == len(plan.obstacles):
        raise Invalid(f"There is no obstacle {obstacle}.", remedy="Look at the plan again.", pointer="/obstacle")
    drawn = replace(plan, obstacles=left, closed_bins=frozenset())
    drawn = replace(drawn, closed_bins=_lost(drawn) & plan.closed_bins)
    return store_floor_plan(
        uow, site_id=site_id, plan=drawn, note=f"{obstacle} is gone", source="opened", based_on=version
    )


def _lost(plan: WarehousePlan) -> frozenset[str]:
    """Return the locations that nobody gets to on a plan that has no other fault."""
    try:
        check_floor(plan)
    except LayoutError as error:
        if {fault.code for fault in error.faults} - _UNREACHED:
            raise
        bins = {each.code for each in plan.bins}
        return frozenset(name for fault in error.faults for name in fault.names if name in bins)
    return frozenset()


def _stretch(plan: WarehousePlan, way: str, start: str, end: str) -> Polygon:
    line, width = _way(plan, way)
    places = {each.code: (each.x_mm, each.y_mm) for each in plan.bins if each.aisle == way}
    crossing = {a.code: (a.x_mm, line.coords[0][1]) for a in plan.aisles} if not places else {}
    ends = [name for name in (start, end) if name]
    unknown = [name for name in ends if name not in places and name not in crossing]
    if unknown:
        raise Invalid(f"{unknown[0]} is not on {way}.", remedy="Look at the plan.", pointer="/start")
    known = places or crossing
    spots = sorted(_along(line, (known[name] for name in ends or places)))
    if not spots:
        raise Invalid(f"Say between which aisles {way} is blocked.", pointer="/start")
    margin = -min(a.width_mm for a in plan.aisles) / 2 if crossing and len(spots) > 1 else BAY_MM / 2
    low, high = max(0.0, spots[0] - margin), min(line.length, spots[-1] + margin)
    if high - low < 1:
        raise Invalid("This stretch has no length.", remedy="Name two places apart.", pointer="/end")
    found = substring(line, low, high).buffer(width / 2 - 1, cap_style="flat")
    assert isinstance(found, Polygon), "a stretch of one line is one area"
    return found


def _along(line: LineString, places: Iterable[tuple[float, float]]) -> Iterable[float]:
    return (float(line.project(ShapelyPoint(place))) for place in places)


def _way(plan: WarehousePlan, code: str) -> tuple[LineString, int]:
    for a in plan.aisles:
        if a.code == code:
            return LineString([(a.x_mm, a.y_from_mm), (a.x_mm, a.y_to_mm)]), a.width_mm
    for c in plan.cross_aisles:
        if c.code == code:
            return LineString([(c.x_from_mm, c.y_mm), (c.x_to_mm, c.y_mm)]), c.width_mm
    for way in plan.walkways:
        if way.code == code:
            return LineString(way.points), way.width_mm
    raise Invalid(f"There is no way {code}.", remedy="Choose one of the plan's ways.", pointer="/way")
