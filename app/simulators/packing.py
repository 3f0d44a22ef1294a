from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import msgspec

from app.simulators.day_values import Mistakes
from app.simulators.house import SYSTEM, House
from app.simulators.weights import SCALE, is_wrong, scale_reading
from fulfillment.api import PackLine, ServiceDue, pack_work, services_due
from inventory.api import find_serials
from kernel.actors import Actor, Role
from kernel.db.transactions import UnitOfWork
from shipping.api import ParcelView, SizeUnknown, find_parcels

SCAN_SECONDS = 6
CLOSE_SECONDS = 25
WEIGH_SECONDS = 10
PAGE = 200
CARTON_BY_EYE = "L20"
"""What a packer takes for something that nobody has measured."""


class Packed(msgspec.Struct, frozen=True):
    """What came of packing: when the packers were through, and what is to be added to the tally."""

    until: datetime
    counts: dict[str, int]
    escaped: dict[str, int]
    surprises: dict[str, int]


def unit_scans(uow: UnitOfWork, line: PackLine) -> list[tuple[str, int]]:
    """Return what a packer scans of a line, and how many units each scan stands for: units that have serial numbers
    are scanned one by one.
    """
    left = line.picked - line.scanned
    if not line.serial_tracked or not left:
        return [(line.sku, left)] if left else []
    found = find_serials(uow, item_id=line.item_id, state="in_stock", limit=left)
    return [(unit.serial, 1) for unit in found.items]


def mistakes_in(parcel: ParcelView, usual: Mistakes, watched: AbstractSet[str]) -> Mistakes:
    """What was taken apart once is packed anew under the manager's eyes, and gets its right contents."""
    return replace(usual, wrong_contents=0) if parcel.reference in watched else usual


def _wanted(uow: UnitOfWork, order_id: str) -> tuple[list[tuple[str, int]], list[ServiceDue]]:
    """Return what a packer scans of an order, and what is to be done for it."""
    scans = [scan for line in pack_work(uow, order_id).lines for scan in unit_scans(uow, line)]
    return scans, [step for step in services_due(uow, [order_id]).get(order_id, ()) if step.due]


@dataclass(slots=True)
class Packing:
    """The packers at their benches with a scale. `watched` are orders that the manager looks at while they work."""

    house: House
    watched: AbstractSet[str]

    def pack(self, orders: tuple[str, ...]) -> Packed:
        """Pack these orders, then weigh every parcel that was packed and not weighed."""
        for number, order_id in enumerate(orders):
            self._pack(self.house.person(Role.PACKER, number), order_id)
        self._weigh_everything()
        tally = self.house.tally
        return Packed(self.house.now, _plain(tally.counts), _plain(tally.escaped), _plain(tally.surprises))

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
            page = house.do(SYSTEM, lambda uow: find_parcels(uow, site_id=house.site_id, state="packed", limit=PAGE))
            fresh = [parcel for parcel in reversed(page.items) if parcel.id not in refused]
            if not fresh:
                return
            refused.update(parcel.id for parcel in fresh if not self._weigh(parcel))

    def _weigh(self, parcel: ParcelView) -> bool:
        """Put a parcel on the scale, twice if asked; say whether the scale came to a decision."""
        house = self.house
        packer = house.person(Role.PACKER)
        mistakes = mistakes_in(parcel, house.mistakes, self.watched)
        for attempt in (1, 2):
            house.spend(WEIGH_SECONDS)
            reading = scale_reading(parcel, attempt, chance=house.chance, mistakes=mistakes)
            op = house.operation("weigh", parcel_id=parcel.id, weight_g=reading, scale_code=SCALE)
            ack = house.operate(packer, op)
            decision = (ack.facts or {}).get("decision", "")
            if decision != "RECHECK":
                break
            house.tally.counts["weighed again"] += 1
        if decision == "PASS":
            house.tally.counts["parcels passed"] += 1
            if is_wrong(parcel, chance=house.chance, mistakes=mistakes):
                house.tally.escaped["wrong contents"] += 1
        return bool(decision)


def _plain(counts: Counter[str]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
