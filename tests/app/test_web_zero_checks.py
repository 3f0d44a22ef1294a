"""The question whether a bin is empty, on a handheld with and without its script."""

from collections.abc import Callable, Iterator

import pytest
from conftest import Visitor
from handhelds import Handheld, packer_at
from test_web_scan import hidden_fields
from web_house import WebHouse, do, place, project, to_floor

from fulfillment import api as fulfillment
from inventory import api as inventory

pytestmark = pytest.mark.thorough

BINS = ("A-01-04-1", "A-01-05-1", "B-02-06-2")


@pytest.fixture
def device(house: WebHouse, address: str) -> Iterator[Handheld]:
    with packer_at(house, address, "Zoe Z.") as device:
        yield device


def stock_last(house: WebHouse, sku: str, location_code: str, units: int) -> None:
    """The only units of a new item."""
    item = do(
        lambda uow: inventory.create_item(
            uow, tenant_id=house.tenant, sku=sku, name=f"Last {sku}", weight_g=100, length_mm=10, width_mm=10,
            height_mm=10,
        )
    )  # fmt: skip
    do(
        lambda uow: inventory.receive_stock(
            uow, tenant_id=house.tenant, site_id=house.site, item_id=item.id, location_code=location_code,
            quantity=units, reference="ASN-9",
        )
    )  # fmt: skip


def test_the_question_follows_the_last_pick_and_a_repeated_answer_counts_once(
    house: WebHouse, device: Handheld
) -> None:
    stock_last(house, "ZERO-1", BINS[0], 2)
    place(house, ("ZERO-1", 2))
    project()
    to_floor(house)
    device.claim()
    device.do_task(device.work["tasks"][0])
    pick, question = device.read()["tasks"]
    assert (question["kind"], question["title"], question["task"]) == ("zero", BINS[0], f"zero:{pick['task']}")
    device.do_task(pick)
    assert device.read()["tasks"][0]["task"] == question["task"]

    op = device.op(question, "empty", kind="seen", qty=3)
    first, again = device.send(op)[0], device.send(op)[0]
    assert (first["status"], first["title"], again["status"]) == ("applied", "Somebody counts it", "duplicate")
    assert device.read()["tasks"][0]["kind"] == "pack"
    waiting = do(lambda uow: inventory.find_counts(uow, site_id=house.site, cause="zero_check")).items
    assert [(each.location_code, each.sku) for each in waiting] == [(BINS[0], "ZERO-1")]
    assert device.send(device.op(question, "empty", code=BINS[0]))[0]["status"] == "rejected"


def test_without_its_script_the_page_asks_and_nobody_has_to_answer(house: WebHouse, device: Handheld) -> None:
    stock_last(house, "ZERO-2", BINS[1], 1)
    stock_last(house, "ZERO-3", BINS[2], 1)
    place(house, ("ZERO-2", 1), ("ZERO-3", 1))
    project()
    to_floor(house)
    device.claim()
    device.do_task(device.work["tasks"][0])
    for task in [task for task in device.read()["tasks"] if task["kind"] == "pick"]:
        device.do_task(task)
    asked = []
    html = device.client.page("/scan")
    while "empty now?" in html:
        asked.append(html.partition('<h1 class="place">')[2].partition("</h1>")[0])
        assert len(asked) < 5, asked
        assert ("Later" in html, "Have it counted" in html) == (True, True)
        answer = {"reason": "LATER"} if len(asked) == 1 else {"qty": "0"}
        html = device.client.post("/scan", data=hidden_fields(html) | answer).text
    assert sorted(asked) == [f"Is {code} empty now?" for code in (BINS[1], BINS[2])]


def test_a_lead_switches_the_question_off_and_on(house: WebHouse, signed_in: Callable[[str], Visitor]) -> None:
    lead = signed_in("manager")
    for words in ("Zero checks: on", "Zero checks: off", "Zero checks: on"):
        assert words in lead.page("/counts")
        lead.submit("/counts", "/counts/zero-check-setting")
    lead.submit("/counts", "/counts/zero-check-setting")
    assert do(lambda uow: fulfillment.asks_zero_checks(uow, house.site))
