"""Hazardous goods: what is missing stops them before their label, then they have marks and a transport document."""

from collections.abc import Callable
from html import unescape

import pypdfium2
import pytest
from conftest import Visitor
from web_house import WebHouse, delivered, do, pack, pick_everything, place, ship, to_floor

from app.web.labels import manifest_label
from fulfillment import api as fulfillment
from inventory import api as inventory
from shipping import api as shipping

pytestmark = pytest.mark.thorough
SignIn = Callable[[str], Visitor]
LAMP = inventory.TradeFacts(
    un_number="UN3481", proper_shipping_name="LITHIUM ION BATTERIES CONTAINED IN EQUIPMENT", hazard_class="9",
    limited_quantity=True, tunnel_code="E", net_quantity=90, battery_mark=True,
)  # fmt: skip


@pytest.fixture
def lamp(house: WebHouse) -> inventory.ItemView:
    item = do(lambda uow: inventory.get_item(uow, house.items["LAMP"]))
    draft = inventory.ItemDraft(
        "LAMP", item.name, item.weight_g, item.length_mm, item.width_mm, item.height_mm, item.gtins, hazmat=True
    )
    do(lambda uow: inventory.create_items(uow, tenant_id=house.tenant, items=[draft]))
    return item


def tell(house: WebHouse, facts: inventory.TradeFacts) -> None:
    item_id = house.items["LAMP"]
    do(lambda uow: inventory.set_trade_facts(uow, tenant_id=house.tenant, item_id=item_id, facts=facts))


def require(house: WebHouse, choice: str) -> None:
    do(
        lambda uow: fulfillment.set_order_policy(
            uow, tenant_id=house.tenant, on_shortage="wait", horizon_days=14, dangerous_facts=choice
        )
    )


def parcel_of(house: WebHouse, order_id: str) -> shipping.ParcelView:
    return do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))[0]


def words(pdf: bytes) -> list[str]:
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in pypdfium2.PdfDocument(pdf)]


def test_goods_without_facts_are_not_packed_and_with_them_have_marks_and_papers(
    house: WebHouse, lamp: inventory.ItemView, signed_in: SignIn
) -> None:
    tell(house, inventory.TradeFacts())
    require(house, "required")
    order_id = place(house, ("LAMP", 2))
    to_floor(house)
    pick_everything(house)
    with pytest.raises(fulfillment.DangerousFactsMissing) as refused:
        pack(house, order_id)
    assert refused.value.facts["goods"] == {"LAMP": ["UN number and class", "net quantity of a unit"]}
    assert "under Trade" in refused.value.remedy
    assert do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id)) == []

    tell(house, LAMP)
    pack(house, order_id)
    require(house, "optional")
    ship(house, hand_over=False)
    parcel, packer, lead = parcel_of(house, order_id), signed_in("packer"), signed_in("manager")
    told = packer.get(f"/v1/parcels/{parcel.id}/dangerous-goods").json()
    [package] = told["packages"]
    assert package["lines"][0]["description"] == (
        "UN3481 LITHIUM ION BATTERIES CONTAINED IN EQUIPMENT, 9, (E)"
    )  # fmt: skip
    assert (package["lines"][0]["net_quantity"], package["kind"]) == (180, "fiberboard box")
    printed = packer.get(f"/v1/parcels/{parcel.id}/dangerous-goods.pdf")
    assert all(each in words(printed.content)[0] for each in (told["number"], "LTD QTY", "0.180 kg", "UN3481"))

    label, thermal = (packer.get(f"/v1/parcels/{parcel.id}/label.{kind}") for kind in ("pdf", "zpl"))
    first, limited, battery = words(label.content)
    assert all(parcel.tracking_number in each for each in (first, limited, battery))
    assert "UN3481" in battery
    assert thermal.content.count(b"^XA") == 3
    assert b"UN3481" in thermal.content
    assert len(words(packer.get(f"/v1/parcels/{parcel.id}/marks.pdf").content)) == 2

    page = packer.page(f"/parcels/{parcel.id}")
    for name in ("dangerous-goods.pdf", "marks.pdf"):
        assert f"/parcels/{parcel.id}/{name}" in page
        assert packer.get(f"/parcels/{parcel.id}/{name}").status_code == 200
        assert packer.get(f"/v1/parcels/par_nobody/{name}").status_code == 404
        assert signed_in("picker").get(f"/v1/parcels/{parcel.id}/{name}").status_code == 403
    papers = f"/manifests/{parcel.manifest_id}/dangerous-goods.pdf"
    assert papers in lead.page("/manifests")
    together = lead.get(f"/v1{papers}")
    assert manifest_label(parcel.manifest_id or "") in words(together.content)[0]
    assert lead.get(papers).content == together.content
    assert signed_in("packer").get(f"/v1{papers}").status_code == 403
    assert lead.get("/v1/manifests/man_nobody/dangerous-goods.pdf").status_code == 404


def test_a_parcel_without_dangerous_goods_has_neither(house: WebHouse, signed_in: SignIn) -> None:
    parcel, packer = parcel_of(house, delivered(house, ("MUG-BL", 1))), signed_in("packer")
    for name, code in (("dangerous-goods.pdf", "no_dangerous_goods"), ("marks.pdf", "no_transport_marks")):
        answer = packer.get(f"/v1/parcels/{parcel.id}/{name}")
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert name not in packer.page(f"/parcels/{parcel.id}")
    assert len(words(packer.get(f"/v1/parcels/{parcel.id}/label.pdf").content)) == 1


def test_without_that_rule_the_goods_go_and_the_paper_says_what_it_lacks(
    house: WebHouse, lamp: inventory.ItemView, signed_in: SignIn
) -> None:
    tell(house, inventory.TradeFacts(un_number="UN3481", hazard_class="9"))
    require(house, "optional")
    order_id = place(house, ("LAMP", 1))
    to_floor(house)
    pick_everything(house)
    pack(house, order_id)
    answer = signed_in("packer").get(f"/v1/parcels/{parcel_of(house, order_id).id}/dangerous-goods")
    assert (answer.status_code, answer.json()["code"]) == (409, "dangerous_facts_missing")
    assert answer.json()["goods"] == {"LAMP": ["net quantity of a unit"]}


def test_the_facts_are_told_on_the_page_of_the_item(
    house: WebHouse, lamp: inventory.ItemView, signed_in: SignIn
) -> None:
    merchant, page = signed_in("merchant"), f"/items/{lamp.id}/trade"
    told = {"un_number": "3481", "hazard_class": "9", "tunnel_code": "E", "net_quantity": "90", "net_unit": "g"}
    refused = merchant.submit(page, page, **told, subsidiary_hazards="9")
    assert (refused.status_code, "commas between them" in unescape(refused.text)) == (422, True)
    assert merchant.submit(page, page, **told, battery_mark="yes").status_code == 303
    facts = merchant.get(f"/v1{page}").json()
    assert (facts["tunnel_code"], facts["net_quantity"], facts["battery_mark"]) == ("E", 90, True)
