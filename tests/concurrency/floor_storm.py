"""People of one floor who do at random what a day does to it: pick, short, skip, hand over, rush, cancel, pack."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from sqlalchemy import select

from fulfillment import api
from fulfillment.commands.hand_over_leg import fetch_totes, hand_over_leg
from fulfillment.models import OrderLine
from fulfillment.planning import improving
from kernel.actors import Actor, system
from kernel.db.transactions import UnitOfWork, run
from kernel.errors import Refusal
from tests.fulfillment import house as h

OPEN = ("READY", "CLAIMED", "SKIPPED")
SKUS = ("A", "B", "C")
_MOST_ROUNDS = 10
_TURN_SECONDS = 0.05
_totes = count(1)


@dataclass(slots=True)
class Account:
    """What was done and refused, and whatever else than a refusal came back."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Person:
    """Somebody with chances of their own; `name` is who the floor knows them as."""

    house: h.House
    name: str
    chance: random.Random
    account: Account = field(default_factory=Account)

    @property
    def actor(self) -> Actor:
        return self.house.picker(self.name)

    def work(self, steps: int, ways: "dict[str, tuple[int, Way]]") -> Account:
        """Do so many things, each as often as its weight says."""
        names = list(ways)
        for name in self.chance.choices(names, [ways[each][0] for each in names], k=steps):
            self.attempt(name, ways[name][1])
        return self.account

    def tries(self, name: str, way: "Way") -> bool:
        """Do one thing, and return whether it was done."""
        before = self.account.done[name]
        self.attempt(name, way)
        return self.account.done[name] > before

    def attempt(self, name: str, way: "Way") -> None:
        """Do one thing in a transaction of its own, and note what came of it."""
        actor = self.actor if name in _OF_PICKERS else system()
        try:
            if way is improve:  # it searches without a transaction
                self.account.done["walks made shorter"] += improve(self) > 0
            else:
                run(actor, lambda uow: way(self, uow), now=h.NOW)
        except Refusal as refusal:
            self.account.refused[f"{name} {refusal.code}"] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, the storm has found it
            self.account.failures.append(f"{name}: {type(error).__name__}: {error}"[:400])
        else:
            self.account.done[name] += 1


Way: TypeAlias = Callable[[Person, UnitOfWork], object]


def place(person: Person, uow: UnitOfWork) -> None:
    wanted = [(sku, person.chance.randint(1, 4)) for sku in person.chance.sample(SKUS, person.chance.randint(1, 3))]
    number = f"{person.name}-{person.chance.getrandbits(48)}"
    level = person.chance.choice(("standard", "standard", "express"))
    policy = person.chance.choice(("all_or_nothing", "split"))
    h.order(uow, person.house, *wanted, number=number, service_level=level, split_policy=policy)


def release(person: Person, uow: UnitOfWork) -> None:
    api.release_due(uow, site_id=person.house.site)
    uow.session.flush()
    api.plan_batches(uow, site_id=person.house.site)


def improve(person: Person, _: UnitOfWork | None = None) -> int:
    """Take a turn of the search, as a worker does: without a transaction between two; return the mm saved."""
    site = person.house.site
    turn = run(system(), lambda uow: improving.begin_turn(uow, site_id=site), now=h.NOW)
    if turn is None:
        return 0
    carts = improving.better_carts(turn, _TURN_SECONDS)
    return run(system(), lambda uow: improving.end_turn(uow, turn=turn, carts=carts, cpu_ms=0), now=h.NOW)


def claim(person: Person, uow: UnitOfWork) -> None:
    live = [b.id for b in api.find_batches(uow, site_id=person.house.site, states=("ASSIGNED", "IN_PROGRESS"))]
    named = person.chance.choice(live) if live and person.chance.random() < 0.2 else None
    api.claim_batch(uow, site_id=person.house.site, batch_id=named)


def walk(person: Person, uow: UnitOfWork) -> None:
    """Bind the totes of one's walk, or do the next task of it, in one of the ways in which that can go."""
    mine = _mine(person, uow)
    if mine is None:
        return
    work = api.work_package(uow, mine)
    if work.stage in ("fetch", "pass"):
        pass_on(person, uow, work)
        return
    waiting = _here(work)
    busy = {task.slot for task in waiting}
    for slot in work.slots:
        if slot.slot in busy and not slot.tote:
            api.bind_tote(uow, batch_id=mine, slot=slot.slot, tote=f"S-{next(_totes):06d}")
    if not waiting:
        api.finish_picking(uow, batch_id=mine)
        return
    uow.session.flush()
    waiting = _here(api.work_package(uow, mine))
    if not waiting:  # somebody cancelled the last of it between the two looks
        return
    task = waiting[0] if person.chance.random() < 0.8 else person.chance.choice(waiting)
    left = task.quantity - task.done
    match person.chance.random():
        case luck if luck < 0.72:
            h.pick(uow, task, person.chance.choice((left, left, left, max(1, left - 1))))
        case luck if luck < 0.86:
            api.skip_task(uow, task_id=task.task_id)
        case _:
            found = person.chance.randint(0, left - 1)
            api.short_pick(
                uow, task_id=task.task_id, found=found, reason=person.chance.choice(tuple(api.SHORT_REASONS))
            )


def _here(work: api.WorkPackage) -> list[api.WorkTask]:
    """Return the open picks of the leg under way."""
    waiting = [task for task in work.tasks if task.state in OPEN and task.kind == "pick"]
    return [task for task in waiting if not work.zones or task.zone == work.zones[work.leg]]


