"""Loading on the handheld: by its contract, as a device sends it, by its plain form, and through the interface."""

from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from typing import Any

import pytest
from conftest import Visitor
from handhelds import Handheld, packer_at
from web_house import WebHouse, collected, do, labelled

from shipping import api as shipping

pytestmark = pytest.mark.thorough
LYON = shipping.ShipTo("Ana", "Rue 1", "Lyon", "69001", "FR")
CODE = "DOCK-A"


@pytest.fixture
def device(house: WebHouse, address: str) -> Iterator[Handheld]:
    """The handheld of a packer who loads."""
    with packer_at(house, address, "Lou L.") as device:
        yield device


@pytest.fixture(autouse=True)
def today(house: WebHouse) -> Iterator[None]:
    """The trucks come today."""
    with collected(house, "23:59"):
        yield


def at_dock(device: Handheld, truck: str = "") -> dict[str, Any]:
    params = {"job": "load", "truck": truck} if truck else {"job": "load"}
    return dict(device.client.get("/scan/api/work", params=params).json())


def staged(house: WebHouse, count: int, target: str) -> list[shipping.ParcelView]:
    parcels = [labelled(house, f"ord_dock_{target}_{n}", LYON) for n in range(count)]
    for parcel in parcels:
        put = partial(shipping.stage_parcel, site_id=house.site, parcel=parcel.sscc, target=target)
        do(put, house["packer"])
    return parcels


def open_dock(house: WebHouse) -> shipping.LaneView:
    draft = shipping.LaneDraft(labelled(house, "ord_dock_carrier", LYON).carrier, routes=("FR",), loads_by_scan=True)
    return do(partial(shipping.open_lane, site_id=house.site, code=CODE, draft=draft), house["manager"])


def test_a_loader_scans_a_manifest_onto_its_truck_and_is_stopped_at_all_else(
    house: WebHouse, device: Handheld, signed_in: Callable[[str], Visitor]
) -> None:
    lane = open_dock(house)
    box = do(partial(shipping.open_container, lane_id=lane.id, kind="cage"), house["packer"])
    inside, (first, second, gone) = staged(house, 2, box.sscc), staged(house, 3, CODE)
    do(partial(shipping.close_container, container_id=box.id), house["packer"])
    closing = {"site_id": house.site, "carrier": lane.carrier, "ship_date": first.ship_date}
    manifest = do(partial(shipping.close_manifest, **closing), house["manager"])
    (late,) = staged(house, 1, CODE)

    assert device.read()["jobs"] == ["sort", "load"]
    choice = at_dock(device)
    assert (choice["truck"], choice["tasks"]) == (None, [])
    ours, following = choice["trucks"]
    assert (ours["id"], ours["loaded"], ours["parcels"]) == (manifest.id, 0, 5)
    assert (following["id"], following["parcels"]) == (lane.carrier, 1)
    work = at_dock(device, CODE)
    assert work["truck"]["id"] == manifest.id
    tasks = {task["steps"][0]["expect"][0]: task for task in work["tasks"]}
    assert set(tasks) == {box.sscc, first.sscc, second.sscc, gone.sscc}
    assert tasks[box.sscc]["show"]["qty"] == 2
    assert work["stops"][inside[0].sscc]["title"] == "Scan its container"
    assert work["stops"][late.sscc]["title"] == "Not on this truck"
    assert "the next manifest" in work["stops"][late.sscc]["advice"]

    scans = [device.op(tasks[sscc], "unit", code=sscc, raw=f"(00){sscc}") for sscc in (box.sscc, first.sscc)]
    assert [(ack["status"], ack["title"]) for ack in device.send(*scans)] == [("applied", "Loaded")] * 2
    assert device.send(scans[0])[0]["status"] == "duplicate"
    stray = tasks[first.sscc] | {"task": f"load:{manifest.id}:{late.id}"}
    wrong = device.send(device.op(stray, "unit", code=late.sscc, raw=late.sscc))[0]
    assert (wrong["status"], wrong["tone"], wrong["title"]) == ("rejected", "stop", "Not on this truck")
    assert wrong["text"] == f"It is on no manifest yet. Put it back on {CODE} for the next one."
    do(partial(shipping.pull_parcel, tenant_id=house.tenant, parcel_id=gone.id, reason="cancelled"), house["manager"])
    stopped = device.send(device.op(tasks[gone.sscc], "unit", code=gone.sscc, raw=gone.sscc))[0]
    assert (stopped["status"], stopped["tone"]) == ("rejected", "stop")
    assert "packing bench" in stopped["text"]

    after = at_dock(device, manifest.id)
    assert (after["truck"]["loaded"], after["truck"]["parcels"]) == (3, 4)
    assert after["stops"][box.sscc]["title"] == "Loaded already"
    assert after["truck"]["last"]["task"] == tasks[first.sscc]["task"]
    undone = device.send(device.op(after["truck"]["last"], "unit", kind="undo", code=first.sscc, raw=first.sscc))[0]
    assert (undone["status"], undone["title"]) == ("applied", f"Back to {CODE}")
    loads_without_script(device, first, second, late, manifest.id)
    loads_through_the_interface(signed_in("packer"), second, manifest.id)
    refuses_a_picker(house, signed_in("picker"), second)


