"""Serial numbers over HTTP: received by scan, looked up, registered, and two receivers of one number at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import httpx
import pytest
from sqlalchemy import Connection, text

from inventory.api import (
    ArrivalDraft,
    ArrivalLineDraft,
    ItemDraft,
    Receipt,
    ReceiptInUse,
    SerialInHouse,
    SerialsDiffer,
    announce_arrival,
    create_items,
    find_serials,
    receive_arrival,
    receive_many,
    undo_receipt,
    write_off_serial,
)
from inventory.routes import routers
from kernel.access.commands import issue_key
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, run, transaction
from tests.application import serving
from tests.inventory.warehouse import Warehouse, assert_invariants, bins, build, stock
from tests.plugin.databases import FreshDatabase

pytestmark = pytest.mark.thorough
CAMERA = ItemDraft("A", "Camera", 900, 150, 100, 90, ("04006381333931",), serial_tracked=True)
DRAFT = ArrivalDraft("ASN-1", date(2026, 11, 25), (ArrivalLineDraft("A", 9),), "Mill", "")


def tracked(uow: UnitOfWork) -> Warehouse:
    house = build(uow, skus=("A", "B"))
    create_items(uow, tenant_id=house.tenant, items=[CAMERA])
    return house


@pytest.fixture
def served(database: Connection) -> Warehouse:
    with transaction(system()) as uow:
        house = tracked(uow)
        stock(uow, house, B={"P-1": 2})
    return house


def send(
    house: Warehouse, method: str, path: str, body: object = None, *, tenant: str = "", scopes: str = ""
) -> httpx.Response:
    with transaction(system()) as uow:
        granted = (scopes or "stock:read stock:write").split()
        secret = issue_key(uow, tenant_id=tenant or house.tenant, name="k", scopes=granted).secret
    headers = {"authorization": f"Bearer {secret}", "idempotency-key": secret, "if-match": "*"}
    app = serving(*routers)

    async def sent() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://dc.test") as client:
            return await client.request(method, f"/v1{path}", json=body, headers=headers)

    return asyncio.run(sent())


def line(*serials: str, units: int = 0) -> dict[str, object]:
    return {"sku": "A", "location_code": "P-1", "quantity": units or len(serials), "serials": list(serials)}


def test_a_life_is_told_from_its_receipt_on(served: Warehouse) -> None:
    """Domain E19: where is the unit with this number, and where was it?"""
    assert send(served, "POST", "/receipts", {"reference": "ASN-7", "lines": [line("SN-1", "S/2")]}).status_code == 201
    told = send(served, "GET", "/serials/S/2").json()
    unit = told["units"][0]
    assert (unit["head"]["sku"], unit["head"]["state"], unit["head"]["order_id"]) == ("A", "in_stock", "")
    assert [(step["kind"], step["reference"]) for step in unit["steps"]] == [("received", "ASN-7")]
    again = send(served, "POST", "/receipts", {"lines": [line("SN-1")]})
    assert (again.status_code, again.json()["code"]) == (409, "serial_in_house")
    few = send(served, "POST", "/receipts", {"lines": [line("SN-3", units=2)]})
    assert (few.status_code, few.json()["code"]) == (422, "serials_differ")
    assert [error["pointer"] for error in few.json()["errors"]] == ["/serials"]
    assert send(served, "POST", "/receipts", {"lines": [line("X" * 21)]}).status_code == 422
    assert len(send(served, "GET", f"/items/{served.items['A']}/serials").json()["items"]) == 2


def test_nobody_sees_the_serials_of_another_merchant(served: Warehouse) -> None:
    """Invariant 13: not even that the number exists."""
    send(served, "POST", "/receipts", {"lines": [line("SN-1")]})
    with transaction(system()) as uow:
        rival = build(uow, code="RIVAL", site="BER").tenant
    item = served.items["A"]
    assert send(served, "GET", "/serials/SN-1", tenant=rival).status_code == 404
    assert send(served, "GET", f"/items/{item}/serials", tenant=rival).status_code == 404
    gone = {"serial": "SN-1", "reason": "mine now"}
    assert send(served, "POST", f"/items/{item}/serials/write-off", gone, tenant=rival).status_code == 404
    assert send(served, "POST", f"/items/{item}/serials/write-off", gone, scopes="stock:read").status_code == 403
    assert send(served, "GET", "/serials/SN-1").json()["units"][0]["head"]["state"] == "in_stock"


def test_tracking_is_switched_on_for_stock_that_is_there(served: Warehouse) -> None:
    """InvenTree#6092: existing stock gets serial numbers, as many as there are units and no more."""
    item = served.items["B"]
    assert send(served, "PATCH", f"/items/{item}", {"serial_tracked": True}).json()["serial_tracked"]
    many = send(served, "POST", f"/items/{item}/serials", {"serials": ["1", "2", "3"]})
    assert (many.status_code, many.json()["code"], many.json()["units"]) == (409, "serials_complete", 2)
    assert send(served, "POST", f"/items/{item}/serials", {"serials": ["1", "1"]}).status_code == 422
    assert send(served, "POST", f"/items/{item}/serials", {"serials": ["1", "2"]}).status_code == 201
    gone = send(served, "POST", f"/items/{item}/serials/write-off", {"serial": "2", "reason": "dropped"}).json()
    assert [step["kind"] for step in gone["steps"]] == ["registered", "written_off"]
    assert_invariants()


