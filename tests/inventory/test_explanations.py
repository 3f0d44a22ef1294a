from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from inventory.api import (
    SiteExplanation,
    UnknownItem,
    adjust_stock,
    allocate_stock,
    explain_availability,
    receive_return,
    report_short,
    reserve_stock,
)
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.inventory.warehouse import NOW, Warehouse, build, stock, want


def order(uow: UnitOfWork, house: Warehouse, name: str, units: int, *, until: datetime | None = None) -> None:
    reserve_stock(
        uow, tenant_id=house.tenant, site_id=house.site, order_id=name, customer_id="cus_1",
        demands=want(house, ("l1", "A", units)), policy="all_or_nothing", expires_at=until,
    )  # fmt: skip


def explained(uow: UnitOfWork, house: Warehouse) -> SiteExplanation:
    (site,) = explain_availability(uow, item_id=house.items["A"]).sites
    return site


def test_what_is_promised_is_told_by_order_oldest_first(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 10})
    order(uow, house, "o1", 4)
    order(uow, house, "o2", 1)
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    found = explained(uow, house)
    assert [(c.kind, c.reference, c.quantity, c.allocated) for c in found.claims] == [
        ("order", "o1", 4, 4),
        ("order", "o2", 1, 0),
    ]
    assert found.available == found.on_hand - sum(claim.quantity for claim in found.claims) == 5
    assert found.sentence == "5 units can be sold: 10 in bins, 5 of them promised to 2 orders."


def test_units_out_of_reach_are_sold_but_not_pickable_and_say_what_would_help(
    uow: UnitOfWork, house: Warehouse
) -> None:
    stock(uow, house, A={"P-1": 3, "P-2": 5, "DOCK": 4})
    order(uow, house, "o1", 3)
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    report_short(
        uow, tenant_id=house.tenant, site_id=house.site, order_id="o1", line_id="l1", item_id=house.items["A"],
        location_code="P-1", expected=3, found=1, reason="damaged",
    )  # fmt: skip
    found = explained(uow, house)
    assert (found.on_hand, found.pickable) == (10, 5)
    assert {(relief.cause, relief.quantity) for relief in found.reliefs} == {("count", 1), ("put_away", 4)}
    assert "5 out of the pickers' reach" in found.sentence
    assert {bucket.bucket: bucket.quantity for bucket in found.buckets} == {"AVAILABLE": 10, "DAMAGED": 2}


def test_holds_end_soonest_first_and_before_what_nobody_can_date(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 5})
    for name, minutes in (("o-late", 30), ("o-soon", 5)):
        order(uow, house, name, 1, until=NOW + timedelta(minutes=minutes))
    receive_return(
        uow, tenant_id=house.tenant, site_id=house.site, item_id=house.items["A"], quantity=2, reference="rma_1"
    )
    order(uow, house, "o-order", 2)
    assert ", 4 of them promised: 2 to 1 order and 2 to 2 holds." in explained(uow, house).sentence
    told = [(relief.cause, relief.at) for relief in explained(uow, house).reliefs]
    assert told == [
        ("hold_expires", NOW + timedelta(minutes=5)),
        ("hold_expires", NOW + timedelta(minutes=30)),
        ("grade_returns", None),
    ]


def test_an_item_without_stock_says_so(uow: UnitOfWork, house: Warehouse) -> None:
    assert explain_availability(uow, item_id=house.items["B"]).sites == ()
    stock(uow, house, A={"P-1": 1})
    adjust_stock(
        uow, tenant_id=house.tenant, site_id=house.site, item_id=house.items["A"], location_code="P-1", delta=-1,
        reason="broken",
    )  # fmt: skip
    assert explained(uow, house).sentence == "Nothing can be sold: none lies in a bin."


def test_another_merchant_learns_nothing(database: Connection) -> None:
    with transaction(system()) as uow:
        house, other = build(uow), build(uow, code="OTHER", site="BRE")
        stock(uow, house, A={"P-1": 1})
    with transaction(other.owner()) as uow, pytest.raises(UnknownItem):
        explain_availability(uow, item_id=house.items["A"])
    with transaction(house.owner()) as uow:
        assert explain_availability(uow, item_id=house.items["A"]).available == 1
