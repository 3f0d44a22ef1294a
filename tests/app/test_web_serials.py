"""Serial numbers in the faces: packed by scan on the handheld, with and without its script."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from conftest import Visitor
from handhelds import Handheld, packer_at
from playwright.sync_api import Browser, expect
from test_scan_offline import new_packer, sign_in, wedge
from web_house import WebHouse, clear_floor, do, pick_everything, place, project, to_floor

from fulfillment import api as fulfillment
from inventory import api as inventory

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
