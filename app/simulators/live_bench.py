from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypedDict

from app.simulators.bench import OPEN_SECONDS
from app.simulators.live_crew import Steps
from app.simulators.live_house import LiveHouse
from app.simulators.live_labels import stick_labels
from app.simulators.packing import CLOSE_SECONDS, SCAN_SECONDS, WEIGH_SECONDS, unit_scans
from app.simulators.weights import SCALE, is_wrong, scale_reading
from fulfillment.api import pack_queue, pack_work, reopen_parcel, services_due
from kernel.actors import Actor, Role
from shipping.api import (
    FOREIGN_CONTAINER,
    AuditView,
    ParcelView,
    find_parcels,
    held_parcels,
    parcel_by_id,
    release_held_parcel,
)

_LOOK_SECONDS = 30.0
_FORGOTTEN_AFTER = timedelta(minutes=1)
"""A parcel that was packed this long ago and never weighed lost its packer; whoever is free weighs it."""
_LOOK_FOR_FORGOTTEN = timedelta(seconds=10)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_HOLDS_LEFT = 3
_LONGEST_HOLD = timedelta(minutes=20)
_AGAIN_AFTER = timedelta(seconds=30)
TYPED_BECAUSE = "SCALE_BROKEN"


class _Parcel(TypedDict):
    tenant_id: str
    parcel_id: str


@dataclass(slots=True)
class LiveBench:
    """The packers with their scale, and the manager who opens what the scale holds."""

    house: LiveHouse
    _in_hand: set[str] = field(default_factory=set)
    _waiting: deque[str] = field(default_factory=deque)
    _looked_at: datetime = _LONG_AGO

    def pack(self, number: int) -> Steps:
        """Work as a packer: scan what is in the totes, close the carton, weigh it, and scan its label back on it."""
        house = self.house
        packer = house.person(Role.PACKER, number)
        refused: dict[str, float] = {}
        while True:
            yield from self._weigh_forgotten(packer)
            yield from stick_labels(house, packer)
            now = house.now().timestamp()
            refused = {order: until for order, until in refused.items() if until > now}
            order_id = self._next_order(refused)
            if order_id is None:
                yield house.pause(_LOOK_SECONDS)
                continue
            self._in_hand.add(order_id)
            try:
                before = len(refused)
                yield from self._pack(packer, order_id, refused)
                if len(refused) > before:
                    yield house.pause(_LOOK_SECONDS)
            finally:
                self._in_hand.discard(order_id)

    def _next_order(self, refused: Collection[str]) -> str | None:
        """Return an order to pack. The list of what waits is read when the last one has been worked off; who was
        cancelled meanwhile is refused at the start.
        """
        house = self.house
        if not self._waiting:
            queue = house.see(lambda uow: pack_queue(uow, site_id=house.site_id))
            self._waiting.extend(order for order in queue if order not in self._in_hand)
        while self._waiting:
            order = self._waiting.popleft()
            if order not in refused and order not in self._in_hand:
                return order
        return None

    def _pack(self, packer: Actor, order_id: str, refused: dict[str, float]) -> Steps:
        """Pack one order; one that cannot be packed now is noted in `refused` with the time until it is left alone."""
        house = self.house
        if house.operate(packer, "pack_start", order_id=order_id).status != "applied":
            refused[order_id] = (house.now() + _AGAIN_AFTER).timestamp()
            return
        work = house.do(packer, lambda uow: pack_work(uow, order_id))
        for line in work.lines:
            for barcode, quantity in house.see(partial(unit_scans, line=line)):
                yield SCAN_SECONDS
                house.operate(packer, "pack_item", order_id=order_id, barcode=barcode, quantity=quantity)
        for step in house.see(lambda uow: services_due(uow, [order_id])).get(order_id, ()):
            if step.due:
                seconds = step.seconds * step.due
                yield seconds
                house.operate(packer, "pack_service", order_id=order_id, code=step.asked_id, quantity=seconds)
        yield CLOSE_SECONDS
        ack = house.operate(packer, "pack_carton", order_id=order_id)
        if ack.status != "applied":
            refused[order_id] = (house.now() + _AGAIN_AFTER).timestamp()
        for parcel_id in filter(None, (ack.facts or {}).get("parcel_ids", "").split(",")):
            parcel = house.see(partial(parcel_by_id, parcel_id=parcel_id))
            yield from self._weigh(packer, parcel)

    def _weigh(self, packer: Actor, parcel: ParcelView) -> Steps:
        """Put a parcel on the scale, twice if asked; one that somebody weighed before only once more."""
        house = self.house
        for attempt in (1, 2) if parcel.weight_g is None else (2,):
            yield WEIGH_SECONDS
            reading = scale_reading(parcel, attempt, chance=house.chance, mistakes=house.mistakes)
            is_typed = house.chance.hits(house.mistakes.typed_weights, "typed", parcel.sscc, attempt)
            ack = house.operate(
                packer, "weigh", parcel_id=parcel.id, weight_g=reading, scale_code=SCALE,
                reason=TYPED_BECAUSE if is_typed else "",
            )  # fmt: skip
            if (ack.facts or {}).get("decision") != "RECHECK":
                return

    def _weigh_forgotten(self, packer: Actor) -> Steps:
        house = self.house
        if house.now() - self._looked_at < _LOOK_FOR_FORGOTTEN:
            return
        self._looked_at = house.now()
        before = self._looked_at - _FORGOTTEN_AFTER
        page = house.see(lambda uow: find_parcels(uow, site_id=house.site_id, state="packed", limit=200))
        for parcel in page.items:
            if parcel.packed_at < before and parcel.kind == "outbound" and not _is_tare_unknown(parcel):
                yield from self._weigh(packer, parcel)

    def judge_held(self) -> Steps:
        """Work as the manager: open the parcels that the scale holds, the oldest first. The newest few stay for whoever
        wants to see one.
        """
        house = self.house
        while True:
            yield house.pause(OPEN_SECONDS)
            held = house.see(lambda uow: held_parcels(uow, site_id=house.site_id))
            overdue = [pair for pair in held if pair[0].packed_at < house.now() - _LONGEST_HOLD]
            for parcel, audit in (overdue or held[:-_HOLDS_LEFT])[:1]:
                self._open(parcel, audit)

    def _open(self, parcel: ParcelView, audit: AuditView) -> None:
        house = self.house
        manager = house.person(Role.MANAGER)
        whose = _Parcel(tenant_id=parcel.tenant_id, parcel_id=parcel.id)
        if is_wrong(parcel, chance=house.chance, mistakes=house.mistakes):
            reason = f"Opened: the contents are not right, {audit.difference_g:+d} g"
            house.attempt(manager, lambda uow: reopen_parcel(uow, **whose, reason=reason))
            return
        units = sum(content.quantity for content in parcel.contents)
        house.attempt(
            manager,
            lambda uow: release_held_parcel(
                uow, **whose, reason="The contents are right", evidence=f"Opened, {units} of {units} counted",
                contents_confirmed=True,
            ),
        )  # fmt: skip


def _is_tare_unknown(parcel: ParcelView) -> bool:
    """Say whether only who packed a parcel knows its empty container: the first reading is the container's own."""
    return parcel.carton_code == FOREIGN_CONTAINER and parcel.tare_proof is None
