"""A floor comes out of a file: it is kept as a draft with what is wrong, and put in force only when nothing is."""

from fulfillment.domain.floor_document import plan_from_document
from fulfillment.domain.floor_files.files import plan_from_file
from fulfillment.domain.floor_files.layers import read_layers
from fulfillment.domain.layout import WarehousePlan
from fulfillment.floor.keeping import draft_floor_plan, put_floor_plan_in_force
from fulfillment.floor.reading import get_floor_plan
from fulfillment.floor.views import FloorPlanView
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork


def import_floor_plan(
    uow: UnitOfWork, *, site_id: str, content: bytes, form: str, unit: str = "", layers: str = "", note: str = "",
    file: str = "", based_on: int | None = None, in_force: bool = False, confirmed: bool = False,
    drawn: WarehousePlan | None = None,
) -> FloorPlanView:  # fmt: skip
    """Keep the floor that a file draws as a new version, and return it with its faults.

    `form` is csv, geojson or dxf; `unit` mm, cm, m, in or ft, or empty if the file says it; `layers` says what the
    layers of a drawing hold, as `layers.read_layers` takes it; `based_on` is the version that it was drawn from.
    `drawn` is the plan itself, where the file was read already. `in_force` puts a version without faults in force;
    locations with stock that it leaves out must be `confirmed`.

    Raises:
        FloorFileError: names what in the file cannot be right; nothing was kept.
        WrongUnit: no warehouse is that large or small.
        StockOffPlan: it was to come in force, and leaves out locations with stock.
    """
    name = file.rpartition(".")[0] or file
    plan = drawn or plan_from_file(content, form=form, unit=unit, name=name, layers=read_layers(layers))
    source = file or ("drawn" if drawn else form)
    version = draft_floor_plan(uow, site_id=site_id, plan=plan, note=note, source=source, based_on=based_on)
    view = get_floor_plan(uow, site_id=site_id, version=version)
    if in_force and not view.faults:
        put_floor_plan_in_force(uow, site_id=site_id, version=version, confirmed=confirmed)
        return get_floor_plan(uow, site_id=site_id, version=version)
    return view


def add_plan_locations(uow: UnitOfWork, *, site_id: str, version: int) -> int:
    """Make pick locations of those bins of a version that are no locations of the site yet; return how many.

    Raises:
        UnknownFloorPlan: the site has no such version.
        Invalid: names what of a bin no location can be.
    """
    plan = plan_from_document(get_floor_plan(uow, site_id=site_id, version=version).document)
    known = {location.code for location in inventory.find_locations(uow, site_id=site_id)}
    drafts = {
        b.code: inventory.LocationDraft(
            code=b.code, zone=b.zone, aisle=b.aisle, level=str(b.level), x_mm=b.x_mm, y_mm=b.y_mm
        )
        for b in plan.bins
        if b.code not in known
    }
    if drafts:
        inventory.store_locations(uow, site_id=site_id, drafts=list(drafts.values()))
    return len(drafts)
