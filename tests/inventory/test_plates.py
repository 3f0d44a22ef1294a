"""License plates: units of one merchant that are received and carried by one scan, and never more than lie there."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from inventory import api
from inventory.domain.barcodes import with_check_digit
from inventory.errors import BinFrozen, UnknownBarcode
from inventory.plates.errors import (
    NestedTooDeep,
    NotEnoughLoose,
    PlateEnded,
    PlateInUse,
    PlateNotHere,
    PlateTaken,
    TwoMerchants,
    UnknownPlate,
)
from kernel.access.commands import create_merchant, serve_merchants
from kernel.actors import Actor, Role, system
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.errors import Forbidden, Invalid, Refusal
from tests.inventory.warehouse import NOW, Warehouse, assert_invariants, bins, build, everything, reserve, stock
from tests.plugin.databases import FreshDatabase

FOREIGN = with_check_digit("34012345000000001")
OTHER = with_check_digit("34012345000000002")
TABLES = ("plate", "plate_content", "plate_serial", "move_task", "move_step", "arrival_line", "arrival_receipt")


def state_of(uow: UnitOfWork) -> dict[str, list[Any]]:
    mine = {t: sorted(tuple(row) for row in uow.session.execute(text(f"select * from {t}"))) for t in TABLES}  # noqa: S608
    return everything(uow) | mine


def refused(uow: UnitOfWork, kind: type[Refusal], command: Any, **asked: Any) -> Refusal:
    uow.session.flush()
    before = state_of(uow)
    with pytest.raises(kind) as refusal:
        command(uow, **asked)
    assert state_of(uow) == before
    return refusal.value


def on(uow: UnitOfWork, plate_id: str) -> dict[str, int]:
    return {each.sku: each.quantity for each in api.get_plate(uow, plate_id).contents}


def plate_at(uow: UnitOfWork, house: Warehouse, code: str, sscc: str = "", **held: int) -> str:
    """A plate at a location with units that came there."""
    stock(uow, house, **{sku: {code: units} for sku, units in held.items()})
    plate_id = api.open_plate(uow, tenant_id=house.tenant, site_id=house.site, location_code=code, sscc=sscc)
    for sku, units in held.items():
        api.load_plate(uow, plate_id=plate_id, barcode=sku, quantity=units)
    return plate_id


def announce(uow: UnitOfWork, house: Warehouse, *lines: api.ArrivalLineDraft) -> str:
    draft = api.ArrivalDraft("ASN-7", NOW.date(), lines)
    return api.announce_arrival(uow, tenant_id=house.tenant, site_id=house.site, draft=draft).arrival.id


def test_an_announced_plate_is_received_by_one_scan_with_its_lots(uow: UnitOfWork, house: Warehouse) -> None:
    api.create_items(uow, tenant_id=house.tenant, items=[api.ItemDraft("L", "Lotted", 1, 1, 1, 1, lot_tracked=True)])
    best = date(2027, 3, 31)
    lines = (
        api.ArrivalLineDraft("A", 4, FOREIGN), api.ArrivalLineDraft("L", 6, FOREIGN, "L-1", best),
        api.ArrivalLineDraft("L", 2, FOREIGN, "L-2", best), api.ArrivalLineDraft("A", 5),
    )  # fmt: skip
    arrival = announce(uow, house, *lines)
    assert [(line.sku, line.expected) for line in api.get_arrival(uow, arrival).lines] == [("A", 9), ("L", 8)]
    assert announce(uow, house, *lines) == arrival
    refused(
        uow,
        api.DuplicateArrival,
        lambda u: announce(u, house, *lines[:2], *lines[2:3], api.ArrivalLineDraft("A", 5, OTHER)),
    )
    refused(uow, UnknownPlate, api.receive_plate, arrival_id=arrival, sscc=OTHER, location_code="DOCK")
    wrong = FOREIGN[:-1] + str((int(FOREIGN[-1]) + 1) % 10)
    told = refused(uow, Invalid, api.receive_plate, arrival_id=arrival, sscc=wrong, location_code="DOCK")
    assert (told.detail, told.pointer) == (f"The check digit of {wrong} is wrong.", "/sscc")

    plate = api.receive_plate(uow, arrival_id=arrival, sscc=f"(00){FOREIGN}", location_code="DOCK")

    found = api.plate_by_sscc(uow, scan=FOREIGN, site_id=house.site)
    assert (found.head.id, found.head.location_code, found.head.own, found.head.units) == (plate, "DOCK", False, 12)
    assert [(c.sku, c.lot, c.quantity) for c in found.contents] == [("A", "", 4), ("L", "L-1", 6), ("L", "L-2", 2)]
    assert [(line.sku, line.received) for line in api.get_arrival(uow, arrival).lines] == [("A", 4), ("L", 8)]
    assert [each.plate_id for each in api.announced_plates(uow, tenant_id=house.tenant, arrival_id=arrival)] == [plate]
    refused(uow, PlateTaken, api.receive_plate, arrival_id=arrival, sscc=FOREIGN, location_code="DOCK")
    more = [api.PlateLine("A", 5)]
    refused(uow, PlateNotHere, api.receive_plate, arrival_id=arrival, sscc=FOREIGN, location_code="P-1", lines=more)
    assert api.receive_plate(uow, arrival_id=arrival, sscc=FOREIGN, location_code="DOCK", lines=more) == plate
    assert on(uow, plate)["A"] == 9


def test_a_plate_is_carried_as_a_whole_and_works_off_the_moves_that_wait(uow: UnitOfWork, house: Warehouse) -> None:
    plate = plate_at(uow, house, "DOCK", A=10, B=3)
    stock(uow, house, A={"DOCK": 2})
    for step in api.MOVE_PLANNING:
        step(uow)
    (of_a,) = api.find_moves(uow, site_id=house.site, item_id=house.items["A"]).items
    uow.actor = Actor("usr_ann", Role.PICKER, "Ann", "", house.site, frozenset({"work:pick"}))

    assert api.move_plate(uow, plate_id=plate, to_code="BULK") == "DOCK"

    uow.actor = system()
    assert (bins(uow, house, "A"), bins(uow, house, "B")) == ({"DOCK": (2, 0), "BULK": (10, 0)}, {"BULK": (3, 0)})
    assert (on(uow, plate), api.get_plate(uow, plate).head.location_code) == ({"A": 10, "B": 3}, "BULK")
    left = api.get_move(uow, of_a.id)
    assert (left.head.moved, left.head.quantity, left.steps[0].to_code) == (10, 12, "BULK")
    refused(uow, api.WrongTarget, api.move_plate, plate_id=plate, to_code="BULK")
    refused(uow, api.WrongTarget, api.move_plate, plate_id=plate, to_code="HOSP")
    refused(uow, api.UnknownLocation, api.move_plate, plate_id=plate, to_code="NOWHERE")


def test_what_leaves_a_location_leaves_its_oldest_plate_last_of_all_the_loose(
    uow: UnitOfWork, house: Warehouse
) -> None:
    old = plate_at(uow, house, "P-1", A=4)
    young = plate_at(uow, house, "P-1", A=4)
    stock(uow, house, A={"P-1": 2})
    adjust = {"tenant_id": house.tenant, "site_id": house.site, "item_id": house.items["A"], "location_code": "P-1"}
    for delta, expected in ((-2, (4, 4)), (-3, (1, 4)), (-2, (0, 3))):
        api.adjust_stock(uow, delta=delta, reason="found", **adjust)
        uow.session.flush()
        assert (on(uow, old).get("A", 0), on(uow, young).get("A", 0)) == expected
    assert [api.get_plate(uow, each).head.state for each in (old, young)] == ["empty", "open"]
    refused(uow, PlateEnded, api.move_plate, plate_id=old, to_code="P-2")


def test_a_plate_stays_while_orders_wait_for_it_or_its_bin_is_counted(uow: UnitOfWork, house: Warehouse) -> None:
    plate = plate_at(uow, house, "P-1", A=5)
    reserve(uow, house, "ord_1", ("lin_1", "A", 2))
    api.allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="ord_1")
    told = refused(uow, PlateInUse, api.move_plate, plate_id=plate, to_code="P-2")
    assert told.facts["skus"] == ["A"]
    pick = {"order_id": "ord_1", "line_id": "lin_1", "item_id": house.items["A"], "location_code": "P-1"}
    api.pick_stock(uow, tenant_id=house.tenant, site_id=house.site, quantity=2, tote="T-1", **pick)
    assert on(uow, plate) == {"A": 3}
    uow.session.execute(text("update bin_stock set frozen = true, count_wanted_at = now()"))
    refused(uow, BinFrozen, api.move_plate, plate_id=plate, to_code="P-2")
    uow.session.execute(text("update bin_stock set frozen = false, count_wanted_at = null"))
    api.move_plate(uow, plate_id=plate, to_code="P-2")
    assert bins(uow, house, "A") == {"P-2": (3, 0)}


def test_a_plate_holds_one_merchants_loose_units_and_is_broken_up(uow: UnitOfWork, house: Warehouse) -> None:
    rival = create_merchant(uow, code="RIVAL", name="Rival", currency="EUR")
    serve_merchants(uow, site_id=house.site, merchant_ids=[rival])
    api.create_items(uow, tenant_id=rival, items=[api.ItemDraft("R", "Rival's", 1, 1, 1, 1)])
    plate = plate_at(uow, house, "P-1", A=5)
    stock(uow, house, A={"P-1": 1})
    for kind, barcode, quantity in ((TwoMerchants, "R", 1), (UnknownBarcode, "X", 1), (NotEnoughLoose, "A", 2)):
        refused(uow, kind, api.load_plate, plate_id=plate, barcode=barcode, quantity=quantity)
    taken = {"tenant_id": rival, "site_id": house.site, "location_code": "P-1"}
    refused(uow, PlateTaken, api.open_plate, sscc=api.get_plate(uow, plate).head.sscc, **taken)
    label = api.open_plate(uow, tenant_id=house.tenant, site_id=house.site)
    refused(uow, PlateNotHere, api.load_plate, plate_id=label, barcode="A", quantity=1)
    api.break_plate(uow, plate_id=plate)
    assert (on(uow, plate), bins(uow, house, "A")) == ({}, {"P-1": (6, 0)})
    refused(uow, PlateEnded, api.break_plate, plate_id=plate)
    elsewhere = Actor("usr_x", Role.PICKER, "X", "", "sit_elsewhere", frozenset({"work:pick"}))
    uow.actor = elsewhere
    refused(uow, Forbidden, api.move_plate, plate_id=label, to_code="P-1")
    uow.actor = system()


def test_plates_lie_one_on_another_and_no_deeper(uow: UnitOfWork, house: Warehouse) -> None:
    low, high, third = (plate_at(uow, house, "P-1", A=n) for n in (1, 2, 3))
    away = plate_at(uow, house, "P-2", B=1)
    refused(uow, PlateNotHere, api.nest_plate, plate_id=away, parent_id=low)
    api.nest_plate(uow, plate_id=high, parent_id=low)
    for child, parent in ((third, high), (low, third), (low, low)):
        refused(uow, NestedTooDeep, api.nest_plate, plate_id=child, parent_id=parent)
    api.move_plate(uow, plate_id=low, to_code="BULK")
    assert [(each.id, each.location_code) for each in api.get_plate(uow, low).plates] == [(high, "BULK")]
    assert (bins(uow, house, "A"), api.get_plate(uow, low).head.units) == ({"BULK": (3, 0), "P-1": (3, 0)}, 3)
    api.move_plate(uow, plate_id=high, to_code="P-3")
    assert (api.get_plate(uow, low).plates, bins(uow, house, "A")["P-3"]) == ((), (2, 0))


def test_units_with_serial_numbers_go_with_their_plate(uow: UnitOfWork, house: Warehouse) -> None:
    items = api.create_items(
        uow, tenant_id=house.tenant, items=[api.ItemDraft("S", "Numbered", 1, 1, 1, 1, serial_tracked=True)]
    )
    taken = [api.Receipt(items["S"], "P-1", 3, "ASN", serials=("s1", "s2", "s3"))]
    api.receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=taken)
    plate = api.open_plate(uow, tenant_id=house.tenant, site_id=house.site, location_code="P-1")
    for serials in ((), ("s1",), ("s1", "s9")):
        refused(uow, Invalid, api.load_plate, plate_id=plate, barcode="S", quantity=2, serials=serials)
    api.load_plate(uow, plate_id=plate, barcode="S", quantity=2, serials=("s1", "s2"))
    api.move_plate(uow, plate_id=plate, to_code="P-2")
    assert api.get_plate(uow, plate).contents[0].serials == ("s1", "s2")
    places = {each.serial: each.location_code for each in api.find_serials(uow, item_id=items["S"]).items}
    assert places == {"s1": "P-2", "s2": "P-2", "s3": "P-1"}


def test_our_own_plates_have_numbers_that_scanners_read(uow: UnitOfWork, house: Warehouse) -> None:
    plates = [api.open_plate(uow, tenant_id=house.tenant, site_id=house.site) for _ in range(3)]
    numbers = {api.get_plate(uow, each).head.sscc for each in plates}
    assert len(numbers) == 3
    assert all(number.startswith("94012345") and number == with_check_digit(number[:-1]) for number in numbers)


@pytest.mark.thorough
def test_who_carries_picks_and_counts_at_once_leaves_no_plate_with_more_than_lies_there(
    fresh_database: FreshDatabase,
) -> None:
    with transaction(system(), now=NOW) as uow:
        house = build(uow)
        plates = [plate_at(uow, house, "P-1", A=30, B=10) for _ in range(3)]
        stock(uow, house, A={"P-1": 5})
    start, everyone = Barrier(4), {"tenant_id": house.tenant, "site_id": house.site}

    def attempts(number: int) -> int:
        done = 0
        start.wait()
        for turn in range(25):
            code = ("P-1", "P-2", "BULK")[(turn + number) % 3]
            item = house.items["A" if turn % 2 else "B"]
            try:
                if number < 2:
                    run(system(), lambda u, t=turn, c=code: api.move_plate(u, plate_id=plates[t % 3], to_code=c))
                else:
                    run(system(), lambda u, i=item, c=code: api.adjust_stock(
                        u, item_id=i, location_code=c, delta=-1, reason="found", **everyone
                    ))  # fmt: skip
            except Refusal:
                continue
            done += 1
        return done

    with ThreadPoolExecutor(4) as pool:
        found = [each.result() for each in [pool.submit(attempts, number) for number in range(4)]]
    assert all(found)
    assert_invariants()
