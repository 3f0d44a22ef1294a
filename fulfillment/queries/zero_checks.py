"""Which bins should be empty by now, and whom the site asks about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from fulfillment.models import FloorSetting, PickTask
from fulfillment.repository import OPEN_TASK_STATES
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork

ASKED: Final = ("asked", "later")
ASK_WITHIN: Final = timedelta(hours=2)
"""A question about a bin is of the moment: after so long others have been there."""


@dataclass(frozen=True, slots=True)
class ZeroCheck:
    """A bin that its last picker should have left empty of an item (and lot); `is_postponed` until the walk's end."""

    task_id: str
    version: int
    location_code: str
    item_id: str
    sku: str
    name: str
    lot: str
    is_postponed: bool


def asks_zero_checks(uow: UnitOfWork, site_id: str) -> bool:
    """Say whether a site asks its pickers about the bins that they empty; a site that never chose does."""
    chosen = uow.session.scalar(select(FloorSetting.zero_checks).where(FloorSetting.site_id == site_id))
    return chosen is None or chosen


def open_zero_checks(uow: UnitOfWork, *, site_id: str, picker: str) -> tuple[ZeroCheck, ...]:
    """Return the bins that somebody is still asked about, in the order in which they were emptied."""
    if not asks_zero_checks(uow, site_id):
        return ()
    statement = select(PickTask).where(
        PickTask.site_id == site_id, PickTask.finished_by == picker, PickTask.zero_check.in_(ASKED),
        PickTask.finished_at > uow.now - ASK_WITHIN,
    )  # fmt: skip
    tasks = uow.session.scalars(statement.order_by(PickTask.finished_at, PickTask.id)).all()
    items = inventory.items_by_id(uow, {task.item_id for task in tasks}) if tasks else {}
    return tuple(_check(task, items[task.item_id]) for task in tasks)


def _check(task: PickTask, item: inventory.ItemView) -> ZeroCheck:
    return ZeroCheck(
        task.id, task.version, task.location_code, task.item_id, item.sku, item.name, task.lot,
        task.zero_check == "later",
    )  # fmt: skip


def emptying_tasks(uow: UnitOfWork, site_id: str, tasks: Iterable[PickTask]) -> set[str]:
    """Return the ids of those open picks, given in walking order, that leave nothing in their bin by the book."""
    picks = [task for task in tasks if task.kind == "pick" and task.state in OPEN_TASK_STATES]
    if not picks or not asks_zero_checks(uow, site_id):
        return set()
    left = inventory.units_in_bins(uow, site_id=site_id, bins=[bin_of(task) for task in picks])
    last = set()
    for task in picks:
        left[bin_of(task)] -= task.quantity - task.done
        if left[bin_of(task)] == 0:
            last.add(task.id)
    return last


def bin_of(task: PickTask) -> inventory.BinOfLot:
    """Return the bin that a task takes its units from."""
    return task.tenant_id, task.item_id, task.location_code, task.lot
