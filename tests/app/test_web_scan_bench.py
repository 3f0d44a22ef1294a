"""The packing bench on the handheld: whose order it is, which carton it goes into, and whose scans are sent."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from handhelds import Handheld, packer_at, walk
from sqlalchemy import event, text
from web_house import WebHouse, clear_floor, counted, do, pack, pick_everything, place, project, to_floor

from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.db.engine import engine
from shipping import api as shipping

pytestmark = pytest.mark.thorough


@pytest.fixture
def anna(house: WebHouse, address: str) -> Iterator[Handheld]:
    """The handheld of a packer, in a house in which nothing waits."""
    clear_floor(house)
    with packer_at(house, address, "Anna A.") as device:
        yield device


@pytest.fixture
def ben(house: WebHouse, address: str) -> Iterator[Handheld]:
    """The handheld of another packer."""
    with packer_at(house, address, "Ben B.") as device:
        yield device


def at_the_bench(house: WebHouse, *wanted: tuple[str, int], **other: object) -> str:
    """Place an order that somebody else picks, so that its tote waits for any packer."""
    order_id = place(house, *wanted, **other)
    project()
    to_floor(house)
    pick_everything(house)
    return order_id


def start(device: Handheld, task: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Scan the task's tote and return the answer."""
    return device.send(device.op(task, "tote", code=task["steps"][0]["expect"][0], **facts))[0]


def step_of(task: dict[str, Any], name: str) -> dict[str, Any]:
    return next(step for step in task["steps"] if step["id"] == name)


def audited(action: str, order_id: str) -> list[tuple[str, dict[str, Any]]]:
    rows = text("select reason, details from audit_entry where action = :action and subject = :order order by at, id")
    found = do(lambda uow: uow.session.execute(rows, {"action": action, "order": order_id}).all())
    return [(row.reason, row.details) for row in found]


def now_at_site() -> str:
    return datetime.now(ZoneInfo("Europe/Berlin")).strftime("%H:%M")


def test_who_scans_a_tote_first_packs_its_order(house: WebHouse, anna: Handheld, ben: Handheld) -> None:
    order_id = at_the_bench(house, ("PEN-L", 1))
    mine, his = anna.read()["tasks"][0], ben.read()["tasks"][0]
    assert (mine["task"], his["task"]) == (f"pack:{order_id}",) * 2
    assert step_of(mine, "tote")["confirm"] == "server"
    since = {now_at_site()}

    assert start(anna, mine)["tone"] == "ok"
    refused = start(ben, his)

    since.add(now_at_site())
    assert (refused["status"], refused["tone"]) == ("rejected", "attention")
    assert refused["title"] in {f"Anna A. packs this since {at}" for at in since}
    assert refused["choice"] == {"kind": "take", "label": "Take over"}
    seen = ben.read()["tasks"][0]
    assert seen["show"]["claim"]["by"] == "Anna A."
    assert seen["show"]["claim"]["since"] in since
    again = anna.read()["tasks"][0]
    assert "claim" not in again["show"]
    assert again["at"]["counts"] == {"tote": 1}
    assert step_of(again, "tote")["confirm"] == "device"
    assert {ack["status"] for ack in anna.do_task(again)} == {"applied"}


def test_a_full_bench_is_read_with_as_many_statements_as_one_order(house: WebHouse, anna: Handheld) -> None:
    at_the_bench(house, ("PEN-L", 1))
    # A process reads price documents once, whoever asks first.
    anna.read()
    with counted() as for_one:
        anna.read()
    for _ in range(4):
        at_the_bench(house, ("PEN-L", 1), ("TOWEL", 2))

    with counted() as for_five:
        tasks = anna.read()["tasks"]

    assert [len(task["show"]["lines"]) for task in tasks] == [1, 2, 2, 2, 2]
    assert len(for_five) == len(for_one) < 40


def test_an_order_that_is_packed_while_the_work_is_read_is_left_out(house: WebHouse, anna: Handheld) -> None:
    gone, left = (at_the_bench(house, ("PEN-L", 1)) for _ in range(2))
    colleague = Thread(target=pack, args=(house, gone))

    def meanwhile(*heard: Any) -> None:
        if heard[2].startswith("SELECT order_line") and "picked >" in heard[2] and colleague.ident is None:
            colleague.start()
            colleague.join()

    event.listen(engine(), "before_cursor_execute", meanwhile)
    try:
        tasks = anna.read()["tasks"]
    finally:
        event.remove(engine(), "before_cursor_execute", meanwhile)

    assert colleague.ident is not None
    assert [task["task"] for task in tasks] == [f"pack:{left}"]


