from collections.abc import Callable, Sequence
from itertools import groupby
from types import MappingProxyType

from sqlalchemy import select

from fulfillment.commands.fill_backorders import fill_backorders
from fulfillment.commands.follow_manifest import follow_manifest
from fulfillment.commands.follow_parcel import follow_parcel
from fulfillment.commands.lose_reservation import lose_reservation
from fulfillment.commands.reconcile_tasks import reconcile_tasks
from fulfillment.commands.short_reservation import short_reservation
from fulfillment.commands.take_return import take_return
from fulfillment.dangerous_kinds import dangerous_kinds
from fulfillment.domain.order_state import ParcelState
from fulfillment.models import OrderLine, PickTask, SalesOrder
from fulfillment.repository import OPEN_TASK_STATES, lock_order
from inventory import api as inventory
from kernel.db.relay import Handler, Subscription
from kernel.db.transactions import UnitOfWork
from kernel.events import Envelope
from shipping import api as shipping


def _parcel_is(state: ParcelState) -> Handler:
    def handle(uow: UnitOfWork, envelope: Envelope) -> None:
        data = envelope.data()
        follow_parcel(
            uow, tenant_id=envelope.tenant_id, parcel_id=data["parcel_id"], to=state,
            tracking_number=data.get("tracking_number", ""),
        )  # fmt: skip

    return handle


def _weighed(uow: UnitOfWork, envelope: Envelope) -> None:
    if envelope.data()["decision"] == "PASS":
        _parcel_is(ParcelState.WEIGHED)(uow, envelope)


def _exception(uow: UnitOfWork, envelope: Envelope) -> None:
    lost = envelope.data().get("reason") == "lost"
    _parcel_is(ParcelState.LOST if lost else ParcelState.EXCEPTION)(uow, envelope)


def _returning(uow: UnitOfWork, envelope: Envelope) -> None:
    back = envelope.data().get("status") == "returned"
    _parcel_is(ParcelState.RETURNED if back else ParcelState.RETURNING)(uow, envelope)


def _shorted(uow: UnitOfWork, envelope: Envelope) -> None:
    data = envelope.data()
    if envelope.order_id:
        short_reservation(
            uow, tenant_id=envelope.tenant_id, order_id=envelope.order_id, line_id=data["line_id"],
            quantity=data["quantity"],
        )  # fmt: skip


def _became_free(uow: UnitOfWork, envelope: Envelope) -> None:
    data = envelope.data()
    item_ids = [data["item_id"]] if "item_id" in data else sorted({line["item_id"] for line in data["lines"]})
    fill_backorders(uow, tenant_id=envelope.tenant_id, site_id=data["site_id"], item_ids=item_ids)


def _expired(uow: UnitOfWork, envelope: Envelope) -> None:
    """What a cart no longer holds serves who waits; what an order no longer has is looked for again."""
    data = envelope.data()
    if envelope.order_id:
        lose_reservation(
            uow, tenant_id=envelope.tenant_id, order_id=envelope.order_id, expired_at=envelope.occurred_at,
            units={line["line_id"]: line["quantity"] for line in data["lines"]},
        )  # fmt: skip
    else:
        _became_free(uow, envelope)


def _rules_changed(uow: UnitOfWork, envelope: Envelope) -> None:
    """Units that are no longer held back serve who waits."""
    item_ids = [envelope.data()["item_id"]]
    waiting = (
        select(SalesOrder.site_id)
        .distinct()
        .join(OrderLine, (OrderLine.tenant_id == SalesOrder.tenant_id) & (OrderLine.order_id == SalesOrder.id))
    )
    waiting = waiting.where(
        OrderLine.tenant_id == envelope.tenant_id, OrderLine.item_id.in_(item_ids), OrderLine.backordered > 0
    )
    for site_id in sorted(uow.session.scalars(waiting)):
        fill_backorders(uow, tenant_id=envelope.tenant_id, site_id=site_id, item_ids=item_ids)


