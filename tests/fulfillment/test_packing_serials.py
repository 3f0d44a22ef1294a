"""Units with serial numbers at the packing bench: which one an order got is known before the carton closes."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier

import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.commands.follow_parcel import follow_parcel
from fulfillment.commands.pack_order import WrongContents
from inventory import api as inventory
from kernel.actors import Actor, Role, system
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.errors import Invalid
from tests.fulfillment import house as h
from tests.plugin.databases import FreshDatabase

pytestmark = pytest.mark.thorough

ANNA = Actor("usr_anna", Role.PACKER, "Anna", "", "", frozenset({"work:pack"}))
CAMERA, CUP = "4006381333931", "4000417025005"
_ops = count(1)


def build(uow: UnitOfWork, *wanted: tuple[str, int], orders: int = 1) -> tuple[h.House, list[api.OrderView]]:
    """Orders of cameras (A, told apart by serial number) and cups (B), whose goods wait in totes."""
    house = h.build(uow)
    camera = inventory.ItemDraft("A", "Camera", 200, 100, 80, 50, (CAMERA,), serial_tracked=True)
    lens = inventory.ItemDraft("C", "Lens", 200, 100, 80, 50, ("4012345123456",), serial_tracked=True)
    inventory.create_items(uow, tenant_id=house.tenant, items=[camera, lens])
    serials = {"A": ("SN-1", "SN-2", "SN-3", "SN-4"), "C": ("L-1", "SN-9")}
    receipts = [
        inventory.Receipt(house.items[sku], "A-01-01-1", len(found), "ASN", serials=found)
        for sku, found in serials.items()
    ]
    inventory.receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=receipts)
    h.stock(uow, house, B={"A-01-02-1": 9})
    placed = [h.order(uow, house, *wanted) for _ in range(orders)]
    uow.session.flush()
    h.to_floor(uow, house)
    while api.find_batches(uow, site_id=house.site, states=("DRAFT",)):
        h.pick_all(uow, house)
    return house, placed


def anna(house: h.House) -> Actor:
    return Actor(ANNA.id, ANNA.role, ANNA.name, "", house.site, ANNA.scopes)


def send(house: h.House, kind: str, order: api.OrderView, **fields: object) -> api.OpAck:
    op = api.WorkOp(op_id=f"serial-{next(_ops)}", kind=kind, order_id=order.id, **fields)  # type: ignore[arg-type]  # the fields of WorkOp
    return run(anna(house), lambda uow: api.apply_work_op(uow, site_id=house.site, op=op), now=h.NOW)


def scan(house: h.House, order: api.OrderView, code: str) -> api.OpAck:
    return send(house, "pack_item", order, barcode=code, quantity=1)


def state(serial: str) -> tuple[str, str, bool]:
    """Where a unit is: its state, its order, and whether it left."""
    with transaction(system(), now=h.NOW) as uow:
        head = inventory.serial_lives(uow, serial).units[0].head
    return head.state, head.order_id, head.left_at is not None


def checked() -> None:
    with transaction(system(), now=h.NOW) as uow:
        assert h.broken_invariants(uow) == []


def test_a_unit_is_packed_by_its_serial_only(database: Connection) -> None:
    """Domain E19, InvenTree#6092: a serial of another item, an unknown one, one that is given, or none: a hard stop."""
    with transaction(system(), now=h.NOW) as uow:
        house, (order, other) = build(uow, ("A", 2), ("B", 1), orders=2)
    send(house, "pack_start", order)
    assert scan(house, order, CUP).status == "applied", "an item without serial numbers is scanned as ever"
    assert scan(house, order, f"01{CAMERA:0>14}21SN-1").status == "applied"
    for wrong, code, words in (
        (CAMERA, "wrong_scan", "carries no serial number"),
        ("A", "wrong_scan", "carries no serial number"),
        ("SN-1", "wrong_scan", "SN-1 again"),
        ("SN-77", "wrong_scan", "unknown here"),
        ("L-1", "wrong_scan", "serial number L-1 of Lens"),
        (f"01{CAMERA:0>14}21SN-9", "serial_not_here", "Nobody received"),
    ):
        ack = scan(house, order, wrong)
        assert (ack.status, ack.tone, ack.code) == ("rejected", "stop", code), wrong
        assert words in ack.text, ack.text
    assert send(house, "pack_carton", order).code == "wrong_contents"
    assert state("SN-1")[0] == "in_stock", "nothing is given before the carton closes"
    assert scan(house, order, "SN-2").status == "applied"
    assert send(house, "pack_carton", order).status == "applied"
    assert state("SN-1") == state("SN-2") == ("with_order", order.id, False)
    with transaction(system(), now=h.NOW) as uow:
        (parcel,) = api.get_order(uow, order.id).parcels
        assert sorted(serial for _, serial in parcel.serials) == ["SN-1", "SN-2"]
    send(house, "pack_start", other)
    given = scan(house, other, "SN-1")
    assert (given.code, given.tone) == ("serial_not_here", "stop")
    assert "packed for an order" in given.text
    checked()


