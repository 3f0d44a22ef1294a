"""Troubles with stock that users of other open systems reported, told as short histories in this house."""

import pytest
from sqlalchemy import text

from inventory.api import (
    ItemDraft,
    NotEnoughInBucket,
    adjust_stock,
    allocate_stock,
    availability,
    create_items,
    discard_return,
    pack_stock,
    pick_stock,
    receive_return,
    release_stock,
    report_short,
    restock_return,
    ship_stock,
)
from kernel.db.transactions import UnitOfWork
from tests.inventory.warehouse import Warehouse, bins, buckets, build, everything, level, reserve, stock


def place(house: Warehouse) -> dict[str, str]:
    return {"tenant_id": house.tenant, "site_id": house.site}


def pick(uow: UnitOfWork, house: Warehouse, order: str, at: str, units: int) -> None:
    pick_stock(
        uow, **place(house), order_id=order, line_id="l1", item_id=house.items["A"], location_code=at, quantity=units,
        tote="T",
    )  # fmt: skip


def send_off(uow: UnitOfWork, house: Warehouse, order: str, units: int) -> None:
    lines = [(house.items["A"], units)]
    pack_stock(uow, **place(house), order_id=order, lines=lines)
    ship_stock(uow, **place(house), reference="par_1", lines=lines)


def test_the_last_units_are_picked_by_the_order_they_are_reserved_for(uow: UnitOfWork, house: Warehouse) -> None:
    """One's own reservation stood in one's own way once nothing was available: medusa#6500, #9821."""
    stock(uow, house, A={"P-1": 2})
    reserve(uow, house, "o1", ("l1", "A", 2))
    assert availability(uow, tenant_id=house.tenant, skus=["A"])[0].available == 0
    pick(uow, house, "o1", "P-1", 2)
    assert level(uow, house, "A") == (0, 0)


def test_the_rest_of_an_order_that_left_in_part_is_allocated_and_nothing_outlives_it(
    uow: UnitOfWork, house: Warehouse
) -> None:
    """InvenTree#4734 (the remainder), #2741, #6431 and medusa#11266 (cleared after shipment), erpnext#52851, #50398."""
    stock(uow, house, A={"P-1": 3, "P-2": 1})
    reserve(uow, house, "o1", ("l1", "A", 4))
    allocate_stock(uow, **place(house), order_id="o1")
    pick(uow, house, "o1", "P-1", 2)
    send_off(uow, house, "o1", 2)
    assert sum(a.quantity for a in allocate_stock(uow, **place(house), order_id="o1")) == 2
    pick(uow, house, "o1", "P-1", 1)
    pick(uow, house, "o1", "P-2", 1)
    send_off(uow, house, "o1", 2)
    assert (level(uow, house, "A"), buckets(uow, house, "A")) == ((0, 0), {"SHIPPED": 4})
    assert uow.session.execute(text("select count(*) from allocation")).scalar_one() == 0
    assert uow.session.execute(text("select sum(quantity) from reservation")).scalar_one() == 0


def test_what_is_left_of_an_order_in_picking_is_cancelled_to_the_unit(uow: UnitOfWork, house: Warehouse) -> None:
    """A partly picked order kept its whole stock reserved, or freed what had gone: erpnext#52851, medusa#11703."""
    stock(uow, house, A={"P-1": 5})
    reserve(uow, house, "o1", ("l1", "A", 4))
    allocate_stock(uow, **place(house), order_id="o1")
    pick(uow, house, "o1", "P-1", 3)
    assert release_stock(uow, tenant_id=house.tenant, order_id="o1", reason="cancel") == 1
    assert (level(uow, house, "A"), bins(uow, house, "A")) == ((2, 0), {"P-1": (2, 0)})


