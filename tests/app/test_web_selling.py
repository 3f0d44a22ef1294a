"""The page of how an item is sold, the explanation that names it, and the choice about a shortfall."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from conftest import Visitor
from web_house import WebHouse, do, place

from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork

SignIn = Callable[[str], Visitor]


def item_of(sku: str) -> inventory.ItemView:
    return do(lambda uow: inventory.find_items(uow, search=sku)).items[0]


def test_rules_are_set_with_plain_forms_and_explained(house: WebHouse, signed_in: SignIn) -> None:
    lamp = item_of("LAMP")
    page = f"/items/{lamp.id}/selling"
    manager = signed_in("manager")
    assert f'href="{page}"' in manager.page(f"/items/{lamp.id}")
    for channel, units in (("", "4"), ("market", "9")):
        sent = manager.submit(page, f"{page}/safety", channel=channel, at="", units=units)
        assert sent.status_code == 303
    manager.submit(page, f"{page}/ahead", policy="preorder", units="7", until="2999-01-31")
    shown = manager.page(page)
    assert "Up to 7 units may be sold before they are there, until Thu 31 Jan 2999" in shown
    assert "market" in shown
    assert "4 held back as safety stock" in manager.page(f"/items/{lamp.id}/why")
    manager.submit(page, f"{page}/safety", channel="market", at="", units="")
    rules = do(lambda uow: inventory.selling_rules(uow, lamp.id))
    assert [(rule.channel, rule.units) for rule in rules.safety_stock] == [("", 4)]
    manager.submit(page, f"{page}/safety", channel="", at="", units="")


def test_a_wrong_rule_comes_back_with_what_was_entered(house: WebHouse, signed_in: SignIn) -> None:
    lamp = item_of("LAMP")
    page = f"/items/{lamp.id}/selling"
    manager = signed_in("manager")
    refused = manager.submit(page, f"{page}/kit", parts="TOWEL 2\nNOTHING")
    assert (refused.status_code, "There is no item NOTHING." in refused.text) == (422, True)
    assert "TOWEL 2" in refused.text
    stocked = manager.submit(page, f"{page}/kit", parts="TOWEL 2")
    assert (stocked.status_code, "units of its own" in stocked.text) == (409, True)
    assert signed_in("picker").get(page).status_code == 200
    assert "Change its parts" not in signed_in("picker").page(page)


def test_an_order_for_a_later_day_is_told_as_that(house: WebHouse, signed_in: SignIn) -> None:
    later = datetime.now(UTC).date() + timedelta(days=60)
    order_id = place(house, ("PEN-L", 3), ship_on=later, promised_on=None)
    service = signed_in("service")
    page = service.page(f"/orders/{order_id}")
    assert "3 for a later day" in page
    assert f"to be shipped {later:%a} {later.day} {later:%b}" in page
    assert "Your order leaves on a later day" in service.page(f"/t/{fulfillment.tracking_token(order_id)}")
    assert "Ordered for later days" in service.page(f"/items/{item_of('PEN-L').id}/why")


def test_the_choice_about_a_shortfall_is_made_on_the_order_s_page(house: WebHouse, signed_in: SignIn) -> None:
    mug = item_of("MUG-BL")

    def cart(uow: UnitOfWork) -> None:
        inventory.reserve_stock(
            uow, tenant_id=house.tenant, site_id=house.site, order_id="cart-w", customer_id="", hold=True,
            demands=[inventory.Demand("1", mug.id, 1)], expires_at=uow.now - timedelta(seconds=1),
        )  # fmt: skip
        inventory.expire_reservations(uow, limit=10)

    do(cart)
    order_id = place(house, ("MUG-BL", 500), hold_reference="cart-w", split_policy="all_or_nothing")
    service = signed_in("service")
    page = f"/orders/{order_id}"
    assert "Choose about what lacks" in service.page(page)
    assert service.submit(page, f"{page}/shortfall", choice="cancel", reason="").status_code == 303
    found = do(lambda uow: fulfillment.get_order(uow, order_id))
    assert (found.state, found.units.cancelled > 0) == ("PROMISED", True)
    assert "Choose about what lacks" not in service.page(page)
