"""Items are described on a page: added, edited, refused field by field, and never written over unseen."""

from collections.abc import Callable

from conftest import Visitor
from web_house import WebHouse, do

from inventory import api as inventory

SignIn = Callable[[str], Visitor]
TEA = {"name": "Green tea", "weight_g": "110", "length_mm": "90", "width_mm": "60", "height_mm": "150"}


def known(house: WebHouse, sku: str) -> inventory.ItemView | None:
    return do(lambda uow: inventory.item_by_sku(uow, tenant_id=house.tenant, sku=sku))


def test_an_item_is_added_edited_and_no_longer_sold(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    assert 'href="/items/new"' in manager.page("/items")
    sent = manager.submit(
        "/items/new", "/items/new", merchant=house.tenant, sku="TEA-1", **TEA, gtins="4006381333030",
        packs="14006381333037 12", lot_tracked="yes", min_shelf_days="30", temperature_class="frozen",
        max_load_g="0", own_container="yes",
    )  # fmt: skip
    assert sent.status_code == 303, sent.text
    item = known(house, "TEA-1")
    assert item is not None
    assert item.temperature_class == "frozen"
    shown = manager.page(f"/items/{item.id}")
    assert "Frozen" in shown
    assert "in its own container" in shown
    assert "0 g on top" in shown
    assert (item.max_load_g, item.own_container) == (0, True)
    assert (item.weight_g, item.lot_tracked, item.min_shelf_days, item.packs[0].units) == (110, True, 30, 12)
    edit = f"{sent.headers['location']}/edit"
    assert "14006381333037 12" in manager.page(edit)
    changed = TEA | {"name": "Green tea, loose", "gtins": "4006381333030", "serial_tracked": "yes"}
    assert manager.submit(edit, edit, **changed).status_code == 303
    item = known(house, "TEA-1")
    assert item is not None
    assert (item.name, item.lot_tracked, item.serial_tracked, item.packs, item.active) == (
        "Green tea, loose", False, True, (), False,
    )  # fmt: skip
    assert (item.max_load_g, item.own_container) == (None, False)
    assert "No longer sold" in manager.page(f"/items/{item.id}")


def test_an_item_says_that_it_may_go_into_a_mailer(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    told = TEA | {"merchant": house.tenant, "sku": "TEE-1", "mailer_ok": "yes"}
    refused = manager.submit("/items/new", "/items/new", **told, fragile="yes")
    assert refused.status_code == 422
    assert "Goods that are fragile need a box" in refused.text
    assert manager.submit("/items/new", "/items/new", **told).status_code == 303
    item = known(house, "TEE-1")
    assert item is not None
    assert item.mailer_ok
    assert "may go into a mailer" in manager.page(f"/items/{item.id}")


def test_what_is_wrong_is_told_at_each_field_and_nothing_is_added(house: WebHouse, signed_in: SignIn) -> None:
    merchant = signed_in("merchant")
    for wrong, told in (
        ({"sku": "MUG-BL"}, "This merchant has this SKU already"),
        ({"weight_g": "heavy"}, "This is not a whole number"),
        ({"weight_g": "99999999"}, "Weigh in grams"),
        ({"gtins": "4006381333030 4006381333031"}, "is no GTIN"),
        ({"packs": "14006381333037 dozen"}, "is no case"),
        ({"packs": "14006381333037 1"}, "A pack holds"),
        ({"temperature_class": "warm"}, "Choose one of ambient"),
        ({"max_load_g": "much"}, "This is not a whole number"),
        ({"min_shelf_days": "9"}, "only lots have a date"),
    ):
        sent = merchant.submit("/items/new", "/items/new", **({"sku": "TEA-2"} | TEA | wrong))
        assert sent.status_code in (409, 422), wrong
        (field,) = wrong
        assert told in sent.text.partition(f'id="i-f-{field}-error"')[2].partition("</p>")[0], wrong
        assert 'value="Green tea"' in sent.text
    assert known(house, "TEA-2") is None


def test_a_description_that_changed_meanwhile_is_not_written_over(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    edit = f"/items/{house.items['TOWEL']}/edit"
    old = {"name": "Towel, old", "active": "yes", "version": "1", "weight_g": "120"}
    assert manager.submit(edit, edit, **old).status_code == 303
    sent = manager.submit(edit, edit, **(old | {"name": "Towel, mine"}))
    assert sent.status_code == 412
    assert "changed since you read it" in sent.text
    item = known(house, "TOWEL")
    assert item is not None
    assert item.name == "Towel, old"


def test_another_merchant_finds_no_form(house: WebHouse, signed_in: SignIn) -> None:
    ids = do(
        lambda uow: inventory.create_items(
            uow, tenant_id=house.rival, items=[inventory.ItemDraft("R", "R", 1, 1, 1, 1)]
        )
    )
    assert signed_in("merchant").get(f"/items/{ids['R']}/edit").status_code == 404
    assert signed_in("service").get(f"/items/{ids['R']}/edit").status_code == 403
