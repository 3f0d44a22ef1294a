"""Serial numbers in the faces: packed by scan on the handheld, with and without its script."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from conftest import Visitor
from handhelds import Handheld, packer_at, walk
from playwright.sync_api import Browser, expect
from test_scan_offline import new_packer, sign_in, wedge
from web_house import WebHouse, clear_floor, counted, do, pick_everything, place, project, to_floor

from fulfillment import api as fulfillment
from fulfillment.commands.follow_parcel import follow_parcel
from inventory import api as inventory
from returns import api as returns
from shipping import api as shipping

pytestmark = pytest.mark.thorough
SignIn = Callable[[str], Visitor]
_numbers = count(1)
GTIN = "4006381333023"


@pytest.fixture(scope="module")
def camera(house: WebHouse) -> inventory.ItemView:
    """An item of which each unit has a serial number."""
    draft = inventory.ItemDraft("CAM-1", "Field camera", 650, 140, 90, 80, (GTIN,), serial_tracked=True)
    ids = do(lambda uow: inventory.create_items(uow, tenant_id=house.tenant, items=[draft]))
    return do(lambda uow: inventory.get_item(uow, ids["CAM-1"]))


@pytest.fixture
def anna(house: WebHouse, address: str) -> Iterator[Handheld]:
    clear_floor(house)
    with packer_at(house, address, "Anna A.") as device:
        yield device


def received(house: WebHouse, item: inventory.ItemView, units: int) -> list[str]:
    serials = [f"FC-{next(_numbers):04d}" for _ in range(units)]
    receipt = inventory.Receipt(item.id, "A-01-01-1", units, "ASN-9", serials=tuple(serials))
    do(lambda uow: inventory.receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=[receipt]))
    return serials


def at_the_bench(house: WebHouse, *wanted: tuple[str, int]) -> str:
    order_id = place(house, *wanted)
    project()
    to_floor(house)
    pick_everything(house)
    return order_id


def given(order_id: str) -> list[str]:
    order = do(lambda uow: fulfillment.get_order(uow, order_id))
    return sorted(serial for parcel in order.parcels for _, serial in parcel.serials)


def code(serial: str) -> str:
    return f"01{GTIN:0>14}21{serial}"


def test_each_unit_is_asked_for_and_a_wrong_one_leaves_the_order_with_its_packer(
    house: WebHouse, camera: inventory.ItemView, anna: Handheld
) -> None:
    first, second, third = received(house, camera, 3)
    order_id = at_the_bench(house, ("CAM-1", 2), ("PEN-L", 1))
    task = anna.read()["tasks"][0]
    step = next(each for each in task["steps"] if each.get("serial"))
    assert (step["qty"], step["each_scan"], step["confirm"], step["any_order"]) == (2, True, "server", True)
    anna.send(anna.op(task, "tote", code=task["steps"][0]["expect"][0]))
    fine = anna.send(anna.op(task, step["id"], code=f"{GTIN:0>14}", raw=code(first)))[0]
    assert (fine["status"], fine["again"]) == ("applied", False)
    for wrong in (first, "NOBODY-1"):
        ack = anna.send(anna.op(task, step["id"], code=wrong, raw=wrong))[0]
        assert (ack["status"], ack["tone"], ack["again"]) == ("rejected", "stop", True), ack
    assert anna.read()["tasks"][0]["at"]["counts"][step["id"]] == 1
    assert anna.send(anna.op(task, step["id"], code=third, raw=third))[0]["status"] == "applied"
    pen = next(each for each in task["steps"] if each["id"].startswith("item-") and not each.get("serial"))
    anna.send(anna.op(task, pen["id"], code=pen["expect"][0], raw=pen["expect"][0]))
    carton = next(each for each in task["steps"] if each["id"] == "carton")["choices"][0]["code"]
    assert anna.send(anna.op(task, "carton", code=carton, raw=carton))[0]["status"] == "applied"
    assert given(order_id) == sorted([first, third])
    assert do(lambda uow: inventory.serial_lives(uow, second)).units[0].head.state == "in_stock"


def test_without_its_script_the_page_asks_for_the_serial_as_well(
    house: WebHouse, camera: inventory.ItemView, anna: Handheld
) -> None:
    (serial,) = received(house, camera, 1)
    order_id = at_the_bench(house, ("CAM-1", 1))
    client, tote = anna.client, anna.read()["tasks"][0]["steps"][0]["expect"][0]
    client.submit("/scan", "/scan", code=tote)
    told = client.submit("/scan", "/scan", code=GTIN).text
    assert "Scan the serial number" in told
    told = client.submit("/scan", "/scan", code="FC-9999").text
    assert "unknown here" in told
    client.submit("/scan", "/scan", code=code(serial))
    (task,) = anna.read()["tasks"]
    assert task["at"]["counts"]["item-1"] == 1
    carton = next(each for each in task["steps"] if each["id"] == "carton")["choices"][0]["code"]
    client.submit("/scan", "/scan", code=carton)
    assert given(order_id) == [serial]


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_a_packer_scans_serials_and_hears_about_wrong_ones(
    house: WebHouse, camera: inventory.ItemView, browser: Browser, address: str
) -> None:
    clear_floor(house)
    first, second = received(house, camera, 2)
    order_id = at_the_bench(house, ("CAM-1", 2))
    context = browser.new_context(viewport={"width": 320, "height": 640}, has_touch=True)
    page = sign_in(context, address, new_packer(house, "Pia P."))
    work = do(lambda uow: fulfillment.pack_work(uow, order_id))
    wedge(page, work.totes[0])
    expect(page.locator(".verb")).to_have_text("Scan item")
    wedge(page, GTIN)
    expect(page.get_by_role("alert")).to_contain_text("Scan the serial number")
    wedge(page, code(first))
    expect(page.locator(".lines")).to_contain_text("1 of 2")
    wedge(page, "FC-7777")
    expect(page.get_by_role("alert")).to_contain_text("unknown here")
    wedge(page, first)
    expect(page.get_by_role("alert")).to_contain_text(f"{first} again")
    wedge(page, second)
    expect(page.locator("h1")).to_have_text("Choose a carton")
    page.locator(".below button").first.tap()
    expect(page.locator("h1")).to_have_text("Put it on the scale")
    expect(page.locator(".strip")).to_contain_text("all sent")
    context.close()
    assert given(order_id) == [first, second]


def announced(house: WebHouse, item: inventory.ItemView, units: int) -> str:
    day = datetime.now(UTC).date() + timedelta(days=1)
    draft = inventory.ArrivalDraft(f"SER-{next(_numbers)}", day, (inventory.ArrivalLineDraft(item.sku, units),))
    whose = {"tenant_id": house.tenant, "site_id": house.site, "draft": draft}
    return do(lambda uow: inventory.announce_arrival(uow, **whose)).arrival.id


def test_units_are_received_by_scan_or_by_list_and_found_by_their_number(
    house: WebHouse, camera: inventory.ItemView, signed_in: SignIn
) -> None:
    """Domain E19, InvenTree#6092: a number leads to its unit, a second one with it is refused and shown where it is."""
    picker, path = signed_in("picker"), f"/arrivals/{announced(house, camera, 5)}"
    one, two, three = (f"AR-{next(_numbers)}" for _ in range(3))
    box = {"location_code": "DOCK", "condition": "good"}
    picker.submit(path, f"{path}/receive", barcode=code(one), quantity="1", **box)
    assert f"Into DOCK, serial {one}" in picker.page(path)
    refused = picker.submit(path, f"{path}/receive", barcode=camera.sku, quantity="2", serials=f"{two} {one}", **box)
    assert refused.status_code == 409
    assert "is here already: in stock at Hamburg DC, put into DOCK" in refused.text
    picker.submit(path, f"{path}/receive", barcode=camera.sku, quantity="2", serials=f"{two}\r\n{three}\r\n", **box)
    assert f"serial {two}, {three}" in picker.page(path)

    manager = signed_in("manager")
    for typed in (three, code(three)):
        found = manager.get("/items", params={"q": typed})
        assert (found.status_code, found.headers["location"]) == (
            303,
            f"/items/{camera.id}/serials?serial={three}",
        )
    assert manager.get("/items", params={"q": GTIN}).headers["location"] == f"/items/{camera.id}"
    life = f"/items/{camera.id}/serials?serial={three}"
    assert "In stock at Hamburg DC" in manager.page(life)
    assert f"/items/{camera.id}/serials" in manager.page(f"/items/{camera.id}")
    done = manager.submit(life, f"/items/{camera.id}/serials/write-off", reason="dropped at the dock")
    assert done.status_code == 303
    assert "Written off: dropped at the dock" in manager.page(life)
    listed = manager.page(f"/items/{camera.id}/serials")
    assert "1 unit fewer" not in listed
    assert "1 unit without a known serial number" in listed, "the unit is in the book until a count says otherwise"
    done = manager.submit(
        f"/items/{camera.id}/serials", f"/items/{camera.id}/serials/register", serials=f"{three}", site=house.site
    )
    assert done.status_code == 303
    assert "without a known serial" not in manager.page(f"/items/{camera.id}/serials")
    for role in ("picker", "packer", "service"):
        visitor = signed_in(role)
        assert "/write-off" not in visitor.page(life)
        token = {"serial": three, "reason": "no"}
        assert visitor.post(f"/items/{camera.id}/serials/write-off", data=token).status_code == 403
    assert "Received" in signed_in("merchant").page(life)


