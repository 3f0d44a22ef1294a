"""A count in hand: locked, with what the book says of its bin."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from inventory.commands.adjusting import count_bin
from inventory.commands.count_tasks import BinKey, close
from inventory.count_models import CountEntry, CountTask
from inventory.domain.counts import Sighting
from inventory.errors import UnknownBarcode, UnknownCount
from inventory.events import CountDoubted
from inventory.models import Location
from inventory.repository import bins_of, lock_levels
from kernel.db.transactions import UnitOfWork
from kernel.errors import Forbidden


@dataclass(frozen=True, slots=True)
class CountInHand:
    """A count in hand: its task, its entries that stand, whether one was taken back, and the book of its bin."""

    task: CountTask
    entries: Sequence[CountEntry]
    doubted: bool
    location_code: str
    book: int

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
    book = book_of(uow, key)
    uow.session.scalar(select(CountTask).where(CountTask.id == count_id).with_for_update(), execution_options=fresh)
    entries = uow.session.scalars(
        select(CountEntry)
        .where(CountEntry.tenant_id == task.tenant_id, CountEntry.task_id == count_id)
        .order_by(CountEntry.number),
        execution_options=fresh,
    ).all()
    code = uow.session.execute(select(Location.code).where(Location.id == task.location_id)).scalar_one()
    standing = [each for each in entries if each.withdrawn_at is None]
    return CountInHand(task, standing, len(standing) < len(entries), code, book)


def book_of(uow: UnitOfWork, key: BinKey) -> int:
    """Lock the stock level and return what the book says of a bin."""
    lock_levels(uow, [(key.tenant_id, key.item_id, key.site_id)])
    held = bins_of(uow, site_id=key.site_id, items=[(key.tenant_id, key.item_id)])[key.tenant_id, key.item_id]
    return sum(each.quantity for each in held if each.location_id == key.location_id)


def book_count(uow: UnitOfWork, found: CountInHand, *, difference: int, decision: str = "") -> None:
    """Book a difference from what the book says now, and open the bin.

    Emits:
        BinCounted and, as `adjust_stock`, what follows from the difference.
    """
    task = found.task
    close(uow, task, expected=found.book, difference=difference, decision=decision)
    count_bin(
        uow, tenant_id=task.tenant_id, site_id=task.site_id, item_id=task.item_id, location_code=found.location_code,
        counted=found.book + difference, count_id=task.id,
    )  # fmt: skip


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
