from zoneinfo import ZoneInfo

from fulfillment.domain.routing.floor_routes import find_floor_route
from fulfillment.pick_documents import PickListHeader, PickListLine, pick_list_pdf
from fulfillment.queries.floor import floor_layout
from fulfillment.queries.work import WorkTask, work_package
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal


class NoFloorPlan(Refusal):
    """The batch cannot be drawn: its site has no floor plan, or locations are not on it."""

    code = "no_floor_plan"
    title = "There is no map for this walk"


def batch_label(batch_id: str) -> str:
    """Return what people call a batch: B- and the end of its id."""
    return f"B-{batch_id[-6:].upper()}"


def pick_list(uow: UnitOfWork, batch_id: str) -> bytes:
    """Return the paper pick list of a batch as a PDF.

    Raises:
        NotFound: the actor's site has no such batch.
        NoFloorPlan: nothing is drawn to walk on.
    """
    package = work_package(uow, batch_id)
    layout = floor_layout(uow, package.site_id)
    tasks = [task for task in package.tasks if task.kind == "pick" and task.state != "CANCELLED"]
    if layout is None or not tasks or any(task.location_code not in layout.codes for task in tasks):
        raise NoFloorPlan("This walk cannot be drawn.", remedy="Store the site's floor plan, then print again.")
    zone = ZoneInfo(get_site(uow, package.site_id).time_zone)
    cut_off = f"{package.cut_off_at.astimezone(zone):%a %H:%M}" if package.cut_off_at else "when ready"
    lines = [PickListLine(t.location_code, t.sku, _name(t), t.quantity, t.slot, t.kept_apart) for t in tasks]
    route = find_floor_route(layout, {task.location_code for task in tasks})
    count = len(package.slots)
    cart = f"{count} tote" if count == 1 else f"{count} totes"
    header = PickListHeader(batch_label(batch_id), cart, cut_off, code=batch_id)
    return pick_list_pdf(header, lines, layout=layout, route=route)


def _name(task: WorkTask) -> str:
    return f"Lot {task.lot}: {task.name}" if task.lot else task.name
