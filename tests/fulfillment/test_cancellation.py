from datetime import timedelta

import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.domain.cancellation import CancelState
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid, NotFound
from kernel.invariants import check
from kernel.states import IllegalTransition
from shipping import api as shipping
from shipping import invariants as shipping_invariants
from tests.fulfillment import house as h


def cancel(uow: UnitOfWork, house: h.House, order: api.OrderView, **lines: int) -> api.CancelAnswer:
    wanted = {ln.id: lines[ln.sku] for ln in order.lines if ln.sku in lines} if lines else None
    answer = api.cancel_order(
        uow, tenant_id=house.tenant, order_id=order.id, reason="changed my mind", line_quantities=wanted
    )
    uow.session.flush()
    return answer


def free(uow: UnitOfWork, house: h.House, sku: str) -> int:
    (found,) = inventory.availability(uow, tenant_id=house.tenant, skus=[sku])
    return found.available


def test_a_reserved_order_is_cancelled_at_once_and_frees_its_stock(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 5})
        order = h.order(uow, house, ("A", 2))

        answer = cancel(uow, house, order)

        assert (answer.state, answer.cancelled) == (CancelState.ACCEPTED, 2)
        assert (h.state(uow, order.id), h.units(uow, order.id)) == ("CANCELLED", {"ordered": 2, "cancelled": 2})
        assert free(uow, house, "A") == 5
        assert h.told(uow)[-1] == "OrderCancelled"
        assert cancel(uow, house, order).cancelled == 0
        assert h.told(uow).count("OrderCancelled") == 1
        assert h.broken_invariants(uow) == []


def test_an_order_that_was_never_paid_gives_its_units_back_once(database: Connection) -> None:
    """woocommerce#66244, #36702: an order on hold whose payment failed kept its stock for good, or freed it twice."""
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 2})
        order = h.order(uow, house, ("A", 2))
        about = {"tenant_id": house.tenant, "order_id": order.id}
        hold = api.hold_order(uow, **about, kind="payment", reason="debit pending")
        assert (h.state(uow, order.id), free(uow, house, "A")) == ("ON_HOLD", 0)

        assert cancel(uow, house, order).cancelled == 2
        assert (h.state(uow, order.id), free(uow, house, "A")) == ("CANCELLED", 2)
        next_one = h.order(uow, house, ("A", 2))
        api.release_hold(uow, **about, hold_id=hold, reason="paid after all")
        assert cancel(uow, house, order).cancelled == 0

        assert (h.state(uow, order.id), free(uow, house, "A")) == ("CANCELLED", 0)
        assert h.units(uow, next_one.id) == {"ordered": 2, "promised": 2}
        assert h.broken_invariants(uow) == []


def test_untouched_units_are_cancelled_first(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 5})
        order = h.order(uow, house, ("A", 8), split_policy="split")
        h.to_floor(uow, house)
        work = h.claim(uow, house)
        h.pick(uow, work.tasks[0], 2)
        uow.session.flush()
        assert h.units(uow, order.id) == {"ordered": 8, "backordered": 3, "allocated": 3, "picked": 2}

        cancel(uow, house, order, A=4)
        assert h.units(uow, order.id) == {"ordered": 8, "cancelled": 4, "allocated": 2, "picked": 2}
        cancel(uow, house, order, A=3)

        assert h.units(uow, order.id) == {"ordered": 8, "cancelled": 7, "picked": 1}
        assert h.broken_invariants(uow) == []
        assert [(t.kind, t.quantity) for t in api.open_put_backs(uow, site_id=house.site)] == [("put_back", 1)]


def test_a_released_order_is_pulled_from_the_walk(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 2, "A-01-03-1": 5})
        order, stays = h.order(uow, house, ("A", 4)), h.order(uow, house, ("A", 1))
        uow.session.flush()
        h.to_floor(uow, house)
        work = h.claim(uow, house)

        cancel(uow, house, order)

        live = [t for t in api.work_package(uow, work.batch_id).tasks if t.state != "CANCELLED"]
        assert {t.order_id for t in live} == {stays.id}
        for task in live:
            h.pick(uow, task)
        api.finish_picking(uow, batch_id=work.batch_id)
        assert h.state(uow, stays.id) == "PICKED"
        assert h.broken_invariants(uow) == []


