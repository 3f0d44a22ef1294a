from collections.abc import Sequence

import pytest
from sqlalchemy import text

from inventory.api import (
    GivenSerial,
    ItemDraft,
    Receipt,
    SerialInHouse,
    SerialNotHere,
    SerialsComplete,
    SerialsDiffer,
    SerialShipped,
    UnknownSerial,
    adjust_stock,
    allocate_stock,
    count_bin,
    create_items,
    find_serials,
    free_serials,
    get_item,
    give_serials,
    pack_stock,
    pick_stock,
    receive_many,
    receive_return,
    register_serials,
    report_short,
    restock_return,
    serial_in_scan,
    serial_lives,
    ship_serials,
    ship_stock,
    split_serials,
    units_without_serial,
    unpack_stock,
    update_item,
    write_off_serial,
)
from inventory.invariants import INVARIANTS
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from kernel.invariants import check
from tests.inventory.warehouse import Warehouse, everything, reserve, stock

CAMERA = ItemDraft("A", "Camera", 900, 150, 100, 90, ("04006381333931",), serial_tracked=True)


@pytest.fixture
def house(house: Warehouse, uow: UnitOfWork) -> Warehouse:
    """The warehouse, where item A is tracked by serial number."""
    create_items(uow, tenant_id=house.tenant, items=[CAMERA])
    return house


def where(house: Warehouse) -> dict[str, str]:
    return {"tenant_id": house.tenant, "site_id": house.site}


def receipt(house: Warehouse, *serials: str, units: int | None = None, sku: str = "A", at: str = "P-1") -> Receipt:
    n = len(serials) if units is None else units
    return Receipt(house.items[sku], at, n, "ASN-1", serials=tuple(serials))


def take_in(uow: UnitOfWork, house: Warehouse, *serials: str) -> None:
    receive_many(uow, **where(house), receipts=[receipt(house, *serials)])


def states(uow: UnitOfWork, house: Warehouse) -> dict[str, str]:
    return {head.serial: head.state for head in find_serials(uow, item_id=house.items["A"]).items}


def known(uow: UnitOfWork) -> dict[str, list[tuple[object, ...]]]:
    tables = ("serial_unit", "serial_step")
    rows = {t: sorted(map(str, uow.session.execute(text(f"select * from {t}")))) for t in tables}  # noqa: S608
    return everything(uow) | rows  # type: ignore[return-value]  # rows are compared, never read


def pack(uow: UnitOfWork, house: Warehouse, order: str, *serials: str) -> None:
    """Pick and pack units for an order, all in one parcel."""
    line = {"order_id": order, "line_id": "l1", "item_id": house.items["A"]}
    reserve(uow, house, order, ("l1", "A", len(serials)))
    pick_stock(uow, **where(house), **line, location_code="P-1", quantity=len(serials), tote="T")
    pack_stock(uow, **where(house), order_id=order, lines=[(house.items["A"], len(serials))])
    given = [GivenSerial(house.items["A"], serial, "l1", f"par_{order}") for serial in serials]
    give_serials(uow, **where(house), order_id=order, given=given)


def ship(uow: UnitOfWork, house: Warehouse, order: str, *serials: str) -> None:
    ship_stock(uow, **where(house), reference=f"par_{order}", lines=[(house.items["A"], len(serials))])
    ship_serials(uow, tenant_id=house.tenant, units=pairs(house, *serials))


def pairs(house: Warehouse, *serials: str) -> Sequence[tuple[str, str]]:
    return [(house.items["A"], serial) for serial in serials]


def refused(uow: UnitOfWork, house: Warehouse, kind: type[Refusal], *receipts: Receipt) -> Refusal:
    before = known(uow)
    with pytest.raises(kind) as caught:
        receive_many(uow, **where(house), receipts=list(receipts))
    assert known(uow) == before, "nothing moved"
    return caught.value


def test_each_unit_of_a_delivery_has_its_own_serial(uow: UnitOfWork, house: Warehouse) -> None:
    """Domain E19."""
    take_in(uow, house, "SN-1", "SN-2")
    life = serial_lives(uow, "SN-2").units[0]
    assert (life.head.sku, life.head.state, life.head.location_code) == ("A", "in_stock", "P-1")
    assert [(step.kind, step.reference) for step in life.steps] == [("received", "ASN-1")]
    assert units_without_serial(uow, tenant_id=house.tenant, item_id=house.items["A"]) == {}