def loads_without_script(
    device: Handheld, first: shipping.ParcelView, second: shipping.ParcelView, late: shipping.ParcelView, manifest: str
) -> None:
    """The plain page asks for a truck, then for any unit of it."""
    choice = unescape(device.client.page("/scan?job=load"))
    assert "Which truck?" in choice
    assert "2 of 4" in choice
    path = f"/scan?job=load&truck={manifest}"
    assert "Missing: Parcel" in unescape(device.client.page(path))
    entry = {"job": "load", "truck": manifest, "task": "load", "step": "unit"}
    told = device.client.submit(path, "/scan", **entry, code="nonsense").text
    assert "Unknown code nonsense" in told
    assert "It goes with the next manifest" in device.client.submit(path, "/scan", **entry, code=late.sscc).text
    for parcel in (first, second):
        device.client.submit(path, "/scan", **entry, code=f"(00){parcel.sscc}")
    assert "All loaded" in device.client.page(path)
    assert "Loaded already" in device.client.submit(path, "/scan", **entry, code=second.sscc).text
    assert f"Back to {CODE}" in device.client.submit(path, "/scan", **entry, reason="UNDO").text


def loads_through_the_interface(packer: Visitor, parcel: shipping.ParcelView, manifest: str) -> None:
    """The same by API: what is missing, loaded, and taken off again; and on the page."""
    trucks = packer.get("/v1/sorting/dock").json()
    assert next((each["loaded"], each["parcels"]) for each in trucks["trucks"] if each["id"] == manifest) == (3, 4)
    (missing,) = (unit for unit in trucks["units"] if unit["truck"] == manifest and not unit["loaded_at"])
    assert (missing["sscc"], missing["problem"]) == (parcel.sscc, "")
    for number, (verb, more, expected) in enumerate(
        (("load", {"truck": "swift_parcel"}, 409), ("load", {"truck": manifest}, 200), ("unload", {}, 200))
    ):
        headers = {"idempotency-key": f"dock-{number}"}
        answer = packer.post(f"/v1/sorting/{verb}", json={"unit": parcel.sscc} | more, headers=headers)
        assert answer.status_code == expected, answer.text
        assert (answer.json()["code"] == "wrong_truck") if expected == 409 else (answer.json()["parcels"] == 1)
    assert packer.submit("/lanes", "/lanes/scan/load", unit=parcel.sscc).status_code == 303
    assert packer.submit("/lanes", "/lanes/scan/unload", unit=parcel.sscc).status_code == 303
    assert "1 parcel off the truck" in unescape(packer.page("/lanes"))


def refuses_a_picker(house: WebHouse, picker: Visitor, parcel: shipping.ParcelView) -> None:
    """Who may not pack sees no dock, and loads nothing."""
    device = Handheld(picker)
    assert device.work["jobs"] == []
    assert "trucks" not in at_dock(device)
    task = {"task": f"load:northpost:{parcel.id}", "v": 1}
    refused = device.send(device.op(task, "unit", code=parcel.sscc, raw=parcel.sscc))[0]
    assert (refused["status"], refused["title"]) == ("rejected", "Not allowed")
    units = do(partial(shipping.dock, site_id=house.site)).units
    assert next(unit.loaded_at for unit in units if unit.id == parcel.id) is None
