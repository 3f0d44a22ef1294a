"""The sort on the handheld: by its contract, as a device sends it, and by its plain form."""

from collections.abc import Iterator

import pytest
from handhelds import Handheld, packer_at
from web_house import WebHouse, do, labelled

from shipping import api as shipping

pytestmark = pytest.mark.thorough
LYON = shipping.ShipTo("Ana", "Rue 1", "Lyon", "69001", "FR")
CODE = "LANE-FR"


@pytest.fixture
def device(house: WebHouse, address: str) -> Iterator[Handheld]:
    """The handheld of a packer."""
    with packer_at(house, address, "Sol S.") as device:
        yield device


def test_a_sorter_scans_parcels_onto_their_lane_and_into_a_container(house: WebHouse, device: Handheld) -> None:
    first, second, gone, plain = (labelled(house, f"ord_sort_{n}", LYON) for n in range(4))
    draft = shipping.LaneDraft(first.carrier, routes=("FR",))
    lane = do(lambda uow: shipping.open_lane(uow, site_id=house.site, code=CODE, draft=draft), house["manager"])
    box = do(lambda uow: shipping.open_container(uow, lane_id=lane.id, kind="bag"), house["packer"])
    assert "job" not in device.read()
    work = device.client.get("/scan/api/work", params={"job": "sort"}).json()
    tasks = {task["task"]: task for task in work["tasks"]}
    mine = [tasks[f"sort:{parcel.id}"] for parcel in (first, second, gone)]
    assert [step["prompt"] for step in mine[0]["steps"]] == ["scan_label", "scan_lane"]
    assert mine[0]["steps"][1]["expect"] == [CODE, box.sscc, f"00{box.sscc}", f"(00){box.sscc}"]
    assert work["known"][first.sscc].endswith(f"for {CODE}")

    label = device.op(mine[0], "label", code=first.sscc, raw=f"(00){first.sscc}")
    put = device.op(mine[0], "lane", code=CODE, raw=CODE.lower())
    answers = device.send(label, put)
    assert [(ack["status"], ack["title"]) for ack in answers] == [("applied", f"To {CODE}"), ("applied", f"On {CODE}")]
    assert device.send(put)[0]["status"] == "duplicate"
    inside = device.send(device.op(mine[1], "lane", code=box.sscc, raw=f"(00){box.sscc}"))[0]
    assert inside["status"] == "applied"
    assert do(lambda uow: shipping.get_container(uow, container_id=box.id)).parcels == 1

    do(lambda uow: shipping.void_parcel(uow, tenant_id=house.tenant, parcel_id=gone.id, reason="cancelled"))
    for step, code in (("label", gone.sscc), ("lane", CODE)):
        stopped = device.send(device.op(mine[2], step, code=code, raw=code))[0]
        assert (stopped["status"], stopped["tone"]) == ("rejected", "stop")
        assert "Take it to the packing bench" in stopped["text"]
    nowhere = device.send(device.op(tasks[f"sort:{plain.id}"], "lane", code="LANE-X", raw="LANE-X"))[0]
    assert nowhere["status"] == "rejected"

    again = device.client.get("/scan/api/work", params={"job": "sort"}).json()
    assert {task["task"] for task in again["tasks"]} & {task["task"] for task in mine} == set()
    assert "Take it to the packing bench" in again["known"][gone.sscc]
    sorts_without_script(device, plain)


def sorts_without_script(device: Handheld, parcel: shipping.ParcelView) -> None:
    """The plain page asks for any parcel, then for its lane."""
    page = device.client.page("/scan?job=sort")
    assert "Scan a parcel" in page
    entry = {"job": "sort", "task": f"sort:{parcel.id}", "step": "label", "code": "nonsense"}
    assert "Wrong label" in device.client.submit("/scan?job=sort", "/scan", **entry).text
    asked = device.client.submit("/scan?job=sort", "/scan", **(entry | {"code": f"(00){parcel.sscc}"})).text
    assert CODE in asked
    assert "Lane or container" in asked
    lane = entry | {"step": "lane", "code": "LANE-X"}
    assert "Wrong lane" in device.client.submit("/scan?job=sort", "/scan", **lane).text
    device.client.submit("/scan?job=sort", "/scan", **(lane | {"code": CODE}))
    work = device.client.get("/scan/api/work", params={"job": "sort"}).json()
    assert f"sort:{parcel.id}" not in {task["task"] for task in work["tasks"]}
