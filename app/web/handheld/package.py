from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.web.handheld.bench_tasks import NOBODY, Holder, label_codes, label_name, label_task, pack_task, weigh_task
from app.web.handheld.cartons import carton_step
from app.web.handheld.codes import comparable
from app.web.handheld.loading import LOAD, load_work
from app.web.handheld.shell import release
from app.web.handheld.sorting import SORT, sort_tasks
from app.web.handheld.tasks import (
    Task,
    bind_task,
    fetch_task,
    item_names,
    pass_task,
    pick_task,
    put_back_task,
    reuse_task,
    zero_task,
)
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.access.queries import SiteView, find_users
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

_CLOSED: Final = {"PICKED", "SHORT", "CANCELLED"}
_QUEUE: Final = 12
_PARCELS: Final = 50


@dataclass(frozen=True, slots=True)
class Person:
    """Who holds the device: where they work, which device it is, and the token of their session."""

    actor: Actor
    site: SiteView
    device: str
    csrf_token: str


def read_work(uow: UnitOfWork, person: Person, job: str = "", truck: str = "") -> dict[str, Any]:
    """Return what the person has to do now, in the handheld's contract: what is open of their batch, else what waits
    at the packing bench, else units to put back; and when nothing is open, the batch that they could claim. Bins that
    they emptied are asked about first, those that they put off at the end of the walk. Who sorts (`job` "sort") gets
    the parcels that wait for their lane instead, who loads (`job` "load") what goes on the `truck` that they chose.
    """
    if job == LOAD and person.actor.may("work:pack"):
        at_dock = load_work(uow, site_id=person.site.id, person=person.actor.id, truck=truck)
        return _told(uow, person) | at_dock
    if job == SORT and person.actor.may("work:pack"):
        tasks, known = sort_tasks(uow, person.site.id)
        return _told(uow, person) | {"job": SORT, "known": known, "tasks": tasks}
    mine = my_batch(uow, person)
    tasks, known = _of_batch(uow, person, mine) if mine else ([], {})
    if not tasks:
        tasks, known = _of_bench(uow, person)
    tasks = _with_zero_checks(uow, person, tasks)
    return _told(uow, person) | {
        "offer": None if tasks else _offer(uow, person),
        "batch": _batch(mine) if mine else None,
        "zones": _zones(uow, person),
        "known": known,
        "tasks": tasks,
    }


def _told(uow: UnitOfWork, person: Person) -> dict[str, Any]:
    """Return what every answer says, with nothing to do."""
    return {
        "schema": 1,
        "build": release(),
        "now": uow.now,
        "device": person.device,
        "next_seq": 1,
        "person": {"id": person.actor.id, "name": person.actor.name},
        "site": person.site.name,
        "csrf": person.csrf_token,
        "offer": None,
        "batch": None,
        "zones": None,
        "jobs": [SORT, LOAD] if person.actor.may("work:pack") else [],
    }


def my_batch(uow: UnitOfWork, person: Person) -> fulfillment.WorkPackage | None:
    """Return the batch that the person works on, None when there is none."""
    mine = _my_summary(uow, person)
    return fulfillment.work_package(uow, mine.id) if mine else None


def my_walked_batch(uow: UnitOfWork, person: Person) -> fulfillment.WorkPackage | None:
    """Return the person's batch when no line of it is left to pick; a look at its counts is enough to say no."""
    mine = _my_summary(uow, person)
    return fulfillment.work_package(uow, mine.id) if mine and mine.lines_done == mine.lines else None


def _my_summary(uow: UnitOfWork, person: Person) -> fulfillment.BatchSummary | None:
    live = fulfillment.find_batches(uow, site_id=person.site.id, states=("ASSIGNED", "IN_PROGRESS"))
    return next((batch for batch in live if batch.picker == person.actor.id), None)


def packable(uow: UnitOfWork, person: Person, order_ids: Collection[str]) -> list[str]:
    """Return those of these orders that the person can pack now."""
    if not (order_ids and person.actor.may("work:pack")):
        return []
    return fulfillment.pack_queue(uow, site_id=person.site.id, among=order_ids)


