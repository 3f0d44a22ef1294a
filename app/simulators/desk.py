from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.simulators.day_values import SimulatedOrder
from app.simulators.house import SYSTEM, House
from fulfillment.api import OrderView, fill_backorders, get_order, release_hold
from kernel.actors import Role


@dataclass(slots=True)
class ServiceDesk:
    """The people who decide about what is flagged, and who notice what waits for too long."""

    house: House

    def look_at(self, orders: Sequence[SimulatedOrder], *, patience: timedelta) -> set[str]:
        """Look at the orders that wait since yesterday or are flagged; return those for which the floor can do nothing.

        A flagged order with lines may go on, since its goods are right; one without lines stays held for a person.
        """
        return {order.id for order in orders if self._is_hopeless(order, patience)}

    def _is_hopeless(self, order: SimulatedOrder, patience: timedelta) -> bool:
        yesterday = self.house.now - timedelta(days=1)
        if not order.is_flagged and order.placed_at > yesterday:
            return False
        found = self.house.do(SYSTEM, lambda uow: get_order(uow, order.id))
        units = found.units
        if found.terminal or (units.ordered and not units.in_house):
            return True
        if units.ordered and found.flags:
            self._let_go_on(found)
        has_waited = self.house.now - order.placed_at > patience and not units.promised
        is_hopeless = has_waited or not units.ordered
        self.house.tally.counts["orders left to a person"] += is_hopeless
        return is_hopeless

    def _let_go_on(self, order: OrderView) -> None:
        house = self.house
        service = house.person(Role.SERVICE)
        for hold in order.holds:
            if hold.released_at is None:
                self._release(order, hold.id)
        item_ids = sorted({line.item_id for line in order.lines if line.units.backordered})
        if item_ids:
            house.do(
                service,
                lambda uow: fill_backorders(uow, tenant_id=order.tenant_id, site_id=order.site_id, item_ids=item_ids),
            )

    def _release(self, order: OrderView, hold_id: str) -> None:
        house = self.house
        reason = "Looked at: the goods and the address are right."
        house.do(
            house.person(Role.SERVICE),
            lambda uow: release_hold(uow, tenant_id=order.tenant_id, order_id=order.id, hold_id=hold_id, reason=reason),
        )
        house.tally.counts["flagged orders let go on"] += 1
