"""What lies in a hospital location is in the house and for nobody: erpnext#37581, where pickers were sent to the
warehouse of damaged goods.
"""

from datetime import timedelta

import pytest
from sqlalchemy import text

from inventory.api import (
    ItemDraft,
    LocationDraft,
    LocationInUse,
    LotBlocked,
    LotExpired,
    LotRequired,
    NotEnoughInBin,
    NotEnoughInBucket,
    NotReserved,
    Receipt,
    adjust_stock,
    admit_strays,
    allocate_stock,
    availability,
    block_lot,
    count_bin,
    create_items,
    create_locations,
    explain_availability,
    move_stock,
    movements,
    pick_stock,
    put_back_stock,
    receive_many,
    receive_return,
    restock_return,
    stock_at,
    unblock_lot,
)
from kernel.access.commands import create_merchant, serve_merchants
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from tests.inventory.warehouse import NOW, Warehouse, bins, buckets, everything, level, reserve, stock, told


def where(house: Warehouse) -> dict[str, str]:
    return {"tenant_id": house.tenant, "site_id": house.site, "item_id": house.items["A"]}


def move(  # noqa: PLR0917 - from where to where, and how many of which
    uow: UnitOfWork, house: Warehouse, source: str, target: str, units: int, lot: str | None = None
) -> None:
    move_stock(uow, **where(house), from_code=source, to_code=target, quantity=units, lot=lot)


def refused(uow: UnitOfWork, kind: type[Refusal], house: Warehouse, *carried: object, lot: str | None = None) -> None:
    before, heard = everything(uow), told(uow)
    with pytest.raises(kind):
        move(uow, house, *carried, lot=lot)  # type: ignore[arg-type]  # the callers' literals are checked by the move
    assert (everything(uow), told(uow)) == (before, heard)


def test_what_goes_to_the_hospital_is_for_nobody_and_what_comes_back_is_for_anybody(
    uow: UnitOfWork, house: Warehouse
) -> None:
    stock(uow, house, A={"P-1": 5})
    move(uow, house, "P-1", "HOSP", 2)
    assert (level(uow, house, "A"), buckets(uow, house, "A")) == ((3, 0), {"HOSPITAL": 2})
    assert availability(uow, tenant_id=house.tenant, skus=["A"])[0].available == 3
    assert reserve(uow, house, "o1", ("l1", "A", 4)).short == {"l1": 1}
    (site,) = explain_availability(uow, item_id=house.items["A"]).sites
    assert (site.on_hand, site.available, {r.cause: r.quantity for r in site.reliefs}) == (3, 3, {"hospital": 2})
    move(uow, house, "HOSP", "P-2", 1)
    assert (bins(uow, house, "A"), buckets(uow, house, "A")) == ({"P-1": (3, 0), "P-2": (1, 0)}, {"HOSPITAL": 1})
    assert told(uow)[-2:] == ["StockAdjusted", "StockReceived"]
    booked = [(m.reason, m.container, m.quantity) for m in movements(uow, item_id=house.items["A"]).items]
    assert booked[:2] == [("from_hospital", "HOSP", 1), ("to_hospital", "HOSP", 2)]


def test_units_that_go_to_the_hospital_are_taken_from_whom_they_were_promised_last(
    uow: UnitOfWork, house: Warehouse
) -> None:
    stock(uow, house, A={"P-1": 3, "P-2": 2})
    reserve(uow, house, "o1", ("l1", "A", 3))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    uow.session.execute(text("update reservation set created_at = created_at - interval '1 hour'"))
    reserve(uow, house, "o2", ("l1", "A", 2))
    move(uow, house, "P-1", "HOSP", 3)
    assert (level(uow, house, "A"), bins(uow, house, "A")) == ((2, 2), {"P-2": (2, 2)})
    lost = [(e.order_id, e.quantity) for e in uow.emitted if type(e).__name__ == "ReservationShorted"]
    assert sorted(lost) == [("o1", 1), ("o2", 2)]