def _of_batch(uow: UnitOfWork, person: Person, batch: fulfillment.WorkPackage) -> tuple[list[Task], dict[str, str]]:
    everywhere = [task for task in batch.tasks if task.state not in _CLOSED]
    waiting = [task for task in everywhere if not batch.zones or task.zone == batch.zones[batch.leg]]
    known = _known(batch.slots, batch.tasks)
    if batch.stage == "fetch":
        return [fetch_task(batch)], known
    if batch.stage == "pass":
        return [pass_task(batch)], known
    if batch.stage == "bind":
        wanted = {task.slot for task in waiting}
        slots = [slot for slot in batch.slots if slot.slot in wanted and not slot.tote]
        return [bind_task(batch, slot) for slot in slots], known
    if batch.stage == "pick":
        reuse = fulfillment.reusable_units(uow, batch_id=batch.batch_id, site_id=batch.site_id)
        offered = {each.pick.task_id for each in reuse if each.quantity == each.pick.quantity - each.pick.done}
        walk = [task for task in waiting if task.task_id not in offered]
        picks = _picks(zip(walk, [*walk[1:], None], strict=True)) if walk else []
        passes = [pass_task(batch)] if len(everywhere) > len(waiting) else []
        return [*(reuse_task(each) for each in reuse), *picks, *passes], known
    own = packable(uow, person, [slot.order_id for slot in batch.slots if slot.is_open])
    tasks, names = _packing(uow, person, own, brought=True)
    return tasks, known | names


def _picks(walk: Iterable[tuple[fulfillment.WorkTask, fulfillment.WorkTask | None]]) -> list[Task]:
    """Return the picks of a walk, each followed by the question about the bin that it empties."""
    tasks = []
    for work, following in walk:
        tasks.append(pick_task(work, following))
        if work.empties_bin:
            tasks.append(zero_task(work))
    return tasks


def _with_zero_checks(uow: UnitOfWork, person: Person, tasks: list[Task]) -> list[Task]:
    checks = fulfillment.open_zero_checks(uow, site_id=person.site.id, picker=person.actor.id)
    now = [zero_task(each) for each in checks if not each.is_postponed]
    later = [zero_task(each) for each in checks if each.is_postponed]
    walks_on = any(task["kind"] == "pick" for task in tasks)
    return [*now, *tasks, *later] if walks_on else [*now, *later, *tasks]


def _of_bench(uow: UnitOfWork, person: Person) -> tuple[list[Task], dict[str, str]]:
    queue = fulfillment.pack_queue(uow, site_id=person.site.id, limit=_QUEUE) if person.actor.may("work:pack") else []
    tasks, known = _packing(uow, person, queue)
    if tasks:
        return tasks, known
    back = fulfillment.open_put_backs(uow, site_id=person.site.id)
    return [put_back_task(task) for task in back], _known((), back)


