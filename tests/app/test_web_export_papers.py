"""A parcel that leaves the customs area: what is missing stops it before its label, then it has its papers."""

from collections.abc import Callable

import pypdfium2
import pytest
from conftest import Visitor
from web_house import WebHouse, delivered, do, pack, pick_everything, place, to_floor

from fulfillment import api as fulfillment
from inventory import api as inventory
from shipping import api as shipping

pytestmark = pytest.mark.thorough

BERN = fulfillment.Address("Ana Kovač", "Weg 1", "Bern", "3000", "CH")


def require(house: WebHouse, choice: str) -> None:
    do(
        lambda uow: fulfillment.set_order_policy(
            uow, tenant_id=house.tenant, on_shortage="wait", horizon_days=14, customs_facts=choice
        )
    )


def parcel_of(house: WebHouse, order_id: str) -> shipping.ParcelView:
    return do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))[0]


def test_goods_without_facts_are_not_packed_for_abroad_and_with_them_have_papers(
    house: WebHouse, signed_in: Callable[[str], Visitor]
) -> None:
    item = do(lambda uow: inventory.item_by_sku(uow, tenant_id=house.tenant, sku="MUG-BL"))
    assert item is not None
    tell(house, item.id, inventory.TradeFacts("691200"))
    require(house, "required")
    order_id = place(house, ("MUG-BL", 2), ship_to=BERN)
    to_floor(house)
    pick_everything(house)
    with pytest.raises(fulfillment.CustomsFactsMissing) as refused:
        pack(house, order_id)
    assert refused.value.facts["goods"] == {"MUG-BL": ["country of origin"]}
    assert do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id)) == []

    tell(house, item.id, inventory.TradeFacts("691200", "DE"))
    pack(house, order_id)
    require(house, "optional")
    parcel, packer = parcel_of(house, order_id), signed_in("packer")
    address = f"/v1/parcels/{parcel.id}"
    told = packer.get(f"{address}/customs-declaration").json()
    assert told["lines"][0]["hs_code"] == "691200"
    assert (told["lines"][0]["country_of_origin"], told["quantity"], told["value_minor"]) == ("DE", 2, 3_980)
    assert told["net_weight_g"] == 2 * item.weight_g
    assert told["recipient"]["country"] == "CH"
    printed = packer.get(f"{address}/commercial-invoice.pdf")
    text = pypdfium2.PdfDocument(printed.content)[0].get_textpage().get_text_bounded()
    assert told["number"] in text
    assert "39.80" in text
    assert f"/parcels/{parcel.id}/commercial-invoice.pdf" in packer.page(f"/parcels/{parcel.id}")
    assert packer.get(f"/parcels/{parcel.id}/commercial-invoice.pdf").content == printed.content
    for name in ("customs-declaration", "commercial-invoice.pdf"):
        assert packer.get(f"/v1/parcels/par_nobody/{name}").status_code == 404
        assert signed_in("picker").get(f"{address}/{name}").status_code == 403


def test_a_parcel_that_stays_inside_needs_none(house: WebHouse, signed_in: Callable[[str], Visitor]) -> None:
    parcel, packer = parcel_of(house, delivered(house, ("MUG-BL", 1))), signed_in("packer")
    answer = packer.get(f"/v1/parcels/{parcel.id}/commercial-invoice.pdf")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_customs_border")
    assert "commercial-invoice" not in packer.page(f"/parcels/{parcel.id}")


def tell(house: WebHouse, item_id: str, facts: inventory.TradeFacts) -> None:
    do(lambda uow: inventory.set_trade_facts(uow, tenant_id=house.tenant, item_id=item_id, facts=facts))


def test_without_that_rule_the_parcel_goes_and_its_papers_say_what_they_lack(
    house: WebHouse, signed_in: Callable[[str], Visitor]
) -> None:
    item = do(lambda uow: inventory.item_by_sku(uow, tenant_id=house.tenant, sku="MUG-BL"))
    assert item is not None
    tell(house, item.id, inventory.TradeFacts())
    require(house, "optional")
    order_id = place(house, ("MUG-BL", 1), ship_to=BERN)
    to_floor(house)
    pick_everything(house)
    pack(house, order_id)
    answer = signed_in("packer").get(f"/v1/parcels/{parcel_of(house, order_id).id}/commercial-invoice.pdf")
    assert (answer.status_code, answer.json()["code"]) == (409, "customs_facts_missing")
    assert answer.json()["goods"] == {"MUG-BL": ["HS code", "country of origin"]}