def test_taking_over_leaves_the_first_packer_without_the_order(house: WebHouse, anna: Handheld, ben: Handheld) -> None:
    order_id = at_the_bench(house, ("PEN-L", 2))
    task = anna.read()["tasks"][0]
    start(anna, task)
    start(ben, ben.read()["tasks"][0])

    taken = ben.send(ben.op(task, "tote", kind="take", qty=0))[0]

    assert (taken["tone"], taken["title"]) == ("ok", "Yours now")
    item = step_of(task, "item-1")
    late = anna.send(anna.op(task, "item-1", code=item["expect"][0], qty=2))[0]
    assert late["title"].startswith("Ben B. packs this since ")
    assert "choice" not in late
    assert {ack["status"] for ack in ben.do_task(ben.read()["tasks"][0])} == {"applied"}
    assert len(audited("order.packing_taken_over", order_id)) == 1


def test_free_orders_come_before_those_of_others_and_a_skip_gives_back(
    house: WebHouse, anna: Handheld, ben: Handheld
) -> None:
    first, second = at_the_bench(house, ("PEN-L", 1)), at_the_bench(house, ("TOWEL", 1))
    assert [task["task"] for task in ben.read()["tasks"]] == [f"pack:{first}", f"pack:{second}"]
    task = anna.read()["tasks"][0]
    start(anna, task)
    assert [task["task"] for task in ben.read()["tasks"]] == [f"pack:{second}", f"pack:{first}"]

    assert anna.send(anna.op(task, "item-1", kind="skip", qty=0))[0]["tone"] == "ok"

    assert [task["show"].get("claim") for task in ben.read()["tasks"]] == [None, None]
    assert start(ben, task)["tone"] == "ok"


def test_the_totes_of_ones_own_walk_need_no_network(house: WebHouse, anna: Handheld) -> None:
    walk(house, anna, ("PEN-L", 1))
    task = anna.read()["tasks"][0]
    assert step_of(task, "tote")["confirm"] == "device"
    assert {ack["status"] for ack in anna.do_task(task)} == {"applied"}


def test_the_proposed_carton_comes_first_and_all_of_the_site_follow(house: WebHouse, anna: Handheld) -> None:
    walk(house, anna, ("LAMP", 1))
    step = step_of(anna.read()["tasks"][0], "carton")
    codes = [choice["code"] for choice in step["choices"]]
    stocked = [carton.code for carton in do(lambda uow: shipping.cartons(uow, site_id=house.site))]

    assert [choice.get("suggested", False) for choice in step["choices"]] == [True, *[False] * (len(codes) - 1)]
    assert sorted(codes) == sorted([*stocked, "own", "foreign"])
    assert sorted(step["expect"]) == sorted(code.upper() for code in codes)
    assert step["choices"][-1]["note"] == "seems too small"
    assert {reason["name"] for reason in step["reasons"]} == {
        "Too small", "Too large", "No such carton left", "Carton damaged", "Item is fragile", "Something else",
    }  # fmt: skip
    anna.do_task(anna.work["tasks"][0])


@pytest.mark.parametrize(("scanned", "carton"), [("XL", "XL"), ("OWN", "own")])
def test_another_carton_is_taken_and_audited_with_the_reason(
    house: WebHouse, anna: Handheld, scanned: str, carton: str
) -> None:
    order_id = walk(house, anna, ("LAMP", 1))
    task = anna.read()["tasks"][0]
    item = step_of(task, "item-1")
    proposed = step_of(task, "carton")["choices"][0]["code"]
    acks = anna.send(
        anna.op(task, "tote", code=task["steps"][0]["expect"][0]),
        anna.op(task, "item-1", code=item["expect"][0]),
        anna.op(task, "carton", code=scanned, raw=carton, reason="TOO_SMALL"),
    )
    assert {ack["status"] for ack in acks} == {"applied"}
    (parcel,) = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
    assert parcel.carton_code == carton
    assert audited("order.carton_overruled", order_id) == [("TOO_SMALL", {"planned": [proposed], "chosen": carton})]


