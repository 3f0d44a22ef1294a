from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from fulfillment import api
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.fulfillment import house as h

GTIN = "4006381333931"
SOON, LATER = h.NOW.date() + timedelta(days=5), h.NOW.date() + timedelta(days=90)


def two_lots(uow: UnitOfWork) -> h.House:
    """A lies in one bin, two old units and five new ones."""
    house = h.build(uow)
    known = inventory.get_item(uow, house.items["A"])
    draft = inventory.ItemDraft("A", known.name, 100, 10, 20, 30, (GTIN,), lot_tracked=True, min_shelf_days=1)
    inventory.create_items(uow, tenant_id=house.tenant, items=[draft])
    lots: list[tuple[str, date, int]] = [("OLD", SOON, 2), ("NEW", LATER, 5)]
    inventory.receive_many(
        uow, tenant_id=house.tenant, site_id=house.site,
        receipts=[inventory.Receipt(house.items["A"], "A-01-01-1", n, "ASN", lot, day) for lot, day, n in lots],
    )  # fmt: skip
    return house


def test_a_walk_names_the_lots_and_stops_another_one(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = two_lots(uow)
        order = h.order(uow, house, ("A", 3))
        uow.session.flush()
        h.to_floor(uow, house)
        work = h.claim(uow, house)
        tasks = {task.lot: task for task in work.tasks}
        assert {lot: task.quantity for lot, task in tasks.items()} == {"OLD": 2, "NEW": 1}
        old = tasks["OLD"]
        scan = f"]C101{GTIN.zfill(14)}10"
        where = {"task_id": old.task_id, "location_code": old.location_code, "quantity": 2, "tote": old.tote}

        with pytest.raises(api.WrongScan) as stopped:
            api.confirm_pick(uow, barcode=f"{scan}NEW", **where)  # type: ignore[arg-type]  # the fields of a scan
        assert stopped.value.facts["needed"] == "lot OLD"
        api.confirm_pick(uow, barcode=f"{scan}OLD", **where)  # type: ignore[arg-type]  # the fields of a scan
        h.pick(uow, tasks["NEW"])

        assert h.units(uow, order.id) == {"ordered": 3, "picked": 3}
        for lot, units in (("OLD", 2), ("NEW", 1)):
            (given,) = inventory.get_lot(uow, item_id=house.items["A"], lot=lot).recipients
            assert (given.order_id, given.quantity) == (order.id, units)
        assert h.broken_invariants(uow) == []


def test_a_walk_follows_when_a_lot_is_recalled(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = two_lots(uow)
        order = h.order(uow, house, ("A", 2))
        uow.session.flush()
        h.to_floor(uow, house)
        work = h.claim(uow, house)
        told = len(uow.emitted)

        inventory.block_lot(uow, tenant_id=house.tenant, item_id=house.items["A"], lot="OLD", reason="recalled")
        h.deliver(uow, uow.emitted[told:])

        tasks = [t for t in api.work_package(uow, work.batch_id).tasks if t.state != "CANCELLED"]
        assert [(task.lot, task.quantity) for task in tasks] == [("NEW", 2)]
        assert h.units(uow, order.id) == {"ordered": 2, "allocated": 2}
        assert h.broken_invariants(uow) == []