@pytest.mark.parametrize("way", ["receipt", "adjustment", "count", "return", "put_back"])
def test_no_way_into_the_hospital_leads_to_the_shop(uow: UnitOfWork, house: Warehouse, way: str) -> None:
    at = where(house) | {"location_code": "HOSP"}
    if way == "receipt":
        stock(uow, house, A={"HOSP": 4})
    elif way == "adjustment":
        adjust_stock(uow, **at, delta=4, reason="found")
    elif way == "count":
        count_bin(uow, **at, counted=4)
    elif way == "return":
        receive_return(uow, **where(house), quantity=4, reference="rma_1")
        restock_return(uow, **at, quantity=4, reference="rma_1")
    else:
        stock(uow, house, A={"P-1": 4})
        reserve(uow, house, "o1", ("l1", "A", 4))
        line = {"order_id": "o1", "line_id": "l1"}
        pick_stock(uow, **where(house), **line, location_code="P-1", quantity=4, tote="T")
        put_back_stock(uow, **at, **line, quantity=4, reason="broken")
    assert (level(uow, house, "A"), bins(uow, house, "A")) == ((0, 0), {})
    assert buckets(uow, house, "A") == {"HOSPITAL": 4}
    assert reserve(uow, house, "o2", ("l1", "A", 1)).short == {"l1": 1}
    (site,) = explain_availability(uow, item_id=house.items["A"]).sites
    assert (site.available, [(r.cause, r.quantity) for r in site.reliefs]) == (0, [("hospital", 4)])
    heard = {"receipt": 0, "return": 0, "adjustment": 0, "count": 0, "put_back": 1}[way]
    assert told(uow).count("StockReceived") == heard, "nobody is told that there are units to have"


def test_the_hospital_is_counted_corrected_and_seen(uow: UnitOfWork, house: Warehouse) -> None:
    at = where(house) | {"location_code": "HOSP"}
    stock(uow, house, A={"HOSP": 4})
    assert count_bin(uow, **at, counted=3) == -1
    assert count_bin(uow, **at, counted=3) == 0
    adjust_stock(uow, **at, delta=-1, reason="broken")
    assert buckets(uow, house, "A") == {"HOSPITAL": 2, "LOST": 2}
    seen = stock_at(uow, site_id=house.site, location_code="HOSP")
    assert [(b.sku, b.quantity, b.allocated, b.location_kind) for b in seen] == [("A", 2, 0, "hospital")]
    before = everything(uow)
    with pytest.raises(NotEnoughInBin):
        adjust_stock(uow, **at, delta=-3, reason="broken")
    assert everything(uow) == before


def test_nothing_moves_that_is_not_there(uow: UnitOfWork, house: Warehouse) -> None:
    create_locations(uow, site_id=house.site, locations=[LocationDraft("HOSP-2", "hospital")])
    stock(uow, house, A={"P-1": 2, "HOSP": 2})
    refused(uow, NotEnoughInBin, house, "P-1", "HOSP", 3)
    refused(uow, NotEnoughInBucket, house, "HOSP", "P-1", 3)
    refused(uow, Invalid, house, "HOSP", "HOSP-2", 1)
    reserve(uow, house, "o1", ("l1", "A", 2))
    before = everything(uow)
    with pytest.raises((NotEnoughInBin, NotReserved)):
        pick_stock(
            uow, **where(house), order_id="o1", line_id="l1", location_code="HOSP", quantity=1, tote="T"
        )  # fmt: skip
    assert everything(uow) == before


