from datetime import date, timedelta

import pytest

from inventory.api import (
    ItemDraft,
    LotBlocked,
    LotExpired,
    LotMismatch,
    LotRequired,
    NotEnoughInBin,
    Receipt,
    ReservationShorted,
    UnknownLot,
    adjust_stock,
    allocate_stock,
    block_lot,
    count_bin,
    create_items,
    expire_lots,
    find_lots,
    get_item,
    get_lot,
    item_stock,
    move_stock,
    pick_stock,
    put_back_stock,
    receive_many,
    report_short,
    unblock_lot,
    update_item,
)
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from tests.inventory.warehouse import NOW, Warehouse, buckets, everything, level, reserve

TODAY = NOW.date()
SOON, LATER = TODAY + timedelta(days=20), TODAY + timedelta(days=90)


@pytest.fixture
def house(house: Warehouse, uow: UnitOfWork) -> Warehouse:
    """The warehouse, where item A is tracked by lot and sold with ten days left."""
    yoghurt = ItemDraft("A", "Yoghurt", 150, 70, 70, 90, lot_tracked=True, min_shelf_days=10)
    create_items(uow, tenant_id=house.tenant, items=[yoghurt])
    return house


def where(house: Warehouse) -> dict[str, str]:
    return {"tenant_id": house.tenant, "site_id": house.site}


def take_in(  # noqa: PLR0917 - what is printed on the units, and where they go
    uow: UnitOfWork, house: Warehouse, at: str, units: int, lot: str, expires_on: date | None
) -> None:
    receive_many(uow, **where(house), receipts=[Receipt(house.items["A"], at, units, "ASN", lot, expires_on)])


def lots_in(uow: UnitOfWork, house: Warehouse) -> dict[tuple[str, str], tuple[int, int]]:
    found = item_stock(uow, house.items["A"]).bins
    return {(b.location_code, b.lot): (b.quantity, b.allocated) for b in found if b.quantity}


def test_what_expires_first_is_picked_first_wherever_it_lies(uow: UnitOfWork, house: Warehouse) -> None:
    take_in(uow, house, "P-1", 5, "NEW", LATER)
    take_in(uow, house, "BULK", 3, "OLD", SOON)
    reserve(uow, house, "o1", ("l1", "A", 4))
    outcome = allocate_stock(uow, **where(house), order_id="o1")
    assert [(a.location_code, a.lot, a.quantity) for a in outcome] == [("BULK", "OLD", 3), ("P-1", "NEW", 1)]


def test_two_lots_in_one_bin_stay_apart(uow: UnitOfWork, house: Warehouse) -> None:
    take_in(uow, house, "P-1", 2, "OLD", SOON)
    take_in(uow, house, "P-1", 5, "NEW", LATER)
    reserve(uow, house, "o1", ("l1", "A", 3))
    allocate_stock(uow, **where(house), order_id="o1")
    assert lots_in(uow, house) == {("P-1", "OLD"): (2, 2), ("P-1", "NEW"): (5, 1)}
    line = {"order_id": "o1", "line_id": "l1", "item_id": house.items["A"], "location_code": "P-1"}
    with pytest.raises(LotRequired, match="Several lots"):
        pick_stock(uow, **where(house), **line, quantity=1, tote="T")
    with pytest.raises(NotEnoughInBin):
        pick_stock(uow, **where(house), **line, quantity=3, tote="T", lot="OLD")
    pick_stock(uow, **where(house), **line, quantity=2, tote="T", lot="OLD")
    pick_stock(uow, **where(house), **line, quantity=1, tote="T")
    assert lots_in(uow, house) == {("P-1", "NEW"): (4, 0)}
    put_back_stock(uow, **where(house), **line, quantity=1, reason="cancelled")
    assert lots_in(uow, house)["P-1", "OLD"] == (1, 0), "nobody knows which it is: the one that expires first"


