"""Moves on the floor's pages: carried by scan without script, taken back, left where they are; rules of pick faces."""

from collections.abc import Callable

import pytest
from conftest import Visitor
from web_house import WebHouse, do, place, project, to_floor

from fulfillment import api as fulfillment
from inventory import api as inventory

pytestmark = pytest.mark.thorough
SignIn = Callable[[str], Visitor]
MUG = "MUG-BL"


def wanted(house: WebHouse, sku: str, units: int, at: str = "DOCK") -> tuple[str, inventory.MoveHead]:
    """Units of an item arrive at a place: the move that is made of them, and its page."""
    receipt = inventory.Receipt(house.items[sku], at, units, "ASN-9")
    do(lambda uow: inventory.receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=[receipt]))
    for step in inventory.MOVE_PLANNING:
        do(step)
    found = do(lambda uow: inventory.find_moves(uow, site_id=house.site, item_id=house.items[sku])).items
    (head,) = [each for each in found if each.from_code == at]
    return f"/moves/{head.id}", head


def seen(path: str) -> inventory.MoveView:
    return do(lambda uow: inventory.get_move(uow, path.rpartition("/")[2]))


def carry(visitor: Visitor, path: str, head: inventory.MoveHead, **other: str):  # noqa: ANN201 - a response
    scans = {"from_code": head.from_code, "barcode": head.sku, "to_code": head.to_code, "quantity": str(head.quantity)}
    return visitor.submit(path, f"{path}/do", **(scans | other))


def test_units_are_put_away_by_scan_in_parts_and_back(house: WebHouse, signed_in: SignIn) -> None:
    picker = signed_in("picker")
    path, head = wanted(house, MUG, 6)
    listed = picker.page("/moves")
    assert path in listed
    assert head.to_code in listed
    assert "The same goods lie there." in picker.page(path)
    answer = carry(picker, path, head, quantity="4")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = picker.page(path)
    assert "4 units moved to" in page
    assert 'value="2"' in page
    assert carry(picker, path, head, quantity="2").status_code == 303
    assert seen(path).head.state == "done"
    assert picker.submit("/moves", f"{path}/undo", number="2").status_code == 303
    assert (seen(path).head.moved, seen(path).steps[1].undone) == (4, True)
    assert carry(picker, path, head, quantity="2").status_code == 303


def test_a_wrong_scan_keeps_what_was_entered_and_says_what_to_do(house: WebHouse, signed_in: SignIn) -> None:
    picker = signed_in("picker")
    path, head = wanted(house, "TOWEL", 3)
    for wrong, told in (
        ({"from_code": "RETURNS"}, "The units lie in DOCK."),
        ({"barcode": MUG}, "Put it back, and scan the item that is asked for."),
        ({"to_code": "RETURNS"}, "is a returns location"),
        ({"quantity": "many"}, "This is not a whole number."),
        ({"quantity": "4"}, "3 are to be moved, not 4."),
    ):
        answer = carry(picker, path, head, **wrong)
        assert answer.status_code in (404, 422), wrong
        assert told in answer.text
        assert head.to_code in answer.text
    assert seen(path).head.moved == 0


def test_a_move_is_one_persons_and_a_lead_does_without_it(house: WebHouse, signed_in: SignIn) -> None:
    picker, packer, lead = signed_in("picker"), signed_in("packer"), signed_in("manager")
    path, head = wanted(house, "PEN-L", 3)
    assert picker.submit(path, f"{path}/claim").status_code == 303
    assert "has it in hand" in packer.page(path)
    assert carry(packer, path, head).status_code == 409
    assert picker.submit(path, f"{path}/release").status_code == 303
    assert f"{path}/cancel" not in packer.page(path)
    assert lead.submit(path, f"{path}/cancel", reason="Sold from the dock").status_code == 303
    assert "Sold from the dock" in lead.page(path)
    assert path in lead.page("/moves?show=cancelled")


def test_a_lead_sets_rules_line_by_line_and_removes_them(house: WebHouse, signed_in: SignIn) -> None:
    lead, picker = signed_in("manager"), signed_in("picker")
    face = do(lambda uow: inventory.item_stock(uow, house.items["TOWEL"])).bins[0].location_code
    text = f"sku;location;min;max\nTOWEL;{face};2;90\n"
    sent = lead.submit("/forward-picks", "/forward-picks", merchant=house.tenant, rules=text)
    assert sent.status_code == 303
    page = picker.page("/forward-picks")
    assert face in page
    assert "/forward-picks/remove" not in page
    for wrong, told in (("TOWEL 3", "is no rule"), (f"NOTHING {face} 1 2", "no item NOTHING"), ("", "one rule a line")):
        answer = lead.submit("/forward-picks", "/forward-picks", merchant=house.tenant, rules=wrong)
        assert answer.status_code == 422
        assert told in answer.text
    gone = {"merchant": house.tenant, "item": house.items["TOWEL"], "place": face}
    assert lead.submit("/forward-picks", "/forward-picks/remove", **gone).status_code == 303
    assert "No pick face has a rule." in lead.page("/forward-picks")


def test_another_merchants_people_have_no_moves_page(house: WebHouse, signed_in: SignIn) -> None:
    merchant = signed_in("merchant")
    assert merchant.get("/moves").status_code == 403
    assert merchant.get("/forward-picks").status_code == 403


def test_a_backordered_order_gets_what_arrives_straight_from_the_dock(house: WebHouse, signed_in: SignIn) -> None:
    picker = signed_in("picker")
    free = do(lambda uow: inventory.availability(uow, tenant_id=house.tenant, skus=["LAMP"]))[0].available
    order = place(house, ("LAMP", free + 3))
    project()
    receipt = inventory.Receipt(house.items["LAMP"], "RETURNS", 5, "ASN-9")
    do(lambda uow: inventory.receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=[receipt]))
    project()
    to_floor(house)
    assert do(lambda uow: fulfillment.get_order(uow, order)).lines[0].units.allocated == free
    for step in inventory.MOVE_PLANNING:
        do(step)
    found = do(lambda uow: inventory.find_moves(uow, site_id=house.site, item_id=house.items["LAMP"])).items
    moves = {each.cause: each for each in found if each.from_code == "RETURNS"}
    assert {cause: each.quantity for cause, each in moves.items()} == {"cross_dock": 3, "put_away": 2}
    assert "orders wait" in picker.page("/moves")
    straight = moves["cross_dock"]
    assert carry(picker, f"/moves/{straight.id}", straight).status_code == 303
    to_floor(house)
    assert do(lambda uow: fulfillment.get_order(uow, order)).lines[0].units.allocated == free + 3
