"""The worklists ask the database as often for three rows as for one."""

import re
from collections.abc import Callable

import pytest
from conftest import Visitor
from sqlalchemy import text
from web_house import WebHouse, counted, delivered, do, pack, pick_everything, place, project, to_floor

from fulfillment import api as fulfillment
from inventory import api as inventory
from returns import api as returns

SignIn = Callable[[str], Visitor]


def seen(client: Visitor, path: str, rows: str) -> tuple[int, int]:
    """How many rows a page shows, and how many statements that took."""
    client.page(path)
    with counted() as statements:
        html = client.page(path)
    return len(set(re.findall(rows, html))), len(statements)


def hold_parcels(house: WebHouse, count: int) -> None:
    orders = [place(house, ("PEN-L", 1)) for _ in range(count)]
    project()
    to_floor(house)
    pick_everything(house)
    for order_id in orders:
        pack(house, order_id, wrong_by_g=90)


def ask_returns(house: WebHouse, count: int) -> None:
    for _ in range(count):
        order_id = delivered(house, ("TOWEL", 1))
        line = do(lambda uow, o=order_id: fulfillment.get_order(uow, o)).lines[0].id
        draft = returns.ReturnLineDraft(line, 1, "unwanted")
        do(lambda uow, o=order_id, d=draft: returns.request_return(uow, order_id=o, lines=[d]))
    project()


@pytest.mark.thorough
def test_lists_ask_as_often_for_three_rows_as_for_one(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    pages = {
        "/returns": r'href="(/orders/ord_\w+)"',
        "/messages": r'href="(/orders/ord_\w+)"',
        "/holds": r'action="(/parcels/par_\w+/release)"',
    }
    ask_returns(house, 1)
    hold_parcels(house, 1)
    few = {path: seen(manager, path, rows) for path, rows in pages.items()}
    ask_returns(house, 2)
    hold_parcels(house, 2)
    many = {path: seen(manager, path, rows) for path, rows in pages.items()}
    assert min(rows for rows, _ in few.values()) >= 1
    assert {path: rows - few[path][0] for path, (rows, _) in many.items()} == {
        "/returns": 2,
        "/messages": 4,
        "/holds": 2,
    }
    assert {path: asked for path, (_, asked) in many.items()} == {path: asked for path, (_, asked) in few.items()}


def test_an_item_leads_to_the_orders_that_hold_it(house: WebHouse, signed_in: SignIn) -> None:
    lamp = place(house, ("LAMP", 1))
    place(house, ("PEN-L", 1))
    project()
    manager = signed_in("manager")
    page = manager.page(f"/items/{house.items['LAMP']}")
    link = re.search(r'href="(/orders\?[^"]*sku=LAMP[^"]*)"', page)
    assert link
    listed = manager.page(link[1].replace("&amp;", "&"))
    assert set(re.findall(r'href="/orders/(ord_\w+)"', listed)) == {lamp}
    assert 'name="sku" value="LAMP"' in listed
    assert manager.get("/orders?q=lamp").headers["location"] == f"/orders/{lamp}"
    assert manager.get("/v1/orders?sku=LAMP").json()["items"][0]["id"] == lamp


@pytest.mark.thorough
def test_a_figure_that_differs_from_its_ledger_is_told_with_where_to_search(house: WebHouse, signed_in: SignIn) -> None:
    draft = inventory.ItemDraft("ODD-1", "Odd thing", 10, 10, 10, 10)
    (item_id,) = do(lambda uow: inventory.create_items(uow, tenant_id=house.tenant, items=[draft])).values()
    receipt = inventory.Receipt(item_id, "DOCK", 4, "ASN-ODD")
    do(lambda uow: inventory.receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=[receipt]))
    wrong = text("update bin_stock set quantity = quantity + :n where item_id = :item")
    do(lambda uow: uow.session.execute(wrong, {"n": 4, "item": item_id}))
    assert do(inventory.find_drift) == 1
    page = signed_in("manager").page(f"/items/{item_id}")
    assert "DOCK says 8, its ledger 4." in page
    assert page.index("Receipt (outside") < page.index("Where it lies")
    do(lambda uow: uow.session.execute(wrong, {"n": -4, "item": item_id}))
    assert do(inventory.find_drift) == 0
    assert "its ledger" not in signed_in("manager").page(f"/items/{item_id}")
