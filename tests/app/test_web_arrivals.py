"""The dock's page: what is announced, received by scan, undone, and closed with what is missing."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from conftest import Visitor
from web_house import WebHouse, counted, do, place, project

from fulfillment import api as fulfillment
from inventory import api as inventory

SignIn = Callable[[str], Visitor]
_numbers = count(1)


def announce(house: WebHouse, *wanted: tuple[str, int]) -> inventory.ArrivalView:
    lines = tuple(inventory.ArrivalLineDraft(sku, quantity) for sku, quantity in wanted)
    day = datetime.now(UTC).date() + timedelta(days=2)
    draft = inventory.ArrivalDraft(f"PO-{next(_numbers)}", day, lines, "Mill & Sons")
    whose = {"tenant_id": house.tenant, "site_id": house.site, "draft": draft}
    return do(lambda uow: inventory.announce_arrival(uow, **whose)).arrival


def scanned(barcode: str, quantity: str = "1", at: str = "DOCK", **other: str) -> dict[str, str]:
    return {"barcode": barcode, "quantity": quantity, "location_code": at, "condition": "good"} | other


def came(arrival: inventory.ArrivalView) -> dict[str, tuple[int, int]]:
    lines = do(lambda uow: inventory.get_arrival(uow, arrival.id)).lines
    return {line.sku: (line.received, line.damaged) for line in lines}


@pytest.fixture
def arrival(house: WebHouse) -> inventory.ArrivalView:
    return announce(house, ("MUG-BL", 6), ("PEN-L", 2))


def test_a_delivery_is_received_by_scan_and_closed_short(signed_in: SignIn, arrival: inventory.ArrivalView) -> None:
    picker, path = signed_in("picker"), f"/arrivals/{arrival.id}"
    took = picker.submit(path, f"{path}/receive", **scanned("4006381333931", "4"))
    assert (took.status_code, took.headers["location"]) == (303, f"{path}?location=DOCK")
    page = picker.page(took.headers["location"])
    assert "4 \N{MULTIPLICATION SIGN} Enamel mug, blue into DOCK. 2 still to come." in page
    assert re.search(r'name="location_code" value="DOCK"', page)
    picker.submit(path, f"{path}/receive", **scanned("PEN-L", condition="damaged", at=""))
    assert came(arrival) == {"MUG-BL": (4, 0), "PEN-L": (0, 1)}
    times = "\N{MULTIPLICATION SIGN}"
    assert f"3 units are told as missing: 2 {times} Enamel mug, blue; 1 {times} Pen, blue, L." in picker.page(path)
    assert picker.submit(path, f"{path}/close").headers["location"] == path
    page = picker.page(path)
    assert "3 units told as missing." in page
    assert "2 short" in page
    assert f"{path}/receive" not in page
    assert "/undo" not in page


def test_the_same_form_sent_twice_is_one_receipt(signed_in: SignIn, arrival: inventory.ArrivalView) -> None:
    picker, path = signed_in("picker"), f"/arrivals/{arrival.id}"
    form = picker.page(path).split(f'action="{path}/receive"')[1].split("</form>")[0]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    for _ in range(2):
        assert picker.post(f"{path}/receive", data=hidden | scanned("MUG-BL", "3")).status_code == 303
    assert came(arrival)["MUG-BL"] == (3, 0)


def test_a_receipt_is_undone_until_an_order_counts_on_it(
    house: WebHouse, signed_in: SignIn, arrival: inventory.ArrivalView
) -> None:
    picker, path = signed_in("picker"), f"/arrivals/{arrival.id}"
    picker.submit(path, f"{path}/receive", **scanned("MUG-BL", "5"))
    undo = re.search(rf'action="({path}/receipts/rcp_\w+/undo)"', picker.page(path))
    assert undo
    assert picker.submit(path, undo[1]).status_code == 303
    assert came(arrival)["MUG-BL"] == (0, 0)
    waiting = place(house, ("PEN-L", 42))
    project()
    picker.submit(path, f"{path}/receive", **scanned("PEN-L", "2"))
    project()
    assert do(lambda uow: fulfillment.get_order(uow, waiting)).units.promised == 42
    undo = re.search(rf'action="({path}/receipts/rcp_\w+/undo)"', picker.page(path))
    assert undo
    refused = picker.submit(path, undo[1])
    assert refused.status_code == 409
    assert "These units are no longer free." in refused.text
    assert came(arrival)["PEN-L"] == (2, 0)


@pytest.mark.parametrize(
    ("entered", "status", "field", "words"),
    [
        (scanned("4012345678901"), 404, "barcode", "No item of this merchant has the barcode"),
        (scanned("MUG-BL", "0"), 422, "quantity", "from 1 to 1000000, not 0"),
        (scanned("MUG-BL", "many"), 422, "quantity", "not a whole number"),
        (scanned("MUG-BL", at="X-99"), 404, "location_code", "This site has no location X-99."),
        (scanned("MUG-BL", at="RETURNS"), 422, "location_code", "RETURNS is a returns location."),
        (scanned("LAMP"), 409, "reason", "Desk lamp (SKU LAMP) is not on this arrival."),
    ],
)
def test_a_refused_scan_says_why_in_its_field_and_keeps_the_rest(  # noqa: PLR0917 - what is sent and said
    signed_in: SignIn, arrival: inventory.ArrivalView, entered: dict[str, str], status: int, field: str, words: str
) -> None:
    picker, path = signed_in("picker"), f"/arrivals/{arrival.id}"
    refused = picker.submit(path, f"{path}/receive", **entered)
    form = refused.text.split(f'action="{path}/receive"')[1].split("</form>")[0]
    wrong = re.findall(r'<input id="r-f-(\w+)"[^>]*aria-invalid="true"', form)
    assert (refused.status_code, wrong) == (status, [field])
    assert words in form
    assert f'value="{entered["barcode"]}"' in form
    assert came(arrival) == {"MUG-BL": (0, 0), "PEN-L": (0, 0)}


def test_an_item_that_was_not_announced_is_taken_in_with_a_reason(
    signed_in: SignIn, arrival: inventory.ArrivalView
) -> None:
    picker, path = signed_in("picker"), f"/arrivals/{arrival.id}"
    picker.submit(path, f"{path}/receive", **scanned("LAMP"), reason="Sent as a sample")
    assert came(arrival)["LAMP"] == (1, 0)
    assert "Not announced: Sent as a sample" in picker.page(path)


def test_a_close_is_refused_when_more_came_since_the_page_was_made(
    signed_in: SignIn, arrival: inventory.ArrivalView
) -> None:
    picker, path = signed_in("picker"), f"/arrivals/{arrival.id}"
    form = picker.page(path).split(f'action="{path}/close"')[1].split("</form>")[0]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    picker.submit(path, f"{path}/receive", **scanned("MUG-BL"))
    refused = picker.post(f"{path}/close", data=hidden)
    assert refused.status_code == 409
    assert "7 units are missing now, not 8." in refused.text


def test_arrivals_are_listed_by_state_and_a_number_leads_to_its_arrival(
    house: WebHouse, signed_in: SignIn, arrival: inventory.ArrivalView
) -> None:
    manager = signed_in("manager")
    assert f'href="/arrivals/{arrival.id}"' in manager.page("/arrivals")
    assert manager.get(f"/arrivals?q={arrival.external_id}").headers["location"] == f"/arrivals/{arrival.id}"
    assert f'href="/arrivals/{arrival.id}"' in manager.page("/arrivals?q=mill")
    assert "No arrival matches." in manager.page("/arrivals?q=nothing")
    gone = announce(house, ("TOWEL", 1))
    assert manager.submit(f"/arrivals/{gone.id}", f"/arrivals/{gone.id}/cancel").status_code == 303
    assert f'href="/arrivals/{gone.id}"' in manager.page("/arrivals?show=cancelled")
    assert f'href="/arrivals/{gone.id}"' not in manager.page("/arrivals")


def test_the_list_asks_as_often_for_many_as_for_one(house: WebHouse, signed_in: SignIn) -> None:
    manager, asked = signed_in("manager"), []
    for more in (1, 3):
        for _ in range(more):
            announce(house, ("TOWEL", 1))
        manager.page("/arrivals")
        with counted() as statements:
            manager.page("/arrivals")
        asked.append(len(statements))
    assert asked[0] == asked[1]


def test_a_merchant_sees_their_arrivals_and_receives_nothing(
    house: WebHouse, signed_in: SignIn, arrival: inventory.ArrivalView
) -> None:
    merchant, picker, path = signed_in("merchant"), signed_in("picker"), f"/arrivals/{arrival.id}"
    picker.submit(path, f"{path}/receive", **scanned("MUG-BL", "3"))
    page = merchant.page(path)
    assert "3 \N{MULTIPLICATION SIGN} Enamel mug, blue" in page
    assert "Picker P." in picker.page(path).split("Just received")[1]
    assert "Picker P." not in page
    assert "Somebody" not in page
    assert f"{path}/receive" not in page
    assert f"{path}/close" not in page
    assert merchant.post(f"{path}/receive", data=scanned("MUG-BL")).status_code == 403
    whose = {"tenant_id": house.rival, "site_id": house.site}
    draft = inventory.ArrivalDraft("THEIRS", arrival.expected_on, (inventory.ArrivalLineDraft("GNOME", 1),))
    theirs = do(lambda uow: inventory.announce_arrival(uow, **whose, draft=draft)).arrival.id
    assert merchant.get(f"/arrivals/{theirs}").status_code == 404


def test_what_is_announced_explains_when_more_can_be_sold(
    house: WebHouse, signed_in: SignIn, arrival: inventory.ArrivalView
) -> None:
    page = signed_in("manager").page(f"/items/{house.items['MUG-BL']}/why")
    assert f'<a href="/arrivals/{arrival.id}">The announced delivery {arrival.external_id} arrives.</a>' in page
    assert f'datetime="{arrival.expected_on}"' in page


def test_a_lead_binds_a_barcode_that_nothing_has(house: WebHouse, signed_in: SignIn) -> None:
    path, gtin = f"/arrivals/{announce(house, ('LAMP', 24)).id}", "4006381333054"
    box = scanned(gtin, "2")
    assert "Bind barcode" not in signed_in("picker").submit(path, f"{path}/receive", **box).text, "leads bind"
    manager = signed_in("manager")
    refused = manager.submit(path, f"{path}/receive", **box)
    assert refused.status_code == 404
    assert f"Bind barcode {gtin}" in refused.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', refused.text)
    assert token
    bound = {"csrf_token": token[1], "op_id": "bind-lamp-1", "barcode": gtin, "units": "12"}
    wrong = manager.post(f"{path}/bind", data=bound | {"item": "itm_nothing", "op_id": "bind-lamp-0"})
    assert wrong.status_code == 422
    assert "Choose an item of this arrival" in wrong.text
    assert manager.post(f"{path}/bind", data=bound | {"item": house.items["LAMP"]}).status_code == 303
    assert manager.submit(path, f"{path}/receive", **box).status_code == 303
    assert "24 \N{MULTIPLICATION SIGN} Desk lamp" in manager.page(path)