def pass_on(person: Person, uow: UnitOfWork, work: api.WorkPackage) -> None:
    """Take the totes from the zone before, or leave them for the next one."""
    tote = next((slot.tote for slot in work.slots if slot.tote and slot.is_open), "")
    if work.stage == "fetch":
        fetch_totes(uow, batch_id=work.batch_id, tote=tote)
        person.account.done["totes fetched"] += 1
    else:
        hand_over_leg(uow, batch_id=work.batch_id, leg=work.leg, tote=tote)
        person.account.done["legs handed over"] += 1


def hand_over(person: Person, uow: UnitOfWork) -> None:
    live = api.find_batches(uow, site_id=person.house.site, states=("ASSIGNED", "IN_PROGRESS"))
    held = [batch.id for batch in live if batch.picker]
    if not held:
        raise api.NothingToPick("Nobody is on a walk.")
    api.hand_over_batch(uow, batch_id=person.chance.choice(held))


def rush(person: Person, uow: UnitOfWork) -> None:
    if order := _any_order(person, uow):
        api.rush_order(uow, tenant_id=person.house.tenant, order_id=order, reason="storm")


def pull_back(person: Person, uow: UnitOfWork) -> None:
    if order := _any_order(person, uow):
        api.pull_back_order(uow, tenant_id=person.house.tenant, order_id=order, reason="storm")


def cancel(person: Person, uow: UnitOfWork) -> None:
    if order_id := _any_order(person, uow):
        lines = api.get_order(uow, order_id).lines
        only = {lines[0].id: 1} if person.chance.random() < 0.5 else None
        api.cancel_order(uow, tenant_id=person.house.tenant, order_id=order_id, reason="storm", line_quantities=only)


def pack(person: Person, uow: UnitOfWork) -> None:
    waiting = list(api.pack_queue(uow, site_id=person.house.site))
    if waiting:
        api.pack_order(uow, tenant_id=person.house.tenant, order_id=person.chance.choice(waiting))


def put_back(person: Person, uow: UnitOfWork) -> None:
    waiting = api.open_put_backs(uow, site_id=person.house.site)
    if waiting:
        task = person.chance.choice(waiting)
        api.confirm_put_back(uow, task_id=task.task_id, location_code=task.location_code, quantity=task.quantity)


def receive(person: Person, uow: UnitOfWork) -> None:
    place_of = person.chance.choice(("A-01-01-1", "B-02-03-1", "C-03-06-2"))
    h.stock(uow, person.house, **{person.chance.choice(SKUS): {place_of: person.chance.randint(1, 6)}})


def _mine(person: Person, uow: UnitOfWork) -> str | None:
    live = api.find_batches(uow, site_id=person.house.site, states=("ASSIGNED", "IN_PROGRESS"))
    return next((batch.id for batch in live if batch.picker == person.name), None)


def _any_order(person: Person, uow: UnitOfWork) -> str | None:
    found = api.find_orders(uow, wanted=api.OrderFilter(), limit=50).items
    return person.chance.choice(found).id if found else None


_OF_PICKERS = {"claim", "walk"}
WAYS: dict[str, tuple[int, Way]] = {
    "place": (14, place), "release": (6, release), "improve": (2, improve), "claim": (8, claim), "walk": (48, walk),
    "hand over": (2, hand_over), "rush": (3, rush), "pull back": (3, pull_back), "cancel": (5, cancel),
    "pack": (6, pack), "put back": (4, put_back), "receive": (2, receive),
}  # fmt: skip


def drain(house: h.House, chance: random.Random) -> Account:
    """Let one person finish what lies on the floor; an order that waits for goods gives back what it has."""
    person = Person(house, "usr_last", chance)
    for _ in range(_MOST_ROUNDS):
        while person.tries("hand over", hand_over):
            pass
        person.tries("release", release)
        while person.tries("claim", claim):
            while run(system(), lambda uow: _mine(person, uow), now=h.NOW):
                person.tries("walk", walk)
        for order_id in run(system(), _in_totes, now=h.NOW):
            if not person.tries("pack", lambda _, uow, o=order_id: _pack(house, uow, o)):
                person.tries("cancel", lambda _, uow, o=order_id: _cancel(house, uow, o))
        for _ in run(system(), lambda uow: api.open_put_backs(uow, site_id=house.site), now=h.NOW):
            person.tries("put back", put_back)
        if not run(system(), lambda uow: _left(uow, house), now=h.NOW):
            break
    return person.account


def _pack(house: h.House, uow: UnitOfWork, order_id: str) -> None:
    api.pack_order(uow, tenant_id=house.tenant, order_id=order_id)


def _cancel(house: h.House, uow: UnitOfWork, order_id: str) -> None:
    api.cancel_order(uow, tenant_id=house.tenant, order_id=order_id, reason="It waits for goods.")


def _in_totes(uow: UnitOfWork) -> list[str]:
    """Return the orders of which all that is to be picked is in totes, whether they wait for goods or not."""
    awaited = select(OrderLine.order_id).where(OrderLine.allocated > 0)
    picked = select(OrderLine.order_id).where(OrderLine.picked > 0, OrderLine.order_id.not_in(awaited))
    return sorted(uow.session.scalars(picked.distinct()))


def _left(uow: UnitOfWork, house: h.House) -> int:
    board = api.board(uow, site_id=house.site)
    live = api.find_batches(uow, site_id=house.site, states=("DRAFT", "ASSIGNED", "IN_PROGRESS"))
    return board.lines_open + board.put_backs_open + len(_in_totes(uow)) + len(live)
