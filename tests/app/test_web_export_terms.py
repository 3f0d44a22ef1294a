"""Who exports a merchant's goods: told by the house for each, by a merchant for itself; goods are told at packing."""

from collections.abc import Callable

import pytest
from conftest import Visitor
from sqlalchemy import text
from web_house import WebHouse, do, pack, pick_everything, place, to_floor

from app.rooms import SUBSCRIPTIONS
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.db.relay import relay
from shipping import api as shipping

SignIn = Callable[[str], Visitor]
PAGE = "/export-terms"
BERN = fulfillment.Address("Ana Kovač", "Weg 1", "Bern", "3000", "CH")


def terms_of(tenant: str) -> shipping.ExportTermsView:
    return do(lambda uow: shipping.export_terms(uow, tenant))


def wishes(tenant: str, **changes: str) -> dict[str, str]:
    known = {
        "merchant": tenant, "version": str(terms_of(tenant).version), "eori": "de 1234567",
        "vat_number": "DE 811111111", "signer": "Petra Muster", "phone": "+49 30 123456", "incoterm": "DDP",
    }  # fmt: skip
    return known | changes


def test_a_manager_says_it_for_each_merchant(house: WebHouse, signed_in: SignIn) -> None:
    manager, page = signed_in("manager"), f"{PAGE}?merchant={house.rival}"
    assert manager.submit(page, PAGE, **wishes(house.rival, signer="", eori="")).status_code == 303
    assert "Carriers ask for the signer and the EORI number too." in manager.page(page)
    assert manager.submit(page, PAGE, **wishes(house.rival)).status_code == 303
    told = shipping.ExportTerms("DE1234567", "DE811111111", "Petra Muster", "+4930123456", "DDP")
    assert terms_of(house.rival).terms == told
    shown = manager.page(page)
    assert "DE1234567" in shown
    assert "Carriers ask for" not in shown
    assert f'href="{PAGE}"' in manager.page("/order-policy")
    assert f'href="{PAGE}"' in manager.page("/carrier-accounts")


def test_a_merchant_says_it_for_itself_alone(house: WebHouse, signed_in: SignIn) -> None:
    merchant, before = signed_in("merchant"), terms_of(house.rival)
    assert merchant.submit(PAGE, PAGE, **wishes(house.tenant, merchant=house.rival)).status_code == 303
    assert terms_of(house.rival) == before
    assert terms_of(house.tenant).terms.signer == "Petra Muster"


def test_what_cannot_be_comes_back_with_its_reason(house: WebHouse, signed_in: SignIn) -> None:
    manager, before = signed_in("manager"), terms_of(house.rival)
    page = f"{PAGE}?merchant={house.rival}"
    wrong = manager.submit(page, PAGE, **wishes(house.rival, phone="ring me"))
    assert (wrong.status_code, "A plus and 5 to 14 digits" in wrong.text) == (422, True)
    stale = manager.submit(page, PAGE, **wishes(house.rival, version="999"))
    assert stale.status_code == 412
    assert terms_of(house.rival) == before
    assert "Change the terms" not in signed_in("service").page(PAGE)


@pytest.mark.thorough
def test_goods_are_told_at_packing_and_what_is_learned_of_them_since(house: WebHouse) -> None:
    item = do(lambda uow: inventory.item_by_sku(uow, tenant_id=house.tenant, sku="MUG-BL"))
    assert item is not None
    tell(house, item.id, inventory.TradeFacts("691200"))
    order_id = place(house, ("MUG-BL", 2), ship_to=BERN)
    to_floor(house)
    pick_everything(house)
    parcel = pack(house, order_id, wrong_by_g=900)
    order = do(lambda uow: fulfillment.get_order(uow, order_id))
    told = exported(parcel.id)
    assert told["number"] == f"{order.external_id}-{parcel.sscc[-6:]}"
    (line,) = told["goods"]
    assert (line["hs_code"], line["country_of_origin"], line["unit_value_minor"]) == ("691200", "", 1_990)
    tell(house, item.id, inventory.TradeFacts("691200", "DE"))
    relay(SUBSCRIPTIONS)
    assert exported(parcel.id)["goods"][0]["country_of_origin"] == "DE"


def exported(parcel_id: str) -> dict[str, object]:
    statement = text("select invoice_number, goods from parcel_export where parcel_id = :parcel")
    row = do(lambda uow: uow.session.execute(statement, {"parcel": parcel_id}).one())
    return {"number": row.invoice_number, "goods": row.goods}


def tell(house: WebHouse, item_id: str, facts: inventory.TradeFacts) -> None:
    do(lambda uow: inventory.set_trade_facts(uow, tenant_id=house.tenant, item_id=item_id, facts=facts))
