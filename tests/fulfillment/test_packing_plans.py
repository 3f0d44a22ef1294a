"""Merchants' programs ask how goods would be packed, and nothing is written for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, text
from test_orders_routes import Desk

from fulfillment.routes import routers
from kernel import clock
from kernel.actors import system
from kernel.db.transactions import run
from shipping import api as shipping
from tests.application import serving
from tests.fulfillment import house as h

PATH = "/v1/packing/plans"
MUG = {"name": "Mug", "quantity": 2, "length_mm": 120, "width_mm": 90, "height_mm": 100, "weight_g": 350}


@pytest.fixture
def desk(database: Connection) -> Iterator[Desk]:
    app = serving(*routers)
    with clock.at(h.NOW):
        yield Desk(app)


def rows() -> list[int]:
    tables = ("packing_proof", "event", "audit_entry", "parcel", "idempotency_key")
    return run(system(), lambda uow: [uow.session.scalar(text(f"select count(*) from {t}")) for t in tables])  # noqa: S608


def test_own_items_and_bare_pieces_are_planned_with_every_placement_and_cost(desk: Desk) -> None:
    before = rows()
    asked = {"items": [{"sku": "A", "quantity": 2}, MUG], "destination": {"country": "DE", "postal_code": "20095"}}

    answer = desk.shop.post(PATH, asked)

    assert answer.status_code == 200
    body = answer.json()
    assert (body["site_id"], body["currency"]) == (desk.house.site, "EUR")
    assert [plan["rank"] for plan in body["plans"]] == list(range(1, len(body["plans"]) + 1))
    assert [plan["total_minor"] for plan in body["plans"]] == sorted(p["total_minor"] for p in body["plans"])
    for plan in body["plans"]:
        assert sum(each["cost"]["total_minor"] for each in plan["cartons"]) == plan["total_minor"]
        placed = [place for each in plan["cartons"] for place in each["placements"]]
        assert sorted((place["item"], place["sku"], place["name"]) for place in placed) == [
            (0, "A", "Thing A"), (0, "A", "Thing A"), (1, "", "Mug"), (1, "", "Mug"),
        ]  # fmt: skip
    first = body["plans"][0]["cartons"][0]
    cost = first["cost"]
    assert cost["total_minor"] == cost["carton_minor"] + cost["freight_minor"] + cost["dunnage_minor"]
    assert (cost["freight_minor"] > 0, first["service"].count("/")) == (True, 1)
    inner = first["inner_mm"]
    assert first["void_mm3"] == inner[0] * inner[1] * inner[2] - first["contents_mm3"]
    assert first["gross_g"] > first["contents_g"]
    assert {place["orientation"] for place in first["placements"]} <= {"upright", "flat", "on end", "on its side"}
    assert rows() == before


def test_loads_and_own_containers_are_those_of_the_catalog_or_told_of_bare_pieces(desk: Desk) -> None:
    cube = MUG | {"name": "Cube", "quantity": 3}
    asked = {"items": [MUG, cube | {"max_load_g": 0, "own_container": True}]}

    first = desk.shop.post(PATH, asked).json()["plans"][0]

    assert sorted(each["carton_code"] == "own" for each in first["cartons"]) == [False, True, True, True]
    answer = desk.shop.post(PATH, {"items": [cube | {"max_load_g": 0}]})
    assert answer.status_code == 200, answer.text
    bare = answer.json()["plans"][0]
    assert {place["z_mm"] for each in bare["cartons"] for place in each["placements"]} == {0}
    for care in ({"max_load_g": 5}, {"own_container": True}):
        assert desk.shop.post(PATH, {"items": [{"sku": "A", "quantity": 1} | care]}).status_code == 422


def test_soft_goods_are_planned_into_a_mailer_of_the_site(desk: Desk) -> None:
    bag = shipping.CartonDraft("Bag", (350, 260, 60), 15, 3_000, 0, "mailer")
    run(system(), lambda uow: shipping.set_carton(uow, site_id=desk.house.site, carton_code="BAG", draft=bag))
    tee = MUG | {"name": "Tee", "quantity": 1, "length_mm": 300, "width_mm": 220, "height_mm": 20}

    [soft] = desk.shop.post(PATH, {"items": [tee | {"mailer_ok": True}]}).json()["plans"][0]["cartons"]
    assert (soft["carton_code"], soft["flat_mm"], soft["void_mm3"]) == ("BAG", [350, 260, 60], 0)
    assert (soft["inner_mm"], soft["outer_mm"][2]) == ([330, 240, 20], 21)

    hard = desk.shop.post(PATH, {"items": [tee]}).json()["plans"][0]
    assert {each["flat_mm"] for each in hard["cartons"]} == {None}
    assert {"carton_code": "BAG", "constraint": "needs_box"} in hard["passed_over"]
    assert desk.shop.post(PATH, {"items": [{"sku": "A", "quantity": 1, "mailer_ok": True}]}).status_code == 422


def test_without_a_destination_freight_is_not_told_and_a_service_can_be_named(desk: Desk) -> None:
    plain = desk.shop.post(PATH, {"items": [MUG]}).json()["plans"][0]
    assert plain["cartons"][0]["cost"]["freight_minor"] is None
    assert plain["cartons"][0]["service"] == ""

    to = {"country": "DE", "postal_code": "20095"}
    named = desk.shop.post(PATH, {"items": [MUG], "destination": to, "service": "swift_parcel/express"})
    assert named.json()["plans"][0]["cartons"][0]["service"] == "swift_parcel/express"
    unknown = desk.shop.post(PATH, {"items": [MUG], "destination": to, "service": "swift_parcel/rocket"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/service")


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"length_mm": 0}, "unlikely_size", "/items/0"),
        ({"length_mm": 12, "width_mm": 9, "height_mm": 10}, "unlikely_size", "/items/0"),
        ({"weight_g": 0}, "unlikely_size", "/items/0"),
        ({"length_mm": 120_000}, "unlikely_size", "/items/0"),
        ({"length_mm": 2_000}, "larger_than_every_carton", "/items/0"),
        ({"weight_g": 90_000, "length_mm": 700, "width_mm": 500}, "larger_than_every_carton", "/items/0"),
        ({"quantity": 101}, "too_many_units", "/items"),
        ({"quantity": 2_000_000_000}, "too_many_units", "/items"),
    ],
)
def test_absurd_goods_are_refused_by_name(desk: Desk, change: dict[str, Any], code: str, pointer: str) -> None:
    answer = desk.shop.post(PATH, {"items": [MUG | change]})

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert [(each["code"], each["pointer"]) for each in answer.json()["errors"]] == [(code, pointer)]


@pytest.mark.parametrize(
    "body",
    [
        {"items": []},
        {"items": [{"quantity": 1}]},
        {"items": [{"sku": "A", "quantity": 1, "weight_g": 5}]},
        {"items": [MUG | {"length_mm": 12.5}]},
        {"items": [MUG | {"quantity": 0}]},
        {"items": [MUG], "destination": {"country": "Germany"}},
        {"items": [MUG] * 101},
        {"items": [MUG], "colour": "red"},
    ],
)
def test_malformed_questions_are_refused(desk: Desk, body: dict[str, Any]) -> None:
    assert desk.shop.post(PATH, body).status_code == 422


def test_what_fits_no_carton_may_travel_as_it_is(desk: Desk) -> None:
    answer = desk.shop.post(PATH, {"items": [MUG | {"length_mm": 2_000, "quantity": 1}], "own_container": True})

    assert answer.json()["plans"][0]["cartons"][0]["carton_code"] == "own"


def test_items_of_others_are_not_known_and_their_sites_neither(desk: Desk) -> None:
    asked = {"items": [{"sku": "A", "quantity": 1}, {"sku": "NO-SUCH", "quantity": 1}]}

    answer = desk.rival.post(PATH, asked)
    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        ("/items/0/sku", "unknown_sku"), ("/items/1/sku", "unknown_sku"),
    ]  # fmt: skip
    assert desk.shop.post(PATH, {"items": [MUG], "site_id": "sit_elsewhere"}).status_code == 404
    assert desk.shop.post(PATH, {"items": [MUG], "merchant_id": desk.house.other}).status_code == 403
    assert desk.picker.post(PATH, {"items": [MUG]}).status_code in (200, 403)


def test_staff_plan_bare_pieces_at_their_site_and_items_of_a_merchant_they_name(desk: Desk) -> None:
    assert desk.manager.post(PATH, {"items": [MUG]}).json()["site_id"] == desk.house.site
    by_sku = {"items": [{"sku": "A", "quantity": 1}]}
    assert desk.manager.post(PATH, by_sku).json()["errors"][0]["pointer"] == "/merchant_id"
    assert desk.manager.post(PATH, by_sku | {"merchant_id": desk.house.tenant}).status_code == 200


def test_what_belongs_together_is_planned_into_one_carton_or_the_plan_says_why_not(desk: Desk) -> None:
    acid = {"sku": "A", "quantity": 2, "pack_with": "set-1"}

    whole = desk.shop.post(PATH, {"items": [acid, MUG | {"pack_with": "set-1"}, MUG]})
    alone = desk.shop.post(PATH, {"items": [acid, MUG | {"pack_with": "set-1", "own_container": True}]})
    refused = desk.shop.post(PATH, {"items": [MUG | {"pack_with": "set 1"}]})

    assert whole.status_code == 200, whole.text
    for plan in whole.json()["plans"]:
        holding = [{place["item"] for place in each["placements"]} for each in plan["cartons"]]
        assert sum(1 for items in holding if items & {0, 1}) == 1
    assert len(alone.json()["plans"][0]["cartons"]) == 3
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/items/0/pack_with")
