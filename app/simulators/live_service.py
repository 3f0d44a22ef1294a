from functools import partial
from typing import Any

from app.simulators.live_crew import Steps
from app.simulators.live_house import LiveHouse
from fulfillment.api import (
    OrderFilter,
    OrderParcelView,
    OrderView,
    ParcelState,
    find_orders,
    get_order,
    receive_back,
    refund_parcel,
    send_again,
)
from kernel.actors import Role

_LOOK_SECONDS = 3_600.0
_ACT_SECONDS = 120.0
_DAMAGED_SHARE = 0.1
_REFUND_SHARE = 0.5
_LATEST = 50
_TROUBLED = OrderFilter(states=("EXCEPTION", "PARTIALLY_SHIPPED"))


def settle_parcels(house: LiveHouse) -> Steps:
    """Work as the dock and the service: book in parcels that came back, and decide about those and the lost ones."""
    while True:
        yield house.pause(_LOOK_SECONDS)
        page = house.do(house.person(Role.SERVICE), lambda uow: find_orders(uow, _TROUBLED, sort="due", limit=_LATEST))
        for summary in page.items:
            order = house.see(partial(get_order, order_id=summary.id))
            for parcel in order.parcels:
                if _settle(house, order, parcel):
                    yield _ACT_SECONDS


def _settle(house: LiveHouse, order: OrderView, parcel: OrderParcelView) -> bool:
    """Bring one parcel on, and say whether there was anything to do."""
    whose: dict[str, Any] = {"tenant_id": order.tenant_id, "order_id": order.id, "parcel_id": parcel.parcel_id}
    if parcel.state == ParcelState.RETURNED:
        damaged = {line: 1 for line, _ in parcel.lines if house.dice.random() < _DAMAGED_SHARE}
        note = "Opened and counted, complete."
        house.do(house.person(Role.PACKER), lambda uow: receive_back(uow, **whose, damaged=damaged, note=note))
    elif parcel.state in (ParcelState.LOST, ParcelState.BACK):
        why = "The carrier lost it." if parcel.state == ParcelState.LOST else "The carrier brought it back."
        decide = refund_parcel if house.dice.random() < _REFUND_SHARE else send_again
        house.do(house.person(Role.SERVICE), lambda uow: decide(uow, **whose, reason=why))
    else:
        return False
    return True
