import pytest

from inventory.api import (
    ReservationShorted,
    UnknownItem,
    allocate_stock,
    count_bin,
    move_stock,
    receive_return,
    release_stock,
    report_short,
)
from kernel.db.transactions import UnitOfWork
from tests.inventory.warehouse import Warehouse, bins, build, everything, level, reserve, stock


def test_nobody_returns_or_counts_goods_of_another_merchant(uow: UnitOfWork, house: Warehouse) -> None:
    rival = build(uow, code="RIVAL")
    stock(uow, house, A={"P-1": 3})
    before, heard = everything(uow), uow.emitted
    where = {"tenant_id": rival.tenant, "site_id": house.site, "item_id": house.items["A"]}
    with pytest.raises(UnknownItem):
        receive_return(uow, **where, quantity=1, reference="rma_1")
    with pytest.raises(UnknownItem):
        count_bin(uow, **where, location_code="P-1", counted=0)
    assert (everything(uow), uow.emitted) == (before, heard)


def test_a_line_promised_in_two_parts_loses_each_unit_once(uow: UnitOfWork, house: Warehouse) -> None:
    """A line that was promised 4 units and later 1 more: the short pick gives up a unit, and others that wait."""
    stock(uow, house, A={"P-1": 3, "DOCK": 2})
    reserve(uow, house, "o1", ("l1", "A", 4))
    reserve(uow, house, "o1", ("l1", "A", 1))
    where = {"tenant_id": house.tenant, "site_id": house.site, "item_id": house.items["A"]}
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    move_stock(uow, **where, from_code="DOCK", to_code="P-2", quantity=2)
    outcome = report_short(
        uow, **where, order_id="o1", line_id="l1", location_code="P-1", expected=3, found=0, reason="missing"
    )
    assert ([(a.location_code, a.quantity) for a in outcome.reallocated], outcome.missing) == ([("P-2", 2)], 1)
    assert sum(e.quantity for e in uow.emitted if isinstance(e, ReservationShorted)) == 2
    assert (level(uow, house, "A"), bins(uow, house, "A")) == ((2, 2), {"P-2": (2, 2)})


def test_each_site_keeps_aside_what_is_promised_there(uow: UnitOfWork, house: Warehouse) -> None:
    """One line served by two sites: what one of them gives back does not stay aside there."""
    other = build(uow, site="BER")
    for each in (other, house):
        stock(uow, each, A={"P-1": 3})
        reserve(uow, each, "o1", ("l1", "A", 3))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    assert release_stock(uow, tenant_id=house.tenant, order_id="o1", quantity=3, reason="cancel") == 3
    assert (level(uow, house, "A"), bins(uow, house, "A")) == ((3, 0), {"P-1": (3, 0)})
    assert (level(uow, other, "A"), bins(uow, other, "A")) == ((3, 3), {"P-1": (3, 0)})
