"""Prices and zones through the interface: who may lay them down, and what is refused in words."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from conftest import Visitor
from web_house import WebHouse

SignIn = Callable[[str], Visitor]
TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()


def test_a_lead_lays_down_a_card_after_the_pattern_of_an_old_one(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    cards = lead.get("/v1/rate-cards", params={"site_id": house.site}).json()["items"]
    new = cards[0] | {"effective_from": TOMORROW}

    def send(card: object, key: str) -> tuple[int, dict[str, object]]:
        body = {"site_id": house.site, "card": card}
        answer = lead.post("/v1/rate-cards", json=body, headers={"idempotency-key": key})
        return answer.status_code, answer.json()

    assert send(new, "card-1")[0] == 201
    assert send(new, "card-1")[0] == 201
    assert len(lead.get("/v1/rate-cards", params={"site_id": house.site}).json()["items"]) == len(cards) + 1
    status, problem = send(new | {"zones": []}, "card-2")
    assert (status, problem["errors"][0]["pointer"]) == (422, "/card")  # type: ignore[index]
    assert send(new | {"service": "teleport"}, "card-3")[0] == 404
    assert signed_in("merchant").get("/v1/rate-cards", params={"site_id": house.site}).status_code == 403


def test_a_chart_is_laid_down_with_the_count_of_its_contradictions(house: WebHouse, signed_in: SignIn) -> None:
    lead = signed_in("manager")
    body = {
        "site_id": house.site, "carrier": "northpost", "effective_from": TOMORROW, "country": "DE",
        "csv": "origin_zip,dest_zip,zone\n204,100,4\n204,100,5\n204,10115,2\n",
    }  # fmt: skip
    answer = lead.post("/v1/zone-charts", json=body, headers={"idempotency-key": "chart-1"})
    assert (answer.status_code, answer.json()["conflicts"]) == (201, 1)
    wrong = body | {"csv": "origin_zip,dest_zip,zone\n204,1OO,4\n"}
    refused = lead.post("/v1/zone-charts", json=wrong, headers={"idempotency-key": "chart-2"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/csv")
    assert "Line 2" in refused.json()["detail"]


def test_many_parcels_cost_what_each_costs_alone(signed_in: SignIn) -> None:
    lead = signed_in("manager")
    box = {"length_mm": 300, "width_mm": 200, "height_mm": 100, "weight_g": 900, "country": "DE"}
    alone = lead.post("/v1/rates", json={"currency": "EUR", "postal_code": "04109", **box}).json()
    boxes = [box | {"postal_code": "04109"}, box | {"weight_g": 2_000_000, "country": "PT"}]
    told = lead.post("/v1/rates/many", json={"currency": "EUR", "parcels": boxes}).json()

    prices = {f"{quote['carrier']}/{quote['service']}": quote["price_minor"] for quote in alone["items"]}
    assert dict(zip(told["services"], told["costs"][0], strict=True)) == prices
    assert told["services"][told["cheapest"][0]] == min(prices, key=lambda name: prices[name])
    assert (set(told["costs"][1]), told["cheapest"][1]) == ({None}, None)
    none = lead.post("/v1/rates/many", json={"currency": "XAU", "parcels": boxes}).json()
    assert (none["services"], none["cheapest"]) == ([], [None, None])
    assert lead.post("/v1/rates/many", json={"currency": "EUR", "parcels": []}).status_code == 422
