"""Troubles with stock that users of other open systems reported, told as short histories in this house."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from inventory.api import (
    ItemDraft,
    KitPart,
    NotEnoughInBucket,
    NotReserved,
    Receipt,
    adjust_stock,
    allocate_stock,
    availability,
    create_items,
    deallocate_stock,
    discard_return,
    find_drift,
    find_drifts,
    pack_stock,
    pick_stock,
    receive_many,
    receive_return,
    release_stock,
    report_short,
    restock_return,
    set_selling_rules,
    ship_stock,
)
from inventory.ledger import StockChange
from kernel.access.commands import create_merchant, serve_merchants
from kernel.db.transactions import UnitOfWork
from tests.inventory.warehouse import NOW, Warehouse, bins, buckets, build, everything, level, reserve, stock


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
    """InvenTree#4734 (the remainder), #2741, #6431 and medusa#11266 (cleared after shipment), erpnext#52851, #50398,
    #50401 (the rest was refused because of the order's own reservation), magento/inventory#2454 (a shipment of a part
    cut another number of units than it held).
    """
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


def in_lots(uow: UnitOfWork, house: Warehouse, **units: int) -> None:
    """Item A is tracked by lot from now on: the lots lie in P-1, each good for a day longer than the one before."""
    create_items(uow, tenant_id=house.tenant, items=[ItemDraft("A", "Jam", 100, 10, 20, 30, lot_tracked=True)])
    receipts = [
        Receipt(house.items["A"], "P-1", quantity, "ASN", lot, NOW.date() + timedelta(days=90 + n))
        for n, (lot, quantity) in enumerate(units.items())
    ]
    receive_many(uow, **place(house), receipts=receipts)


def lots(uow: UnitOfWork) -> dict[str, tuple[int, int]]:
    rows = uow.session.execute(text("select lot, quantity, allocated from bin_stock where quantity > 0"))
    return {row.lot: (row.quantity, row.allocated) for row in rows}


def test_who_gives_a_lot_up_can_have_it_or_another_one_again(uow: UnitOfWork, house: Warehouse) -> None:
    """Taking a lot off a delivery lost its reservation for good: odoo#43163."""
    in_lots(uow, house, L1=2, L2=2)
    reserve(uow, house, "o1", ("l1", "A", 2))
    allocate_stock(uow, **place(house), order_id="o1")
    assert deallocate_stock(uow, tenant_id=house.tenant, order_id="o1") == 2
    assert (level(uow, house, "A"), lots(uow)) == ((4, 2), {"L1": (2, 0), "L2": (2, 0)})
    reserve(uow, house, "o2", ("l1", "A", 1))
    assert [(a.lot, a.quantity) for a in allocate_stock(uow, **place(house), order_id="o2")] == [("L1", 1)]
    again = allocate_stock(uow, **place(house), order_id="o1")
    assert sorted((a.lot, a.quantity) for a in again) == [("L1", 1), ("L2", 1)]


def test_every_lot_of_a_line_loses_what_was_picked_of_it_and_is_counted_once(uow: UnitOfWork, house: Warehouse) -> None:
    """Of several batches only the last one noted what was delivered, and one pick was deducted from every place that
    it could have come from: erpnext#58613. A line without a bin under it broke what followed: odoo#115328.
    """
    in_lots(uow, house, L1=2, L2=3, L3=4)
    reserve(uow, house, "o1", ("l1", "A", 7))
    allocate_stock(uow, **place(house), order_id="o1")
    assert lots(uow) == {"L1": (2, 2), "L2": (3, 3), "L3": (4, 2)}
    line = place(house) | {"order_id": "o1", "line_id": "l1", "item_id": house.items["A"], "location_code": "P-1"}
    for lot, units in (("L1", 2), ("L2", 1)):
        pick_stock(uow, **line, quantity=units, tote="T", lot=lot)
    assert lots(uow) == {"L2": (2, 2), "L3": (4, 2)}
    assert release_stock(uow, tenant_id=house.tenant, order_id="o1", quantity=3, reason="cancel") == 3
    assert (level(uow, house, "A"), sum(aside for _, aside in lots(uow).values())) == ((6, 1), 1)
    with pytest.raises(NotReserved):
        pick_stock(uow, **line, quantity=2, tote="T", lot="L3")


