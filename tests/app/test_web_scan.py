"""The handheld on real work: one batch from claim to label, by its contract and by its plain form."""

import re
from collections.abc import Iterator

import pytest
from handhelds import Handheld, any_tote, packer_at, walk
from sqlalchemy import text
from web_house import WebHouse, clear_floor, do, place, project, to_floor

from app.web.handheld.codes import as_scanned, comparable
from fulfillment import api as fulfillment
from shipping import api as shipping


@pytest.fixture
def device(house: WebHouse, address: str) -> Iterator[Handheld]:
    """The handheld of a new packer in a house in which nothing waits."""
    clear_floor(house)
    with packer_at(house, address, "Pia P.") as device:
        yield device


def test_nothing_waits_at_first(device: Handheld) -> None:
    assert (device.work["tasks"], device.work["offer"], device.work["batch"]) == ([], None, None)
    assert device.work["person"]["name"] == "Pia P."
    assert len(device.work["device"]) == 16


def test_a_batch_goes_from_claim_to_the_label_on_the_box(house: WebHouse, device: Handheld) -> None:
    order_id = place(house, ("MUG-BL", 2), ("TOWEL", 1))
    project()
    to_floor(house)
    offer = device.read()["offer"]
    assert (offer["orders"], offer["lines"]) == (1, 2)
    bind = device.claim()["tasks"]
    assert [task["kind"] for task in bind] == ["bind"]
    assert device.do_task(bind[0])[0]["title"] == "Tote in slot 1"
    picks = device.read()["tasks"]
    assert sorted(task["show"]["item"] for task in picks) == ["Enamel mug, blue", "Tea towel"]
    assert picks[0]["show"]["next"] == picks[1]["title"]
    for task in picks:
        assert [ack["tone"] for ack in device.do_task(task)] == ["ok", "ok", "ok"]
    packs = device.read()["tasks"]
    assert (device.work["batch"]["stage"], len(packs)) == ("pack", 1)
    assert [step["prompt"] for step in packs[0]["steps"]][-3:] == ["scan_carton", "read_weight", "scan_label"]
    assert {ack["status"] for ack in device.do_task(packs[0])} == {"applied"}
    parcel = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))[0]
    weighed = device.send(device.op(packs[0], "weight", kind="weight", weight_g=parcel.expected_g))[0]
    assert (weighed["tone"], weighed["title"]) == ("ok", "Weight is right")
    assert device.client.get(weighed["document"]["href"]).content.startswith(b"%PDF-")
    plates = [parcel.sscc, f"00{parcel.sscc}", f"(00){parcel.sscc}"]
    assert weighed["label"]["codes"] == [*plates, parcel_of(house, order_id).tracking_number]
    wrong = device.send(device.op(packs[0], "label", code="401234500000000000"))[0]
    assert (wrong["status"], wrong["title"]) == ("rejected", "This label belongs to another parcel")
    (again,) = device.read()["tasks"]
    assert (again["task"], again["steps"][0]["expect"]) == (f"label:{parcel.id}", weighed["label"]["codes"])
    assert again["show"]["document"] == weighed["document"]
    right = device.send(device.op(packs[0], "label", code=f"00{parcel.sscc}"))[0]
    assert (right["status"], right["title"]) == ("applied", "Right label")
    assert device.read()["tasks"] == []
    assert device.work["batch"] is None
    project()
    assert do(lambda uow: fulfillment.get_order(uow, order_id)).state == "READY_TO_MANIFEST"


def test_a_swapped_label_is_named_and_the_right_one_is_proved_once(house: WebHouse, device: Handheld) -> None:
    parcels = []
    for _ in range(2):
        order_id = walk(house, device, ("PEN-L", 2))
        task = next(task for task in device.work["tasks"] if task["task"].startswith("pack:"))
        device.do_task(task)
        parcel = parcel_of(house, order_id)
        device.send(device.op(task, "weight", kind="weight", weight_g=parcel.expected_g))
        parcels.append(parcel_of(house, order_id))
        device.read()
    tasks = {task["task"]: task for task in device.work["tasks"]}
    assert sorted(tasks) == sorted(f"label:{parcel.id}" for parcel in parcels)
    mine, other = parcels
    task = tasks[f"label:{mine.id}"]
    swapped = device.send(device.op(task, "label", code=other.sscc))[0]
    assert f"carries the label of parcel \N{HORIZONTAL ELLIPSIS}{other.sscc[-6:]}." in swapped["text"]
    acks = device.send(
        device.op(task, "label", code=mine.tracking_number), device.op(task, "label", code=f"00{mine.sscc}"),
        device.op(tasks[f"label:{other.id}"], "label", code=other.sscc),
    )  # fmt: skip
    assert {(ack["status"], ack["title"]) for ack in acks} == {("applied", "Right label")}
    assert device.read()["tasks"] == []
    proved = text("select count(*) from event where type = 'shipping.label_verified.v1' and body like :id")
    assert do(lambda uow: uow.session.scalar(proved, {"id": f"%{mine.id}%"})) == 1


