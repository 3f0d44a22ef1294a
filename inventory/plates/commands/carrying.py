"""Plates are carried with everything on them, put one on another, and broken up."""

from sqlalchemy import delete, select, tuple_, update

from inventory.commands.moving import move_stock
from inventory.errors import BinFrozen
from inventory.models import BinStock, Location
from inventory.moves.commands.moving import MoveInHand, live_for, note_step
from inventory.moves.commands.tasks import location_codes
from inventory.moves.domain.places import STORED, why_not
from inventory.moves.errors import WrongTarget
from inventory.moves.repository import goods_of, slots_of
from inventory.plates.errors import NestedTooDeep, PlateInUse, PlateNotHere, TwoMerchants
from inventory.plates.events import PlateBroken, PlateMoved
from inventory.plates.models import Plate, PlateContent, PlateSerial
from inventory.plates.repository import Held, hold_plate
from inventory.queries import items_by_id
from inventory.repository import location_ids
from inventory.serials.domain import IN_STOCK
from inventory.serials.models import SerialUnit
from kernel.db.transactions import UnitOfWork

MOVED = "plate_moved"
PASSED = ("dock",)
"""Beside those for storage, the kinds of location that a plate can be put down in."""


def move_plate(uow: UnitOfWork, *, plate_id: str, to_code: str) -> str:
    """Carry a plate, and the plates on it, to a location as a whole, and return the code of where it was.

    The ledger has a movement for each item and lot. Moves that wanted these units carried from there are worked off.
    A plate that lay on another one lies there no more.

    Emits:
        PlateMoved; StockMoved for units that a move wanted.

    Raises:
        UnknownPlate, PlateEnded, Forbidden, UnknownLocation: there is nothing to carry, or no such place.
        WrongTarget, BinFrozen: it cannot lie there, or cannot leave.
        PlateInUse: orders wait for units of it.
    """
    held = hold_plate(uow, plate_id)
    code = to_code.strip()
    place = location_ids(uow, site_id=held.plate.site_id, codes=[code])[code]
    if place == held.plate.location_id:
        raise WrongTarget(f"It lies in {code} already.", remedy="Scan another location.", pointer="/to_code")
    _require_room(uow, held, place, code)
    if held.plate.location_id is not None:
        _require_free(uow, held)
    source = held.plate.location_id
    # The plates go first: what leaves a location's stock is taken from the plates that lie there.
    for plate in (held.plate, *held.children):
        plate.location_id = place
    held.plate.parent_id = None
    uow.session.flush()
    if source is not None:
        for (item_id, lot), units in held.by_item.items():
            _carry(uow, held, (item_id, lot, units), source, (place, code))
    _take_serials_along(uow, held, code)
    uow.emit(PlateMoved(
        tenant_id=held.plate.tenant_id, plate_id=plate_id, site_id=held.plate.site_id, sscc=held.plate.sscc,
        from_code=held.code, to_code=code, units=held.units,
    ))  # fmt: skip
    return held.code


def nest_plate(uow: UnitOfWork, *, plate_id: str, parent_id: str) -> None:
    """Put a plate on another one that lies in the same location.

    Raises:
        UnknownPlate, PlateEnded, Forbidden: one of them is not there.
        TwoMerchants: they belong to two.
        NestedTooDeep: the other one lies on a plate itself, or this one has plates on it.
        PlateNotHere: they lie apart.
    """
    first, second = sorted((plate_id, parent_id))
    both = {each: hold_plate(uow, each) for each in dict.fromkeys((first, second))}
    child, parent = both[plate_id], both[parent_id]
    if child.plate.tenant_id != parent.plate.tenant_id:
        raise TwoMerchants("The plates hold goods of two merchants.", remedy="Keep them apart.", pointer="/parent")
    if plate_id == parent_id or parent.plate.parent_id or child.children:
        raise NestedTooDeep("A plate lies on one other, no deeper.", remedy="Choose the lowest one.", pointer="/parent")
    if child.plate.location_id is None or child.plate.location_id != parent.plate.location_id:
        raise PlateNotHere(
            f"{parent.plate.sscc} lies in {parent.code or 'no location'}, this one in {child.code or 'none'}.",
            remedy="Carry it there first.", pointer="/parent",
        )  # fmt: skip
    child.plate.parent_id = parent_id
    uow.audit("plate.nested", subject=plate_id, tenant_id=child.plate.tenant_id, parent=parent.plate.sscc)
    uow.session.flush()


def break_plate(uow: UnitOfWork, *, plate_id: str) -> None:
    """Break a plate up: what was on it lies loose where it is, plates on it stand by themselves; its SSCC ends.

    Emits:
        PlateBroken.

    Raises:
        UnknownPlate, PlateEnded, Forbidden: there is nothing to break up.
    """
    held = hold_plate(uow, plate_id)
    plate = held.plate
    units = sum(each.quantity for each in held.contents if each.plate_id == plate.id)
    for child in held.children:
        child.parent_id = None
    uow.session.flush()
    for table in (PlateContent, PlateSerial):
        uow.session.execute(delete(table).where(table.tenant_id == plate.tenant_id, table.plate_id == plate.id))
    gone = update(Plate).where(Plate.tenant_id == plate.tenant_id, Plate.id == plate.id)
    uow.session.execute(gone.values(state="broken", closed_at=uow.now, parent_id=None))
    uow.session.expire(plate)
    uow.emit(PlateBroken(
        tenant_id=plate.tenant_id, plate_id=plate_id, site_id=plate.site_id, sscc=plate.sscc, location_code=held.code,
        units=units,
    ))  # fmt: skip
    uow.audit("plate.broken", subject=plate_id, tenant_id=plate.tenant_id, units=units)


