import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from app.simulators.day_values import CANCEL_STAGES, SimulatedOrder
from app.simulators.house import SYSTEM, House
from app.simulators.road import Arrival
from fulfillment.api import cancel_order, get_order
from kernel.actors import Role
from returns.api import (
    Grade,
    ReturnLineDraft,
    ReturnView,
    authorize_return,
    get_return,
    grade_units,
    issue_return_label,
    receive_return,
    request_return,
    returns_of_order,
)

_REASONS = ("unwanted", "too_small", "too_large", "not_as_described", "defective")
_GRADES = (Grade.A, Grade.A, Grade.A, Grade.B, Grade.C, Grade.D)


@dataclass(slots=True)
class Customers:
    """The people outside: some cancel, at whatever stage their order is, and some send things back."""

    house: House
    _plans: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _planned: int = 0

    def decide(self, order: SimulatedOrder) -> None:
        """Let a customer make up their mind, now, whether and when they will cancel."""
        draws = self.house.chance.draws("cancel", order.number, order.placed_at.isoformat())
        if draws.random() < self.house.mistakes.cancellations:
            order.cancel_at = draws.choice(CANCEL_STAGES)

    def reach(self, stage: str, orders: Iterable[SimulatedOrder]) -> set[str]:
        """Cancel the orders whose customers chose this stage, and return the ids of those that they cancelled."""
        return {order.id for order in orders if order.cancel_at == stage and self._cancel(order, stage)}

    def _cancel(self, order: SimulatedOrder, stage: str) -> bool:
        house = self.house
        # Whether a parcel left is told by an event: the answer must not depend on how fast that travels.
        house.settle()
        answer = house.do(
            house.person(Role.SERVICE),
            lambda uow: cancel_order(
                uow, tenant_id=order.tenant_id, order_id=order.id, reason="The customer changed their mind."
            ),
        )
        house.tally.counts[f"cancel {stage}: {answer.state.value}"] += 1
        order.cancel_at = ""
        return answer.cancelled > 0

    def receive(self, arrivals: Iterable[Arrival]) -> None:
        """Let some of those who got their parcel send something back, some days later."""
        for arrival in arrivals:
            number = arrival.parcel.tracking_number
            if self.house.chance.hits(self.house.mistakes.returns, "return", number):
                days = self.house.chance.draws("return day", number).uniform(1, 7)
                order_id = arrival.parcel.reference
                self._plan(arrival.at + timedelta(days=days), partial(self._ask, order_id))

    @property
    def next_plan_at(self) -> datetime | None:
        """When somebody will act next, None when nobody will."""
        return self._plans[0][0] if self._plans else None

    def act_until(self, until: datetime) -> None:
        """Let everybody do what they planned to do by then."""
        while self._plans and self._plans[0][0] <= until:
            at, _, act = heapq.heappop(self._plans)
            self.house.wait_until(at)
            act()

    def _plan(self, at: datetime, act: Callable[[], None]) -> None:
        self._planned += 1
        heapq.heappush(self._plans, (at, self._planned, act))

    def _ask(self, order_id: str) -> None:
        """Ask to send one unit back; what the policy leaves to a person is allowed by the service desk."""
        house = self.house
        if house.do(SYSTEM, lambda uow: returns_of_order(uow, order_id)):
            return
        order = house.do(SYSTEM, lambda uow: get_order(uow, order_id))
        open_lines = [line for line in order.lines if line.units.delivered > line.units.returned]
        if not open_lines:
            return
        draws = house.chance.draws("return line", order.external_id)
        draft = ReturnLineDraft(draws.choice(open_lines).id, 1, draws.choice(_REASONS))
        asked = house.do(SYSTEM, lambda uow: request_return(uow, order_id=order_id, lines=[draft]))
        house.tally.counts["returns asked for"] += 1
        service = house.person(Role.SERVICE)
        if asked.state == "requested":
            house.do(service, lambda uow: authorize_return(uow, return_id=asked.id, why="Looked at: agreed."))
        elif asked.state != "authorized":
            return
        house.do(service, lambda uow: issue_return_label(uow, return_id=asked.id))
        self._plan(house.now + timedelta(days=draws.uniform(2, 6)), lambda: self._come_back(asked))

    def _come_back(self, asked: ReturnView) -> None:
        house = self.house
        packer = house.person(Role.PACKER)
        quantities = {line.line_id: line.announced for line in asked.lines}
        house.do(packer, lambda uow: receive_return(uow, return_id=asked.id, quantities=quantities))
        grade = house.chance.draws("grade", asked.lines[0].sku, house.local_date()).choice(_GRADES)
        (line,) = asked.lines
        house.do(
            packer,
            lambda uow: grade_units(
                uow, return_id=asked.id, line_id=line.line_id, quantity=line.announced, grade=grade
            ),
        )
        closed = house.do(SYSTEM, lambda uow: get_return(uow, asked.id))
        house.tally.counts[f"returns {closed.state}"] += 1
        house.tally.counts["refunded minor"] += closed.refund_minor
