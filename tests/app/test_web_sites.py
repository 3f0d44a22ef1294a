"""Who belongs to no single site chooses which one to look at; who belongs to one sees that one."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from conftest import Visitor
from web_house import WebHouse, delivered, do, place, project

from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.access.commands import create_merchant, create_site, serve_merchants
from kernel.db.transactions import UnitOfWork
from returns import api as returns
from shipping import api as shipping

pytestmark = pytest.mark.thorough
SignIn = Callable[[str], Visitor]
MANY = 430


@pytest.fixture(scope="module")
def branch(house: WebHouse) -> str:
    """A second site with a merchant of its own, and one order."""

    def build(uow: UnitOfWork) -> str:
        site = create_site(
            uow, code="ZRH", name="Zürich DC", time_zone="Europe/Zurich", country="CH", company_prefix="7612345"
        )
        tenant = create_merchant(uow, code="alpina", name="Alpina", currency="EUR")
        serve_merchants(uow, site_id=site, merchant_ids=[tenant])
        shipping.seed_site_defaults(uow, site_id=site)
        inventory.create_items(uow, tenant_id=tenant, items=[inventory.ItemDraft("BELL", "Cow bell", 700, 90, 90, 90)])
        drafts = [draft("Z-1")]
        fulfillment.place_orders(uow, tenant_id=tenant, drafts=drafts)
        return site

    return do(build)


def draft(number: str, *, name: str = "Uli Roth", sku: str = "BELL") -> fulfillment.OrderDraft:
    return fulfillment.OrderDraft(
        external_id=number, placed_at=datetime.now(UTC), customer=fulfillment.CustomerDraft(name=name, email="u@x.ch"),
        ship_to=fulfillment.Address(name, "Weg 1", "Bern", "3000", "CH"), currency="EUR",
        lines=(fulfillment.LineDraft(sku, 1, 900),), shipping_minor=0, promised_on=None, split_policy="split",
    )  # fmt: skip


def listed(html: str) -> set[str]:
    return set(re.findall(r'<th [^>]*scope="row"><a href="/orders/ord_\w+">([^<]+)</a>', html))


def choose(client: Visitor, site: str, back: str = "/board") -> None:
    page = client.page(back)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answer = client.post("/site", data={"site": site, "csrf_token": token[1], "next": back})
    assert (answer.status_code, answer.headers["location"]) == (303, back)


def shown_site(html: str) -> str:
    found = re.search(r'<select id="site".*?<option value="[^"]+" selected>([^<]+)<', html, re.DOTALL)
    return unescape(found[1]) if found else ""


def test_an_administrator_chooses_the_site_of_board_and_lists(house: WebHouse, branch: str, signed_in: SignIn) -> None:
    placed = place(house, ("PEN-L", 1))
    ours = do(lambda uow: fulfillment.get_order(uow, placed)).external_id
    admin = signed_in("admin")
    assert shown_site(admin.page("/board")) == "Hamburg DC"
    assert ours in listed(admin.page("/orders"))
    assert "Z-1" not in listed(admin.page("/orders"))
    choose(admin, branch)
    assert shown_site(admin.page("/board")) == "Zürich DC"
    assert listed(admin.page("/orders")) == {"Z-1"}
    assert listed(admin.page("/orders?site=all")) >= {"Z-1", ours}
    assert ours in listed(admin.page(f"/orders?site={house.site}"))
    assert admin.get(f"/orders?q={ours}").headers["location"] == f"/orders/{placed}", "a search goes through all sites"
    assert re.search(r"Promised|Waiting for stock", admin.page("/board"))
    choose(admin, house.site)
    assert "Z-1" not in listed(admin.page("/orders"))


def test_returns_and_letters_are_those_of_the_chosen_site(house: WebHouse, branch: str, signed_in: SignIn) -> None:
    order_id = delivered(house, ("PEN-L", 1))
    order = do(lambda uow: fulfillment.get_order(uow, order_id))
    back = returns.ReturnLineDraft(order.lines[0].id, 1, "unwanted")
    do(lambda uow: returns.request_return(uow, order_id=order_id, lines=[back]))
    project()
    admin = signed_in("admin")
    choose(admin, house.site)
    for page in ("/returns", "/messages"):
        assert f"/orders/{order_id}" in admin.page(page)
    choose(admin, branch)
    for page in ("/returns", "/messages"):
        assert "/orders/ord_" not in admin.page(page)
    choose(admin, house.site)


def test_who_belongs_to_one_site_sees_that_one_and_has_no_choice(
    house: WebHouse, branch: str, signed_in: SignIn
) -> None:
    manager = signed_in("manager")
    page = manager.page("/board")
    assert '<select id="site"' not in page
    assert "Hamburg DC" in page
    manager.cookies.set("pickstream_site", branch)
    assert "Hamburg DC" in manager.page("/board")
    assert "Z-1" not in listed(manager.page("/orders?site=all"))
    token = re.search(r'name="csrf_token" value="([^"]+)"', manager.page("/board"))
    assert token
    assert manager.post("/site", data={"site": branch, "csrf_token": token[1]}).status_code == 403
    merchant = signed_in("merchant").page("/orders")
    assert '<select id="site"' not in merchant


def test_a_form_of_another_sites_page_does_nothing(house: WebHouse, branch: str, signed_in: SignIn) -> None:
    admin = signed_in("admin")
    page = admin.page("/batches")
    form = re.search(r'<form method="post" action="/batches/release".*?</form>', page, re.DOTALL)
    assert form
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[0]))
    choose(admin, branch)
    answer = admin.post("/batches/release", data=fields)
    assert answer.status_code == 409
    assert "You look at another site now" in answer.text


def test_no_site_is_taken_that_is_not_offered(house: WebHouse, branch: str, signed_in: SignIn) -> None:
    admin = signed_in("admin")
    token = re.search(r'name="csrf_token" value="([^"]+)"', admin.page("/board"))
    assert token
    assert admin.post("/site", data={"site": "sit_nowhere", "csrf_token": token[1]}).status_code == 403
    assert admin.post("/site", data={"site": branch, "csrf_token": "wrong"}).status_code == 403
    admin.cookies.set("pickstream_site", "sit_nowhere")
    assert shown_site(admin.page("/board")) == "Hamburg DC"


def test_the_csv_holds_every_order_of_the_page_and_runs_nothing(
    house: WebHouse, branch: str, signed_in: SignIn
) -> None:
    # They are older than what other tests look for on the first page of the orders, and no work for their floor.
    now = datetime.now(UTC)
    one = draft("", name="=cmd|' /C calc'!A1", sku="PEN-L")
    one = replace(one, placed_at=now - timedelta(days=2), ship_on=(now + timedelta(days=60)).date())
    drafts = [replace(one, external_id=f"BULK-{n:03}") for n in range(MANY)]
    do(lambda uow: fulfillment.place_orders(uow, tenant_id=house.tenant, drafts=drafts))
    place(house, ("TOWEL", 1))
    manager = signed_in("manager")
    with manager.stream("GET", "/orders.csv?q=bulk") as answer:
        pieces = list(answer.iter_text())
    assert "content-length" not in answer.headers, "it is sent as it is read"
    rows = list(csv.DictReader(io.StringIO("".join(pieces))))
    assert {row["order"] for row in rows} == {f"BULK-{n:03}" for n in range(MANY)}
    assert len(rows) == MANY
    assert {row["customer"] for row in rows} == {"'=cmd|' /C calc'!A1"}
    admin = signed_in("admin")
    choose(admin, branch)
    assert [row["order"] for row in csv.DictReader(io.StringIO(admin.get("/orders.csv").text))] == ["Z-1"]
    waiting = csv.DictReader(io.StringIO(admin.get("/orders.csv?stage=PROMISED&site=all").text))
    assert {row["state"] for row in waiting} == {"PROMISED"}
