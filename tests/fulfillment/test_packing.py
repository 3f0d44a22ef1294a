import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.commands.follow_parcel import follow_parcel
from fulfillment.domain.order_state import ParcelState
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from shipping import api as shipping
from tests.fulfillment import house as h


def picked(uow: UnitOfWork, *wanted: tuple[str, int], **other: object) -> tuple[h.House, api.OrderView]:
    house = h.build(uow)
    h.stock(uow, house, A={"A-01-01-1": 9}, B={"A-01-02-1": 9})
    order = h.order(uow, house, *wanted, **other)
    uow.session.flush()
    h.to_floor(uow, house)
    h.pick_all(uow, house)
    return house, order


def test_picked_units_are_packed_into_the_proposed_carton(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = picked(uow, ("A", 2), ("B", 1))

        (parcel,) = api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)

        assert sorted((c.sku, c.quantity) for c in parcel.contents) == [("A", 2), ("B", 1)]
        assert (parcel.value_minor, parcel.reference, parcel.party) == (3_000, order.id, order.customer.id)
        assert (h.state(uow, order.id), h.units(uow, order.id)) == ("PACKED", {"ordered": 3, "packed": 3})
        assert h.told(uow)[-1] == "OrderPacked"
        assert api.pack_queue(uow, site_id=house.site) == []
        assert h.broken_invariants(uow) == []


