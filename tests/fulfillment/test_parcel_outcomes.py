"""Orders whose parcels are lost or come back: a decision, and an end."""

from typing import Any

import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.commands.follow_parcel import follow_parcel
from fulfillment.commands.take_return import take_return
from fulfillment.domain.order_quantities import LineQuantities
from fulfillment.domain.order_state import ParcelState
from fulfillment.domain.parcel_outcomes import OUTCOME, refund_minor
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid, NotFound
from kernel.states import IllegalTransition
from shipping import api as shipping
from tests.fulfillment import house as h

pytestmark = pytest.mark.thorough


def sent(uow: UnitOfWork, *wanted: tuple[str, int]) -> tuple[h.House, api.OrderView, list[shipping.ParcelView]]:
    """Return an order whose parcels the carrier has."""
    house = h.build(uow)
    h.stock(uow, house, A={"A-01-01-1": 1000}, B={"A-01-02-1": 50})
    order, parcels = h.packed(uow, house, *wanted)
    for parcel in parcels:
        news(uow, house, parcel, ParcelState.SHIPPED)
    return house, order, parcels


def news(uow: UnitOfWork, house: h.House, parcel: shipping.ParcelView, state: ParcelState) -> None:
    follow_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, to=state)
    uow.session.flush()


def key(house: h.House, order: api.OrderView, parcel: shipping.ParcelView) -> dict[str, Any]:
    return {"tenant_id": house.tenant, "order_id": order.id, "parcel_id": parcel.id}


def on_hand(uow: UnitOfWork, house: h.House, sku: str) -> int:
    (found,) = inventory.availability(uow, tenant_id=house.tenant, skus=[sku])
    return found.on_hand


