"""A lead issues the bill of lading of a manifest on its page or through the interface, and prints it."""

from collections.abc import Callable
from html import unescape

import pypdfium2
import pytest
from conftest import Visitor
from web_house import WebHouse, delivered, do

from app.web.labels import manifest_label
from fulfillment import api as fulfillment
from shipping import api as shipping

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def order(house: WebHouse) -> fulfillment.OrderView:
    order_id = delivered(house, ("MUG-BL", 1))
    return do(lambda uow: fulfillment.get_order(uow, order_id))


def test_a_bill_is_issued_told_and_printed(
    house: WebHouse, order: fulfillment.OrderView, signed_in: Callable[[str], Visitor]
) -> None:
    parcel = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order.id))[0]
    lead, packer = signed_in("manager"), signed_in("packer")
    page = f"/manifests/{parcel.manifest_id}/bill-of-lading"
    assert page in lead.page("/manifests")
    assert page not in packer.page("/manifests")
    before = lead.get(f"/v1{page}")
    assert (before.status_code, before.json()["code"]) == (409, "no_bill_of_lading")
    assert "Issue it" in unescape(lead.page(page))

    refused = lead.submit(page, page, scac="N1")
    assert (refused.status_code, "two to four letters" in unescape(refused.text)) == (422, True)
    assert lead.submit(page, page, scac="npst", trailer="T-7").status_code == 303

    bill = lead.get(f"/v1{page}").json()
    shown = unescape(lead.page(page))
    printed = lead.get(f"/v1{page}.pdf")
    text = pypdfium2.PdfDocument(printed.content)[0].get_textpage().get_text_bounded()
    assert (bill["scac"], bill["trailer"], bill["manifest_number"]) == (
        "NPST",
        "T-7",
        manifest_label(parcel.manifest_id or ""),
    )
    assert parcel.tracking_number in [each["tracking_number"] for each in bill["parcels"]]
    assert order.external_id in [each["reference"] for each in bill["parcels"]]
    assert bill["number"] in shown
    assert bill["number"] in text
    assert order.external_id in text
    for role in ("packer", "picker", "merchant"):
        assert signed_in(role).get(f"/v1{page}").status_code == 403
        assert signed_in(role).get(f"/v1{page}.pdf").status_code == 403
    assert lead.get("/v1/manifests/man_nobody/bill-of-lading").status_code == 404
