"""One order from the shop's request to the refund, over HTTP, and what everybody is told about it."""

import re
from datetime import UTC, datetime
from html import unescape
from itertools import count
from typing import Any

import pytest

from app.lanes import run_lane
from app.simulators.carrier_codes import VOCABULARIES, ScanKind
from app.verification import verify_house
from fulfillment.api import tracking_token
from kernel.actors import Role
from tests.flows.conftest import ServedHouse

pytestmark = pytest.mark.timeout(180)
_ops = count(1)
ON_THE_ROAD = (ScanKind.PICKED_UP, ScanKind.DEPARTED, ScanKind.OUT_FOR_DELIVERY, ScanKind.DELIVERED)


def op(kind: str, **fields: Any) -> dict[str, Any]:
    return {"op_id": f"flow-{next(_ops)}", "kind": kind, **fields}


def place(house: ServedHouse) -> dict[str, Any]:
    items = house.shop.get("/v1/items", limit=3)["items"]
    lines = [{"sku": item["sku"], "quantity": n, "unit_price_minor": 1250} for n, item in enumerate(items[:2], start=1)]
    body = {
        "external_id": "FLOW-1",
        "placed_at": datetime.now(UTC).isoformat(),
        "customer": {"external_id": "c-1", "name": "Ana Kovac", "email": "ana@example.com"},
        "ship_to": {
            "name": "Ana Kovac", "street": "Hauptstrasse 1", "city": "Hamburg", "postal_code": "20095", "country": "DE",
        },
        "lines": lines,
        "currency": "EUR",
        "shipping_minor": 490,
    }  # fmt: skip
    order: dict[str, Any] = house.shop.post("/v1/orders", body, status=201)
    return order


def pick_and_pack(house: ServedHouse, order_id: str) -> str:
    """Take an order from release to its label, and return its parcel's id."""
    manager = house.staff[Role.MANAGER]
    manager.post("/v1/work/release", {}, status=202)
    run_lane("plans")
    package = house.staff[Role.PICKER].post("/v1/batches/claim", {})
    batch = package["batch_id"]
    totes = [
        op("bind_tote", batch_id=batch, slot=slot["slot"], tote=f"T-{slot['slot']:04d}") for slot in package["slots"]
    ]
    picks = [
        op(
            "pick", task_id=task["task_id"], location_code=task["location_code"],
            barcode=(task["gtins"] or [task["sku"]])[0], quantity=task["quantity"],
        )
        for task in package["tasks"]
    ]  # fmt: skip
    house.operate(Role.PICKER, *totes, *picks, op("done", batch_id=batch))
    house.settle()
    scans = [
        op("pack_item", order_id=order_id, barcode=task["sku"], quantity=task["quantity"]) for task in package["tasks"]
    ]
    *_, carton = house.operate(
        Role.PACKER, op("pack_start", order_id=order_id), *scans, op("pack_carton", order_id=order_id)
    )
    parcel_id = str(carton["facts"]["parcel_ids"])
    parcel = house.staff[Role.MANAGER].get(f"/v1/parcels/{parcel_id}")
    weight = op("weigh", parcel_id=parcel_id, weight_g=parcel["expected_g"], scale_code="PACK-1")
    (ack,) = house.operate(Role.PACKER, weight)
    assert ack["facts"]["decision"] == "PASS"
    house.settle()
    return parcel_id


def hand_over(house: ServedHouse, parcel_id: str) -> dict[str, Any]:
    """Close the manifest of a parcel's carrier and give it to the driver; return the parcel."""
    manager = house.staff[Role.MANAGER]
    parcel: dict[str, Any] = manager.get(f"/v1/parcels/{parcel_id}")
    assert parcel["state"] == "labelled"
    closed = manager.post(
        "/v1/manifests",
        {"site_id": parcel["site_id"], "carrier": parcel["carrier"], "ship_date": parcel["ship_date"]},
        status=201,
    )
    manager.post(f"/v1/manifests/{closed['id']}/hand-over", {"driver": "Bo"})
    house.settle()
    return parcel


