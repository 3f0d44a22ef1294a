"""An order is cancelled while its picker walks: the next scan stops, and what is picked is used in place."""

from collections.abc import Iterator

import pytest
from handhelds import Handheld, packer_at
from web_house import WebHouse, clear_floor, do, place, project, to_floor

from fulfillment import api as fulfillment

pytestmark = pytest.mark.thorough


@pytest.fixture
def device(house: WebHouse, address: str) -> Iterator[Handheld]:
    """The handheld of a new packer in a house in which nothing waits."""
    clear_floor(house)
    with packer_at(house, address, "Rea R.") as device:
        yield device


def cancel(house: WebHouse, order_id: str) -> None:
    do(lambda uow: fulfillment.cancel_order(uow, tenant_id=house.tenant, order_id=order_id, reason="Changed her mind"))


def bound(house: WebHouse, device: Handheld) -> tuple[str, str]:
    """Two orders of the same item on one walk, totes in place."""
    orders = place(house, ("TOWEL", 2)), place(house, ("TOWEL", 2))
    project()
    to_floor(house)
    for task in device.claim()["tasks"]:
        device.do_task(task)
    device.read()
    return orders


def by_number(orders: tuple[str, str]) -> dict[str, str]:
    return {order.external_id: order.id for order in do(lambda uow: fulfillment.get_orders(uow, orders))}


def test_the_next_scan_of_a_cancelled_order_stops(house: WebHouse, device: Handheld) -> None:
    orders = bound(house, device)
    task = device.work["tasks"][0]
    first = by_number(orders)[task["show"]["order"]]
    place_step, item = task["steps"][0], task["steps"][1]
    assert device.send(device.op(task, "loc", code=place_step["expect"][0]))[0]["status"] == "applied"
    cancel(house, first)
    answer = device.post(
        "ops", {"device": "d", "build": "b", "ops": [device.op(task, "item", code=item["expect"][0], qty=2)]}
    )
    ack = answer["acks"][0]
    assert (ack["status"], ack["tone"], answer["work_changed"]) == ("held", "attention", True)
    assert "Put the units back at" in ack["text"]
    assert task["task"] not in [each["task"] for each in device.read()["tasks"]]
    assert do(lambda uow: fulfillment.get_order(uow, first)).units.picked == 0


def test_what_lies_in_a_cancelled_tote_is_used_in_place(house: WebHouse, device: Handheld) -> None:
    orders = bound(house, device)
    task = device.work["tasks"][0]
    device.do_task(task)
    number = task["show"]["order"]
    heads = by_number(orders)
    cancel(house, heads.pop(number))
    (other,) = heads.values()
    tasks = device.read()["tasks"]
    assert (len(tasks), tasks[0]["title"]) == (1, "Use it here")
    tote, words = task["show"]["tote"]["label"].split()[-1], tasks[0]["show"]["where"]
    assert f"Cancelled, in tote {tote}." in words.replace("\N{NON-BREAKING HYPHEN}", "-")
    assert "-" not in words, "no line ends within a code"
    acks = device.do_task(tasks[0])
    assert [ack["title"] for ack in acks] == ["Right", "Moved"]
    units = do(lambda uow: fulfillment.get_order(uow, other)).units
    assert (units.picked, units.allocated) == (2, 0)
    assert do(lambda uow: fulfillment.open_put_backs(uow, site_id=house.site)) == ()
