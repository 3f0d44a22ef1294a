"""The trade facts of an item are told on its page or through the interface."""

from collections.abc import Callable
from html import unescape

from conftest import Visitor
from web_house import WebHouse, do

from inventory import api as inventory


def test_trade_facts_are_told_on_the_page_and_read_through_the_interface(
    house: WebHouse, signed_in: Callable[[str], Visitor]
) -> None:
    item = do(lambda uow: inventory.item_by_sku(uow, tenant_id=house.tenant, sku="MUG-BL"))
    assert item is not None
    page, merchant = f"/items/{item.id}/trade", signed_in("merchant")
    assert page in merchant.page(f"/items/{item.id}")
    refused = merchant.submit(page, page, hs_code="69", country_of_origin="DE")
    assert (refused.status_code, "6 to 10 digits" in unescape(refused.text)) == (422, True)
    refused = merchant.submit(page, page, un_number="1950", hazard_class="2.1")
    assert (refused.status_code, "Mark the item as hazardous" in unescape(refused.text)) == (422, True)
    assert merchant.submit(page, page, hs_code="6912.00", country_of_origin="de").status_code == 303

    told = merchant.get(f"/v1{page}")
    assert (told.json()["hs_code"], told.json()["country_of_origin"]) == ("691200", "DE")
    assert told.headers["etag"] == f'"v{told.json()["version"]}"'
    assert "HS 691200, from DE" in unescape(merchant.page(f"/items/{item.id}"))
    assert signed_in("picker").get(page).status_code == 403
    assert merchant.get("/v1/items/itm_nobody/trade").status_code == 404
