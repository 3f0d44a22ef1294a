"""A return over a customs border: its customer and the desk print its pro forma invoice, and nobody else."""

from collections.abc import Callable

import pypdfium2
import pytest
from conftest import Visitor
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
    order_id = place(house, ("MUG-BL", 2), ship_to=BERN)
    project()
    to_floor(house)
    pick_everything(house)
    pack(house, order_id)
    ship(house)
    parcel = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))[0]
    for event, hours_ago in (("transit", 3), ("out", 2), ("delivered", 1)):
        scan(house, parcel, event, hours_ago=hours_ago)
    order = do(lambda uow: fulfillment.get_order(uow, order_id))
    page = f"/t/{fulfillment.tracking_token(order_id)}"
    customer.submit(page, f"{page}/verify", postal_code="3000", email=order.customer.email)
    receipt = customer.submit(
        f"{page}/return", f"{page}/return", **{f"qty_{order.lines[0].id}": "1", "reason": "unwanted"}
    )
    (found,) = do(lambda uow: returns.returns_of_order(uow, order_id))
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
