"""A count in hand: locked, with what the book says of its bin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, tuple_, update

from inventory.commands.adjusting import held_in
from inventory.counts.commands.bins import count_bin
from inventory.counts.commands.tasks import BinKey, close
from inventory.counts.domain import Sighting
from inventory.counts.errors import UnknownCount
from inventory.counts.events import BinCounted, CountDoubted
from inventory.counts.models import CountEntry, CountTask
from inventory.errors import UnknownBarcode
from inventory.models import BinStock, Item, Location
from inventory.repository import Spot, lock_levels
from kernel.db.transactions import UnitOfWork
from kernel.errors import Forbidden


@dataclass(frozen=True, slots=True)
class CountInHand:
    """A count in hand: its task, its entries that stand, whether one was taken back, and the book of its bin by lot.

    People count the units of an item in a location, whatever their lots.
    """

    task: CountTask
    entries: Sequence[CountEntry]
    doubted: bool
    location_code: str
    lots: Mapping[str, int]
    lot_tracked: bool

    @property
    def book(self) -> int:
        """What the book says of the bin."""
        return sum(self.lots.values())

    @property
    def only_lot(self) -> str | None:
        """The lot of every unit in the bin, None when it is not clear which lot a difference belongs to."""
        if len(self.lots) > 1:
            return None
        lot = next(iter(self.lots), "")
        return None if self.lot_tracked and not lot else lot

    @property
    def sightings(self) -> list[Sighting]:
        """What the entries say, in their order."""
        return [Sighting(each.expected, each.counted) for each in self.entries]


def count_in_hand(uow: UnitOfWork, count_id: str) -> CountInHand:
    """Lock the stock level, then the task, in the order of everyone who counts.

    Raises:
        UnknownCount: the actor sees none with this id.
        Forbidden: it is at another site than the actor.
    """
    uow.session.flush()
    fresh = {"populate_existing": True}
    task = uow.session.scalar(select(CountTask).where(CountTask.id == count_id), execution_options=fresh)
    if task is None:
        raise UnknownCount("There is no such count.", remedy="Look at the list of counts.")
    if uow.actor.site and uow.actor.site != task.site_id:
        raise Forbidden("This bin is at another site.", remedy="Ask who works there.")
    key = BinKey(task.tenant_id, task.site_id, task.item_id, task.location_id)
    lots = lots_of_bin(uow, key)
    uow.session.scalar(select(CountTask).where(CountTask.id == count_id).with_for_update(), execution_options=fresh)
    entries = uow.session.scalars(
        select(CountEntry)
        .where(CountEntry.tenant_id == task.tenant_id, CountEntry.task_id == count_id)
        .order_by(CountEntry.number),
        execution_options=fresh,
    ).all()
    code = uow.session.execute(select(Location.code).where(Location.id == task.location_id)).scalar_one()
    tracked = uow.session.get_one(Item, (task.tenant_id, task.item_id)).lot_tracked
    standing = [each for each in entries if each.withdrawn_at is None]
    return CountInHand(task, standing, len(standing) < len(entries), code, lots, tracked)


def lots_of_bin(uow: UnitOfWork, key: BinKey) -> dict[str, int]:
    """Lock the stock level and return what the book says of a bin, by lot; nothing for an empty one."""
    level = (key.tenant_id, key.item_id, key.site_id)
    lock_levels(uow, [level])
    where = select(Location.id, Location.code, Location.kind).where(Location.id == key.location_id)
    held = held_in(uow, level, Spot(*uow.session.execute(where).one()))
    return {each.lot: each.quantity for each in held if each.location_id == key.location_id}


def book_count(
    uow: UnitOfWork, found: CountInHand, *, difference: int, decision: str = "", lot: str | None = None
) -> None:
    """Book a difference from what the book says now, of the lot given or of the only one, and open the bin.

    Emits:
        BinCounted and, as `adjust_stock`, what follows from the difference.
    """
    task, lot = found.task, found.only_lot if lot is None else lot
    close(uow, task, expected=found.book, difference=difference, decision=decision)
    _open(uow, task)
    if difference or lot is not None:
        count_bin(
            uow, tenant_id=task.tenant_id, site_id=task.site_id, item_id=task.item_id, count_id=task.id, lot=lot,
            location_code=found.location_code, counted=found.lots.get(lot or "", 0) + difference,
        )  # fmt: skip
        return
    uow.emit(BinCounted(
        tenant_id=task.tenant_id, item_id=task.item_id, site_id=task.site_id, quantity=found.book,
        location_code=found.location_code, count_id=task.id, difference=0,
    ))  # fmt: skip


def _open(uow: UnitOfWork, task: CountTask) -> None:
    """Open the bin for all its lots: they were counted together."""
    key = tuple_(BinStock.tenant_id, BinStock.item_id, BinStock.location_id)
    opened = update(BinStock).where(key == (task.tenant_id, task.item_id, task.location_id), BinStock.frozen)
    uow.session.execute(opened.values(frozen=False, count_wanted_at=None))


def tell_doubt(uow: UnitOfWork, found: CountInHand, *, following: str) -> None:
    """Tell that a count is not booked, and what follows: `recount` or `decision`."""
    task = found.task
    uow.emit(CountDoubted(
        tenant_id=task.tenant_id, count_id=task.id, item_id=task.item_id, site_id=task.site_id,
        location_code=found.location_code, next=following,
    ))  # fmt: skip


def unknown_barcode(barcode: str) -> UnknownBarcode:
    """Return the refusal of a scan that means no item."""
    return UnknownBarcode(
        f"No item of this merchant has the barcode or SKU {barcode.strip()[:100]}.",
        remedy="Scan it again, or have your lead add the barcode to its item.",
        pointer="/barcode",
    )