@pytest.mark.parametrize(
    ("serials", "units", "kind"),
    [
        ((), 1, SerialsDiffer),
        (("SN-1",), 2, SerialsDiffer),
        (("SN-1", "SN-2"), 1, SerialsDiffer),
        (("SN-1", "SN-1"), 2, SerialsDiffer),
        (("X" * 21,), 1, Invalid),
        (("SN\x001",), 1, Invalid),
        (("SN 1",), 1, Invalid),
        (("",), 1, Invalid),
    ],
)
def test_a_delivery_without_a_right_serial_for_each_unit_is_refused(
    uow: UnitOfWork, house: Warehouse, serials: tuple[str, ...], units: int, kind: type[Refusal]
) -> None:
    """Domain E19; InvenTree#6092: a serial that cannot be right must never enter the book."""
    refused(uow, house, kind, receipt(house, *serials, units=units))


def test_a_serial_twice_in_one_delivery_is_refused(uow: UnitOfWork, house: Warehouse) -> None:
    """InvenTree#6092: duplicate serials of one item, here on two lines of one request."""
    refused(uow, house, SerialsDiffer, receipt(house, "SN-1"), receipt(house, "SN-1", at="P-2"))


def test_an_untracked_item_has_no_serials(uow: UnitOfWork, house: Warehouse) -> None:
    refused(uow, house, Invalid, receipt(house, "SN-1", sku="B"))


def test_a_serial_that_is_here_is_not_received_again(uow: UnitOfWork, house: Warehouse) -> None:
    """InvenTree#6092: a duplicate is refused, and the refusal names where the first one is."""
    take_in(uow, house, "SN-1")
    told = refused(uow, house, SerialInHouse, receipt(house, "SN-1", at="P-2"))
    assert "HAM" in told.detail
    assert "P-1" in told.detail
    pack(uow, house, "o1", "SN-1")
    assert "packed for an order" in refused(uow, house, SerialInHouse, receipt(house, "SN-1")).detail


def test_a_shipped_unit_comes_back_as_a_return_only(uow: UnitOfWork, house: Warehouse) -> None:
    take_in(uow, house, "SN-1")
    pack(uow, house, "o1", "SN-1")
    ship(uow, house, "o1", "SN-1")
    assert refused(uow, house, SerialShipped, receipt(house, "SN-1")).facts["order_id"] == "o1"
    item = house.items["A"]
    receive_return(uow, **where(house), item_id=item, quantity=1, reference="rma")
    restock_return(
        uow, **where(house), item_id=item, quantity=1, reference="rma", location_code="P-2", serials=["SN-1"]
    )
    life = serial_lives(uow, "SN-1").units[0]
    assert (life.head.state, life.head.order_id, life.head.location_code) == ("in_stock", "", "P-2")
    assert [step.kind for step in life.steps] == ["received", "packed", "shipped", "restocked"]


def test_the_same_serial_of_two_items_is_two_units(uow: UnitOfWork, house: Warehouse) -> None:
    """Makers choose numbers on their own: unique is a serial of one item."""
    create_items(uow, tenant_id=house.tenant, items=[ItemDraft("B", "Lens", 300, 80, 80, 80, serial_tracked=True)])
    take_in(uow, house, "1")
    receive_many(uow, **where(house), receipts=[receipt(house, "1", sku="B")])
    assert [life.head.sku for life in serial_lives(uow, "1").units] == ["A", "B"]


def test_a_unit_goes_to_one_order_only(uow: UnitOfWork, house: Warehouse) -> None:
    take_in(uow, house, "SN-1", "SN-2")
    pack(uow, house, "o1", "SN-1")
    before = known(uow)
    for serial, words in (("SN-1", "packed for an order"), ("SN-9", "Nobody received")):
        with pytest.raises(SerialNotHere, match=words):
            give_serials(
                uow, **where(house), order_id="o2", given=[GivenSerial(house.items["A"], serial, "l1", "par_o2")]
            )
    assert known(uow) == before
    unpack_stock(uow, **where(house), order_id="o1", lines=[(house.items["A"], 1)])
    free_serials(uow, tenant_id=house.tenant, units=pairs(house, "SN-1"))
    assert states(uow, house) == {"SN-1": "in_stock", "SN-2": "in_stock"}