def test_nothing_is_set_aside_in_a_bin_that_does_not_hold_it(uow: UnitOfWork, house: Warehouse) -> None:
    """Lines were reserved without a quant under them, and repaired by hand year after year: odoo#115328, #79180,
    #154905. Here not even a command that is wrong could write such a line.
    """
    stock(uow, house, A={"P-1": 1})
    reserve(uow, house, "o1", ("l1", "A", 1))
    before = everything(uow)
    where = text("select id, code from location where code in ('P-1', 'P-2') order by code")
    for spot in uow.session.execute(where).all():
        change = StockChange()
        change.allocate(
            **place(house), order_id="o1", line_id="l1", item_id=house.items["A"], location_id=spot.id, lot="", delta=2
        )
        point = uow.session.begin_nested()
        with pytest.raises(IntegrityError):
            change.write(uow)
        point.rollback()
        assert everything(uow) == before


def test_a_lost_reservation_of_a_kit_is_told_once_with_its_own_number(uow: UnitOfWork, house: Warehouse) -> None:
    """The tool that finds drift counted parent and child, and the repair was wrong by that: magento/inventory#2503."""
    kit = create_items(uow, tenant_id=house.tenant, items=[ItemDraft("SET", "Set", 0, 0, 0, 0)])["SET"]
    set_selling_rules(uow, tenant_id=house.tenant, item_id=kit, kit=[KitPart(house.items["A"], 1)])
    stock(uow, house, A={"P-1": 5})
    reserve(uow, house, "o1", ("l1", "A", 1))
    reserve(uow, house, "o2", ("l1", "A", 2))
    assert find_drift(uow) == 0
    uow.session.execute(text("update reservation set quantity = 0 where order_id = 'o1'"))
    assert find_drift(uow) == 1
    (drift,) = find_drifts(uow)
    assert (drift.item_id, drift.counter, drift.counted, drift.ledger) == (house.items["A"], "reserved", 3, 2)
    uow.session.execute(text("update reservation set quantity = 1 where order_id = 'o1'"))
    assert find_drift(uow) == 0


def test_owners_goods_in_one_bin_are_never_each_others(uow: UnitOfWork, house: Warehouse) -> None:
    """A delivery took the units of another owner (odoo#254904), a change of owner dropped what was reserved
    (odoo#45595, #35080), and an owner that got lost left negative stock (OCA/stock-logistics-warehouse#1281).
    """
    rival = create_merchant(uow, code="RIVAL", name="Rival", currency="EUR")
    serve_merchants(uow, site_id=house.site, merchant_ids=[rival])
    theirs = Warehouse(house.site, rival, create_items(uow, tenant_id=rival, items=[ItemDraft("A", "A", 1, 1, 1, 1)]))
    stock(uow, house, A={"P-1": 2})
    stock(uow, theirs, A={"P-1": 9})
    assert reserve(uow, house, "o1", ("l1", "A", 3), policy="split").reserved == {"l1": 2}
    reserve(uow, theirs, "o1", ("l1", "A", 4))
    for owner in (house, theirs):
        allocate_stock(uow, **place(owner), order_id="o1")
    pick(uow, house, "o1", "P-1", 2)
    before = everything(uow)
    with pytest.raises(NotReserved):
        pick(uow, house, "o1", "P-1", 1)
    assert everything(uow) == before
    assert (bins(uow, house, "A"), bins(uow, theirs, "A")) == ({}, {"P-1": (9, 4)})
    send_off(uow, house, "o1", 2)
    assert release_stock(uow, tenant_id=house.tenant, order_id="o1", reason="cancel") == 0
    assert (level(uow, theirs, "A"), buckets(uow, theirs, "A")) == ((9, 4), {})
    assert release_stock(uow, tenant_id=rival, order_id="o1", reason="cancel") == 4
    assert (level(uow, house, "A"), level(uow, theirs, "A")) == ((0, 0), (9, 0))