def test_a_unit_that_went_meanwhile_is_scanned_anew(database: Connection) -> None:
    """The same unit lies scanned at two benches: who comes second starts again with another one."""
    with transaction(system(), now=h.NOW) as uow:
        house, (order, other) = build(uow, ("A", 1), ("B", 1), orders=2)
    for each in (order, other):
        send(house, "pack_start", each)
        assert [scan(house, each, code).status for code in ("SN-1", CUP)] == ["applied", "applied"]
    assert send(house, "pack_carton", order).status == "applied"
    assert send(house, "pack_carton", other).code == "serial_not_here"
    assert send(house, "pack_start", other).status == "applied"
    lines = run(anna(house), lambda uow: api.pack_work(uow, other.id), now=h.NOW).lines
    assert {line.sku: line.scanned for line in lines} == {"A": 0, "B": 1}, "only what cannot be hers is scanned anew"
    assert scan(house, other, "SN-2").status == "applied"
    assert send(house, "pack_carton", other).status == "applied"
    assert (state("SN-1")[1], state("SN-2")[1]) == (order.id, other.id)
    checked()


def test_two_lines_of_tracked_items_find_their_own_units(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, (order,) = build(uow, ("C", 1), ("A", 1))
    send(house, "pack_start", order)
    assert [scan(house, order, code).status for code in ("SN-3", "L-1")] == ["applied", "applied"]
    assert send(house, "pack_carton", order).status == "applied"
    assert state("SN-3")[1] == state("L-1")[1] == order.id
    checked()


def test_an_opened_parcel_gives_its_units_back(database: Connection) -> None:
    """Domain E19: who packs anew may take another unit; the first one is free for anybody."""
    with transaction(system(), now=h.NOW) as uow:
        house, (order,) = build(uow, ("A", 1))
        with pytest.raises(WrongContents, match="serial number"):
            api.pack_order(uow, tenant_id=house.tenant, order_id=order.id)
        line = order.lines[0].id
        (parcel,) = api.pack_order(uow, tenant_id=house.tenant, order_id=order.id, serials={line: ["SN-1"]})
        uow.session.flush()
        api.reopen_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, reason="scratched")
    assert state("SN-1") == ("in_stock", "", False)
    with transaction(system(), now=h.NOW) as uow:
        api.pack_order(uow, tenant_id=house.tenant, order_id=order.id, serials={line: ["SN-2"]})
    assert (state("SN-1")[0], state("SN-2")[1]) == ("in_stock", order.id)
    checked()