def test_picked_units_go_back_into_stock_by_a_task(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 5})
        order = h.order(uow, house, ("A", 2))
        uow.session.flush()
        h.to_floor(uow, house)
        work = h.pick_all(uow, house)
        tote = work.slots[0].tote

        assert cancel(uow, house, order).state is CancelState.ACCEPTED

        (task,) = api.open_put_backs(uow, site_id=house.site)
        assert (task.location_code, task.tote, free(uow, house, "A")) == ("A-01-01-1", tote, 3)
        assert api.order_in_tote(uow, site_id=house.site, tote=tote) == order.id
        with pytest.raises(api.NotReadyToPack):
            api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        op = api.WorkOp("op-1", "put_back", task_id=task.task_id, location_code="A-01-01-1", quantity=2)
        assert api.apply_work_op(uow, site_id=house.site, op=op).status == "applied"
        uow.session.flush()
        assert free(uow, house, "A") == 5
        assert api.order_in_tote(uow, site_id=house.site, tote=tote) is None
        assert api.open_put_backs(uow, site_id=house.site) == ()
        assert h.told(uow)[-1] == "UnitsPutBack"
        assert h.broken_invariants(uow) == []


def test_a_packed_parcel_is_voided_and_what_stays_is_packed_anew(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 5}, B={"A-01-02-1": 5})
        order, (parcel,) = h.packed(uow, house, ("A", 2), ("B", 1))
        told = len(uow.emitted)

        answer = cancel(uow, house, order, A=1)
        h.deliver(uow, uow.emitted[told:])

        assert (answer.state, answer.cancelled) == (CancelState.ACCEPTED, 1)
        assert shipping.get_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id).state == "voided"
        assert h.units(uow, order.id) == {"ordered": 3, "cancelled": 1, "picked": 2}
        (again,) = api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        assert sum(content.quantity for content in again.contents) == 2
        assert h.broken_invariants(uow) == []


def shipped_order(uow: UnitOfWork, *, hand_over: bool) -> tuple[h.House, api.OrderView, shipping.ParcelView]:
    house = h.build(uow)
    h.stock(uow, house, A={"A-01-01-1": 5})
    order, (parcel,) = h.packed(uow, house, ("A", 2))
    told = len(uow.emitted)
    audit = shipping.weigh_parcel(
        uow, tenant_id=house.tenant, parcel_id=parcel.id, reading_g=parcel.expected_g, scale_code="PACK-1"
    )
    assert audit.decision == "PASS"
    label = shipping.request_label(uow, tenant_id=house.tenant, parcel_id=parcel.id)
    uow.session.flush()
    assert label.state == "purchased", "the sample carriers sell labels offline, at once"
    manifest = shipping.close_manifest(uow, site_id=house.site, carrier=label.carrier, ship_date=label.ship_date)
    if hand_over:
        shipping.hand_over_manifest(uow, manifest_id=manifest.id, driver="Jo")
    h.deliver(uow, uow.emitted[told:])
    return house, order, parcel


def test_a_parcel_on_a_closed_manifest_is_a_matter_for_the_dock(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, _ = shipped_order(uow, hand_over=False)
        assert h.state(uow, order.id) == "MANIFESTED"
        assert api.get_order(uow, order.id).next_step == "Hand over to the carrier"

        answer = cancel(uow, house, order)

        assert answer.state is CancelState.PENDING_INTERCEPT
        assert "2 units were packed and on the carrier's list already" in answer.detail
        found = api.get_order(uow, order.id)
        assert (found.state, found.next_step_owner) == ("MANIFESTED", "manager")
        assert found.next_step == "Pull the cancelled parcel before it is loaded"
        assert found.due_at == h.NOW + timedelta(minutes=15)
        assert h.units(uow, order.id) == {"ordered": 2, "packed": 2}
        assert api.get_order(uow, order.id).intercept_requested_at is not None
        assert h.told(uow)[-1] == "CancelRefused"
        assert h.broken_invariants(uow) == []


def pull(uow: UnitOfWork, house: h.House, parcel: shipping.ParcelView) -> api.CancelAnswer | None:
    told = len(uow.emitted)
    answer = api.pull_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, reason="found in the lane")
    h.deliver(uow, uow.emitted[told:])
    uow.session.flush()
    return answer