def _require_room(uow: UnitOfWork, held: Held, place: str, code: str) -> None:
    """Make sure that all of it can lie in a location; what is on its way there for other reasons counts, too."""
    kind = uow.session.execute(select(Location.kind).where(Location.id == place)).scalar_one()
    if kind in PASSED:
        return
    if kind not in STORED:
        raise WrongTarget(
            f"{code} is a {kind} location.", remedy="Plates are put down in pick, bulk and dock locations.",
            pointer="/to_code",
        )  # fmt: skip
    plate = held.plate
    slot = slots_of(uow, site_id=plate.site_id, places=[place])[place]
    for (item_id, lot), units in held.by_item.items():
        goods = goods_of(uow, site_id=plate.site_id, tenant_id=plate.tenant_id, item_id=item_id, lot=lot)
        wanted = _on_its_way(uow, held, item_id, lot, place)
        if why := why_not(slot, goods, max(0, units - wanted)):
            raise WrongTarget(why, remedy="Choose another place for the plate.", pointer="/to_code")
        slot = slot.with_units(goods, max(0, units - wanted))


def _on_its_way(uow: UnitOfWork, held: Held, item_id: str, lot: str, place: str) -> int:
    """Return units that moves want to carry from the plate's place to there: they have their room already."""
    plate = held.plate
    level = (plate.tenant_id, item_id, plate.site_id)
    live = live_for(uow, level, from_id=plate.location_id or "", lot=lot)
    return sum(task.quantity - task.moved for task in live if task.to_location_id == place)


def _require_free(uow: UnitOfWork, held: Held) -> None:
    plate = held.plate
    rows = uow.session.scalars(
        select(BinStock).where(BinStock.tenant_id == plate.tenant_id, BinStock.location_id == plate.location_id),
        execution_options={"populate_existing": True},
    )
    lying = {(row.item_id, row.lot): row for row in rows}
    if any(lying[key].frozen for key in held.by_item):
        raise BinFrozen(f"{held.code} is frozen until it is counted.", remedy="Count it first.", pointer="/sscc")
    short = [key for key, units in held.by_item.items() if lying[key].quantity - lying[key].allocated < units]
    if short:
        skus = sorted(item.sku for item in items_by_id(uow, {item_id for item_id, _ in short}).values())
        raise PlateInUse(
            f"Orders wait for SKU {', '.join(skus[:5])} in {held.code}.",
            remedy="Pick them first, or break the plate up and carry the rest.", pointer="/sscc", skus=skus[:100],
        )  # fmt: skip


def _carry(uow: UnitOfWork, held: Held, goods: tuple[str, str, int], source: str, to: tuple[str, str]) -> None:
    item_id, lot, units = goods
    plate = held.plate
    level = (plate.tenant_id, item_id, plate.site_id)
    for task in live_for(uow, level, from_id=source, lot=lot):
        taken = min(units, task.quantity - task.moved)
        if taken > 0:
            _move(uow, held, goods, to[1], taken, reason=task.cause, reference=task.id)
            codes = location_codes(uow, [task.to_location_id])
            suggested = codes.get(task.to_location_id or "", "")
            why = f"With plate {plate.sscc}" if suggested != to[1] else ""
            note_step(uow, MoveInHand(task, held.code, suggested), to, taken, why)
            units -= taken
    if units:
        _move(uow, held, goods, to[1], units, reason=MOVED, reference=plate.id)


def _move(
    uow: UnitOfWork, held: Held, goods: tuple[str, str, int], to_code: str, units: int, *, reason: str, reference: str
) -> None:
    move_stock(
        uow, tenant_id=held.plate.tenant_id, site_id=held.plate.site_id, item_id=goods[0], from_code=held.code,
        to_code=to_code, quantity=units, reason=reason, lot=goods[1], reference=reference,
    )  # fmt: skip


def _take_serials_along(uow: UnitOfWork, held: Held, code: str) -> None:
    plates = [held.plate.id, *(child.id for child in held.children)]
    on_it = select(PlateSerial.item_id, PlateSerial.serial).where(
        PlateSerial.tenant_id == held.plate.tenant_id, PlateSerial.plate_id.in_(plates)
    )
    carried = update(SerialUnit).where(
        SerialUnit.tenant_id == held.plate.tenant_id, SerialUnit.state == IN_STOCK,
        tuple_(SerialUnit.item_id, SerialUnit.serial).in_(on_it),
    )  # fmt: skip
    uow.session.execute(carried.values(location_code=code))