def test_a_lot_comes_back_as_itself_and_only_while_it_can_be_sold(uow: UnitOfWork, house: Warehouse) -> None:
    yoghurt = ItemDraft("A", "Yoghurt", 150, 70, 70, 90, lot_tracked=True, min_shelf_days=10)
    create_items(uow, tenant_id=house.tenant, items=[yoghurt])
    soon, later = NOW.date() + timedelta(days=12), NOW.date() + timedelta(days=90)
    receipts = [Receipt(house.items["A"], "P-1", 3, "ASN", lot, day) for lot, day in (("L1", soon), ("L2", later))]
    receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=receipts)
    for lot in ("L1", "L2"):
        move(uow, house, "P-1", "HOSP", 2, lot)
    refused(uow, LotRequired, house, "HOSP", "P-2", 1)
    refused(uow, NotEnoughInBucket, house, "HOSP", "P-2", 3, lot="L2")
    block_lot(uow, tenant_id=house.tenant, item_id=house.items["A"], lot="L2", reason="recall")
    refused(uow, LotBlocked, house, "HOSP", "P-2", 1, lot="L2")
    unblock_lot(uow, tenant_id=house.tenant, item_id=house.items["A"], lot="L2")
    uow.now += timedelta(days=5)
    refused(uow, LotExpired, house, "HOSP", "P-2", 1, lot="L1")
    move(uow, house, "HOSP", "P-2", 2, "L2")
    seen = stock_at(uow, site_id=house.site, location_code="HOSP")
    assert [(b.lot, b.quantity, b.expires_on) for b in seen] == [("L1", 2, soon)]
    assert [(b.lot, b.quantity) for b in stock_at(uow, site_id=house.site, location_code="P-2")] == [("L2", 2)]


def test_units_with_serial_numbers_stay_accounted_for(uow: UnitOfWork, house: Warehouse) -> None:
    create_items(uow, tenant_id=house.tenant, items=[ItemDraft("A", "Camera", 900, 150, 100, 90, serial_tracked=True)])
    receipts = [
        Receipt(house.items["A"], at, 2, "ASN", serials=serials)
        for at, serials in (("P-1", ("S1", "S2")), ("HOSP", ("S3", "S4")))
    ]
    receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=receipts)
    move(uow, house, "P-1", "HOSP", 1)
    move(uow, house, "HOSP", "P-1", 2)
    assert (level(uow, house, "A"), buckets(uow, house, "A")) == ((3, 0), {"HOSPITAL": 1})


def test_a_location_becomes_a_hospital_only_when_nothing_in_it_is_for_sale(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 1})
    before = everything(uow)
    with pytest.raises(LocationInUse, match="P-1"):
        create_locations(uow, site_id=house.site, locations=[LocationDraft("P-1", "hospital")])
    assert everything(uow) == before
    move(uow, house, "P-1", "P-2", 1)
    create_locations(uow, site_id=house.site, locations=[LocationDraft("P-1", "hospital")])
    stock(uow, house, A={"P-1": 3})
    assert (level(uow, house, "A"), buckets(uow, house, "A")) == ((1, 0), {"HOSPITAL": 3})


def test_what_a_book_still_sells_out_of_a_hospital_is_taken_out_of_the_shop(uow: UnitOfWork, house: Warehouse) -> None:
    """Books that were kept before hospitals were for nobody have such units, and orders that wait for them."""
    stock(uow, house, A={"P-1": 1, "P-2": 4})
    reserve(uow, house, "o1", ("l1", "A", 3))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    uow.session.execute(text("update location set kind = 'hospital' where code = 'P-2'"))
    assert admit_strays(uow, limit=10) == 1
    assert (level(uow, house, "A"), bins(uow, house, "A")) == ((1, 1), {"P-1": (1, 1)})
    assert buckets(uow, house, "A") == {"HOSPITAL": 4}
    assert [e.quantity for e in uow.emitted if type(e).__name__ == "ReservationShorted"] == [2]
    assert admit_strays(uow, limit=10) == 0


def test_in_the_hospital_goods_stay_those_of_their_merchant(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"HOSP": 2})
    rival = create_merchant(uow, code="RIVAL", name="Rival", currency="EUR")
    serve_merchants(uow, site_id=house.site, merchant_ids=[rival])
    own = create_items(uow, tenant_id=rival, items=[ItemDraft("A", "A", 1, 1, 1, 1)])["A"]
    for item_id in (own, house.items["A"]):
        before = everything(uow)
        with pytest.raises(NotEnoughInBucket):
            move_stock(
                uow, tenant_id=rival, site_id=house.site, item_id=item_id, from_code="HOSP", to_code="P-1", quantity=1
            )  # fmt: skip
        assert everything(uow) == before
