"""Services over HTTP: offered by the merchant, asked for with the order, done and excused by the right people."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from fulfillment.routes import routers
from kernel import clock
from kernel.actors import system
from kernel.db.transactions import transaction
from tests.application import serving
from tests.fulfillment import house as h
from tests.fulfillment.test_orders_routes import Desk, body

OFFERS = "/v1/value-added-services"
WRAP = {"code": "GIFT-WRAP", "name": "Gift wrap", "kind": "gift_wrap", "tare_g": 120, "price_minor": 250}


@pytest.fixture
def desk(database: Connection) -> Iterator[Desk]:
    app = serving(*routers)
    with clock.at(h.NOW):
        yield Desk(app)


def test_a_merchant_offers_services_and_changes_them_for_itself_alone(desk: Desk) -> None:
    made = desk.shop.post(OFFERS, WRAP)
    assert (made.status_code, made.json()["version"], made.json()["active"]) == (201, 1, True)
    again = desk.shop.post(OFFERS, WRAP)
    assert (again.status_code, again.json()["code"]) == (409, "code_taken")
    at = f"{OFFERS}/{made.json()['id']}"
    changed = desk.shop.patch(at, {"price_minor": 300}, **{"If-Match": '"v1"'})
    assert (changed.json()["price_minor"], changed.json()["tare_g"], changed.json()["version"]) == (300, 120, 2)
    assert desk.shop.patch(at, {"price_minor": 1}, **{"If-Match": '"v1"'}).status_code == 412
    assert desk.rival.patch(at, {"price_minor": 1}).status_code == 404
    assert desk.rival.get(OFFERS).json() == []
    assert desk.picker.post(f"{OFFERS}?merchant_id={desk.house.tenant}", WRAP).status_code == 403
    wrong = desk.shop.post(OFFERS, WRAP | {"code": "gift wrap"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/code")


def test_an_order_asks_for_a_service_and_hears_what_cannot_be(desk: Desk) -> None:
    desk.shop.post(OFFERS, WRAP)
    placed = desk.shop.post("/v1/orders", body(services=[{"code": "GIFT-WRAP", "line": 1, "text": "For Ana"}]))
    assert placed.status_code == 201
    (asked,) = placed.json()["services"]
    assert (asked["code"], asked["text"], asked["steps"]) == ("GIFT-WRAP", "For Ana", [])
    assert asked["line_id"] == placed.json()["lines"][0]["id"]
    assert desk.shop.get(f"/v1/orders/{placed.json()['id']}").json()["services"] == [asked]
    refused = desk.shop.post("/v1/orders", body("10483", services=[{"code": "GIFT-WRAP"}, {"code": "NOPE"}]))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/services/1/code")
    bulk = desk.shop.post("/v1/orders/bulk", {"orders": [body("10484", services=[{"code": "NOPE"}])]})
    assert bulk.json()["items"][0]["problem"]["errors"][0]["code"] == "unknown_service"


def test_only_the_lead_excuses_and_the_merchant_reads_what_it_owes(desk: Desk) -> None:
    desk.shop.post(OFFERS, WRAP)
    order = desk.shop.post("/v1/orders", body(services=[{"code": "GIFT-WRAP"}, {"code": "GIFT-WRAP"}])).json()
    first, second = (f"/v1/orders/{order['id']}/services/{each['id']}" for each in order["services"])
    with transaction(system()) as uow:
        h.to_floor(uow, desk.house)
        h.pick_all(uow, desk.house)
    assert desk.shop.post(f"{first}/perform", {"seconds": 80}).status_code == 403
    assert desk.picker.post(f"{second}/excuse", {"reason": "no paper"}).status_code == 403
    assert desk.manager.post(f"{first}/perform", {"seconds": 80}).status_code == 201
    repeated = desk.manager.post(f"{first}/perform", {"seconds": 80})
    assert (repeated.status_code, repeated.json()["code"]) == (409, "nothing_due")
    assert desk.manager.post(f"{second}/excuse", {"reason": ""}).status_code == 422
    assert desk.manager.post(f"{second}/excuse", {"reason": "no paper"}).status_code == 201
    today = clock.now().date().isoformat()
    days = f"since={today}&until={today}"
    assert desk.shop.get(f"/v1/service-charges?{days}").json() == []
    lines = desk.shop.get(f"/v1/orders/{order['id']}").json()["lines"]
    with transaction(system()) as uow:
        packed = {line["id"]: line["units"]["ordered"] for line in lines}
        h.api.pack_order(uow, tenant_id=desk.house.tenant, order_id=order["id"], packed=packed)
    (charge,) = desk.shop.get(f"/v1/service-charges?{days}").json()
    assert (charge["kind"], charge["service"], charge["amount_minor"]) == ("performed", "GIFT-WRAP", 250)
    assert "GIFT-WRAP,1,250,250,EUR" in desk.shop.get(f"/v1/service-charges.csv?{days}").text
    assert desk.rival.get(f"/v1/service-charges?{days}").json() == []
    assert desk.shop.get("/v1/service-charges?since=2026-02-01&until=2026-01-01").status_code == 422