def test_somebody_elses_container_is_weighed_empty_before_its_goods(house: WebHouse, anna: Handheld) -> None:
    order_id = walk(house, anna, ("LAMP", 1))
    task = anna.read()["tasks"][0]
    acks = anna.send(
        anna.op(task, "tote", code=task["steps"][0]["expect"][0]),
        anna.op(task, "item-1", code=step_of(task, "item-1")["expect"][0]),
        anna.op(task, "carton", code="FOREIGN", raw="foreign", reason="OTHER: The merchant sent its crate."),
    )
    assert acks[-1]["title"] == "Put the empty container on the scale"
    empty = anna.op(task, "weight", kind="weight", weight_g=2_400)
    first = anna.send(empty)[0]
    assert (first["title"], first["again"]) == ("Empty: 2,400 g", True)
    assert anna.send(empty)[0]["status"] == "duplicate", "sent again, it is not the parcel's weight"
    (parcel,) = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
    assert (parcel.carton_code, parcel.weight_g, (parcel.tare_proof or {})["tare_g"]) == ("foreign", None, 2_400)
    full = anna.send(anna.op(task, "weight", kind="weight", weight_g=parcel.expected_g))[0]
    assert (full["title"], full["again"]) == ("Weight is right", False)


def test_the_bench_reads_what_a_scale_types_and_asks_again_for_what_is_no_weight(
    house: WebHouse, anna: Handheld
) -> None:
    order_id = walk(house, anna, ("LAMP", 1))
    task = anna.read()["tasks"][0]
    anna.do_task(task)
    moving = anna.send(anna.op(task, "weight", kind="weight", raw="S D      1.400 kg"))[0]
    assert (moving["status"], moving["again"]) == ("rejected", True)
    assert moving["text"] == "The scale was still moving. Wait until it stands still, then read it again."
    (parcel,) = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
    assert parcel.weight_g is None
    line = f"ST,GS,+{parcel.expected_g / 1000:.3f}kg"
    right = anna.send(anna.op(task, "weight", kind="weight", raw=line))[0]
    assert (right["title"], right["again"]) == ("Weight is right", False)
    (parcel,) = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
    assert parcel.weight_g == parcel.expected_g


def test_goods_of_unknown_size_go_into_any_carton_without_a_reason(house: WebHouse, anna: Handheld) -> None:
    sku = "CLOUD"
    drafts = [inventory.ItemDraft(sku=sku, name="Cloud", weight_g=80, length_mm=0, width_mm=0, height_mm=0)]
    items = do(lambda uow: inventory.create_items(uow, tenant_id=house.tenant, items=drafts))
    receipt = inventory.Receipt(items[sku], "A-01-01-1", 5, "ASN-9")
    do(lambda uow: inventory.receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=[receipt]))
    order_id = walk(house, anna, (sku, 1))
    task = anna.read()["tasks"][0]
    step = step_of(task, "carton")

    assert (step["reasons"], [choice for choice in step["choices"] if choice.get("suggested")]) == ([], [])
    assert {ack["status"] for ack in anna.do_task(task)} == {"applied"}
    assert audited("order.carton_overruled", order_id) == []


def test_a_bench_never_weighs_on_the_scale_of_a_line(house: WebHouse, anna: Handheld) -> None:
    last = (datetime.now(ZoneInfo("UTC")) + timedelta(days=90)).date()
    plate = {"name": "", "sd_g": 12.0, "interval_g": 20, "max_g": 60_000, "calibrated_until": last, "in_motion": True}
    do(lambda uow: shipping.set_scale(uow, site_id=house.site, code="A-LINE", **plate))
    order_id = walk(house, anna, ("PEN-L", 2))
    task = anna.read()["tasks"][0]
    anna.do_task(task)
    anna.send(anna.op(task, "weight", kind="weight", weight_g=200))
    (parcel,) = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
    scale = text("select scale ->> 'code' from weight_audit where parcel_id = :parcel")
    assert do(lambda uow: uow.session.scalar(scale, {"parcel": parcel.id})) == "PACK-1"


