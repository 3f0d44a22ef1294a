from dataclasses import dataclass, field, replace
from functools import partial

from app.simulators.day_values import Mistakes
from app.simulators.house import SYSTEM, House
from app.simulators.weights import SCALE, is_wrong, scale_reading
from fulfillment.api import PackLine, ServiceDue, pack_queue, pack_work, reopen_parcel, services_due
from inventory.api import find_serials
from kernel.actors import Actor, Role
from kernel.db.transactions import UnitOfWork
from shipping.api import AuditView, ParcelView, SizeUnknown, find_parcels, held_parcels, release_held_parcel

SCAN_SECONDS = 6
CLOSE_SECONDS = 25
WEIGH_SECONDS = 10
OPEN_SECONDS = 90
QUEUE = 200
"""How much of what waits is looked at before it is looked at again."""
CARTON_BY_EYE = "L20"
"""What a packer takes for something that nobody has measured."""


def unit_scans(uow: UnitOfWork, line: PackLine) -> list[tuple[str, int]]:
    """Return what a packer scans of a line, and how many units each scan stands for: units that have serial numbers
    are scanned one by one.
    """
    left = line.picked - line.scanned
    if not line.serial_tracked or not left:
        return [(line.sku, left)] if left else []
    found = find_serials(uow, item_id=line.item_id, state="in_stock", limit=left)
    return [(unit.serial, 1) for unit in found.items]


def _wanted(uow: UnitOfWork, order_id: str) -> tuple[list[tuple[str, int]], list[ServiceDue]]:
    """Return what a packer scans of an order, and what is to be done for it."""
    scans = [scan for line in pack_work(uow, order_id).lines for scan in unit_scans(uow, line)]
    return scans, [step for step in services_due(uow, [order_id]).get(order_id, ()) if step.due]


@dataclass(slots=True)
class Bench:
    """The packers, the scale, and the manager who opens what the scale holds."""

    house: House
    let_go: int = 0
    _watched: set[str] = field(default_factory=set)

    def pack_everything(self) -> None:
        """Pack what is in totes, weigh it, and deal with what is held, until nothing waits.

        `let_go` counts the held parcels that were let go by it.
        """
        self.let_go = 0
        seen: set[str] = set()
        while True:
            waiting = self.house.do(SYSTEM, lambda uow: pack_queue(uow, site_id=self.house.site_id, limit=QUEUE))
            fresh = [order_id for order_id in waiting if order_id not in seen]
            for number, order_id in enumerate(fresh):
                self._pack(self.house.person(Role.PACKER, number), order_id)
            seen.update(fresh)
            self._weigh_everything()
            reopened = self._open_held()
            seen.difference_update(reopened)
            if not reopened and (not fresh or len(waiting) < QUEUE):
                return

    def _pack(self, packer: Actor, order_id: str) -> None:
        house = self.house
        if house.operate(packer, house.operation("pack_start", order_id=order_id)).status != "applied":
            return
        scans, services = house.do(packer, partial(_wanted, order_id=order_id))
        for barcode, quantity in scans:
            house.spend(SCAN_SECONDS)
            house.operate(packer, house.operation("pack_item", order_id=order_id, barcode=barcode, quantity=quantity))
        for step in services:
            house.spend(step.seconds * step.due)
            told = {"order_id": order_id, "code": step.asked_id, "quantity": step.seconds * step.due}
            house.operate(packer, house.operation("pack_service", **told))
            house.tally.counts["services performed"] += 1
        house.spend(CLOSE_SECONDS)
        ack = house.operate(packer, house.operation("pack_carton", order_id=order_id))
        if ack.code == SizeUnknown.code:
            house.tally.surprises[f"pack_carton {ack.status} {ack.code}"] -= 1
            house.tally.counts["cartons chosen by eye"] += 1
            ack = house.operate(packer, house.operation("pack_carton", order_id=order_id, code=CARTON_BY_EYE))
        house.tally.counts["orders packed"] += ack.status == "applied"

    def _weigh_everything(self) -> None:
        house = self.house
        refused: set[str] = set()
        while True:
            page = house.do(SYSTEM, lambda uow: find_parcels(uow, site_id=house.site_id, state="packed", limit=QUEUE))
            fresh = [parcel for parcel in reversed(page.items) if parcel.id not in refused]
            if not fresh:
                return
            refused.update(parcel.id for parcel in fresh if not self._weigh(parcel))

    def _weigh(self, parcel: ParcelView) -> bool:
        """Put a parcel on the scale, twice if asked; say whether the scale came to a decision."""
        house = self.house
        packer = house.person(Role.PACKER)
        for attempt in (1, 2):
            house.spend(WEIGH_SECONDS)
            reading = scale_reading(parcel, attempt, chance=house.chance, mistakes=self._mistakes(parcel))
            op = house.operation("weigh", parcel_id=parcel.id, weight_g=reading, scale_code=SCALE)
            ack = house.operate(packer, op)
            decision = (ack.facts or {}).get("decision", "")
            if decision != "RECHECK":
                break
            house.tally.counts["weighed again"] += 1
        if decision == "PASS":
            house.tally.counts["parcels passed"] += 1
            if self._is_wrong(parcel):
                house.tally.escaped["wrong contents"] += 1
        return bool(decision)

    def _is_wrong(self, parcel: ParcelView) -> bool:
        return is_wrong(parcel, chance=self.house.chance, mistakes=self._mistakes(parcel))

    def _mistakes(self, parcel: ParcelView) -> Mistakes:
        """What was taken apart once is packed anew under the manager's eyes, and gets its right contents."""
        usual = self.house.mistakes
        return replace(usual, wrong_contents=0) if parcel.reference in self._watched else usual

    def _open_held(self) -> list[str]:
        """Open every held parcel: wrong ones are packed anew, right ones go on; return the orders to pack anew."""
        house = self.house
        again = []
        for parcel, audit in house.do(SYSTEM, lambda uow: held_parcels(uow, site_id=house.site_id)):
            house.spend(OPEN_SECONDS)
            house.tally.counts["parcels held"] += 1
            if self._is_wrong(parcel):
                self._take_apart(parcel, audit)
                again.append(parcel.reference)
            else:
                self._let_go(parcel)
        return again

    def _take_apart(self, parcel: ParcelView, audit: AuditView) -> None:
        house = self.house
        house.tally.caught["wrong contents"] += 1
        self._watched.add(parcel.reference)
        reason = f"Opened: the contents are not right, {audit.difference_g:+d} g"
        house.do(
            house.person(Role.MANAGER),
            lambda uow: reopen_parcel(uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id, reason=reason),
        )

    def _let_go(self, parcel: ParcelView) -> None:
        house = self.house
        house.tally.counts["held for nothing"] += 1
        self.let_go += 1
        units = sum(content.quantity for content in parcel.contents)
        house.do(
            house.person(Role.MANAGER),
            lambda uow: release_held_parcel(
                uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id, reason="The contents are right",
                evidence=f"Opened, {units} of {units} counted", contents_confirmed=True,
            ),
        )  # fmt: skip
