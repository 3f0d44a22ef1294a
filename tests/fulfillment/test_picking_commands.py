import pytest
from sqlalchemy import Connection

from fulfillment import api
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from tests.fulfillment import house as h


def walk(uow: UnitOfWork, *wanted: tuple[str, int], **other: object) -> tuple[h.House, api.OrderView, api.WorkPackage]:
    """Bring one order onto a claimed walk. A lies at two locations, three and five units."""
    house = h.build(uow)
    h.stock(uow, house, A={"A-01-01-1": 3, "A-01-05-1": 5}, B={"B-02-02-1": 9})
    order = h.order(uow, house, *wanted, **other)
    uow.session.flush()
    h.to_floor(uow, house)
    return house, order, h.claim(uow, house)


def test_picked_units_are_in_the_tote_and_the_order_tells_it(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, work = walk(uow, ("A", 2), ("B", 1))
        told = len(uow.emitted)

        for task in work.tasks:
            h.pick(uow, task)

        assert h.units(uow, order.id) == {"ordered": 3, "picked": 3}
        assert h.state(uow, order.id) == "PICKED"
        assert [type(e).__name__ for e in uow.emitted[told:] if e.TYPE.startswith("fulfillment")] == [
            "LinePicked", "LinePicked", "OrderPicked",
        ]  # fmt: skip
        api.finish_picking(uow, batch_id=work.batch_id)
        assert api.pack_queue(uow, site_id=house.site) == [order.id]
        assert h.broken_invariants(uow) == []


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"location_code": "A-01-02-1"}, "location"),
        ({"barcode": "4000417025005"}, "item"),
        ({"barcode": "x"}, "item"),
        ({"tote": "T-X"}, "tote"),
    ],
)
def test_a_wrong_scan_is_a_hard_stop_that_changes_nothing(
    database: Connection, wrong: dict[str, str], what: str
) -> None:
    with transaction(system(), now=h.NOW) as uow:
        _, order, work = walk(uow, ("A", 2))
        task = work.tasks[0]
        told = len(uow.emitted)
        right = {"location_code": task.location_code, "barcode": "4006381333931", "tote": task.tote}

        with pytest.raises(api.WrongScan) as stopped:
            api.confirm_pick(uow, task_id=task.task_id, quantity=2, **(right | wrong))  # type: ignore[arg-type]

        assert stopped.value.facts["what"] == what
        assert h.units(uow, order.id) == {"ordered": 2, "allocated": 2}
        assert len(uow.emitted) == told


def test_a_full_bin_splits_a_line(database: Connection) -> None:
    """erpnext#35547: a pick list was done though some of its units were still to be picked."""
    with transaction(system(), now=h.NOW) as uow:
        _, order, work = walk(uow, ("A", 3))

        first = h.pick(uow, work.tasks[0], 1)
        assert (first.done, first.state) == (1, "CLAIMED")
        with pytest.raises(Invalid):
            h.pick(uow, work.tasks[0], 3)
        h.pick(uow, work.tasks[0], 2)

        assert h.units(uow, order.id) == {"ordered": 3, "picked": 3}