def test_units_from_before_get_their_serials_later(uow: UnitOfWork, house: Warehouse) -> None:
    """InvenTree#6092 asks for serials of stock that exists: no more than there are units without one."""
    stock(uow, house, B={"P-1": 3})
    item = house.items["B"]
    view = get_item(uow, item)
    draft = ItemDraft("B", view.name, 1, 1, 1, 1, serial_tracked=True)
    update_item(uow, tenant_id=house.tenant, item_id=item, draft=draft)
    receive_many(uow, **where(house), receipts=[receipt(house, "SN-4", sku="B")])
    assert units_without_serial(uow, tenant_id=house.tenant, item_id=item) == {house.site: 3}
    with pytest.raises(SerialsComplete, match="3 unit"):
        register_serials(uow, item_id=item, site_id=house.site, serials=["1", "2", "3", "5"])
    with pytest.raises(SerialInHouse):
        register_serials(uow, item_id=item, site_id=house.site, serials=["SN-4"])
    register_serials(uow, item_id=item, site_id=house.site, serials=["1", "2", "3"])
    assert units_without_serial(uow, tenant_id=house.tenant, item_id=item) == {}


def test_losses_leave_serials_that_somebody_writes_off(uow: UnitOfWork, house: Warehouse) -> None:
    """A count knows that a unit is gone, not which: the serial stays until somebody says."""
    take_in(uow, house, "SN-1", "SN-2", "SN-3")
    item = house.items["A"]
    adjust_stock(uow, **where(house), item_id=item, location_code="P-1", delta=-1, reason="receipt")
    assert units_without_serial(uow, tenant_id=house.tenant, item_id=item) == {house.site: -1}
    write_off_serial(uow, item_id=item, serial="SN-2", reason="dropped")
    assert states(uow, house)["SN-2"] == "away"
    assert units_without_serial(uow, tenant_id=house.tenant, item_id=item) == {}
    with pytest.raises(SerialNotHere, match="away"):
        write_off_serial(uow, item_id=item, serial="SN-2", reason="again")
    with pytest.raises(UnknownSerial):
        write_off_serial(uow, item_id=item, serial="SN-9", reason="never seen")
    count_bin(uow, **where(house), item_id=item, location_code="P-1", counted=3)
    register_serials(uow, item_id=item, site_id=house.site, serials=["SN-2"])
    assert states(uow, house)["SN-2"] == "in_stock"


def test_a_short_pick_of_a_tracked_item_keeps_the_books(uow: UnitOfWork, house: Warehouse) -> None:
    take_in(uow, house, "SN-1", "SN-2")
    item = house.items["A"]
    reserve(uow, house, "o1", ("l1", "A", 2))
    allocate_stock(uow, **where(house), order_id="o1")
    report_short(
        uow, **where(house), order_id="o1", line_id="l1", item_id=item, location_code="P-1", expected=2, found=1,
        reason="missing",
    )  # fmt: skip
    assert units_without_serial(uow, tenant_id=house.tenant, item_id=item) == {house.site: -1}


def test_tracking_can_be_switched_off_and_on_again(uow: UnitOfWork, house: Warehouse) -> None:
    take_in(uow, house, "SN-1")
    off = ItemDraft("A", "Camera", 900, 150, 100, 90)
    update_item(uow, tenant_id=house.tenant, item_id=house.items["A"], draft=off)
    stock(uow, house, A={"P-1": 2})
    create_items(uow, tenant_id=house.tenant, items=[CAMERA])
    take_in(uow, house, "SN-2")
    assert units_without_serial(uow, tenant_id=house.tenant, item_id=house.items["A"]) == {house.site: 2}


def test_a_receipt_without_serials_breaks_the_invariant(uow: UnitOfWork, house: Warehouse) -> None:
    """The invariant can fail: units that a receipt brings in without their serials are found."""
    rule = next(each for each in INVARIANTS if each.name == "units_equal_serials")
    take_in(uow, house, "SN-1", "SN-2")
    assert not check(uow, rule).violated
    uow.session.execute(text("update serial_unit set state = 'away' where serial = 'SN-1'"))
    assert check(uow, rule).violated
    uow.session.execute(text("update serial_unit set state = 'in_stock' where serial = 'SN-1'"))


@pytest.mark.parametrize(
    "scan",
    ["010400638133393121SN-1", "]d2010400638133393110L1\x1d21SN-1", "(01)04006381333931(21)SN-1",
     "]C1010400638133393110L1|21SN-1", "010400638133393110L1{GS}21SN-1"],
)  # fmt: skip
def test_the_serial_is_read_from_the_code(scan: str) -> None:
    assert serial_in_scan(scan) == "SN-1"


def test_typed_serials_are_split() -> None:
    assert split_serials(" SN-1 SN-2\r\nSN-3,\tSN-4\n") == ("SN-1", "SN-2", "SN-3", "SN-4")
    assert not serial_in_scan("4006381333931")