def test_the_desk_sees_the_serials_of_a_parcel_and_the_bench_hears_of_a_swap(
    house: WebHouse, camera: inventory.ItemView, signed_in: SignIn
) -> None:
    """Domain E87: the page says which unit the order got, and asks before it takes another."""
    clear_floor(house)
    (serial,) = received(house, camera, 1)
    order_id = at_the_bench(house, ("CAM-1", 1))
    order = do(lambda uow: fulfillment.get_order(uow, order_id))
    line = order.lines[0].id
    (parcel,) = do(
        lambda uow: fulfillment.pack_order(
            uow, tenant_id=house.tenant, order_id=order_id, serials={line: [serial]}, carton_code=shipping.OWN_CONTAINER
        )
    )
    for to in (fulfillment.ParcelState.SHIPPED, fulfillment.ParcelState.DELIVERED):
        do(lambda uow, to=to: follow_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, to=to))
    service = signed_in("service")
    link = f"/items/{camera.id}/serials?serial={serial}"
    assert f'href="{link}"' in service.page(f"/orders/{order_id}")
    assert "Sent to the customer" in service.page(link)
    assert f'href="{link}"' in service.page(f"/parcels/{parcel.id}")
    assert f"/orders/{order_id}" in service.page(link)
    asked = do(
        lambda uow: returns.request_return(
            uow, order_id=order_id, lines=[returns.ReturnLineDraft(line, 1, "unwanted")], note=""
        )
    )
    if asked.state == "requested":
        do(lambda uow: returns.authorize_return(uow, return_id=asked.id, why="fine"))
    do(lambda uow: returns.receive_return(uow, return_id=asked.id, quantities={line: 1}))
    page, action = f"/returns/{asked.id}", f"/returns/{asked.id}/grade/{line}"
    assert "accept_swap" not in service.page(page)
    refused = service.submit(page, action, grade="D", serial="OTHER-1")
    assert refused.status_code == 409
    assert f"This is OTHER-1; the order got {serial}." in refused.text
    assert "accept_swap" in refused.text
    done = service.submit(page, action, grade="D", serial="OTHER-1", accept_swap="yes")
    assert done.status_code == 303
    assert "Another unit than sent" in service.page(page)
    assert "OTHER-1" in service.page(page)


def test_units_without_serials_cost_one_look_for_each_order(house: WebHouse, anna: Handheld) -> None:
    with counted() as statements:
        walk(house, anna, ("PEN-L", 2), ("TOWEL", 1))
    assert [each for each in statements if "serial_" in each and "FROM item" not in each] == [], "picking asks nothing"
    task = anna.read()["tasks"][0]
    with counted() as statements:
        assert {ack["status"] for ack in anna.do_task(task)} == {"applied"}
    assert [each for each in statements if "serial_unit" in each or "serial_step" in each] == []
    assert len([each for each in statements if each.endswith("AND item.serial_tracked")]) == 1
