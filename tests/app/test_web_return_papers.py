"""A return over a customs border: its customer and the desk print its pro forma invoice, and nobody else."""

from collections.abc import Callable

import pypdfium2
import pytest
from conftest import Visitor
from sqlalchemy import text
from web_house import WebHouse, do, pack, pick_everything, place, project, scan, ship, to_floor

from fulfillment import api as fulfillment
from inventory import api as inventory
from returns import api as returns
from shipping import api as shipping

pytestmark = pytest.mark.thorough

BERN = fulfillment.Address("Ana Kovač", "Weg 1", "Bern", "3000", "CH")


def returned_from_bern(house: WebHouse, customer: Visitor) -> tuple[str, returns.ReturnView, str]:
    """An order sent to Bern of which one unit of two comes back: its page, its return, and the customer's receipt."""
    item = do(lambda uow: inventory.item_by_sku(uow, tenant_id=house.tenant, sku="MUG-BL"))
    assert item is not None
    facts = inventory.TradeFacts("691200", "CN")
    do(lambda uow: inventory.set_trade_facts(uow, tenant_id=house.tenant, item_id=item.id, facts=facts))
    terms = shipping.ExportTerms("DE1234567", "", "Petra Muster", "+4930123456", "DAP")
    do(lambda uow: shipping.set_export_terms(uow, tenant_id=house.tenant, terms=terms))
    return returned(house, customer, delivered(house, "MUG-BL", BERN))


def delivered(house: WebHouse, sku: str, ship_to: fulfillment.Address) -> fulfillment.OrderView:
    """An order of two units that has reached its customer."""
    order_id = place(house, (sku, 2), ship_to=ship_to)
    project()
    to_floor(house)
    pick_everything(house)
    pack(house, order_id)
    ship(house)
    parcel = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))[0]
    for event, hours_ago in (("transit", 3), ("out", 2), ("delivered", 1)):
        scan(house, parcel, event, hours_ago=hours_ago)
    return do(lambda uow: fulfillment.get_order(uow, order_id))


def returned(
    house: WebHouse, customer: Visitor, order: fulfillment.OrderView
) -> tuple[str, returns.ReturnView, str]:  # fmt: skip
    """Its customer asks to send one unit back: the order's page, the return, and the receipt."""
    page = f"/t/{fulfillment.tracking_token(order.id)}"
    customer.submit(page, f"{page}/verify", postal_code=order.ship_to.postal_code, email=order.customer.email)
    receipt = customer.submit(
        f"{page}/return", f"{page}/return", **{f"qty_{order.lines[0].id}": "1", "reason": "unwanted"}
    )
    (found,) = do(lambda uow: returns.returns_of_order(uow, order.id))
    return page, found, receipt.text


def test_a_return_over_the_border_has_its_pro_forma_invoice(
    house: WebHouse, visitor: Visitor, signed_in: Callable[[str], Visitor]
) -> None:
    page, found, receipt = returned_from_bern(house, visitor)
    sent, back = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=found.order_id))
    if sent.kind == "return":
        sent, back = back, sent
    printed = visitor.get(f"{page}/returns/{found.id}/invoice.pdf")
    text = pypdfium2.PdfDocument(printed.content)[0].get_textpage().get_text_bounded()
    order = do(lambda uow: fulfillment.get_order(uow, found.order_id))
    export = fulfillment.invoice_number(order.external_id, sent.sscc)
    for told in (
        "Pro forma invoice", shipping.pro_forma_number(export, back.sscc), "Returned goods", "691200", "19.90",
        "952/2013", "DE1234567", "Sender, a private person", "Ana Kovač",
        f"Exported with invoice {export} of {sent.packed_at:%Y-%m-%d}, waybill {sent.tracking_number}.",
    ):  # fmt: skip
        assert told in text
    assert "Print the invoice for customs" in receipt
    assert f"{page}/returns/{found.id}/invoice.pdf" in visitor.page(page)

    clerk = signed_in("manager")
    address = f"/parcels/{found.parcel_id}/commercial-invoice.pdf"
    assert address in clerk.page(f"/returns/{found.id}")
    declared = signed_in("packer").get(f"/v1/parcels/{found.parcel_id}/customs-declaration").json()
    assert (declared["is_return"], declared["quantity"], declared["sender"]["country"]) == (True, 1, "CH")

    stranger = Visitor(visitor.base_url)
    assert "Is this your order?" in stranger.get(f"{page}/returns/{found.id}/invoice.pdf").text
    stranger.close()
    assert visitor.get(f"{page}/returns/rma_nothing/invoice.pdf").status_code == 404


def test_a_return_that_no_label_can_be_made_for_is_kept_for_the_desk(
    house: WebHouse, visitor: Visitor, signed_in: Callable[[str], Visitor]
) -> None:
    order = delivered(house, "TOWEL", BERN)
    item = do(lambda uow: inventory.get_item(uow, house.items["TOWEL"]))
    draft = inventory.ItemDraft(
        "TOWEL", item.name, item.weight_g, item.length_mm, item.width_mm, item.height_mm, item.gtins, hazmat=True
    )
    do(lambda uow: inventory.create_items(uow, tenant_id=house.tenant, items=[draft]))
    _, found, receipt = returned(house, visitor, order)
    assert (found.state, found.parcel_id) == ("requested", "")
    assert "We have your request" in receipt
    assert "We make the label and the papers of this return by hand." in receipt
    desk = signed_in("manager")
    refused = desk.submit(f"/returns/{found.id}", f"/returns/{found.id}/authorize")
    assert (refused.status_code, "fully regulated dangerous goods" in refused.text) == (409, True)
    assert do(lambda uow: returns.get_return(uow, found.id)).state == "requested"
    takes_all = shipping.GoodsTerms("fully_regulated", "ground")
    do(
        lambda uow: shipping.set_service_goods(
            uow, site_id=house.site, carrier="northpost", service="tracked", goods=takes_all
        )
    )
    done = desk.submit(f"/returns/{found.id}", f"/returns/{found.id}/authorize")
    assert done.status_code == 303, done.text
    assert do(lambda uow: returns.get_return(uow, found.id)).state == "label_issued"
    told = do(
        lambda uow: uow.session.scalars(
            text("select type from event where order_id = :order and type like 'returns.%' order by id"),
            {"order": order.id},
        ).all()
    )
    assert told == ["returns.return_requested.v1", "returns.return_authorized.v1", "returns.label_issued.v1"]