def test_a_lost_parcel_waits_for_a_decision_and_a_refund_closes_its_order(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, (parcel,) = sent(uow, ("A", 2), ("B", 1))
        news(uow, house, parcel, ParcelState.LOST)
        found = api.get_order(uow, order.id)
        assert (found.state, found.next_step_owner) == ("EXCEPTION", "service")
        assert found.next_step == "Send the parcel's items again or refund them"
        assert h.units(uow, order.id) == {"ordered": 3, "shipped": 3, "lost": 3}

        amount = api.refund_parcel(uow, **key(house, order, parcel), reason="the carrier lost it")

        assert amount == 3_000 + 490
        assert h.state(uow, order.id) == "CLOSED_SHORT"
        assert api.get_order(uow, order.id).terminal
        assert h.told(uow)[-2:] == ["RefundInstructed", "OrderClosedShort"]
        (outcome,) = api.get_order(uow, order.id).outcomes
        assert (outcome.decision, outcome.refund_minor, outcome.replacement_id) == ("refund", 3_490, "")
        for again in (api.refund_parcel, api.send_again):
            with pytest.raises(IllegalTransition):
                again(uow, **key(house, order, parcel), reason="once more")
        assert h.broken_invariants(uow) == []


def test_a_replacement_is_an_order_of_its_own_that_costs_nothing(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, (parcel,) = sent(uow, ("A", 2))
        api.declare_lost(uow, **key(house, order, parcel), reason="no scan for ten days")
        corrected = api.Address("Ana Kova\u010d", "Elbchaussee 9", "Hamburg", "22763", "DE")

        again = api.send_again(uow, **key(house, order, parcel), reason="lost", ship_to=corrected)
        uow.session.flush()

        assert (again.external_id, again.channel, again.goods_minor) == (f"{order.external_id}-R1", "replacement", 0)
        assert (again.ship_to.street, again.customer.id) == ("Elbchaussee 9", order.customer.id)
        assert h.units(uow, again.id) == {"ordered": 2, "promised": 2}
        assert h.state(uow, order.id) == "CLOSED_SHORT"
        assert api.get_order(uow, order.id).outcomes[0].replacement_id == again.id
        assert {"ParcelDeclaredLost", "ReplacementOrdered", "OrderClosedShort"} <= set(h.told(uow))
        assert h.broken_invariants(uow) == []


def test_a_lost_replacement_is_refunded_with_what_was_paid_at_first(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, (parcel,) = sent(uow, ("A", 2))
        news(uow, house, parcel, ParcelState.LOST)
        again = api.send_again(uow, **key(house, order, parcel), reason="lost")
        uow.session.flush()
        h.to_floor(uow, house)
        h.pick_all(uow, house)
        (second,) = api.pack_order(uow, tenant_id=house.tenant, order_id=again.id)
        uow.session.flush()
        news(uow, house, second, ParcelState.LOST)

        assert api.refund_parcel(uow, **key(house, again, second), reason="lost again") == 2_000
        assert h.state(uow, again.id) == "CLOSED_SHORT"
        assert h.broken_invariants(uow) == []


def test_what_came_back_is_booked_in_before_anybody_decides(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, (parcel,) = sent(uow, ("A", 3), ("B", 1))
        news(uow, house, parcel, ParcelState.RETURNING)
        news(uow, house, parcel, ParcelState.RETURNED)
        found = api.get_order(uow, order.id)
        assert (found.state, found.next_step) == ("EXCEPTION", "Book in the parcel that came back")
        with pytest.raises(IllegalTransition):
            api.refund_parcel(uow, **key(house, order, parcel), reason="too early")
        before = on_hand(uow, house, "A")
        line = next(ln for ln in order.lines if ln.sku == "A")

        api.receive_back(uow, **key(house, order, parcel), damaged={line.id: 1}, note="one is crushed")

        assert (on_hand(uow, house, "A"), on_hand(uow, house, "B")) == (before + 2, 50)
        assert h.units(uow, order.id) == {"ordered": 4, "shipped": 4, "rts": 4}
        assert api.get_order(uow, order.id).next_step == "Send the parcel's items again or refund them"
        assert h.told(uow)[-1] == "ParcelReceivedBack"
        api.refund_parcel(uow, **key(house, order, parcel), reason="refused at the door")
        assert h.state(uow, order.id) == "CLOSED_SHORT"
        with pytest.raises(IllegalTransition):
            api.receive_back(uow, **key(house, order, parcel), note="twice")
        assert h.broken_invariants(uow) == []


def test_only_shipping_of_an_order_of_which_nothing_arrives_is_refunded(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, parcels = sent(uow, ("A", 900))
        assert len(parcels) > 1
        first, *others = parcels
        news(uow, house, first, ParcelState.LOST)

        amount = api.refund_parcel(uow, **key(house, order, first), reason="lost")

        assert amount == 1_000 * sum(content.quantity for content in first.contents)
        assert h.state(uow, order.id) == "SHIPPED"
        for other in others:
            news(uow, house, other, ParcelState.DELIVERED)
        assert h.state(uow, order.id) == "CLOSED_SHORT"
        assert h.broken_invariants(uow) == []


def test_everything_that_arrives_is_told_even_when_some_of_it_went_back_meanwhile(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, (first, *others) = sent(uow, ("A", 900))
        news(uow, house, first, ParcelState.DELIVERED)
        line = {"line_id": order.lines[0].id, "quantity": 1}
        take_return(uow, tenant_id=house.tenant, order_id=order.id, lines=[line])
        for other in others:
            assert "OrderDelivered" not in h.told(uow)
            news(uow, house, other, ParcelState.DELIVERED)
        assert h.told(uow)[-1] == "OrderDelivered"
        assert h.state(uow, order.id) == "PARTIALLY_RETURNED"
        news(uow, house, first, ParcelState.DELIVERED)
        assert h.told(uow).count("OrderDelivered") == 1


def test_news_after_the_end_changes_nothing_unless_the_parcel_arrives(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, (parcel,) = sent(uow, ("A", 2))
        news(uow, house, parcel, ParcelState.LOST)
        api.refund_parcel(uow, **key(house, order, parcel), reason="lost")
        for late in (ParcelState.SHIPPED, ParcelState.EXCEPTION, ParcelState.RETURNING, ParcelState.RETURNED):
            news(uow, house, parcel, late)
            assert h.state(uow, order.id) == "CLOSED_SHORT"

        news(uow, house, parcel, ParcelState.DELIVERED)

        assert h.state(uow, order.id) == "DELIVERED"
        assert "LostParcelFound" in h.told(uow)
        assert api.get_order(uow, order.id).units.lost == 0
        assert h.broken_invariants(uow) == []


def test_a_parcel_that_turns_up_at_our_dock_after_its_loss_was_settled_is_booked_in(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, (parcel,) = sent(uow, ("A", 2))
        news(uow, house, parcel, ParcelState.LOST)
        api.send_again(uow, **key(house, order, parcel), reason="lost")
        before = on_hand(uow, house, "A")

        api.receive_back(uow, **key(house, order, parcel), note="the carrier brought it")

        assert on_hand(uow, house, "A") == before + 2
        assert h.units(uow, order.id) == {"ordered": 2, "shipped": 2, "rts": 2}
        assert h.state(uow, order.id) == "CLOSED_SHORT"
        assert h.broken_invariants(uow) == []


def test_a_lost_parcel_that_is_scanned_before_the_decision_is_on_its_way_again(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, (parcel,) = sent(uow, ("A", 2))
        api.declare_lost(uow, **key(house, order, parcel), reason="no scan")
        news(uow, house, parcel, ParcelState.SHIPPED)
        assert (h.state(uow, order.id), h.units(uow, order.id)) == ("SHIPPED", {"ordered": 2, "shipped": 2})
        assert h.broken_invariants(uow) == []


def test_refusals_change_nothing(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, (parcel,) = sent(uow, ("A", 2))
        before, events = h.units(uow, order.id), len(uow.emitted)
        line = order.lines[0]
        with pytest.raises(IllegalTransition):
            api.refund_parcel(uow, **key(house, order, parcel), reason="it is only late")
        with pytest.raises(Invalid):
            api.declare_lost(uow, **key(house, order, parcel), reason=" ")
        with pytest.raises(Invalid):
            api.receive_back(uow, **key(house, order, parcel), damaged={line.id: 3}, note="more than it held")
        with pytest.raises(NotFound):
            api.declare_lost(uow, tenant_id=house.tenant, order_id=order.id, parcel_id="par_other", reason="lost")
        news(uow, house, parcel, ParcelState.DELIVERED)
        with pytest.raises(IllegalTransition):
            api.declare_lost(uow, **key(house, order, parcel), reason="the customer says so")
        assert [type(e).__name__ for e in uow.emitted[events:]] == ["OrderDelivered"]
        assert h.units(uow, order.id) == before | {"delivered": 2}


def test_every_parcel_state_has_its_verbs() -> None:
    assert set(OUTCOME.transitions) == {state.value for state in ParcelState}
    assert {target for verbs in OUTCOME.transitions.values() for target in verbs.values()} <= set(OUTCOME.transitions)


def test_shipping_is_refunded_once_and_only_when_nothing_arrives() -> None:
    gone = LineQuantities(3, shipped=3, lost=3)
    partly = LineQuantities(3, shipped=3, lost=1, delivered=2)
    assert refund_minor([(500, 2), (100, 1)], gone, shipping_minor=490, refunded_before=False) == 1_590
    assert refund_minor([(500, 2)], gone, shipping_minor=490, refunded_before=True) == 1_000
    assert refund_minor([(500, 2)], partly, shipping_minor=490, refunded_before=False) == 1_000