def test_a_unit_that_the_carrier_brings_back_is_sold_again(database: Connection) -> None:
    """Domain E82: what could not be delivered is not a return; of two units, somebody says which one is damaged."""
    with transaction(system(), now=h.NOW) as uow:
        house, (order,) = build(uow, ("A", 2))
        line = order.lines[0].id
        (parcel,) = api.pack_order(uow, tenant_id=house.tenant, order_id=order.id, serials={line: ["SN-1", "SN-2"]})
        uow.session.flush()
        for to in ("SHIPPED", "RETURNED"):
            follow_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, to=api.ParcelState(to))
        uow.session.flush()
    assert state("SN-1") == ("with_order", order.id, True)
    checked()
    whose = {"tenant_id": house.tenant, "order_id": order.id, "parcel_id": parcel.id, "note": "opened"}
    with transaction(system(), now=h.NOW) as uow:
        with pytest.raises(Invalid, match="SN-1, SN-2"):
            api.receive_back(uow, **whose, damaged={line: 1})
        api.receive_back(uow, **whose, damaged={line: 1}, damaged_serials=["SN-2"])
    assert (state("SN-1")[0], state("SN-2")[0]) == ("in_stock", "away")
    with transaction(system(), now=h.NOW) as uow:
        steps = inventory.serial_lives(uow, "SN-1").units[0].steps
    assert [step.kind for step in steps] == ["received", "packed", "shipped", "restocked"]
    checked()


def test_tracking_that_begins_at_the_bench_asks_for_the_serial(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, (order,) = build(uow, ("B", 1))
    send(house, "pack_start", order)
    assert scan(house, order, CUP).status == "applied"
    with transaction(system(), now=h.NOW) as uow:
        cup = inventory.ItemDraft("B", "Cup", 200, 100, 80, 50, (CUP,), serial_tracked=True)
        inventory.create_items(uow, tenant_id=house.tenant, items=[cup])
    assert send(house, "pack_carton", order).code == "wrong_contents"
    send(house, "pack_start", order)
    assert scan(house, order, "CUP-1").code == "wrong_scan"
    with transaction(system(), now=h.NOW) as uow:
        inventory.register_serials(uow, item_id=house.items["B"], site_id=house.site, serials=["CUP-1"])
    assert scan(house, order, "CUP-1").status == "applied"
    assert send(house, "pack_carton", order).status == "applied"
    checked()


def test_units_that_were_cancelled_at_the_bench_are_scanned_anew(database: Connection) -> None:
    """One of two scanned units goes back to its bin: which one stays is scanned, not guessed."""
    with transaction(system(), now=h.NOW) as uow:
        house, (order,) = build(uow, ("A", 2))
    send(house, "pack_start", order)
    assert {scan(house, order, serial).status for serial in ("SN-1", "SN-2")} == {"applied"}
    with transaction(system(), now=h.NOW) as uow:
        one = {order.lines[0].id: 1}
        api.cancel_order(uow, tenant_id=house.tenant, order_id=order.id, reason="one is enough", line_quantities=one)
    assert send(house, "pack_carton", order).code == "wrong_contents"
    send(house, "pack_start", order)
    assert scan(house, order, "SN-2").status == "applied"
    assert send(house, "pack_carton", order).status == "applied"
    assert (state("SN-1")[0], state("SN-2")[1]) == ("in_stock", order.id)
    checked()


def test_two_orders_that_want_one_unit_get_one_each(fresh_database: FreshDatabase) -> None:
    """InvenTree#6092: a serial is given once, also to two packers at the same moment."""
    del fresh_database
    with transaction(system(), now=h.NOW) as uow:
        house, orders = build(uow, ("A", 1), orders=2)
    start = Barrier(2)

    def pack(order: api.OrderView) -> str:
        start.wait()
        serials = {order.lines[0].id: ["SN-1"]}
        try:
            run(
                system(),
                lambda uow: api.pack_order(uow, tenant_id=house.tenant, order_id=order.id, serials=serials),
                now=h.NOW,
            )
        except inventory.SerialNotHere:
            return "refused"
        return "packed"

    with ThreadPoolExecutor(2) as bench:
        assert sorted(bench.map(pack, orders)) == ["packed", "refused"]
    checked()