def test_a_label_is_asked_for_until_the_parcel_leaves_the_bench(house: WebHouse, device: Handheld) -> None:
    order_id = walk(house, device, ("PEN-L", 2))
    task = device.work["tasks"][0]
    device.do_task(task)
    device.send(device.op(task, "weight", kind="weight", weight_g=parcel_of(house, order_id).expected_g))
    parcel = parcel_of(house, order_id)
    page = device.client.page("/scan")
    assert f"/parcels/{parcel.id}/label.pdf" in page
    do(lambda uow: shipping.void_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, reason="Damaged"))
    gone = device.send(device.op(task | {"task": f"label:{parcel.id}"}, "label", code=parcel.sscc))[0]
    assert (gone["status"], gone["title"]) == ("rejected", "This parcel has no label")
    assert device.read()["tasks"] == []


def parcel_of(house: WebHouse, order_id: str) -> shipping.ParcelView:
    return do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))[0]


def test_an_op_sent_again_is_answered_as_before(house: WebHouse, device: Handheld) -> None:
    order_id = walk(house, device, ("PEN-L", 2))
    task = device.work["tasks"][0]
    device.do_task(task)
    parcel = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))[0]
    op = device.op(task, "weight", kind="weight", weight_g=parcel.expected_g)
    first, second = device.send(op)[0], device.send(op)[0]
    assert (first["status"], second["status"]) == ("applied", "duplicate")
    assert second["document"] == first["document"]
    audits = do(lambda uow: shipping.audits_of(uow, tenant_id=house.tenant, parcel_id=parcel.id))
    assert len(audits) == 1
    changed = device.send(op | {"weight_g": 1})[0]
    assert changed["status"] == "rejected"


def test_a_wrong_weight_is_held_and_shown(house: WebHouse, device: Handheld) -> None:
    walk(house, device, ("TOWEL", 4))
    task = device.work["tasks"][0]
    device.do_task(task)
    first = device.send(device.op(task, "weight", kind="weight", weight_g=500))[0]
    assert first["tone"] in ("attention", "stop")
    if first["tone"] == "attention":
        again = device.read()["tasks"][0]
        assert again["task"].startswith("weigh:")
        first = device.send(device.op(again, "weight", kind="weight", weight_g=500))[0]
    assert first["title"].startswith("Held: ")
    assert device.read()["tasks"] == []


def test_a_short_pick_moves_on_and_is_known(house: WebHouse, device: Handheld) -> None:
    order_id = place(house, ("LAMP", 2))
    project()
    to_floor(house)
    device.claim()
    device.do_task(device.work["tasks"][0])
    task = device.read()["tasks"][0]
    assert task["exceptions"] == ["BIDF", "BIDP", "DAMAGED", "WRONG_ITEM", "UNREACHABLE"]
    ack = device.send(device.op(task, "item", kind="short", qty=1, reason="BIDP"))[0]
    assert ack["title"] == "Short pick noted"
    units = do(lambda uow: fulfillment.get_order(uow, order_id)).units
    assert (units.picked, units.backordered) == (1, 1)


def test_progress_inside_a_task_is_found_again(house: WebHouse, device: Handheld) -> None:
    place(house, ("PEN-L", 3))
    project()
    to_floor(house)
    device.claim()
    device.do_task(device.work["tasks"][0])
    task = device.read()["tasks"][0]
    loc, item, _ = task["steps"]
    device.send(device.op(task, "loc", code=loc["expect"][0]))
    assert device.read()["tasks"][0]["at"] == {"step": "item", "counts": {"loc": 1}}
    device.send(device.op(task, "item", code=item["expect"][0], qty=3))
    assert device.read()["tasks"][0]["at"] == {"step": "tote", "counts": {"loc": 1, "item": 3}}
    device.do_task(task)


