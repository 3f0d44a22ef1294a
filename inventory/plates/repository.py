from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from inventory.models import Location
from inventory.plates.errors import PlateEnded, UnknownPlate
from inventory.plates.models import Plate, PlateContent
from inventory.repository import LevelKey, lock_levels
from inventory.serials.domain import IN_STOCK
from inventory.serials.models import SerialUnit
from kernel.db.transactions import UnitOfWork
from kernel.errors import Forbidden

_FRESH = {"populate_existing": True}


@dataclass(frozen=True, slots=True)
class Held:
    """A locked plate with those that lie on it, and what lies on all of them; `code` is empty without a location."""

    plate: Plate
    children: tuple[Plate, ...]
    contents: tuple[PlateContent, ...]
    code: str

    @property
    def units(self) -> int:
        """Units on the plate and on those that lie on it."""
        return sum(each.quantity for each in self.contents)

    @property
    def by_item(self) -> dict[tuple[str, str], int]:
        """Units by item and lot, in that order."""
        units: dict[tuple[str, str], int] = {}
        for each in sorted(self.contents, key=lambda content: (content.item_id, content.lot)):
            units[each.item_id, each.lot] = units.get((each.item_id, each.lot), 0) + each.quantity
        return units


def hold_plate(uow: UnitOfWork, plate_id: str, *, with_items: Iterable[str] = ()) -> Held:
    """Lock the stock levels of everything on a plate (and of `with_items`), then the plates, oldest first.

    Raises:
        UnknownPlate, Forbidden: the actor sees none with this id, or it is at another site.
        PlateEnded: it is not in use any more.
    """
    uow.session.flush()
    plate = uow.session.scalar(select(Plate).where(Plate.id == plate_id), execution_options=_FRESH)
    if plate is None:
        raise UnknownPlate("There is no such plate.", remedy="Scan its label, or look at the list of plates.")
    if uow.actor.site and uow.actor.site != plate.site_id:
        raise Forbidden("This plate is at another site.", remedy="Ask who works there.")
    items = {each.item_id for each in _contents(uow, _together(uow, plate, locked=False))} | set(with_items)
    lock_levels(uow, [(plate.tenant_id, item_id, plate.site_id) for item_id in items])
    plates = _together(uow, plate, locked=True)
    contents = _contents(uow, plates)
    if plate.state != "open" or {each.item_id for each in contents} - items:
        why = "Nothing is left on it." if plate.state == "empty" else "It was broken up."
        raise PlateEnded("It changed meanwhile." if plate.state == "open" else why, remedy="Scan another one.")
    code = uow.session.scalar(select(Location.code).where(Location.id == plate.location_id)) or ""
    return Held(plate, tuple(each for each in plates if each.id != plate.id), tuple(contents), code)


def open_plate_id(uow: UnitOfWork, *, site_id: str, sscc: str) -> str | None:
    """Return the id of the plate in use at a site that has an SSCC."""
    wanted = select(Plate.id).where(Plate.sscc == sscc, Plate.site_id == site_id, Plate.state == "open")
    return uow.session.scalar(wanted)


def loose_units(uow: UnitOfWork, level: LevelKey, *, location_id: str, lot: str, held: int) -> int:
    """Return how many of the `held` units of a lot in a location lie on no plate. The level is locked."""
    tenant_id, item_id, _ = level
    on_plates = (
        select(func.coalesce(func.sum(PlateContent.quantity), 0))
        .join(Plate, (Plate.tenant_id == PlateContent.tenant_id) & (Plate.id == PlateContent.plate_id))
        .where(PlateContent.tenant_id == tenant_id, PlateContent.item_id == item_id, PlateContent.lot == lot)
        .where(Plate.location_id == location_id, Plate.state == "open")
    )
    return held - int(uow.session.execute(on_plates).scalar_one())


def lying_serials(uow: UnitOfWork, plate: Plate, *, item_id: str, serials: Iterable[str]) -> set[str]:
    """Return those of these serial numbers whose units are in stock at the plate's site."""
    here = (SerialUnit.tenant_id == plate.tenant_id) & (SerialUnit.item_id == item_id)
    stocked = (SerialUnit.state == IN_STOCK) & (SerialUnit.site_id == plate.site_id)
    return set(uow.session.scalars(select(SerialUnit.serial).where(here, stocked, SerialUnit.serial.in_(serials))))


def _together(uow: UnitOfWork, plate: Plate, *, locked: bool) -> list[Plate]:
    family = (Plate.tenant_id == plate.tenant_id) & ((Plate.id == plate.id) | (Plate.parent_id == plate.id))
    statement = select(Plate).where(family).order_by(Plate.created_at, Plate.id)
    return list(uow.session.scalars(statement.with_for_update() if locked else statement, execution_options=_FRESH))


def _contents(uow: UnitOfWork, plates: Iterable[Plate]) -> list[PlateContent]:
    wanted = {(each.tenant_id, each.id) for each in plates}
    statement = select(PlateContent).where(
        PlateContent.tenant_id.in_({tenant for tenant, _ in wanted}),
        PlateContent.plate_id.in_({plate_id for _, plate_id in wanted}),
    )
    return list(uow.session.scalars(statement, execution_options=_FRESH))
