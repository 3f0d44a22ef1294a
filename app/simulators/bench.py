from dataclasses import dataclass, field

from app.simulators.house import SYSTEM, House
from app.simulators.packers import PackErrand, Packers
from app.simulators.packing import mistakes_in
from app.simulators.weights import is_wrong
from fulfillment.api import pack_queue, reopen_parcel
from kernel.actors import Role
from shipping.api import AuditView, ParcelView, held_parcels, release_held_parcel

OPEN_SECONDS = 90
QUEUE = 200
"""How much of what waits, and was not begun, is looked at at once."""


@dataclass(slots=True)
class Bench:
    """The pack benches: orders go to the packers as they come from the floor, and the manager opens what the scale
    holds.

    `let_go` counts the held parcels that were let go when the benches were last cleared.
    """

    house: House
    packers: Packers
    let_go: int = 0
    _begun: set[str] = field(default_factory=set)
    _watched: set[str] = field(default_factory=set)

    def waiting(self) -> list[str]:
        """Return the orders that can be packed now and that nobody has begun since the benches were cleared."""
        site_id, limit = self.house.site_id, QUEUE + len(self._begun)
        queue = self.house.do(SYSTEM, lambda uow: pack_queue(uow, site_id=site_id, limit=limit))
        return [order_id for order_id in queue if order_id not in self._begun]

    def pack(self, orders: list[str]) -> None:
        """Give orders to the packers, from now on; this comes back before they are packed."""
        house = self.house
        self._begun.update(orders)
        self.packers.pack(
            PackErrand(
                house.now, tuple(orders), frozenset(self._watched.intersection(orders)), house.site_id, house.zone.key,
                house.chance.seed, house.mistakes, house.staff[Role.PACKER],
            )
        )  # fmt: skip

    def clear(self) -> None:
        """Pack and weigh until nothing waits, and deal with what is held."""
        self.let_go = 0
        self.pack(self.waiting())
        while True:
            self._finish()
            self._begun.difference_update(self._open_held())
            fresh = self.waiting()
            if not fresh:
                break
            self.pack(fresh)
        self._begun.clear()

    def _finish(self) -> None:
        house = self.house
        for packed in self.packers.finish():
            house.wait_until(packed.until)
            house.tally.counts.update(packed.counts)
            house.tally.escaped.update(packed.escaped)
            house.tally.surprises.update(packed.surprises)

    def _open_held(self) -> list[str]:
        """Open every held parcel: wrong ones are packed anew, right ones go on; return the orders to pack anew."""
        house = self.house
        again = []
        for parcel, audit in house.do(SYSTEM, lambda uow: held_parcels(uow, site_id=house.site_id)):
            house.spend(OPEN_SECONDS)
            house.tally.counts["parcels held"] += 1
            if is_wrong(parcel, chance=house.chance, mistakes=mistakes_in(parcel, house.mistakes, self._watched)):
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