def test_a_short_pick_freezes_one_lot_and_finds_the_next(uow: UnitOfWork, house: Warehouse) -> None:
    take_in(uow, house, "P-1", 2, "OLD", SOON)
    take_in(uow, house, "P-1", 5, "NEW", LATER)
    reserve(uow, house, "o1", ("l1", "A", 2))
    allocate_stock(uow, **where(house), order_id="o1")
    outcome = report_short(
        uow, **where(house), order_id="o1", line_id="l1", item_id=house.items["A"], location_code="P-1", expected=2,
        found=0, reason="expired", lot="OLD",
    )  # fmt: skip
    assert [(a.location_code, a.lot, a.quantity) for a in outcome.reallocated] == [("P-1", "NEW", 2)]
    frozen = {b.lot: b.frozen for b in item_stock(uow, house.items["A"]).bins}
    assert frozen == {"OLD": True, "NEW": False}
    goods = {"item_id": house.items["A"], "location_code": "P-1"}
    assert count_bin(uow, **where(house), **goods, counted=6, lot="NEW") == 1
    assert lots_in(uow, house) == {("P-1", "NEW"): (6, 2)}
    assert [b.frozen for b in item_stock(uow, house.items["A"]).bins if b.lot == "OLD"] == [True], "not counted yet"
    assert count_bin(uow, **where(house), **goods, counted=0, lot="OLD") == 0


@pytest.mark.parametrize(
    ("lot", "expires_on", "refusal", "pointer"),
    [
        ("", LATER, LotRequired, "/lot"),
        ("NEW", None, LotRequired, "/expires_on"),
        ("NEW", TODAY + timedelta(days=9), LotExpired, "/expires_on"),
        ("OLD", LATER, LotMismatch, "/expires_on"),
        ("BAD", None, LotBlocked, "/lot"),
        ("L" * 21, LATER, Invalid, "/lot"),
        ("NEW ", LATER, Invalid, "/lot"),
    ],
)
def test_what_cannot_be_sold_is_not_taken_in(  # noqa: PLR0917 - what is wrong, and what is said
    uow: UnitOfWork, house: Warehouse, lot: str, expires_on: date | None, refusal: type[Refusal], pointer: str
) -> None:
    take_in(uow, house, "P-1", 1, "OLD", SOON)
    take_in(uow, house, "P-1", 1, "BAD", SOON)
    block_lot(uow, tenant_id=house.tenant, item_id=house.items["A"], lot="BAD", reason="recalled")
    before = everything(uow)
    part = uow.session.begin_nested()
    with pytest.raises(refusal) as refused:
        take_in(uow, house, "P-1", 3, lot, expires_on)
    part.rollback()
    assert refused.value.pointer == pointer
    assert everything(uow) == before


def test_a_lot_of_an_item_without_lots_is_a_mistake(uow: UnitOfWork, house: Warehouse) -> None:
    with pytest.raises(Invalid, match="not tracked"):
        receive_many(uow, **where(house), receipts=[Receipt(house.items["B"], "P-1", 1, "ASN", "L1")])


def test_what_lies_in_several_lots_is_moved_and_counted_lot_by_lot(uow: UnitOfWork, house: Warehouse) -> None:
    take_in(uow, house, "DOCK", 4, "OLD", SOON)
    take_in(uow, house, "DOCK", 6, "NEW", LATER)
    goods = {"item_id": house.items["A"]}
    with pytest.raises(LotRequired) as refused:
        move_stock(uow, **where(house), **goods, from_code="DOCK", to_code="P-1", quantity=4)
    assert refused.value.facts["lots"] == ["OLD", "NEW"]
    move_stock(uow, **where(house), **goods, from_code="DOCK", to_code="P-1", quantity=4, lot="OLD")
    with pytest.raises(NotEnoughInBin):
        move_stock(uow, **where(house), **goods, from_code="DOCK", to_code="P-1", quantity=1, lot="OLD")
    assert count_bin(uow, **where(house), **goods, location_code="DOCK", counted=5) == -1
    with pytest.raises(LotRequired):
        adjust_stock(uow, **where(house), **goods, location_code="P-2", delta=1, reason="found")
    with pytest.raises(UnknownLot):
        adjust_stock(uow, **where(house), **goods, location_code="P-2", delta=1, reason="found", lot="MISREAD")
    adjust_stock(uow, **where(house), **goods, location_code="P-2", delta=1, reason="found", lot="NEW")
    assert lots_in(uow, house) == {("P-1", "OLD"): (4, 0), ("DOCK", "NEW"): (5, 0), ("P-2", "NEW"): (1, 0)}


