from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from app.simulators.day_values import SimulatedOrder
from app.simulators.house import SYSTEM, House
from fulfillment.api import (
    NothingToPick,
    WorkPackage,
    WorkTask,
    claim_batch,
    open_put_backs,
    plan_batches,
    release_orders,
    work_package,
)
from inventory.api import BinView, count_bin, receive_stock, wanted_counts
from kernel.actors import Actor, Role

WALK_MM_PER_SECOND = 1_100
PICK_SECONDS = 12
BIND_SECONDS = 4
MISTAKE_SECONDS = 8
ZERO_CHECK_SECONDS = 2
_OPEN = ("READY", "CLAIMED", "SKIPPED")
_Place = tuple[str, str, str]
"""Merchant, item and location code."""


@dataclass(slots=True)
class Floor:
    """The pickers: they empty the list of batches, each with a cart of their own, and bring back what was cancelled."""

    house: House
    owed: dict[_Place, int] = field(default_factory=dict)
    received_something: bool = False
    _shorted: set[str] = field(default_factory=set)
    _totes: "count[int]" = field(default_factory=lambda: count(1))

    def release(self, orders: Sequence[SimulatedOrder]) -> set[str]:
        """Release orders and plan their walks; return the ids of those that went to the floor."""
        if not orders:
            return set()
        ids = [order.id for order in orders]
        house = self.house
        decisions = house.do(
            SYSTEM, lambda uow: release_orders(uow, site_id=house.site_id, limit=len(ids), order_ids=ids)
        )
        released = {decision.order_id for decision in decisions if decision.released}
        if released:
            batches = house.do(SYSTEM, lambda uow: plan_batches(uow, site_id=house.site_id, max_orders=1_000))
            house.tally.counts["batches"] += len(batches)
        house.tally.counts["releases"] += len(released)
        return released

    def pick_everything(self, after_each: Callable[[], None]) -> None:
        """Let the pickers work side by side until no batch waits; `after_each` batch its goods are at the benches."""
        start = self.house.now
        free: list[datetime] = [start for _ in self.house.staff[Role.PICKER]]
        while True:
            number = free.index(min(free))
            picker = self.house.person(Role.PICKER, number)
            with self.house.since(free[number]):
                if not self._pick_batch(picker):
                    return
                after_each()
                free[number] = self.house.now

    def _pick_batch(self, picker: Actor) -> bool:
        house = self.house
        try:
            package = house.do(picker, lambda uow: claim_batch(uow, site_id=house.site_id))
        except NothingToPick:
            return False
        self._bind(picker, package)
        self._walk(picker, package)
        house.operate(picker, house.operation("done", batch_id=package.batch_id))
        house.tally.walked_mm += package.length_mm
        house.tally.walked_by_name_mm += package.length_by_name_order_mm
        return True

    def _bind(self, picker: Actor, package: WorkPackage) -> None:
        for slot in package.slots:
            if slot.is_open and not slot.tote:
                self.house.spend(BIND_SECONDS)
                tote = f"T-{next(self._totes):05d}"
                op = self.house.operation("bind_tote", batch_id=package.batch_id, slot=slot.slot, tote=tote)
                self.house.operate(picker, op)

    def _walk(self, picker: Actor, package: WorkPackage) -> None:
        """Do every task; shorted ones may add others at the end, so that the work is read again until none is left."""
        walking = package.length_mm / WALK_MM_PER_SECOND / max(1, len(package.tasks))
        waiting = [task for task in package.tasks if task.state in _OPEN]
        while waiting:
            may_grow = False
            for task in waiting:
                self.house.spend(walking + PICK_SECONDS)
                may_grow = self._pick(picker, task) or may_grow
            if not may_grow:
                return
            again = self.house.do(picker, lambda uow: work_package(uow, package.batch_id))
            waiting = [task for task in again.tasks if task.state in _OPEN]

    def _pick(self, picker: Actor, task: WorkTask) -> bool:
        """Do one task and say whether the walk may have grown by it."""
        house, units = self.house, task.quantity - task.done
        occasion = (task.order_number, task.sku, task.location_code, house.local_date())
        if house.chance.hits(house.mistakes.wrong_items, "wrong item", *occasion):
            self._scan_wrong_item(picker, task, units)
        if house.chance.hits(house.mistakes.short_picks, "short", *occasion):
            found = house.chance.draws("found", *occasion).randrange(units)
            op = house.operation("short", task_id=task.task_id, quantity=found, reason="BIDP" if found else "BIDF")
            house.operate(picker, op)
            house.tally.counts["short picks"] += 1
            self._shorted.add(task.order_id)
            self._owe((task.tenant_id, task.item_id, task.location_code), units - found)
            return True
        op = house.operation(
            "pick", task_id=task.task_id, location_code=task.location_code, barcode=task.sku, quantity=units
        )
        ack = house.operate(picker, op)
        house.tally.counts["lines picked"] += ack.status == "applied"
        if (ack.facts or {}).get("zero_check") == "asked":
            house.operate(picker, house.operation("zero_check", task_id=task.task_id))
            house.tally.counts["zero checks"] += 1
            house.spend(ZERO_CHECK_SECONDS)
        return ack.status != "applied"

    def _scan_wrong_item(self, picker: Actor, task: WorkTask, units: int) -> None:
        house = self.house
        wrong = house.operation(
            "pick", task_id=task.task_id, location_code=task.location_code, barcode=f"WRONG-{task.sku[:8]}",
            quantity=units,
        )  # fmt: skip
        ack = house.operate(picker, wrong)
        if ack.code == "wrong_scan":
            house.tally.surprises[f"pick {ack.status} {ack.code}"] -= 1
            house.tally.caught["wrong item at the bin"] += 1
        else:
            house.tally.escaped["wrong item at the bin"] += 1
        house.spend(MISTAKE_SECONDS)

    def take_shorted(self) -> set[str]:
        """Return the orders that lacked something since this was asked last."""
        shorted, self._shorted = self._shorted, set()
        return shorted

    def put_back(self) -> None:
        """Bring the units of cancelled orders from their totes back to where they came from."""
        house = self.house
        tasks = house.do(SYSTEM, lambda uow: open_put_backs(uow, site_id=house.site_id))
        for task in tasks:
            house.spend(PICK_SECONDS)
            op = house.operation(
                "put_back", task_id=task.task_id, location_code=task.location_code, quantity=task.quantity - task.done
            )
            house.operate(house.person(Role.PICKER), op)
            house.tally.counts["put back"] += 1

    def count_bins(self) -> int:
        """Count the bins that short picks left frozen, and return how many: in half of them the rest is there, the
        others are empty.
        """
        house = self.house
        places = house.do(SYSTEM, lambda uow: wanted_counts(uow, site_id=house.site_id))
        for place in places:
            is_right = house.chance.hits(0.5, "count", place.sku, place.location_code, house.local_date())
            self._count(place, place.quantity if is_right else 0)
        return len(places)

    def _count(self, place: BinView, counted: int) -> None:
        house = self.house
        difference = house.do(
            house.person(Role.MANAGER),
            lambda uow: count_bin(
                uow, tenant_id=place.tenant_id, site_id=house.site_id, item_id=place.item_id,
                location_code=place.location_code, counted=counted, lot=place.lot,
            ),
        )  # fmt: skip
        house.tally.counts["bins counted"] += 1
        if difference < 0:
            self._owe((place.tenant_id, place.item_id, place.location_code), -difference)

    def _owe(self, place: _Place, units: int) -> None:
        self.owed[place] = self.owed.get(place, 0) + units

    def receive_replacements(self) -> None:
        """Take in what merchants send for goods that were not found, where these should have been."""
        owed, self.owed = self.owed, {}
        self.received_something = bool(owed)
        for (tenant_id, item_id, code), units in owed.items():
            self._receive(tenant_id, item_id, units, code)

    def _receive(self, tenant_id: str, item_id: str, units: int, code: str) -> None:
        house = self.house
        house.do(
            SYSTEM,
            lambda uow: receive_stock(
                uow, tenant_id=tenant_id, site_id=house.site_id, item_id=item_id, location_code=code, quantity=units,
                reference="replacement",
            ),
        )  # fmt: skip
        house.tally.counts["replacements"] += units