def test_an_order_whose_units_are_gone_can_be_cancelled(uow: UnitOfWork, house: Warehouse) -> None:
    """Stock below what was reserved locked the order for good: medusa#12796, odoo#62139."""
    stock(uow, house, A={"P-1": 3})
    reserve(uow, house, "o1", ("l1", "A", 3))
    allocate_stock(uow, **place(house), order_id="o1")
    where = place(house) | {"item_id": house.items["A"], "location_code": "P-1"}
    adjust_stock(uow, **where, delta=-2, reason="broken")
    assert release_stock(uow, tenant_id=house.tenant, order_id="o1", reason="cancel") == 1
    adjust_stock(uow, **where, delta=-1, reason="broken")
    assert release_stock(uow, tenant_id=house.tenant, order_id="o1", reason="cancel") == 0
    assert level(uow, house, "A") == (0, 0)


def test_each_warehouse_promises_and_frees_its_own_units(uow: UnitOfWork, house: Warehouse) -> None:
    """Allocations came from arbitrary warehouses, and cancelling freed the wrong one's: saleor#4190, grandnode#560."""
    other = build(uow, site="BER")
    stock(uow, house, A={"P-1": 1})
    stock(uow, other, A={"P-1": 5})
    assert reserve(uow, house, "o1", ("l1", "A", 3), policy="split").reserved == {"l1": 1}
    assert reserve(uow, other, "o1", ("l1", "A", 2)).reserved == {"l1": 2}
    assert (level(uow, house, "A"), level(uow, other, "A")) == ((1, 1), (5, 2))
    assert release_stock(uow, tenant_id=house.tenant, order_id="o1", reason="cancel") == 3
    assert (level(uow, house, "A"), level(uow, other, "A")) == ((1, 0), (5, 0))


def test_a_unit_is_restocked_once(uow: UnitOfWork, house: Warehouse) -> None:
    """The same refund put goods back on sale twice: woocommerce#22489, #27504."""
    where = place(house) | {"item_id": house.items["A"], "reference": "rma_1"}
    receive_return(uow, **where, quantity=1)
    restock_return(uow, **where, quantity=1, location_code="P-1")
    before = everything(uow)
    with pytest.raises(NotEnoughInBucket):
        restock_return(uow, **where, quantity=1, location_code="P-1")
    assert everything(uow) == before
    assert level(uow, house, "A") == (1, 0)


def test_nobody_is_sent_to_goods_that_cannot_be_sold(uow: UnitOfWork, house: Warehouse) -> None:
    """Pick lists took from the warehouse of damaged goods: erpnext#37581."""
    where = place(house) | {"item_id": house.items["A"]}
    stock(uow, house, A={"P-1": 2, "HOSP": 3})
    reserve(uow, house, "o1", ("l1", "A", 2))
    allocate_stock(uow, **place(house), order_id="o1")
    report_short(uow, **where, order_id="o1", line_id="l1", location_code="P-1", expected=2, found=0, reason="damaged")
    receive_return(uow, **where, quantity=4, reference="rma_1")
    discard_return(uow, **where, quantity=4, reference="rma_1")
    assert buckets(uow, house, "A") == {"DAMAGED": 6, "HOSPITAL": 3}
    assert reserve(uow, house, "o2", ("l1", "A", 1)).short == {"l1": 1}
    assert list(allocate_stock(uow, **place(house), order_id="o2")) == []


def test_an_item_edited_after_its_reservation_keeps_every_unit(uow: UnitOfWork, house: Warehouse) -> None:
    """Another unit of measure on the item made other numbers of its reservations: odoo#159444, magento#2773."""
    stock(uow, house, A={"P-1": 5})
    reserve(uow, house, "o1", ("l1", "A", 3))
    allocate_stock(uow, **place(house), order_id="o1")
    before = {table: rows for table, rows in everything(uow).items() if table != "item"}
    draft = ItemDraft("A", "A case of ten", 10_000, 100, 200, 300)
    assert create_items(uow, tenant_id=house.tenant, items=[draft]) == {"A": house.items["A"]}
    assert {table: rows for table, rows in everything(uow).items() if table != "item"} == before
    pick(uow, house, "o1", "P-1", 3)
    assert level(uow, house, "A") == (2, 0)