def test_cancelled_units_are_put_back(house: WebHouse, device: Handheld) -> None:
    order_id = walk(house, device, ("MUG-BL", 1))
    do(lambda uow: fulfillment.cancel_order(uow, tenant_id=house.tenant, order_id=order_id, reason="Changed her mind"))
    task = device.read()["tasks"][0]
    assert task["task"].startswith("back:")
    assert [ack["status"] for ack in device.do_task(task)] == ["applied", "applied"]
    assert device.read()["tasks"] == []


def test_one_unreadable_op_does_not_stop_the_others(house: WebHouse, device: Handheld) -> None:
    place(house, ("PEN-L", 1))
    project()
    to_floor(house)
    device.claim()
    task = device.work["tasks"][0]
    broken = device.op(task, "tote", kind="weight", weight_g=10**20)
    right = device.op(task, "tote", code="T-0999")
    nowhere = device.op({"task": "bind:bat_nowhere:x", "v": 1}, "tote", code="T-0998")
    acks = device.send(broken, nowhere, right)
    assert [ack["op_id"] for ack in acks] == [broken["op_id"], nowhere["op_id"], right["op_id"]]
    assert [ack["status"] for ack in acks] == ["rejected", "rejected", "applied"]
    for each in device.read()["tasks"]:
        device.do_task(each)


@pytest.mark.thorough
def test_without_its_script_the_page_does_the_same(house: WebHouse, device: Handheld) -> None:
    order_id = place(house, ("MUG-BL", 2))
    project()
    to_floor(house)
    html, asked = device.client.page("/scan"), []
    while "Nothing to pick" not in html:
        assert len(asked) < 20, asked
        form = hidden_fields(html)
        if form["task"] != "claim":
            form["code"] = code_for(house, device, form, order_id)
        asked.append(form.get("step", "claim"))
        answer = device.client.post("/scan", data=form)
        assert 'role="alert"' not in answer.text, (form, answer.text)
        html = answer.text
    bench = ["tote", "item-1", "item-1", "carton", "weight", "label"]
    assert asked == ["claim", "tote", "loc", "item", "tote", *bench]
    project()
    assert do(lambda uow: fulfillment.get_order(uow, order_id)).state == "READY_TO_MANIFEST"


def hidden_fields(html: str) -> dict[str, str]:
    form = html.split('<form method="post" action="/scan"', 1)[1].split("</form>", 1)[0]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def code_for(house: WebHouse, device: Handheld, form: dict[str, str], order_id: str) -> str:
    """What a person would type at a step."""
    task = next(task for task in device.read()["tasks"] if task["task"] == form["task"])
    step = next(step for step in task["steps"] if step["id"] == form["step"])
    if step["prompt"] == "read_weight":
        found = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
        return f"{found[0].expected_g} g"
    return str(step["expect"][0]) if step["expect"] else any_tote()


def test_without_its_script_a_wrong_scan_stops(house: WebHouse, device: Handheld) -> None:
    place(house, ("PEN-L", 1))
    project()
    to_floor(house)
    device.client.submit("/scan", "", task="claim")
    page = device.client.submit("/scan", "", code="MUG-BL").text
    assert "Wrong tote" in page
    assert "Unknown code MUG-BL" in page
    device.read()
    while device.read()["tasks"]:
        device.do_task(device.work["tasks"][0])
        if device.work["tasks"][0]["kind"] == "pack":
            break


@pytest.mark.parametrize(
    ("code", "same"),
    [
        ("4006381333931", "04006381333931"),
        ("]E04006381333931", "04006381333931"),
        ("96385074", "00000096385074"),
        ("4006381333932", "4006381333932"),
        ("mug-bl", "MUG-BL"),
        ("00340123450000000018", "340123450000000018"),
        ("(00)340123450000000018", "340123450000000018"),
    ],
)
def test_codes_are_compared_as_the_device_does(code: str, same: str) -> None:
    assert comparable(code) == same


def test_the_books_are_asked_in_the_codes_own_letters() -> None:
    assert as_scanned("ABC", "abc") == "abc"
    assert as_scanned("04006381333931", "]E04006381333931") == "04006381333931"