def test_a_parcel_that_the_dock_pulls_ends_the_cancellation(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, parcel = shipped_order(uow, hand_over=False)
        (manifest,) = shipping.find_manifests(uow, site_id=house.site).items
        assert api.parcels_to_pull(uow, site_id=house.site) == []
        cancel(uow, house, order)
        (wanted,) = api.parcels_to_pull(uow, site_id=house.site)
        assert (wanted.parcel_id, wanted.reason, wanted.asked_at) == (parcel.id, "changed my mind", h.NOW)

        answer = pull(uow, house, parcel)

        assert answer is not None
        assert (answer.state, answer.cancelled) == (CancelState.ACCEPTED, 2)
        assert (h.state(uow, order.id), h.units(uow, order.id)) == ("CANCELLED", {"ordered": 2, "cancelled": 2})
        assert h.told(uow)[-1] == "OrderCancelled"
        assert [task.quantity for task in api.open_put_backs(uow, site_id=house.site)] == [2]
        assert api.parcels_to_pull(uow, site_id=house.site) == []
        left = shipping.hand_over_manifest(uow, manifest_id=manifest.id)
        assert (left.parcel_count, left.pulled, left.content_hash) == (1, 1, manifest.content_hash)
        assert h.state(uow, order.id) == "CANCELLED", "the driver did not get it"
        assert h.broken_invariants(uow) == []
        assert [i.name for i in shipping_invariants.INVARIANTS if check(uow, i).violated] == []


def test_of_a_pulled_parcel_only_the_cancelled_units_stay_behind(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, parcel = shipped_order(uow, hand_over=False)
        assert cancel(uow, house, order, A=1).state is CancelState.PENDING_INTERCEPT

        answer = pull(uow, house, parcel)

        assert answer is not None
        assert (answer.state, answer.cancelled) == (CancelState.ACCEPTED, 1)
        assert (h.state(uow, order.id), h.units(uow, order.id)) == (
            "PICKED",
            {"ordered": 2, "cancelled": 1, "picked": 1},
        )
        assert order.id in api.pack_queue(uow, site_id=house.site), "the rest is packed anew"
        assert h.broken_invariants(uow) == []


def test_wishes_add_up_until_the_parcel_is_found(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, parcel = shipped_order(uow, hand_over=False)
        cancel(uow, house, order, A=1)
        cancel(uow, house, order)

        answer = pull(uow, house, parcel)

        assert answer is not None
        assert (answer.cancelled, h.state(uow, order.id)) == (2, "CANCELLED")


def test_a_parcel_nobody_asked_for_is_packed_anew_when_it_is_pulled(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, parcel = shipped_order(uow, hand_over=False)

        assert pull(uow, house, parcel) is None

        assert (h.state(uow, order.id), h.units(uow, order.id)) == ("PICKED", {"ordered": 2, "picked": 2})
        with pytest.raises(IllegalTransition):
            pull(uow, house, parcel)
        assert h.broken_invariants(uow) == []


def test_what_the_carrier_has_is_not_pulled_and_the_wish_ends_too_late(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, parcel = shipped_order(uow, hand_over=False)
        (manifest,) = shipping.find_manifests(uow, site_id=house.site).items
        cancel(uow, house, order)
        told = len(uow.emitted)
        shipping.hand_over_manifest(uow, manifest_id=manifest.id)

        with pytest.raises(IllegalTransition):
            pull(uow, house, parcel)
        h.deliver(uow, uow.emitted[told:])

        assert h.told(uow)[-1] == "CancelRefused"
        assert h.state(uow, order.id) == "SHIPPED"
        assert api.get_order(uow, order.id).intercept_requested_at is None
        assert api.parcels_to_pull(uow, site_id=house.site) == []
        assert h.broken_invariants(uow) == []


def test_a_parcel_that_was_given_up_a_moment_ago_does_not_keep_its_units(database: Connection) -> None:
    """The order hears of the void by an event; a cancellation may come before it."""
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 5})
        order, (parcel,) = h.packed(uow, house, ("A", 2))
        told = len(uow.emitted)
        shipping.void_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, reason="crushed")

        answer = cancel(uow, house, order)
        h.deliver(uow, uow.emitted[told:])

        assert (answer.state, answer.cancelled) == (CancelState.ACCEPTED, 2)
        assert (h.state(uow, order.id), h.units(uow, order.id)) == ("CANCELLED", {"ordered": 2, "cancelled": 2})
        assert h.broken_invariants(uow) == []


def test_a_parcel_that_left_is_too_late(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, parcel = shipped_order(uow, hand_over=True)
        assert h.state(uow, order.id) == "SHIPPED"

        answer = cancel(uow, house, order)

        assert (answer.state, answer.at) == (CancelState.TOO_LATE, h.NOW)
        assert h.units(uow, order.id) == {"ordered": 2, "shipped": 2}
        assert h.told(uow)[-2:] == ["OrderShipped", "CancelRefused"]
        number = shipping.get_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id).tracking_number
        found = api.find_orders(uow, api.OrderFilter(search=number))
        assert [row.id for row in found.items] == [order.id]
        assert h.broken_invariants(uow) == []


def test_a_wish_for_more_than_is_open_is_refused(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        order = h.order(uow, house, ("A", 2))

        with pytest.raises(Invalid):
            cancel(uow, house, order, A=3)
        with pytest.raises(NotFound):
            api.cancel_order(
                uow, tenant_id=house.tenant, order_id=order.id, reason="x", line_quantities={"lin_other": 1}
            )
        with pytest.raises(Invalid):
            api.cancel_order(uow, tenant_id=house.tenant, order_id=order.id, reason=" ")

        assert h.units(uow, order.id) == {"ordered": 2, "backordered": 2}


def test_a_wish_that_names_no_line_is_not_told_to_be_done(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        order = h.order(uow, house, ("A", 2))

        with pytest.raises(Invalid) as refused:
            api.cancel_order(uow, tenant_id=house.tenant, order_id=order.id, reason="x", line_quantities={})

        assert refused.value.pointer == "/line_quantities"
        assert h.units(uow, order.id) == {"ordered": 2, "backordered": 2}


def test_freed_stock_goes_to_the_oldest_order_that_waits(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 2})
        has, waits = h.order(uow, house, ("A", 2)), h.order(uow, house, ("A", 2))
        told = len(uow.emitted)

        cancel(uow, house, has)
        h.deliver(uow, uow.emitted[told:])

        assert h.state(uow, waits.id) == "PROMISED"


def test_a_shop_cancels_its_own_order_while_the_floor_walks_for_it(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 2, "A-01-03-1": 3})
        order = h.order(uow, house, ("A", 4))
        uow.session.flush()
        h.to_floor(uow, house)
    with transaction(house.picker(), now=h.NOW) as uow:
        work = h.claim(uow, house)
        h.pick(uow, work.tasks[0])
    with transaction(house.shop(), now=h.NOW) as uow:
        assert cancel(uow, house, order).state is CancelState.ACCEPTED
    with transaction(house.picker(), now=h.NOW) as uow:
        with pytest.raises(api.TaskClosed):
            h.pick(uow, work.tasks[1])
        api.finish_picking(uow, batch_id=work.batch_id)
        assert len(api.open_put_backs(uow, site_id=house.site)) == 1
    with transaction(system(), now=h.NOW) as uow:
        assert h.broken_invariants(uow) == []