def test_what_gets_too_old_leaves_the_shelf_and_its_orders_get_other_units(uow: UnitOfWork, house: Warehouse) -> None:
    take_in(uow, house, "P-1", 3, "OLD", SOON)
    take_in(uow, house, "P-2", 2, "NEW", LATER)
    reserve(uow, house, "first", ("l1", "A", 2))
    reserve(uow, house, "second", ("l1", "A", 2))
    allocate_stock(uow, **where(house), order_id="first")
    uow.now = NOW + timedelta(days=10)
    assert expire_lots(uow, limit=10) == 0, "ten days are left"
    uow.now = NOW + timedelta(days=11)
    assert expire_lots(uow, limit=10) == 1
    assert level(uow, house, "A") == (2, 2)
    assert buckets(uow, house, "A") == {"QUARANTINE": 3}
    assert lots_in(uow, house) == {("P-2", "NEW"): (2, 2)}
    shorted = [event for event in uow.emitted if isinstance(event, ReservationShorted)]
    assert [(e.order_id, e.quantity, e.reason) for e in shorted] == [("second", 2, "lot:expired")]
    assert expire_lots(uow, limit=10) == 0


def test_a_recall_takes_everything_back_and_names_who_has_some(uow: UnitOfWork, house: Warehouse) -> None:
    take_in(uow, house, "P-1", 3, "BAD", LATER)
    take_in(uow, house, "P-2", 4, "BAD", LATER)
    reserve(uow, house, "o1", ("l1", "A", 2))
    goods = {"item_id": house.items["A"]}
    pick_stock(uow, **where(house), **goods, order_id="o1", line_id="l1", location_code="P-1", quantity=2, tote="T")
    mine = {"tenant_id": house.tenant, **goods, "lot": "BAD"}
    assert block_lot(uow, **mine, reason="recalled") == 5
    assert level(uow, house, "A") == (0, 0)
    found = get_lot(uow, item_id=house.items["A"], lot="BAD")
    assert found.head.blocked == "recalled"
    assert [(r.order_id, r.quantity) for r in found.recipients] == [("o1", 2)]
    put_back_stock(
        uow, **where(house), **goods, order_id="o1", line_id="l1", location_code="P-1", quantity=2, reason="cancelled"
    )
    assert get_lot(uow, item_id=house.items["A"], lot="BAD").recipients == ()
    assert expire_lots(uow, limit=10) == 1, "what comes back of a blocked lot is taken out as well"
    unblock_lot(uow, **mine)
    take_in(uow, house, "P-1", 1, "BAD", LATER)
    assert level(uow, house, "A") == (1, 0)
    with pytest.raises(UnknownLot):
        block_lot(uow, **mine | {"lot": "BA"}, reason="recalled")


def test_lots_are_listed_by_what_expires_first(uow: UnitOfWork, house: Warehouse) -> None:
    for number in range(5):
        take_in(uow, house, "P-1", 1 + number, f"L{number}", LATER - timedelta(days=number))
    first = find_lots(uow, tenant_id=house.tenant, limit=3)
    rest = find_lots(uow, tenant_id=house.tenant, limit=3, cursor=first.next or "")
    assert [each.lot for each in (*first.items, *rest.items)] == ["L4", "L3", "L2", "L1", "L0"]
    assert first.items[0].sell_by == LATER - timedelta(days=14)
    due = find_lots(uow, tenant_id=house.tenant, expiring_by=LATER - timedelta(days=13))
    assert [each.lot for each in due.items] == ["L4", "L3"]
    assert [each.quantity for each in find_lots(uow, search="l2").items] == [3]


def test_a_catalogue_that_knows_no_lots_does_not_switch_them_off(uow: UnitOfWork, house: Warehouse) -> None:
    create_items(uow, tenant_id=house.tenant, items=[ItemDraft("A", "Yoghurt, plain", 150, 70, 70, 90)])
    known = get_item(uow, house.items["A"])
    assert (known.name, known.lot_tracked, known.min_shelf_days) == ("Yoghurt, plain", True, 10)
    create_items(uow, tenant_id=house.tenant, items=[ItemDraft("A", "Yoghurt, plain", 150, 70, 70, 90)])
    assert get_item(uow, house.items["A"]).version == known.version
    off = ItemDraft("A", "Yoghurt, plain", 150, 70, 70, 90)
    assert not update_item(uow, tenant_id=house.tenant, item_id=known.id, draft=off).lot_tracked
