"""Substitutes from the item's page to the customer's choice: at the shelf, on the desk and on the tracker."""

from collections.abc import Callable
from html import unescape

import pytest
from conftest import Visitor
from web_house import WebHouse, clear_floor, do, place, project, to_floor

from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork

pytestmark = pytest.mark.thorough

SignIn = Callable[[str], Visitor]


def stocked(house: WebHouse, name: str) -> dict[str, str]:
    """Two items of the merchant, a few units of each in a bin of its own."""

    def work(uow: UnitOfWork) -> dict[str, str]:
        drafts = [inventory.ItemDraft(f"{name}-{n}", f"{name} {n}", 100, 50, 50, 50) for n in ("RED", "BLUE")]
        items = inventory.create_items(uow, tenant_id=house.tenant, items=drafts)
        receipts = [
            inventory.Receipt(items[f"{name}-RED"], "A-01-05-1", 2, "ASN-9"),
            inventory.Receipt(items[f"{name}-BLUE"], "B-02-05-1", 3, "ASN-9"),
        ]
        inventory.receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=receipts)
        return items

    return do(work)


def asked(house: WebHouse, name: str) -> tuple[str, fulfillment.QuestionView]:
    """An order whose red item is missing and whose customer wants to be asked; return it and the question."""
    items = stocked(house, name)
    drafts = [fulfillment.SubstituteDraft(f"{name}-BLUE", "never_more", 1_490)]
    do(lambda uow: fulfillment.set_substitutes(uow, item_id=items[f"{name}-RED"], drafts=drafts))
    clear_floor(house)
    lines = (fulfillment.LineDraft(f"{name}-RED", 2, 1_990, substitutes="ask"), fulfillment.LineDraft("TOWEL", 1, 990))
    order_id = place(house, lines=lines)
    to_floor(house)

    def short(uow: UnitOfWork) -> None:
        work = fulfillment.claim_batch(uow, site_id=house.site)
        for slot in work.slots:
            fulfillment.bind_tote(uow, batch_id=work.batch_id, slot=slot.slot, tote=f"T-77{ord(name[0])}")
        task = next(t for t in work.tasks if t.sku == f"{name}-RED")
        fulfillment.short_pick(uow, task_id=task.task_id, found=0, reason="BIDF")
        towel = next(t for t in fulfillment.work_package(uow, work.batch_id).tasks if t.sku == "TOWEL")
        fulfillment.confirm_pick(
            uow, task_id=towel.task_id, location_code=towel.location_code, barcode="TOWEL", quantity=1, tote=towel.tote
        )
        fulfillment.finish_picking(uow, batch_id=work.batch_id)

    do(short, house["picker"])
    project()
    return order_id, do(lambda uow: fulfillment.order_questions(uow, order_id))[0]


def test_substitutes_are_said_with_a_form_and_a_file(house: WebHouse, signed_in: SignIn) -> None:
    items = stocked(house, "VASE")
    page = f"/items/{items['VASE-RED']}/substitutes"
    manager = signed_in("manager")
    assert f'href="{page}"' in manager.page(f"/items/{items['VASE-RED']}")
    assert manager.submit(page, page, substitutes="VASE-BLUE, lower, 1490").status_code == 303
    shown = unescape(manager.page(page))
    assert "€14.90; only if that is not more than was ordered" in shown
    text = manager.get(f"{page}.csv").text
    assert "VASE-RED,VASE-BLUE,lower,1490" in text
    refused = manager.submit(page, page, substitutes="VASE-BLUE\nNOTHING, same")
    assert (refused.status_code, "There is no item NOTHING." in refused.text) == (422, True)
    sent = manager.submit(page, f"{page}/file", csv="sku,substitute_sku\nVASE-RED,\nVASE-BLUE,VASE-RED\n")
    assert sent.status_code == 303
    assert "Nothing may go out instead." in manager.page(page)
    assert "Change the substitutes" not in signed_in("picker").page(page)


def test_a_customer_chooses_on_the_tracker(house: WebHouse, visitor: Visitor) -> None:
    order_id, question = asked(house, "BOWL")
    home = f"/t/{fulfillment.tracking_token(order_id)}"
    page = unescape(visitor.page(home))
    assert "Something of your order is missing" in page
    assert "One item ships later" not in page
    assert f"{home}/choice?question={question.id}" in page
    form = f"{home}/choice?question={question.id}"
    assert "Take 2 \N{MULTIPLICATION SIGN} BOWL BLUE instead, and get €10.00 back" in unescape(visitor.page(form))
    cancel = visitor.submit(form, f"{home}/choice", choice="cancel", question=question.id)
    assert "Is this your order?" in cancel.text, "only the recipient cancels"
    answer = visitor.submit(form, f"{home}/choice", choice="substitute", question=question.id)
    assert "We send the replacement with your order." in answer.text
    found = do(lambda uow: fulfillment.get_order(uow, order_id))
    assert [line.sku for line in found.lines if line.replaces_line_id] == ["BOWL-BLUE"]
    assert "Something of your order is missing" not in visitor.page(home)
    late = visitor.get(form)
    assert "We send the replacement" in late.text
    clear_floor(house)


def test_an_agent_answers_for_the_customer(house: WebHouse, signed_in: SignIn) -> None:
    order_id, question = asked(house, "CUP")
    service = signed_in("service")
    page = service.page(f"/orders/{order_id}")
    assert "Answer for the customer" in page
    assert "You can choose by" in page
    assert "Release the hold" not in page
    sent = service.submit(f"/orders/{order_id}", f"/orders/{order_id}/choice", choice="leave_out", question=question.id)
    assert sent.status_code == 303
    again = service.get(f"/orders/{order_id}")
    assert "Answer for the customer" not in again.text
    units = do(lambda uow: fulfillment.get_order(uow, order_id)).units
    assert (units.cancelled, units.backordered) == (2, 0)
    clear_floor(house)


@pytest.mark.parametrize("question", ["", "qst_unknown"])
def test_nothing_to_choose_is_said(house: WebHouse, visitor: Visitor, question: str) -> None:
    order_id = place(house, ("PEN-L", 1))
    answer = visitor.get(f"/t/{fulfillment.tracking_token(order_id)}/choice?question={question}")
    assert (answer.status_code, "There is nothing to choose." in answer.text) == (404, True)


def test_the_lead_sees_whom_a_short_pick_touches(house: WebHouse, signed_in: SignIn) -> None:
    order_id, _ = asked(house, "JUG")
    manager = signed_in("manager")
    page = unescape(manager.page("/shorts"))
    assert "0 units found of 2." in page
    assert f"/orders/{order_id}" in page
    assert "the customer is asked" in page
    assert "No other order relied on this bin." in page
    assert 'href="/shorts"' in manager.page("/board")
    clear_floor(house)