def test_units_are_received_by_scan_and_undone(uow: UnitOfWork) -> None:
    """A GS1 code with the serial (application identifier 21) is one unit; several are listed."""
    house = tracked(uow)
    arrival = announce_arrival(uow, tenant_id=house.tenant, site_id=house.site, draft=DRAFT).arrival.id
    scan = "010400638133393121SN-1"
    place = {"arrival_id": arrival, "location_code": "P-1"}
    one = receive_arrival(uow, barcode=scan, quantity=1, **place)
    assert one.serials == ["SN-1"]
    with pytest.raises(SerialInHouse):
        receive_arrival(uow, barcode=scan, quantity=1, **place)
    with pytest.raises(SerialsDiffer):
        receive_arrival(uow, barcode="010400638133393121SN-2", quantity=2, **place)
    two = receive_arrival(uow, barcode="A", quantity=2, serials=["SN-2", "SN-3"], **place)
    undo_receipt(uow, arrival_id=arrival, receipt_id=two.id)
    assert bins(uow, house, "A") == {"P-1": (1, 0)}
    assert receive_arrival(uow, barcode="A", quantity=1, serials=["SN-2"], **place).quantity == 1
    write_off_serial(uow, item_id=house.items["A"], serial="SN-1", reason="dropped")
    with pytest.raises(ReceiptInUse, match="SN-1"):
        undo_receipt(uow, arrival_id=arrival, receipt_id=one.id)
    states = {head.serial: head.state for head in find_serials(uow, item_id=house.items["A"]).items}
    assert states == {"SN-1": "away", "SN-2": "in_stock", "SN-3": "away"}


@pytest.mark.usefixtures("fresh_database")
def test_two_receivers_of_one_number_make_one_unit(fresh_database: FreshDatabase) -> None:
    """InvenTree#6092: duplicates enter a book where two requests check first and write afterwards."""
    del fresh_database
    with transaction(system()) as uow:
        house = tracked(uow)
    start = Barrier(2)

    def receive(place: str) -> str:
        start.wait()
        receipt = Receipt(house.items["A"], place, 1, "ASN", serials=("SN-1",))
        try:
            run(
                system(),
                lambda uow: receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=[receipt]),
            )
        except SerialInHouse:
            return "refused"
        return "received"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(receive, ["P-1", "P-2"])) == ["received", "refused"]
    with transaction(system()) as uow:
        assert uow.session.execute(text("select sum(on_hand) from stock_level")).scalar() == 1
    assert_invariants()
