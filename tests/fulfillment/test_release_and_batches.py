from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.domain.release import Candidate, CutOffTime, decide_release
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import transaction
from tests.fulfillment import house as h

CUT_OFF = CutOffTime("Parcel Post", datetime(2026, 11, 24, 16, 0, tzinfo=UTC))


def candidate(order_id: str, *, promised_on: date | None = None, service_level: str = "standard") -> Candidate:
    return Candidate("mer", order_id, 1, h.NOW, promised_on, service_level)


def test_the_earliest_promise_goes_first_and_express_before_standard() -> None:
    late, soon = date(2026, 12, 1), date(2026, 11, 25)
    wanted = [
        candidate("a", promised_on=late),
        candidate("b", promised_on=soon),
        candidate("c", promised_on=soon, service_level="express"),
    ]

    decided = decide_release(wanted, cut_offs=[CUT_OFF], now=h.NOW, zone="Europe/Berlin")

    assert [d.order_id for d in decided] == ["c", "b", "a"]
    assert decided[0].why == "Released for the Parcel Post collection at 17:00 on Tuesday."


def test_a_cut_off_that_cannot_be_made_is_not_aimed_at() -> None:
    next_day = CutOffTime("Parcel Post", CUT_OFF.at + timedelta(days=1))

    decided = decide_release(
        [candidate("a")], cut_offs=[CUT_OFF, next_day], now=CUT_OFF.at - timedelta(minutes=10), zone="Europe/Berlin"
    )

    assert decided[0].cut_off_at == next_day.at


def test_released_orders_have_bins_tasks_and_a_cut_off(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 2, "A-01-03-1": 5}, B={"A-01-02-1": 5})
        order = h.order(uow, house, ("A", 4), ("B", 1))
        waits = h.order(uow, house, ("B", 9))
        uow.session.flush()

        decided = {d.order_id: d for d in api.release_orders(uow, site_id=house.site)}

        assert waits.id not in decided
        assert decided[order.id].released
        assert h.units(uow, order.id) == {"ordered": 5, "allocated": 5}
        assert h.state(uow, order.id) == "RELEASED"
        assert api.get_order(uow, order.id).cut_off_at is not None
        assert "OrderReleased" in h.told(uow)
        assert h.broken_invariants(uow) == []
        assert api.release_orders(uow, site_id=house.site) == []


def test_an_order_on_hold_waits_and_is_told_why(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 2})
        order = h.order(uow, house, ("A", 1))
        uow.session.flush()
        api.hold_order(uow, tenant_id=house.tenant, order_id=order.id, kind="fraud", reason="look")
        uow.session.flush()

        (decision,) = api.release_orders(uow, site_id=house.site)

        assert (decision.released, decision.why) == (False, "Waits: the order is on hold.")
        assert h.units(uow, order.id) == {"ordered": 1, "promised": 1}


def test_goods_that_lie_on_the_dock_only_are_explained(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"DOCK": 5})
        order = h.order(uow, house, ("A", 1))
        uow.session.flush()

        (decision,) = api.release_orders(uow, site_id=house.site)

        assert not decision.released
        assert "in the building" in decision.why
        assert h.state(uow, order.id) == "PROMISED"
        assert h.broken_invariants(uow) == []


@pytest.mark.parametrize("drawn", [True, False])
def test_released_orders_share_a_routed_walk(database: Connection, drawn: bool) -> None:  # noqa: FBT001 - a parameter
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow, drawn=drawn)
        h.stock(uow, house, A={"A-01-01-1": 9}, B={"C-03-06-2": 9}, C={"B-02-03-1": 9})
        orders = [h.order(uow, house, ("A", 1), ("B", 2)), h.order(uow, house, ("C", 1), ("A", 1))]
        uow.session.flush()

        (batch_id,) = h.to_floor(uow, house)

        work = api.work_package(uow, batch_id)
        assert {slot.order_id for slot in work.slots} == {order.id for order in orders}
        assert [task.seq for task in work.tasks] == [1, 2, 3, 4]
        assert work.tasks[0].location_code == work.tasks[1].location_code == "A-01-01-1" or drawn
        assert work.stage == "bind"
        assert (0 < work.length_mm <= work.length_by_name_order_mm) == drawn
        assert api.plan_batches(uow, site_id=house.site) == []


def test_two_pickers_never_get_the_same_batch(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9})
        order = h.order(uow, house, ("A", 1))
        uow.session.flush()
        (batch_id,) = h.to_floor(uow, house)
    with transaction(house.picker("usr_ana"), now=h.NOW) as uow:
        assert api.claim_batch(uow, site_id=house.site).batch_id == batch_id
        assert h.told(uow) == ["PickingStarted"]
        assert h.state(uow, order.id) == "PICKING"
    with transaction(house.picker("usr_bo"), now=h.NOW) as uow:
        with pytest.raises(api.BatchTaken):
            api.claim_batch(uow, site_id=house.site, batch_id=batch_id)
        with pytest.raises(api.NothingToPick):
            api.claim_batch(uow, site_id=house.site)
    with transaction(house.picker("usr_ana"), now=h.NOW) as uow:
        assert api.claim_batch(uow, site_id=house.site).batch_id == batch_id


def test_a_lease_that_ran_out_is_taken_over_with_what_was_picked(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9}, B={"A-01-05-1": 9})
        h.order(uow, house, ("A", 1), ("B", 1))
        uow.session.flush()
        h.to_floor(uow, house)
    with transaction(house.picker("usr_ana"), now=h.NOW) as uow:
        work = h.claim(uow, house)
        h.pick(uow, work.tasks[0])
    with transaction(house.picker("usr_bo"), now=h.NOW + timedelta(minutes=31)) as uow:
        taken = api.claim_batch(uow, site_id=house.site)
        assert (taken.batch_id, taken.lines_done) == (work.batch_id, 1)
    with transaction(house.picker("usr_ana"), now=h.NOW + timedelta(minutes=32)) as uow, pytest.raises(api.BatchTaken):
        h.pick(uow, work.tasks[1])


def test_an_order_on_hold_joins_no_batch(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9})
        order = h.order(uow, house, ("A", 1))
        uow.session.flush()
        api.release_orders(uow, site_id=house.site)
        uow.session.flush()
        api.hold_order(uow, tenant_id=house.tenant, order_id=order.id, kind="fraud", reason="look")
        uow.session.flush()

        assert api.plan_batches(uow, site_id=house.site) == []


def test_walks_follow_stock_that_moved_to_other_bins(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 2, "A-01-05-1": 5})
        order = h.order(uow, house, ("A", 2))
        uow.session.flush()
        (batch_id,) = h.to_floor(uow, house)
        before = api.work_package(uow, batch_id).tasks[0].location_code
        told = len(uow.emitted)

        inventory.adjust_stock(
            uow, tenant_id=house.tenant, site_id=house.site, item_id=house.items["A"], location_code=before, delta=-2,
            reason="missing",
        )  # fmt: skip
        h.deliver(uow, uow.emitted[told:])

        live = [t.location_code for t in api.work_package(uow, batch_id).tasks if t.state != "CANCELLED"]
        assert h.units(uow, order.id) == {"ordered": 2, "allocated": 2}
        assert live
        assert h.broken_invariants(uow) == []