def test_scans_that_differ_from_what_was_picked_stop_the_packing(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = picked(uow, ("A", 2), ("B", 1))
        a, b = (line.id for line in order.lines)

        for scanned in ({a: 2}, {a: 2, b: 2}, {a: 1, b: 1}, {}):
            with pytest.raises(api.WrongContents):
                api.pack_order(uow, tenant_id=house.tenant, order_id=order.id, packed=scanned)

        assert h.units(uow, order.id) == {"ordered": 3, "picked": 3}
        assert len(api.pack_order(uow, tenant_id=house.tenant, order_id=order.id, packed={a: 2, b: 1})) == 1


def test_the_packer_may_choose_another_carton(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = picked(uow, ("A", 1))
        with pytest.raises(shipping.UnknownCarton):
            api.pack_order(uow, tenant_id=house.tenant, order_id=order.id, carton_code="NOPE")
    with transaction(system(), now=h.NOW) as uow:
        (proposed,) = api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        assert proposed.carton_code


def test_an_order_on_hold_is_not_packed(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = picked(uow, ("A", 1))
        api.hold_order(uow, tenant_id=house.tenant, order_id=order.id, kind="address", reason="check")
        uow.session.flush()

        with pytest.raises(api.NotReadyToPack):
            api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)


def test_the_bench_verifies_scans_then_closes_and_weighs(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = picked(uow, ("A", 2), ("B", 1))

        def send(number: int, kind: str, **fields: object) -> api.OpAck:
            op = api.WorkOp(op_id=f"op-{number}", kind=kind, order_id=order.id, **fields)  # type: ignore[arg-type]
            return api.apply_work_op(uow, site_id=house.site, op=op)

        answers = [
            send(1, "pack_start"),
            send(2, "pack_item", barcode="4006381333931", quantity=2),
            send(3, "pack_item", barcode="4006381333931", quantity=1),
            send(4, "pack_item", barcode="4012345123456", quantity=1),
            send(5, "pack_carton"),
            send(6, "pack_item", barcode="4000417025005", quantity=1),
            send(7, "pack_carton"),
        ]

        assert [a.status for a in answers] == [
            "applied", "applied", "rejected", "rejected", "rejected", "applied", "applied",
        ]  # fmt: skip
        assert api.board(uow, site_id=house.site).near_misses_last_hour == 3
        assert answers[-1].facts
        parcel_id = answers[-1].facts["parcel_ids"]
        expected = shipping.get_parcel(uow, tenant_id=house.tenant, parcel_id=parcel_id).expected_g
        weighed = api.apply_work_op(
            uow, site_id=house.site,
            op=api.WorkOp("op-8", "weigh", parcel_id=parcel_id, weight_g=expected, scale_code="PACK-1"),
        )  # fmt: skip
        assert (weighed.status, weighed.tone) == ("applied", "ok")
        assert weighed.facts
        assert weighed.facts["decision"] == "PASS"
        assert "label_id" in weighed.facts


def test_a_parcel_that_weighs_wrong_is_opened_corrected_and_packed_again(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = picked(uow, ("A", 2))
        (parcel,) = api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        told = len(uow.emitted)
        shipping.weigh_parcel(
            uow, tenant_id=house.tenant, parcel_id=parcel.id, reading_g=parcel.expected_g + 900, scale_code="PACK-1"
        )
        h.deliver(uow, uow.emitted[told:])
        assert (h.state(uow, order.id), api.get_order(uow, order.id).next_step_owner) == ("AUDIT_HOLD", "packer")
        told = len(uow.emitted)

        api.reopen_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, reason="a stapler was inside")
        h.deliver(uow, uow.emitted[told:])

        assert (h.state(uow, order.id), h.units(uow, order.id)) == ("PICKED", {"ordered": 2, "picked": 2})
        (again,) = api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        assert again.id != parcel.id
        assert h.state(uow, order.id) == "PACKED"
        assert h.broken_invariants(uow) == []


def test_the_rest_of_an_order_that_left_in_part_is_packed_as_well(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 1})
        order = h.order(uow, house, ("A", 3), split_policy="split")
        uow.session.flush()
        h.to_floor(uow, house)
        h.pick_all(uow, house)
        (parcel,) = api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        uow.session.flush()
        follow_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, to=ParcelState.SHIPPED)
        assert h.state(uow, order.id) == "PARTIALLY_SHIPPED"
        h.stock(uow, house, A={"A-01-01-1": 5})
        api.fill_backorders(uow, tenant_id=house.tenant, site_id=house.site, item_ids=[house.items["A"]])
        uow.session.flush()
        h.to_floor(uow, house)
        assert api.pack_queue(uow, site_id=house.site) == []

        h.pick_all(uow, house)

        assert api.pack_queue(uow, site_id=house.site) == [order.id]
        api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        assert h.units(uow, order.id) == {"ordered": 3, "packed": 2, "shipped": 1}
        assert api.pack_queue(uow, site_id=house.site) == []


@pytest.mark.parametrize("policy", ["all_or_nothing", "split"])
def test_what_goes_out_complete_is_not_queued_before_it_is(database: Connection, policy: str) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9}, B={"A-01-02-1": 1})
        order = h.order(uow, house, ("A", 2), ("B", 1), split_policy=policy)
        uow.session.flush()
        h.to_floor(uow, house)
        walk = h.claim(uow, house)
        for task in walk.tasks:
            if task.sku == "B":
                api.short_pick(uow, task_id=task.task_id, found=0, reason="BIDF")
            else:
                h.pick(uow, task)
        api.finish_picking(uow, batch_id=walk.batch_id)
        assert h.units(uow, order.id) == {"ordered": 3, "picked": 2, "backordered": 1}
        ready = policy == "split"

        assert api.pack_queue(uow, site_id=house.site) == ([order.id] if ready else [])
        assert api.pack_queue(uow, site_id=house.site, among=[order.id]) == ([order.id] if ready else [])
        assert api.pack_queue(uow, site_id=house.site, among=["ord_another"]) == []
        if not ready:
            with pytest.raises(api.NotReadyToPack):
                api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)

        h.stock(uow, house, B={"A-01-03-1": 5})
        api.fill_backorders(uow, tenant_id=house.tenant, site_id=house.site, item_ids=[house.items["B"]])
        uow.session.flush()
        h.to_floor(uow, house)
        h.pick_all(uow, house)

        assert api.pack_queue(uow, site_id=house.site) == [order.id]
        assert len(api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)) == 1


def test_parcel_news_may_come_twice_and_late(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = picked(uow, ("A", 2))
        (parcel,) = api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        uow.session.flush()

        story = [
            (ParcelState.LABELLED, "READY_TO_MANIFEST"), (ParcelState.SHIPPED, "SHIPPED"),
            (ParcelState.LABELLED, "SHIPPED"), (ParcelState.EXCEPTION, "EXCEPTION"), (ParcelState.SHIPPED, "SHIPPED"),
            (ParcelState.DELIVERED, "DELIVERED"), (ParcelState.DELIVERED, "DELIVERED"),
            (ParcelState.VOIDED, "DELIVERED"),
        ]  # fmt: skip
        for told, state in story:
            follow_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, to=told)
            assert h.state(uow, order.id) == state
        assert h.units(uow, order.id) == {"ordered": 2, "shipped": 2, "delivered": 2}
        assert h.told(uow)[-2:] == ["OrderShipped", "OrderDelivered"]
        assert h.broken_invariants(uow) == []
