"""License plates on the floor's pages: received, carried in place of a move's item, found and printed by scan."""

from collections.abc import Callable
from datetime import UTC, datetime

import pypdfium2
import pytest
import zxingcpp
from conftest import Visitor
from web_house import WebHouse, do

from inventory import api as inventory
from inventory.domain.barcodes import with_check_digit

pytestmark = pytest.mark.thorough

SignIn = Callable[[str], Visitor]
FOREIGN = with_check_digit("34012345000000077")
MIXED = with_check_digit("34012345000000078")


def arrival(house: WebHouse) -> str:
    lines = (
        inventory.ArrivalLineDraft("MUG-BL", 6, FOREIGN), inventory.ArrivalLineDraft("TOWEL", 2, FOREIGN),
        inventory.ArrivalLineDraft("LAMP", 3),
    )  # fmt: skip
    draft = inventory.ArrivalDraft("ASN-P1", datetime.now(UTC).date(), lines)
    whose = {"tenant_id": house.tenant, "site_id": house.site}
    return do(lambda uow: inventory.announce_arrival(uow, draft=draft, **whose)).arrival.id


def test_a_plate_is_received_carried_and_printed(house: WebHouse, signed_in: SignIn) -> None:
    picker = signed_in("picker")
    page = f"/arrivals/{arrival(house)}"
    assert "0 of 1 here" in picker.page(page)
    entered = {"quantity": "1", "location_code": "DOCK", "condition": "good"}
    misread = FOREIGN[:-1] + str((int(FOREIGN[-1]) + 1) % 10)
    for wrong, told in ((MIXED, "announces no plate"), (f"{FOREIGN[:-1]}x", "No item"), (misread, "check digit")):
        refused = picker.submit(page, f"{page}/receive", barcode=wrong, **entered)
        assert (refused.status_code in (404, 422), told in refused.text) == (True, True), wrong
    answer = picker.submit(page, f"{page}/receive", barcode=f"00{FOREIGN}", **entered)
    assert answer.status_code == 303
    assert "1 of 1 here" in picker.page(page)
    onto = entered | {"barcode": "LAMP", "quantity": "3", "plate": MIXED}
    assert picker.submit(page, f"{page}/receive", **onto).status_code == 303

    path = picker.get("/moves", params={"q": FOREIGN}).headers["location"]
    path = picker.get(path).headers["location"]
    assert FOREIGN in picker.page("/plates")
    listed = picker.page(path)
    assert all(word in listed for word in ("Enamel mug, blue", "Tea towel", "ASN-P1", "DOCK"))

    for step in inventory.MOVE_PLANNING:
        do(step)
    mugs = do(lambda uow: inventory.find_moves(uow, site_id=house.site, item_id=house.items["MUG-BL"])).items
    (head,) = [each for each in mugs if each.from_code == "DOCK"]
    scans = {"from_code": "DOCK", "quantity": "6", "to_code": "A-01-06-2", "reason": ""}
    moving = f"/moves/{head.id}"
    wrong = picker.submit(moving, f"{moving}/do", barcode=MIXED, **scans)
    assert (wrong.status_code, "Scan a plate in DOCK that holds SKU MUG-BL" in wrong.text) == (422, True)
    assert picker.submit(moving, f"{moving}/do", barcode=FOREIGN, **scans).status_code == 303
    assert do(lambda uow: inventory.get_move(uow, head.id)).head.state == "done"
    assert "A-01-06-2" in picker.page(path)
    back = picker.submit(path, f"{path}/move", to_code="DOCK")
    assert back.status_code == 303

    pdf = pypdfium2.PdfDocument(picker.get(f"{path}/label.pdf").content)
    (symbol,) = zxingcpp.read_barcodes(pdf[0].render(scale=4).to_pil())
    assert (symbol.text.replace("(00)", "00"), symbol.symbology_identifier) == (f"00{FOREIGN}", "]C1")
    assert picker.submit(path, f"{path}/break").status_code == 303
    assert "Broken up" in picker.page(path)