def deliver(house: ServedHouse, parcel: dict[str, Any]) -> None:
    """Let the carrier scan the parcel up to the door, and send every scan twice."""
    for number, kind in enumerate(ON_THE_ROAD):
        code, text = VOCABULARIES[parcel["carrier"]][kind]
        scan = {
            "event_id": f"scan-{number}", "tracking_number": parcel["tracking_number"], "code": code,
            "description": text, "occurred_at": datetime.now(UTC).isoformat(),
            "location": {"city": "Hamburg", "country": "DE"},
        }  # fmt: skip
        assert house.push(parcel["carrier"], [scan])["recorded"] == 1
        assert house.push(parcel["carrier"], [scan])["repeated"] == 1
        house.settle()


def send_back(house: ServedHouse, order: dict[str, Any]) -> dict[str, Any]:
    line = order["lines"][0]
    asked = house.shop.post(
        "/v1/returns",
        {"order_id": order["id"], "lines": [{"line_id": line["id"], "quantity": 1, "reason": "unwanted"}]},
        status=201,
    )
    at = f"/v1/returns/{asked['id']}"
    packer = house.staff[Role.PACKER]
    packer.post(f"{at}/label", {})
    packer.post(f"{at}/receive", {"quantities": {line["id"]: 1}})
    graded: dict[str, Any] = packer.post(f"{at}/grade", {"line_id": line["id"], "quantity": 1, "grade": "A"})
    house.settle()
    return graded


def feed(house: ServedHouse) -> list[dict[str, Any]]:
    """Pull everything in small pages, as a merchant's system does."""
    events: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 7}
    while page := house.shop.get("/v1/events", **query):
        events += page["events"]
        query["after"] = page["next"]
        if not page["events"]:
            return events
    raise AssertionError("unreachable")


def tracker_words(house: ServedHouse, order_id: str) -> list[str]:
    answer = house.client.get(f"/t/{tracking_token(order_id)}")
    assert answer.status_code == 200
    for secret in ("Kovac", "Hauptstrasse", "ana@example.com"):
        assert secret not in answer.text
    timeline = "".join(re.findall(r'<ol class="timeline">(.*?)</ol>', answer.text, re.DOTALL))
    return [unescape(words) for words in re.findall(r"<span>([^<]*)</span></li>", timeline)]


@pytest.mark.thorough
def test_tracker_timeline_and_feed_tell_one_story_from_the_order_to_the_refund(served: ServedHouse) -> None:
    order = place(served)
    assert order["state"] == "PROMISED"
    served.settle()
    parcel = hand_over(served, pick_and_pack(served, order["id"]))
    deliver(served, parcel)
    assert served.shop.get(f"/v1/orders/{order['id']}")["state"] == "DELIVERED"
    returned = send_back(served, order)
    assert (returned["state"], returned["refund_minor"]) == ("closed", 1250)
    assert served.shop.get(f"/v1/orders/{order['id']}")["state"] == "PARTIALLY_RETURNED"

    pulled = [event for event in feed(served) if event["subject"] == order["id"]]
    assert [int(event["sequence"]) for event in pulled] == list(range(1, len(pulled) + 1))
    timeline = served.shop.get(f"/v1/orders/{order['id']}/timeline", limit=200)["items"]
    assert {entry["event_id"] for entry in timeline} == {event["id"] for event in pulled}

    public = [event for event in pulled if event["audience"] == "customer"]
    told = [entry for entry in reversed(timeline) if entry["audience"] == "customer"]
    assert [entry["event_id"] for entry in told] == [event["id"] for event in public]
    assert [entry["summary"] for entry in told] == [event["summary"] for event in public]
    words = list(dict.fromkeys((entry["occurred_at"], entry["summary"].rstrip(".")) for entry in reversed(told)))
    assert tracker_words(served, order["id"]) == [summary for _, summary in words]
    types = [event["type"] for event in public]
    for milestone in ("order_promised", "order_shipped", "order_delivered", "tracking_updated", "return_received"):
        assert any(milestone in name for name in types), (milestone, types)
    assert [finding.invariant.name for finding in verify_house() if finding.violated] == []