def test_a_task_is_done_once(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        _, order, work = walk(uow, ("A", 2))
        h.pick(uow, work.tasks[0])

        with pytest.raises(api.TaskClosed):
            h.pick(uow, work.tasks[0])

        assert h.units(uow, order.id) == {"ordered": 2, "picked": 2}


def test_missing_units_are_sought_at_another_location_on_the_same_walk(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        _, order, work = walk(uow, ("A", 3))
        (task,) = work.tasks

        result = api.short_pick(uow, task_id=task.task_id, found=1, reason="BIDP", tote=task.tote)

        assert result.state == "SHORT"
        assert result.detail == "2 more to pick at another location."
        again = api.work_package(uow, work.batch_id).tasks[-1]
        assert (again.quantity, again.state) == (2, "CLAIMED")
        assert again.location_code != task.location_code
        h.pick(uow, again)
        assert h.units(uow, order.id) == {"ordered": 3, "picked": 3}
        assert h.state(uow, order.id) == "PICKED"
        assert h.broken_invariants(uow) == []


def test_what_nobody_has_waits_for_stock_and_a_split_order_goes_on(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, work = walk(uow, ("B", 9), split_policy="split")
        (task,) = work.tasks

        result = api.short_pick(uow, task_id=task.task_id, found=7, reason="DAMAGED", tote=task.tote)

        assert result.detail == "2 must wait for stock."
        assert h.units(uow, order.id) == {"ordered": 9, "backordered": 2, "picked": 7}
        assert h.told(uow)[-4:] == ["LinePicked", "LineShorted", "OrderBackordered", "OrderPicked"]
        api.finish_picking(uow, batch_id=work.batch_id)
        api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        assert h.state(uow, order.id) == "PARTIALLY_PACKED"
        assert h.broken_invariants(uow) == []


def test_finding_nothing_leaves_no_container_behind(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, work = walk(uow, ("B", 9))
        (task,) = work.tasks

        api.short_pick(uow, task_id=task.task_id, found=0, reason="BIDF")
        uow.session.flush()

        assert h.state(uow, order.id) == "BACKORDERED"
        assert "LinePicked" not in h.told(uow)
        assert api.order_in_tote(uow, site_id=house.site, tote=work.tasks[0].tote) is None
        api.finish_picking(uow, batch_id=work.batch_id)
        assert h.broken_invariants(uow) == []


def test_what_a_count_finds_serves_the_order_that_came_short_of_it(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, work = walk(uow, ("B", 3))
        (task,) = work.tasks
        api.short_pick(uow, task_id=task.task_id, found=0, reason="BIDF")
        api.finish_picking(uow, batch_id=work.batch_id)
        assert h.state(uow, order.id) == "BACKORDERED"
        told = len(uow.emitted)

        inventory.count_bin(
            uow, tenant_id=house.tenant, site_id=house.site, item_id=task.item_id, location_code=task.location_code,
            counted=6,
        )  # fmt: skip
        h.deliver(uow, uow.emitted[told:])

        assert h.units(uow, order.id) == {"ordered": 3, "promised": 3}
        assert h.broken_invariants(uow) == []


def test_a_short_complete_order_waits_in_its_tote_and_goes_on_when_stock_arrives(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, work = walk(uow, ("B", 9))
        (task,) = work.tasks
        api.short_pick(uow, task_id=task.task_id, found=4, reason="BIDP", tote=task.tote)
        api.finish_picking(uow, batch_id=work.batch_id)
        with pytest.raises(api.NotReadyToPack):
            api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        told = len(uow.emitted)

        h.stock(uow, house, B={"A-01-03-1": 5})
        h.deliver(uow, uow.emitted[told:])
        h.to_floor(uow, house)
        h.pick_all(uow, house)

        assert h.units(uow, order.id) == {"ordered": 9, "picked": 9}
        api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        assert h.state(uow, order.id) == "PACKED"
        assert h.broken_invariants(uow) == []


def test_a_short_pick_needs_a_reason(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        _, _, work = walk(uow, ("A", 2))
        with pytest.raises(Invalid):
            api.short_pick(uow, task_id=work.tasks[0].task_id, found=0, reason=" ")
        with pytest.raises(Invalid):
            api.short_pick(uow, task_id=work.tasks[0].task_id, found=2, reason="BIDF")


def test_a_skipped_task_moves_to_the_end_and_stays_mandatory(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        _, _, work = walk(uow, ("A", 1), ("B", 1))
        first = work.tasks[0]

        api.skip_task(uow, task_id=first.task_id)
        uow.session.flush()
        again = api.work_package(uow, work.batch_id)
        h.pick(uow, again.tasks[0])

        assert again.tasks[-1].task_id == first.task_id
        with pytest.raises(api.TasksOpen):
            api.finish_picking(uow, batch_id=work.batch_id)
        h.pick(uow, first)
        api.finish_picking(uow, batch_id=work.batch_id)


def test_a_tote_holds_one_order(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9})
        for _ in range(2):
            h.order(uow, house, ("A", 1))
        uow.session.flush()
        h.to_floor(uow, house)
        work = api.claim_batch(uow, site_id=house.site)
        api.bind_tote(uow, batch_id=work.batch_id, slot=1, tote="T-1000")
        api.bind_tote(uow, batch_id=work.batch_id, slot=1, tote="T-1000")

        for slot, tote in ((2, "T-1000"), (1, "T-1001"), (2, "not a tote!")):
            with pytest.raises(api.WrongScan):
                api.bind_tote(uow, batch_id=work.batch_id, slot=slot, tote=tote)


def op(number: int, kind: str, **fields: object) -> api.WorkOp:
    return api.WorkOp(op_id=f"op-{number}", kind=kind, **fields)  # type: ignore[arg-type]


def test_an_op_sent_again_changes_nothing_and_gets_the_same_answer(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, work = walk(uow, ("A", 2))
        (task,) = work.tasks
        pick = op(
            1,
            "pick",
            task_id=task.task_id,
            location_code=task.location_code,
            barcode="4006381333931",
            quantity=2,
            tote=task.tote,
        )

        first = api.apply_work_op(uow, site_id=house.site, op=pick)
        told = len(uow.emitted)
        again = api.apply_work_op(uow, site_id=house.site, op=pick)
        other = api.apply_work_op(uow, site_id=house.site, op=op(1, "skip", task_id=task.task_id))

        assert (first.status, again.status, other.status) == ("applied", "duplicate", "rejected")
        assert (again.title, again.version) == (first.title, first.version)
        assert len(uow.emitted) == told
        assert h.units(uow, order.id) == {"ordered": 2, "picked": 2}


def test_a_wrong_scan_is_rejected_and_counted_as_a_near_miss(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, work = walk(uow, ("A", 2))
        (task,) = work.tasks

        ack = api.apply_work_op(
            uow,
            site_id=house.site,
            op=op(1, "scan", task_id=task.task_id, step="item", code="4000417025005", quantity=2),
        )

        assert (ack.status, ack.tone) == ("rejected", "stop")
        assert ack.text.startswith("Scanned: Thing B (SKU B). Need: Thing A (SKU A).")
        assert api.board(uow, site_id=house.site).near_misses_last_hour == 1
        assert h.units(uow, order.id) == {"ordered": 2, "allocated": 2}


def test_three_scans_make_a_pick(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, work = walk(uow, ("A", 2))
        (task,) = work.tasks
        steps = [
            ("tote", task.tote, 0),
            ("loc", task.location_code, 0),
            ("item", "4006381333931", 2),
            ("tote", task.tote, 0),
        ]

        acks = [
            api.apply_work_op(
                uow, site_id=house.site, op=op(n, "scan", task_id=task.task_id, step=step, code=code, quantity=quantity)
            )
            for n, (step, code, quantity) in enumerate(steps)
        ]

        assert [ack.status for ack in acks] == ["rejected", "applied", "applied", "applied"]
        assert h.units(uow, order.id) == {"ordered": 2, "picked": 2}


def test_a_pick_of_an_order_cancelled_meanwhile_is_held(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order, work = walk(uow, ("A", 2))
        (task,) = work.tasks
        api.cancel_order(uow, tenant_id=house.tenant, order_id=order.id, reason="changed my mind")

        ack = api.apply_work_op(
            uow,
            site_id=house.site,
            op=op(
                1,
                "pick",
                task_id=task.task_id,
                location_code=task.location_code,
                barcode="A",
                quantity=2,
                tote=task.tote,
            ),
        )

        assert (ack.status, ack.tone) == ("held", "attention")
        assert f"Put the units back at {task.location_code}" in ack.text
        assert h.state(uow, order.id) == "CANCELLED"


@pytest.mark.parametrize("kind", ["dance", "pick", "bind_tote", "weigh", "pack_item", "done", "short"])
def test_an_op_about_nothing_is_rejected_in_words(database: Connection, kind: str) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)

        ack = api.apply_work_op(uow, site_id=house.site, op=op(1, kind, task_id="tsk_x"))

        assert ack.status == "rejected"
        assert ack.text
