"""A lead states which dangerous goods a carrier's service takes; goods that none takes stop at the bench by name."""

from collections.abc import Callable
from html import unescape

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
PATH = "/carrier-services"
PAINT = {"un_number": "UN1263", "hazard_class": "3", "packing_group": "II", "net_quantity": 500, "net_unit": "ml"}


def services(house: WebHouse) -> tuple[shipping.CarrierService, ...]:
    return do(lambda uow: shipping.carrier_services(uow, site_id=house.site))


def forget(house: WebHouse, carrier: str) -> None:
    """Leave a carrier's services as they were before anybody could state anything."""
    values = {"site": house.site, "carrier": carrier}
    statement = text(
        "update carrier_service set dangerous_goods = 'not_stated', mode = ''"
        " where site_id = :site and carrier = :carrier"
    )
    do(lambda uow: uow.session.execute(statement, values))


def form(service: str, takes: str, mode: str = "ground") -> dict[str, str]:
    return {"service": service, "dangerous_goods": takes, "mode": mode}


def test_what_nobody_stated_is_named_to_decide_until_the_lead_decides(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    assert "To decide" not in lead.page(PATH)
    forget(house, "cargo_line")
    page = unescape(lead.page(PATH))
    assert "so that 2 services may get any: Cargo Line Freight" in page
    assert "Cargo Line Freight, Cargo Line Priority freight." in page
    assert "Not stated: takes everything" in page

    wrong = lead.submit(PATH, PATH, **form("cargo_line/freight", "", ""))
    assert (wrong.status_code, "Choose one of none, excepted" in unescape(wrong.text)) == (422, True)
    flies = lead.submit(PATH, PATH, **form("swift_parcel/express", "limited_quantities", "air"))
    assert (flies.status_code, "need a shipper's declaration" in unescape(flies.text)) == (422, True)
    for service in ("freight", "freight_priority"):
        assert lead.submit(PATH, PATH, **form(f"cargo_line/{service}", "fully_regulated")).status_code == 303
    assert "To decide" not in lead.page(PATH)
    assert {each.dangerous_goods for each in services(house) if each.carrier == "cargo_line"} == {"fully_regulated"}
    assert lead.submit(PATH, PATH, **form("cargo_line/balloon", "none")).status_code == 404
    for role in ("packer", "merchant"):
        assert signed_in(role).get(PATH).status_code == 403
    for page_with_link in ("/release", "/carrier-accounts"):
        assert f'href="{PATH}"' in lead.page(page_with_link)


@pytest.mark.thorough
def test_goods_that_no_service_takes_stay_at_the_bench_until_one_is_stated(house: WebHouse, signed_in: SignIn) -> None:
    lead, item = signed_in("manager"), do(lambda uow: inventory.get_item(uow, house.items["PEN-L"]))
    draft = inventory.ItemDraft(
        "PEN-L", item.name, item.weight_g, item.length_mm, item.width_mm, item.height_mm, item.gtins, hazmat=True
    )
    do(lambda uow: inventory.create_items(uow, tenant_id=house.tenant, items=[draft]))
    facts = inventory.TradeFacts(**PAINT)
    do(lambda uow: inventory.set_trade_facts(uow, tenant_id=house.tenant, item_id=item.id, facts=facts))
    for service in ("freight", "freight_priority"):
        assert lead.submit(PATH, PATH, **form(f"cargo_line/{service}", "limited_quantities")).status_code == 303
    order_id = place(house, ("PEN-L", 1))
    to_floor(house)
    pick_everything(house)
    try:
        with pytest.raises(shipping.DangerousGoodsRefused) as refused:
            pack(house, order_id)
        assert "PEN-L: fully regulated dangerous goods" in refused.value.detail
        assert do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id)) == []
        waiting = do(lambda uow: fulfillment.get_order(uow, order_id))
        assert waiting.lines[0].units.picked == 1
    finally:
        for service in ("freight", "freight_priority"):
            lead.submit(PATH, PATH, **form(f"cargo_line/{service}", "fully_regulated"))
    do(lambda uow: fulfillment.pack_order(uow, tenant_id=house.tenant, order_id=order_id), house["packer"])
    [parcel] = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
    assert parcel.contents[0].dangerous_goods == "fully_regulated"

    told = inventory.TradeFacts(**PAINT, limited_quantity=True)
    do(lambda uow: inventory.set_trade_facts(uow, tenant_id=house.tenant, item_id=item.id, facts=told))
    relay(SUBSCRIPTIONS)
    [parcel] = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
    assert parcel.contents[0].dangerous_goods == "limited_quantities"


@pytest.mark.thorough
def test_the_ledger_says_why_the_baseline_saves_nothing(house: WebHouse, signed_in: SignIn) -> None:
    item = do(lambda uow: inventory.get_item(uow, house.items["TOWEL"]))
    draft = inventory.ItemDraft(
        "TOWEL", item.name, item.weight_g, item.length_mm, item.width_mm, item.height_mm, item.gtins, hazmat=True
    )
    do(lambda uow: inventory.create_items(uow, tenant_id=house.tenant, items=[draft]))
    order_id = place(house, ("TOWEL", 1))
    to_floor(house)
    pick_everything(house)
    parcel, lead = pack(house, order_id), signed_in("manager")
    reason = "It takes limited quantities at most; inside: fully regulated dangerous goods."
    page = unescape(lead.page("/savings"))
    assert f"The baseline: {reason}" in page
    assert "Swift Parcel Ground, not for these goods" in page
    assert reason in lead.get("/savings.csv").text
    assert reason in unescape(lead.page(f"/parcels/{parcel.id}"))
