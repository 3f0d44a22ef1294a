"""The page that takes the figure of what can be sold apart."""

from collections.abc import Callable

import pytest
from conftest import Visitor
from web_house import WebHouse, do, place, project, to_floor

from inventory import api as inventory

pytestmark = pytest.mark.thorough

SignIn = Callable[[str], Visitor]


def why(visitor: Visitor, sku: str) -> str:
    item = do(lambda uow: inventory.find_items(uow, search=sku)).items[0]
    path = f"/items/{item.id}/why"
    assert f'href="{path}"' in visitor.page(f"/items/{item.id}")
    return visitor.page(path)


def test_the_orders_behind_the_figure_are_named_and_lead_on(house: WebHouse, signed_in: SignIn) -> None:
    first, second = place(house, ("PEN-L", 2)), place(house, ("PEN-L", 1))
    project()
    to_floor(house)
    page = why(signed_in("manager"), "PEN-L")
    for order_id in (first, second):
        assert f'href="/orders/{order_id}"' in page
    assert "3 of them promised to 2 orders." in page


def test_who_sees_no_orders_gets_no_link_to_one(house: WebHouse, signed_in: SignIn) -> None:
    order_id = place(house, ("LAMP", 2))
    page = why(signed_in("picker"), "LAMP")
    assert "2 of them promised to 1 order." in page
    assert f"/orders/{order_id}" not in page


def test_an_item_that_nobody_claims_says_so(house: WebHouse, signed_in: SignIn) -> None:
    assert "Nobody has a right to any." in why(signed_in("service"), "MUG-BL")


def test_an_unknown_item_has_no_reasons(house: WebHouse, signed_in: SignIn) -> None:
    assert signed_in("service").get("/items/itm_unknown/why").status_code == 404