def _packing(
    uow: UnitOfWork, person: Person, order_ids: Sequence[str], *, brought: bool = False
) -> tuple[list[Task], dict[str, str]]:
    """Return first the parcels that the person closed and did not weigh, or whose label was not scanned on them, then
    the orders to pack: what they have in hand, what nobody has, what others have. `brought` orders come from the
    person's own walk.
    """
    if not person.actor.may("work:pack"):
        return [], {}
    closed = shipping.find_parcels(uow, site_id=person.site.id, state="packed", limit=_PARCELS).items
    tasks = [weigh_task(parcel) for parcel in closed if parcel.packed_by == person.actor.id]
    bare = shipping.parcels_to_label(uow, site_id=person.site.id, packer=person.actor.id)
    tasks += [label_task(parcel) for parcel in bare]
    known: dict[str, str] = {}
    for parcel in bare:
        known |= dict.fromkeys(label_codes(parcel.sscc, parcel.tracking_number), label_name(parcel.sscc))
    held = holders(uow, person)
    waiting = fulfillment.get_orders(uow, order_ids)
    works = fulfillment.pack_works(uow, order_ids)
    items = inventory.items_by_id(uow, {line.item_id for work in works.values() for line in work.lines})
    services = fulfillment.services_due(uow, [order.id for order in waiting if order.services])
    # A colleague may have closed a carton since the orders were read: what holds nothing any more is no work.
    still = [order for order in waiting if order.id in works and works[order.id].lines]
    for order in sorted(still, key=lambda order: _turn(held.get(order.id, NOBODY))):
        work = works[order.id]
        holder = held.get(order.id, Holder(is_certain=brought))
        carton = carton_step(uow, order, work, items)
        tasks.append(pack_task(work, carton, order.version, holder, services.get(order.id, ())))
        known[comparable(work.order_number)] = f"Order {work.order_number}"
        known |= {comparable(tote): f"Tote {tote}, order {work.order_number}" for tote in work.totes}
        for line in work.lines:
            known |= item_names(line)
    return tasks, known


def holders(uow: UnitOfWork, person: Person) -> dict[str, Holder]:
    """Return who has which order in hand at the bench, by order, with names and the site's clock."""
    claims = fulfillment.pack_claims(uow, site_id=person.site.id)
    others = any(claim.packer != person.actor.id for claim in claims.values())
    names = {user.id: user.name for user in find_users(uow)} if others else {}
    zone = ZoneInfo(person.site.time_zone)
    return {
        order_id: Holder(is_me=True, is_certain=True)
        if claim.packer == person.actor.id
        else Holder(name=names.get(claim.packer, "A colleague"), since=f"{claim.since.astimezone(zone):%H:%M}")
        for order_id, claim in claims.items()
    }


def _turn(holder: Holder) -> int:
    return 0 if holder.is_me else 2 if holder.name else 1


def _known(slots: Sequence[fulfillment.WorkSlot], tasks: Sequence[fulfillment.WorkTask]) -> dict[str, str]:
    """Return the names of all codes that the device may meet, so that a wrong scan is answered with a name."""
    known = {comparable(slot.tote): f"Tote {slot.tote}, slot {slot.slot}" for slot in slots if slot.tote}
    for task in tasks:
        known[comparable(task.location_code)] = f"Location {task.location_code}"
        known |= item_names(task)
    return known


def _batch(batch: fulfillment.WorkPackage) -> dict[str, Any]:
    return {
        "id": fulfillment.batch_label(batch.batch_id), "stage": batch.stage, "lines_done": batch.lines_done,
        "lines": batch.lines,
    }  # fmt: skip


def _zones(uow: UnitOfWork, person: Person) -> dict[str, Any] | None:
    """Return the zones to choose from and the person's own, None where walks are not passed from zone to zone."""
    if not fulfillment.passes_zones(uow, person.site.id):
        return None
    mine = fulfillment.zone_of_picker(uow, person.site.id, person.actor.id)
    return {"mine": mine, "all": list(fulfillment.zones_of_site(uow, person.site.id))}


def _offer(uow: UnitOfWork, person: Person) -> dict[str, Any] | None:
    zone = fulfillment.zone_of_picker(uow, person.site.id, person.actor.id)
    live = fulfillment.find_batches(uow, site_id=person.site.id, states=("ASSIGNED", "IN_PROGRESS"), zone=zone)
    passed = [batch for batch in live if batch.zones and not batch.picker]
    waiting = passed or fulfillment.find_batches(uow, site_id=person.site.id, states=("DRAFT",), limit=1, zone=zone)
    if not waiting:
        return None
    batch = waiting[0]
    return {
        "orders": batch.orders, "lines": batch.lines, "stops": batch.stops, "meters": round(batch.length_mm / 1000),
        "cut_off_at": batch.cut_off_at, "from_zone": batch.zones[batch.leg - 1] if batch.leg else "",
    }  # fmt: skip
