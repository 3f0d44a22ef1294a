"""What a drawn floor would do to a site, told before it is kept or put in force."""

from collections.abc import Iterable

import msgspec

from fulfillment.domain.floor_faults import check_floor
from fulfillment.domain.layout import GridLayout, LayoutError, LayoutFault, WarehousePlan
from fulfillment.floor.views import FloorCheck, FloorFaultView
from fulfillment.queries.floor import floor_plan
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal

MOST_NAMED = 500
_SHOWN = 5


class StockOffPlan(Refusal):
    """Stock lies in locations that are on the floor in force and not on the new one; `locations` names them."""

    code = "stock_off_plan"
    title = "Stock lies in locations that the plan leaves out"


def check_floor_plan(uow: UnitOfWork, *, site_id: str, plan: WarehousePlan) -> FloorCheck:
    """Say what is wrong with a floor, and what it and the site's locations do not know of each other; store nothing."""
    faults: tuple[LayoutFault, ...] = ()
    kind = "faulty"
    try:
        kind = "grid" if isinstance(check_floor(plan), GridLayout) else "graph"
    except LayoutError as error:
        faults = error.faults
    known = {location.code for location in inventory.find_locations(uow, site_id=site_id)}
    missing = sorted({each.code for each in plan.bins} - known)
    lost = stock_off_plan(uow, site_id=site_id, plan=plan)
    told = msgspec.convert([fault.told() for fault in faults], list[FloorFaultView])
    return FloorCheck(kind, told, missing[:MOST_NAMED], len(missing), list(lost[:MOST_NAMED]), len(lost))


def stock_off_plan(uow: UnitOfWork, *, site_id: str, plan: WarehousePlan) -> tuple[str, ...]:
    """Return the pick locations with stock that a plan does not draw, by code.

    Of a site with a floor in force, those that are on it: what it does not draw either is not lost by the new one.
    """
    lost = inventory.stocked_locations(uow, site_id=site_id) - {each.code for each in plan.bins}
    former = floor_plan(uow, site_id) if lost else None
    if former is not None:
        lost &= {each.code for each in former.bins}
    return tuple(sorted(lost))


def refuse_lost_stock(codes: Iterable[str]) -> None:
    """Refuse a plan that leaves out locations with stock.

    Raises:
        StockOffPlan: unless there are none.
    """
    named = list(codes)
    if not named:
        return
    more = f" and {len(named) - _SHOWN:,} more" if len(named) > _SHOWN else ""
    raise StockOffPlan(
        f"Stock lies in {', '.join(named[:_SHOWN])}{more}, which this plan leaves out.",
        remedy="Draw them, move the stock first, or confirm it.", locations=named[:MOST_NAMED], count=len(named),
    )  # fmt: skip
