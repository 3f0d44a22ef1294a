from collections.abc import Iterator
from functools import partial

from app.simulators.floor import (
    BIND_SECONDS,
    MISTAKE_SECONDS,
    PICK_SECONDS,
    WALK_MM_PER_SECOND,
    ZERO_CHECK_SECONDS,
)
from app.simulators.live_crew import Steps
from app.simulators.live_house import LiveHouse
from fulfillment.api import (
    BatchSummary,
    WorkPackage,
    WorkTask,
    claim_batch,
    find_batches,
    open_put_backs,
    work_package,
)
from kernel.actors import Actor, Role

_LOOK_SECONDS = 30.0
_HURRIED = 0.05
_OPEN = ("READY", "CLAIMED", "SKIPPED")
_UNDER_WAY = ("ASSIGNED", "IN_PROGRESS")


def pick(house: LiveHouse, number: int) -> Steps:
    """Work as a picker: finish the batch in hand, take the next one, and bring back what was cancelled."""
    picker = house.person(Role.PICKER, number)
    while True:
        if number == 0:
            yield from _put_back(house, picker)
        batch = _next_batch(house, picker)
        if batch is None:
            yield house.pause(_LOOK_SECONDS)
            continue
        package = house.do(picker, partial(claim_batch, site_id=house.site_id, batch_id=batch.id))
        yield from _bind(house, picker, package)
        yield from _walk(house, picker, package)
        house.operate(picker, "done", batch_id=batch.id)
        yield _LOOK_SECONDS


def _next_batch(house: LiveHouse, picker: Actor) -> BatchSummary | None:
    batches = house.see(lambda uow: find_batches(uow, site_id=house.site_id, states=("DRAFT", *_UNDER_WAY), limit=200))
    now = house.now()
    mine = [b for b in batches if b.state in _UNDER_WAY and b.picker == picker.id]
    left = [b for b in batches if b.state in _UNDER_WAY and b.lease_until and b.lease_until <= now]
    waiting = [b for b in batches if b.state == "DRAFT"]
    if len(waiting) == 1 and waiting[0].created_at > now - house.patience:
        waiting = []
    return next(iter((*mine, *left, *waiting)), None)


def _bind(house: LiveHouse, picker: Actor, package: WorkPackage) -> Steps:
    for slot in package.slots:
        if slot.is_open and not slot.tote:
            yield BIND_SECONDS
            tote = f"T-{house.dice.randrange(100_000):05d}"
            house.operate(picker, "bind_tote", batch_id=package.batch_id, slot=slot.slot, tote=tote)


def _walk(house: LiveHouse, picker: Actor, package: WorkPackage) -> Steps:
    """Do every task; shorted ones may add others, so that the work is read again until none is left or none moves."""
    walking = package.length_mm / WALK_MM_PER_SECOND / max(1, len(package.tasks))
    waiting, before = _open_tasks(package), -1
    while waiting and len(waiting) != before:
        before = len(waiting)
        for task in waiting:
            yield walking + PICK_SECONDS
            yield from _take(house, picker, task)
        again = house.do(picker, lambda uow: work_package(uow, package.batch_id))
        waiting = _open_tasks(again)


def _open_tasks(package: WorkPackage) -> list[WorkTask]:
    return [task for task in package.tasks if task.state in _OPEN]


def _take(house: LiveHouse, picker: Actor, task: WorkTask) -> Iterator[float]:
    units = task.quantity - task.done
    if house.dice.random() < house.mistakes.wrong_items:
        wrong = f"WRONG-{task.sku[:8]}"
        house.operate(
            picker, "pick", task_id=task.task_id, location_code=task.location_code, barcode=wrong, quantity=units
        )
        yield MISTAKE_SECONDS
    if house.dice.random() < house.mistakes.short_picks:
        found = house.dice.randrange(units)
        house.operate(picker, "short", task_id=task.task_id, quantity=found, reason="BIDP" if found else "BIDF")
        return
    barcode = house.dice.choice((task.sku, *task.gtins))
    ack = house.operate(
        picker, "pick", task_id=task.task_id, location_code=task.location_code, barcode=barcode, quantity=units
    )
    if (ack.facts or {}).get("zero_check") == "asked":
        yield ZERO_CHECK_SECONDS
        _look_into(house, picker, task)


def _look_into(house: LiveHouse, picker: Actor, task: WorkTask) -> None:
    """Say whether the bin is empty; who is in a hurry puts it off, and sometimes units are left that no book has."""
    if house.dice.random() < _HURRIED:
        house.operate(picker, "zero_later", task_id=task.task_id)
        return
    left = house.dice.randrange(1, 4) if house.dice.random() < house.mistakes.short_picks else 0
    house.operate(picker, "zero_check", task_id=task.task_id, quantity=left)


def _put_back(house: LiveHouse, picker: Actor) -> Steps:
    """Bring the units of cancelled orders from their totes back to where they came from."""
    for task in house.see(lambda uow: open_put_backs(uow, site_id=house.site_id)):
        yield PICK_SECONDS
        units = task.quantity - task.done
        house.operate(picker, "put_back", task_id=task.task_id, location_code=task.location_code, quantity=units)