def _adjusted(uow: UnitOfWork, envelope: Envelope) -> None:
    """More units serve who waits; fewer may have moved allocations to other bins, which the walks have to follow."""
    data = envelope.data()
    if data["quantity"] > 0:
        _became_free(uow, envelope)
        return
    walked = select(PickTask.order_id).where(
        PickTask.tenant_id == envelope.tenant_id, PickTask.item_id == data["item_id"],
        PickTask.site_id == data["site_id"], PickTask.kind == "pick", PickTask.state.in_(OPEN_TASK_STATES),
    )  # fmt: skip
    for order_id in sorted(set(uow.session.scalars(walked))):
        order = lock_order(uow, tenant_id=envelope.tenant_id, order_id=order_id)
        reconcile_tasks(uow, order)
        order.settle(uow.now)


def _item_changed(uow: UnitOfWork, envelope: Envelope) -> None:
    """What became known of goods is told for their parcels that wait for a label."""
    data = envelope.data()
    if {"trade", "hazmat"} & set(data["fields"]):
        items = inventory.items_by_id(uow, [data["item_id"]])
        kind = dangerous_kinds(uow, items.values()).get(data["item_id"], "")
        shipping.retell_dangerous_goods(uow, tenant_id=envelope.tenant_id, item_id=data["item_id"], kind=kind)
    if "trade" in data["fields"]:
        facts = inventory.trade_facts(uow, [data["item_id"]]).get(data["item_id"], inventory.TradeFacts())
        shipping.retell_goods(
            uow, tenant_id=envelope.tenant_id, item_id=data["item_id"], hs_code=facts.hs_code,
            country_of_origin=facts.country_of_origin,
        )  # fmt: skip


def _returned(uow: UnitOfWork, envelope: Envelope) -> None:
    if envelope.order_id:
        lines = envelope.data()["lines"]
        take_return(uow, tenant_id=envelope.tenant_id, order_id=envelope.order_id, lines=lines)


_MANIFESTED = "shipping.parcel_manifested.v1"
_HANDLERS: dict[str, Callable[[UnitOfWork, Envelope], None]] = {
    "shipping.parcel_weighed.v1": _weighed,
    "shipping.parcel_held.v1": _parcel_is(ParcelState.HELD),
    "shipping.parcel_hold_released.v1": _parcel_is(ParcelState.WEIGHED),
    "shipping.label_purchased.v1": _parcel_is(ParcelState.LABELLED),
    "shipping.parcel_voided.v1": _parcel_is(ParcelState.VOIDED),
    _MANIFESTED: _parcel_is(ParcelState.MANIFESTED),
    "shipping.parcel_left_behind.v1": _parcel_is(ParcelState.LABELLED),
    "shipping.parcel_handed_over.v1": _parcel_is(ParcelState.SHIPPED),
    "shipping.parcel_in_transit.v1": _parcel_is(ParcelState.SHIPPED),
    "shipping.parcel_out_for_delivery.v1": _parcel_is(ParcelState.SHIPPED),
    "shipping.parcel_delivered.v1": _parcel_is(ParcelState.DELIVERED),
    "shipping.parcel_exception.v1": _exception,
    "shipping.parcel_returning.v1": _returning,
    "inventory.reservation_shorted.v1": _shorted,
    "inventory.stock_received.v1": _became_free,
    "inventory.bin_counted.v1": _became_free,
    "inventory.reservation_released.v1": _became_free,
    "inventory.reservation_expired.v1": _expired,
    "inventory.selling_rules_changed.v1": _rules_changed,
    "inventory.stock_adjusted.v1": _adjusted,
    "inventory.item_changed.v1": _item_changed,
    "returns.return_received.v1": _returned,
}


def _handle_all(uow: UnitOfWork, envelopes: Sequence[Envelope]) -> None:
    """Handle events one by one in their order, but the thousands of a closed manifest together."""
    for kind, found in groupby(envelopes, key=lambda envelope: envelope.type):
        if kind == _MANIFESTED:
            follow_manifest(uow, [(each.tenant_id, str(each.data()["parcel_id"])) for each in found])
        else:
            for envelope in found:
                _HANDLERS[kind](uow, envelope)


SUBSCRIPTIONS: tuple[Subscription, ...] = (Subscription("fulfillment", MappingProxyType(_HANDLERS), bulk=_handle_all),)
