"""A lead counts cartons, sees which run low, and the board says so."""

from collections.abc import Callable
from html import unescape

import pytest
from conftest import Visitor
from web_house import WebHouse, do

from shipping import api as shipping

SignIn = Callable[[str], Visitor]


def left(house: WebHouse, code: str) -> int | None:
    stock = do(lambda uow: shipping.carton_stock(uow, site_id=house.site))
    return next(each.on_hand for each in stock if each.carton_code == code)


def test_a_lead_counts_receives_and_stops_counting(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    page = unescape(lead.page("/cartons"))
    assert "No carton was counted yet." in page
    assert "/cartons/receive" not in page
    assert "Cartons to order" not in lead.page("/board")

    told = {"carton": "XL", "on_hand": "2", "reorder_point": "5", "tell": "Purchasing, ext. <12>"}
    assert lead.submit("/cartons", "/cartons/count", **told).status_code == 303
    page = lead.page("/cartons")
    assert "<12>" not in page
    assert "Runs low" in page
    assert "Tell Purchasing, ext. <12>" in unescape(page)
    assert "Cartons to order" in lead.page("/board")

    assert lead.submit("/cartons", "/cartons/receive", carton="XL", quantity="10", note="DN 4711").status_code == 303
    page = unescape(lead.page("/cartons"))
    assert "Received: DN 4711" in page
    assert left(house, "XL") == 12
    assert "Cartons to order" not in lead.page("/board")

    assert lead.submit("/cartons", "/cartons/stop", carton="XL").status_code == 303
    assert left(house, "XL") is None


@pytest.mark.usefixtures("house")
def test_what_is_wrong_is_told_at_its_field(signed_in: SignIn) -> None:
    lead = signed_in("manager")
    for wrong, told in (({"on_hand": "some"}, "whole number"), ({"carton": "NO"}, "no carton NO")):
        sent = lead.submit(
            "/cartons", "/cartons/count", **({"carton": "XL", "on_hand": "2", "reorder_point": "5"} | wrong)
        )
        assert sent.status_code in (404, 422)
        assert told in unescape(sent.text)
    assert signed_in("packer").get("/cartons").status_code == 403


def test_a_lead_adds_a_mailer(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    told = {
        "kind": "mailer", "code": "BAG-M", "name": "Bag, medium", "length_mm": "350", "width_mm": "260",
        "height_mm": "60", "tare_g": "15", "max_weight_g": "3000", "cost": "0.09",
    }  # fmt: skip
    for wrong, said in (({"cost": "cheap"}, "no amount"), ({"height_mm": "300"}, "bulge"), ({"name": " "}, "name has")):
        refused = lead.submit("/cartons", "/cartons/describe", **(told | wrong))
        assert refused.status_code == 422
        assert said in unescape(refused.text)
    assert lead.submit("/cartons", "/cartons/describe", **told).status_code == 303
    page = unescape(lead.page("/cartons"))
    assert "Mailer, 350 \N{MULTIPLICATION SIGN} 260 mm flat, up to 60 mm thick" in page
    assert left(house, "BAG-M") is None


def test_a_lead_says_what_fills_empty_room(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    told = {"mean_g_per_l": "1.5", "sd_g_per_l": "0.5"}
    assert lead.submit("/cartons", "/cartons/filling", **told).status_code == 303
    page = lead.page("/cartons")
    assert "Parcels are expected with 1.5 g of filling per liter." in page
    assert 'value="1.5"' in page
    found = do(lambda uow: shipping.dunnage_of(uow, site_id=house.site))
    assert (found.mean_g_per_l, found.sd_g_per_l) == (1.5, 0.5)
    for wrong in ("a little", "-1", "5000"):
        assert lead.submit("/cartons", "/cartons/filling", **(told | {"mean_g_per_l": wrong})).status_code == 422