def test_a_site_without_a_valid_scale_says_so(house: WebHouse, anna: Handheld) -> None:
    walk(house, anna, ("PEN-L", 1))
    task = anna.read()["tasks"][0]
    anna.do_task(task)
    expire = "update scale set calibrated_until = calibrated_until + :days where site_id = :site"
    do(lambda uow: uow.session.execute(text(expire), {"days": -400, "site": house.site}))
    try:
        ack = anna.send(anna.op(task, "weight", kind="weight", weight_g=100))[0]
    finally:
        do(lambda uow: uow.session.execute(text(expire), {"days": 400, "site": house.site}))
    assert (ack["status"], ack["text"]) == (
        "rejected", "This site has no calibrated scale. Set one up, or have it calibrated.",
    )  # fmt: skip


def test_scans_of_another_person_are_not_taken_as_ones_own(house: WebHouse, anna: Handheld, ben: Handheld) -> None:
    at_the_bench(house, ("PEN-L", 1))
    task = anna.read()["tasks"][0]
    op = anna.op(task, "tote", code=task["steps"][0]["expect"][0])
    body = {"device": "d", "build": "b", "person": anna.work["person"]["id"], "ops": [op]}
    ben.read()

    refused = ben.client.post("/scan/api/ops", json=body, headers={"x-csrf-token": ben.work["csrf"]})

    assert (refused.status_code, refused.json()["code"]) == (409, "anothers_scans")
    assert "claim" not in ben.read()["tasks"][0]["show"]
    assert anna.post("ops", body)["acks"][0]["status"] == "applied"


def test_without_its_script_the_bench_takes_over_and_overrules_too(
    house: WebHouse, anna: Handheld, ben: Handheld
) -> None:
    order_id = at_the_bench(house, ("PEN-L", 1))
    task = anna.read()["tasks"][0]
    tote, item = task["steps"][0]["expect"][0], step_of(task, "item-1")["expect"][0]
    start(anna, task)
    page = ben.client.page("/scan")
    assert re.search(r"Anna A. packs this since \d\d:\d\d", page)
    assert "Anna A. packs this" in ben.client.submit("/scan", "", code=tote).text
    form = page.split('name="take"')[0].rsplit("<form", 1)[1] + 'name="take" value="yes">'
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    assert "Yours now" in ben.client.post("/scan", data=fields).text
    ben.client.submit("/scan", "", code=item)
    assert "Why not the proposed carton?" in ben.client.submit("/scan", "", code="XL").text
    assert "Weigh it" in ben.client.submit("/scan", "", code="XL", reason="FRAGILE").text
    assert audited("order.carton_overruled", order_id)[0][0] == "FRAGILE"


def test_without_its_script_any_waiting_tote_may_be_scanned(house: WebHouse, anna: Handheld) -> None:
    first, second = at_the_bench(house, ("PEN-L", 1)), at_the_bench(house, ("TOWEL", 1))
    tasks = anna.read()["tasks"]
    assert [task["task"] for task in tasks] == [f"pack:{first}", f"pack:{second}"]
    anna.client.page("/scan")

    answer = anna.client.submit("/scan", "", code=tasks[1]["steps"][0]["expect"][0])

    assert "Scan the items" in answer.text
    claims = do(lambda uow: fulfillment.pack_claims(uow, site_id=house.site))
    assert [claim for claim in claims if claim in (first, second)] == [second]


def test_goods_of_an_opened_parcel_are_found_by_their_order(house: WebHouse, anna: Handheld) -> None:
    order_id = walk(house, anna, ("PEN-L", 1))
    anna.do_task(anna.read()["tasks"][0])
    (parcel,) = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
    whole = {"tenant_id": house.tenant, "parcel_id": parcel.id}
    do(lambda uow: fulfillment.reopen_parcel(uow, **whole, reason="Opened"), house["manager"])
    project()
    task = next(each for each in anna.read()["tasks"] if each["task"] == f"pack:{order_id}")
    number = do(lambda uow: fulfillment.get_order(uow, order_id)).external_id

    assert step_of(task, "tote")["expect"] == [number]
    assert anna.work["known"][number] == f"Order {number}"
    assert {ack["status"] for ack in anna.do_task(task)} == {"applied"}
